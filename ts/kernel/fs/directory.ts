// Directories read: Dirent, Dir, readdir and opendir. Names come sorted by their bytes from readdir, as libuv sorts them, and
// in the kernel's order from opendir.

import { CgroupError } from "../../errors.ts";
import { type Bytes, toText } from "../bytes.ts";
import { openFile } from "../open.ts";
import type { OpenFile } from "../open-file.ts";
import type { Task } from "../task.ts";
import { CONSTANTS } from "./constants.ts";
import { close, fileOf, must, open } from "./descriptor.ts";
import { named } from "./encoding.ts";
import { requestOf } from "./flags.ts";
import { type GivenPath, type PathLike, pathOf } from "./path-like.ts";

const LIST = CONSTANTS.O_DIRECTORY;
type Kind = "directory" | "file" | "link" | "unknown";

/** One name of a directory, and what it is. */
export class Dirent<N extends string | Uint8Array = string> {
  readonly name: N;
  readonly parentPath: string;
  /** What `parentPath` was called before. */
  readonly path: string;
  readonly #kind: Kind;

  constructor(name: N, parentPath: string, kind: Kind) {
    this.name = name;
    this.parentPath = parentPath;
    this.path = parentPath;
    this.#kind = kind;
  }

  isFile(): boolean {
    return this.#kind === "file";
  }

  isDirectory(): boolean {
    return this.#kind === "directory";
  }

  isSymbolicLink(): boolean {
    return this.#kind === "link";
  }

  isBlockDevice(): boolean {
    return false;
  }

  isCharacterDevice(): boolean {
    return false;
  }

  isFIFO(): boolean {
    return false;
  }

  isSocket(): boolean {
    return false;
  }
}

interface Entry {
  readonly name: Bytes;
  readonly kind: Kind;
}

function entriesOf(task: Task, { place: { mount, node } }: OpenFile): Entry[] {
  const names = must(mount.filesystem.list(node, task), "scandir");
  return names.map((name) => {
    const found = mount.filesystem.lookup(node, name);
    return { name, kind: found === undefined ? "unknown" : found.kind };
  });
}

function scan(task: Task, path: GivenPath): Entry[] {
  const file = must(openFile(task, path.bytes, requestOf(LIST, 0)), "scandir", path);
  const before = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : 1);
  return entriesOf(task, file).sort(before);
}

export interface ReadDirectoryOptions {
  readonly encoding?: string | null | undefined;
  readonly withFileTypes?: boolean | undefined;
  readonly recursive?: boolean | undefined;
}

/** A name to show: where it is below the top, and in which directory. */
interface Found extends Entry {
  readonly below: Bytes;
  readonly directory: string;
}

/** Level by level, as Node does it. */
function* walk(task: Task, top: GivenPath, recursive: boolean): Generator<Found, void, undefined> {
  const waiting: { path: GivenPath; below: Bytes }[] = [{ path: top, below: "" }];
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    for (const entry of scan(task, at.path)) {
      const below = at.below + entry.name;
      yield { ...entry, below, directory: at.path.shown };
      if (recursive && entry.kind === "directory") waiting.push({ path: join(at.path, entry.name), below: `${below}/` });
    }
  }
}

export function join({ bytes, shown }: GivenPath, name: Bytes): GivenPath {
  const slash = bytes.endsWith("/") ? "" : "/";
  return { bytes: bytes + slash + name, shown: shown + slash + toText(name) };
}

export function readdir(task: Task, path: PathLike, options?: unknown): (string | Uint8Array | Dirent<string | Uint8Array>)[] {
  const { withFileTypes = false, recursive = false } = (typeof options === "object" ? (options ?? {}) : {}) as ReadDirectoryOptions;
  const found = [...walk(task, pathOf(path), recursive)];
  if (withFileTypes) return found.map(({ name, directory, kind }) => new Dirent(named(name, options), directory, kind));
  return found.map(({ below }) => named(below, options));
}

/** An open directory: read one by one or with `for await`; closed at the end of such a loop, by close(), or as a resource. */
export class Dir {
  readonly path: string;
  readonly #task: Task;
  readonly #options: unknown;
  #fd: number | null;
  #left: Entry[] | undefined;

  constructor(task: Task, path: PathLike, options?: unknown) {
    const given = pathOf(path);
    this.path = given.shown;
    this.#task = task;
    this.#options = options;
    this.#fd = open(task, given, LIST, 0, "opendir");
  }

  readSync(): Dirent<string | Uint8Array> | null {
    const file = fileOf(this.#task, this.#descriptor("scandir"), "scandir");
    this.#left ??= entriesOf(this.#task, file);
    const entry = this.#left.shift();
    return entry === undefined ? null : new Dirent(named(entry.name, this.#options), this.path, entry.kind);
  }

  read(callback: (error: Error | null, entry?: Dirent<string | Uint8Array> | null) => void): void;
  read(): Promise<Dirent<string | Uint8Array> | null>;
  read(callback?: (error: Error | null, entry?: Dirent<string | Uint8Array> | null) => void): Promise<Dirent<string | Uint8Array> | null> | undefined {
    return answer(() => this.readSync(), callback);
  }

  closeSync(): void {
    close(this.#task, this.#descriptor("close"));
    this.#fd = null;
  }

  close(callback: (error: Error | null) => void): void;
  close(): Promise<void>;
  close(callback?: (error: Error | null) => void): Promise<void> | undefined {
    return answer(() => this.closeSync(), callback);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Dirent<string | Uint8Array>, void, undefined> {
    try {
      for (let entry = this.readSync(); entry !== null; entry = this.readSync()) yield entry;
    } finally {
      this.closeSync();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#fd !== null) this.closeSync();
  }

  #descriptor(syscall: string): number {
    if (this.#fd === null) throw new CgroupError("EBADF", { syscall });
    return this.#fd;
  }
}

/** Done at once; told by a promise, or to a callback. */
function answer<T>(act: () => T, callback: ((error: Error | null, value?: T) => void) | undefined): Promise<T> | undefined {
  const done = (async () => act())();
  if (callback === undefined) return done;
  done.then((value) => queueMicrotask(() => callback(null, value)), (error) => queueMicrotask(() => callback(error)));
  return undefined;
}
