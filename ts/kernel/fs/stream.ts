// createReadStream and createWriteStream: real streams of Node over a file of the model. Only here does the model need Node,
// and asks for it when a stream is made; elsewhere a TypeError says so.

import type { SyncCalls } from "./sync.ts";
import { bufferOf } from "./encoding.ts";
import type { PathLike } from "./path-like.ts";

export interface StreamOptions {
  readonly flags?: string | number | undefined;
  readonly encoding?: string | null | undefined;
  readonly fd?: number | { readonly fd: number } | null | undefined;
  readonly mode?: number | string | undefined;
  readonly autoClose?: boolean | undefined;
  readonly emitClose?: boolean | undefined;
  /** First and last byte, both included. */
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  readonly highWaterMark?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Stream {
  readonly path: PathLike;
  fd: number | null;
  pending: boolean;
  on(event: string, listener: (...args: never[]) => void): this;
  once(event: string, listener: (...args: never[]) => void): this;
  emit(event: string, ...args: unknown[]): boolean;
  destroy(error?: Error): this;
  close(callback?: (error?: Error | null) => void): void;
}

/** A Readable of node:stream. */
export interface ReadableStream extends Stream, AsyncIterable<string | Uint8Array> {
  bytesRead: number;
  push(chunk: Uint8Array | null): boolean;
  setEncoding(encoding: string): this;
  pipe<W>(to: W): W;
}

/** A Writable of node:stream. */
export interface WritableStream extends Stream {
  bytesWritten: number;
  write(chunk: string | Uint8Array, callback?: (error?: Error | null) => void): boolean;
  end(chunk?: string | Uint8Array, callback?: () => void): this;
}

type Done = (error?: Error | null) => void;
type Made<S> = new (options: object) => S;

/** A module of Node's, where there is Node. */
export function nodeModule<M>(name: string): M {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const found = process?.getBuiltinModule?.(name);
  if (found === undefined) throw new TypeError(`Expected ${name} to be there: streams need Node's`);
  return found as M;
}

/** What both kinds do: open late, close at the end. */
function life<S extends Stream>(calls: SyncCalls, path: PathLike, options: StreamOptions & { closed?: () => void }, flags: string) {
  const given = typeof options.fd === "object" && options.fd !== null ? options.fd.fd : (options.fd ?? null);
  return {
    construct(this: S, done: Done): void {
      attempt(done, () => {
        this.fd = given ?? calls.openSync(path, options.flags ?? flags, options.mode ?? 0o666);
        this.pending = false;
        if (given === null) queueMicrotask(() => this.emit("open", this.fd));
        queueMicrotask(() => this.emit("ready"));
      });
    },
    destroy(this: S, error: Error | null, done: Done): void {
      const { fd } = this;
      this.fd = null;
      const keeps = fd === null || options.autoClose === false;
      attempt((failed) => done(error ?? failed), () => !keeps && calls.closeSync(fd));
      if (!keeps) options.closed?.();
    },
  };
}

/** Tells what went wrong, or that nothing did. */
function attempt(done: Done, act: () => unknown): void {
  let failed: Error | null = null;
  try {
    act();
  } catch (error) {
    failed = error as Error;
  }
  done(failed);
}

/** What node:stream itself takes. */
function settings({ encoding, emitClose = true, highWaterMark, signal }: StreamOptions): object {
  return {
    emitClose, autoDestroy: true,
    ...(highWaterMark === undefined ? {} : { highWaterMark }), ...(signal === undefined ? {} : { signal }),
    ...(typeof encoding === "string" && encoding !== "buffer" ? { encoding } : {}),
  };
}

function finish<S extends Stream>(stream: S, path: PathLike, own: object): S {
  const close = (callback?: Done): void => {
    if (callback !== undefined) stream.once("close", callback as () => void);
    stream.destroy();
  };
  return Object.assign(stream, { path, fd: stream.fd ?? null, pending: stream.fd === undefined || stream.fd === null, close }, own);
}

const optionsOf = (options: unknown): StreamOptions & { closed?: () => void } =>
  typeof options === "string" ? { encoding: options } : ((options ?? {}) as StreamOptions);

export function readStream(calls: SyncCalls, path: PathLike, given?: unknown): ReadableStream {
  const options = optionsOf(given);
  const { Readable } = nodeModule<{ Readable: Made<ReadableStream> }>("node:stream");
  let position = options.start ?? null;
  let left = options.end === undefined ? Number.POSITIVE_INFINITY : options.end - (options.start ?? 0) + 1;
  const read = function (this: ReadableStream, size: number): void {
    const chunk = bufferOf("\0".repeat(Math.min(size, left)));
    let count = 0;
    attempt((error) => error && void this.destroy(error), () => {
      count = chunk.length === 0 ? 0 : calls.readSync(this.fd!, chunk, 0, chunk.length, position);
    });
    if (this.fd === null) return;
    this.bytesRead += count;
    left -= count;
    if (position !== null) position += count;
    this.push(count === 0 ? null : chunk.subarray(0, count));
  };
  return finish(new Readable({ ...settings(options), ...life<ReadableStream>(calls, path, options, "r"), read }), path, { bytesRead: 0 });
}

export function writeStream(calls: SyncCalls, path: PathLike, given?: unknown): WritableStream {
  const { encoding, ...options } = optionsOf(given);
  const { Writable } = nodeModule<{ Writable: Made<WritableStream> }>("node:stream");
  let position = options.start ?? null;
  const write = function (this: WritableStream, chunk: Uint8Array, _encoding: string, done: Done): void {
    attempt(done, () => {
      const count = calls.writeSync(this.fd!, chunk, 0, chunk.length, position);
      this.bytesWritten += count;
      if (position !== null) position += count;
    });
  };
  const made = new Writable({ ...settings(options), defaultEncoding: encoding ?? "utf8", ...life<WritableStream>(calls, path, options, "w"), write });
  return finish(made, path, { bytesWritten: 0 });
}
