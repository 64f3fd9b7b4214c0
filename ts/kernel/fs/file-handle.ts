// FileHandle: an open file of node:fs/promises. It closes itself at the end of `await using`.

import { CgroupError } from "../../errors.ts";
import type { Part, ReadFileOptions, WriteFileOptions } from "./content.ts";
import type { Data } from "./encoding.ts";
import type { StatOptions } from "./look.ts";
import { type ReadableStream, type StreamOptions, nodeModule, readStream, writeStream, type WritableStream } from "./stream.ts";
import type { SyncCalls } from "./sync.ts";
import type { Stats } from "./stats.ts";

const CHUNK = 16384;

/** `buffer` is the one given, or one made for it. */
export interface ReadResult {
  readonly bytesRead: number;
  readonly buffer: ArrayBufferView;
}

type ReadOptions = Part & { readonly buffer?: ArrayBufferView | undefined };

export class FileHandle {
  readonly #calls: SyncCalls;
  #fd: number;

  constructor(calls: SyncCalls, fd: number) {
    this.#calls = calls;
    this.#fd = fd;
  }

  /** -1 once it is closed. */
  get fd(): number {
    return this.#fd;
  }

  async appendFile(data: Data, options?: string | WriteFileOptions | null): Promise<void> {
    this.#calls.writeFileSync(this.#open("write"), data, options);
  }

  async chmod(mode: number | string): Promise<void> {
    this.#calls.fchmodSync(this.#open("fchmod"), mode);
  }

  async chown(uid: number, gid: number): Promise<void> {
    this.#calls.fchownSync(this.#open("fchown"), uid, gid);
  }

  async close(): Promise<void> {
    if (this.#fd === -1) return;
    const fd = this.#fd;
    this.#fd = -1;
    this.#calls.closeSync(fd);
  }

  createReadStream(options: StreamOptions = {}): ReadableStream {
    return readStream(this.#calls, "", { ...options, fd: this.#open("read"), closed: () => this.#forget() });
  }

  createWriteStream(options: StreamOptions = {}): WritableStream {
    return writeStream(this.#calls, "", { ...options, fd: this.#open("write"), closed: () => this.#forget() });
  }

  async datasync(): Promise<void> {
    this.#calls.fdatasyncSync(this.#open("fdatasync"));
  }

  async read(buffer?: ArrayBufferView | ReadOptions, offset?: number | Part | null, length?: number | null, position?: number | bigint | null): Promise<ReadResult> {
    const plain = ArrayBuffer.isView(buffer) ? buffer : (buffer?.buffer ?? newBuffer());
    const where: unknown[] = ArrayBuffer.isView(buffer) ? [offset, length, position] : [buffer ?? {}];
    const read = this.#calls.readSync as (fd: number, buffer: ArrayBufferView, ...where: unknown[]) => number;
    return { bytesRead: read(this.#open("read"), plain, ...where), buffer: plain };
  }

  async readFile(options?: string | ReadFileOptions | null): Promise<string | Uint8Array> {
    return this.#calls.readFileSync(this.#open("read"), options);
  }

  /** Its lines, as from node:readline: `for await (const line of handle.readLines())`. */
  readLines(options: StreamOptions = {}): AsyncIterable<string> {
    const { createInterface } = nodeModule<{ createInterface(options: object): AsyncIterable<string> }>("node:readline");
    return createInterface({ input: this.createReadStream({ ...options, autoClose: false }), crlfDelay: Number.POSITIVE_INFINITY });
  }

  async readv(buffers: readonly ArrayBufferView[], position?: number | null): Promise<{ bytesRead: number; buffers: readonly ArrayBufferView[] }> {
    return { bytesRead: this.#calls.readvSync(this.#open("read"), buffers, position), buffers };
  }

  async stat(options?: StatOptions): Promise<Stats> {
    return this.#calls.fstatSync(this.#open("fstat"), options);
  }

  async sync(): Promise<void> {
    this.#calls.fsyncSync(this.#open("fsync"));
  }

  async truncate(length?: number): Promise<void> {
    this.#calls.ftruncateSync(this.#open("ftruncate"), length);
  }

  async write<D extends Data>(data: D, offset?: number | Part | null, length?: number | string | null, position?: number | bigint | null): Promise<{ bytesWritten: number; buffer: D }> {
    const write = this.#calls.writeSync as (fd: number, data: Data, ...where: unknown[]) => number;
    return { bytesWritten: write(this.#open("write"), data, offset, length, position), buffer: data };
  }

  async writeFile(data: Data, options?: string | WriteFileOptions | null): Promise<void> {
    this.#calls.writeFileSync(this.#open("write"), data, options);
  }

  async writev(buffers: readonly ArrayBufferView[], position?: number | null): Promise<{ bytesWritten: number; buffers: readonly ArrayBufferView[] }> {
    return { bytesWritten: this.#calls.writevSync(this.#open("write"), buffers, position), buffers };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #open(syscall: string): number {
    if (this.#fd === -1) throw new CgroupError("EBADF", { syscall });
    return this.#fd;
  }

  #forget(): void {
    this.#fd = -1;
  }
}

function newBuffer(): Uint8Array {
  const { Buffer } = globalThis as { Buffer?: { alloc(size: number): Uint8Array } };
  return Buffer === undefined ? new Uint8Array(CHUNK) : Buffer.alloc(CHUNK);
}
