// The callback and promise forms of the synchronous calls. What is asked happens at once, in the order of the calls; the
// answer comes later, as from node:fs. Wrong arguments throw at once from a callback form and reject from a promise form.

import { CgroupError, expected } from "../../errors.ts";
import type { Dir, Dirent, ReadDirectoryOptions } from "./directory.ts";
import type { ReadFileOptions } from "./content.ts";
import { FileHandle } from "./file-handle.ts";
import type { PathLike } from "./path-like.ts";
import type { AsBytes, AsText, Call, SyncCalls } from "./sync.ts";
import type { BigIntStats, Stats } from "./stats.ts";
import type { StatOptions } from "./look.ts";

export type Callback<R extends unknown[]> = (error: CgroupError | null, ...results: R) => void;

/** A tuple of arguments, and those that leave out optional ones at its end. */
type Leading<P extends readonly unknown[]> = P extends readonly []
  ? []
  : P extends readonly [infer First, ...infer Rest] ? [First, ...Leading<Rest>]
  : P extends readonly [_?: infer First, ...rest: infer Rest] ? (number extends P["length"] ? P : [] | [First, ...Leading<Rest>]) : [];

type Anything = (...args: never[]) => unknown;
type Nothing = ReturnType<SyncCalls["closeSync"]>;
type Result<R> = [R] extends [Nothing] ? [] : [R];
type CallbackForm<F extends Anything> = (...args: [...Leading<Parameters<F>>, Callback<Result<ReturnType<F>>>]) => void;
type PromiseForm<F extends Anything> = (...args: Parameters<F>) => Promise<ReturnType<F>>;
type NameOf<K> = K extends `${infer Name}Sync` ? Name : never;
type Special = "exists" | "read" | "readv" | "write" | "writev" | "readFile" | "readdir" | "stat" | "lstat" | "realpath";
type Plain<K> = Exclude<NameOf<K>, Special>;

interface ReadFileCallback {
  (path: PathLike | number, callback: Callback<[Uint8Array]>): void;
  (path: PathLike | number, options: (AsBytes & ReadFileOptions) | null | undefined, callback: Callback<[Uint8Array]>): void;
  (path: PathLike | number, options: AsText & (string | ReadFileOptions), callback: Callback<[string]>): void;
}

interface ReadDirectoryCallback {
  (path: PathLike, callback: Callback<[string[]]>): void;
  (path: PathLike, options: ReadDirectoryOptions & { readonly withFileTypes: true }, callback: Callback<[Dirent[]]>): void;
  (path: PathLike, options: string | ReadDirectoryOptions | null, callback: Callback<[string[]]>): void;
}

interface StatCallback {
  (path: PathLike, callback: Callback<[Stats]>): void;
  (path: PathLike, options: StatOptions & { readonly bigint: true }, callback: Callback<[BigIntStats]>): void;
  (path: PathLike, options: StatOptions, callback: Callback<[Stats]>): void;
}

type Position = number | bigint | null;
type Transfer<B> = (fd: number, buffer: B, ...where: [...unknown[], Callback<[count: number, buffer: B]>]) => void;
type Vector = (fd: number, buffers: readonly ArrayBufferView[], ...where: [Callback<[count: number, buffers: readonly ArrayBufferView[]]>] | [position: Position, Callback<[count: number, buffers: readonly ArrayBufferView[]]>]) => void;

/** As in node:fs: the last argument is called later, with the error or null. */
export type CallbackCalls = { readonly [K in keyof SyncCalls as Plain<K>]: CallbackForm<SyncCalls[K]> } & {
  readonly exists: (path: PathLike, callback: (exists: boolean) => void) => void;
  readonly read: Transfer<ArrayBufferView>;
  readonly write: Transfer<ArrayBufferView | string>;
  readonly readv: Vector;
  readonly writev: Vector;
  readonly readFile: ReadFileCallback;
  readonly readdir: ReadDirectoryCallback;
  readonly stat: StatCallback;
  readonly lstat: StatCallback;
  readonly realpath: CallbackForm<SyncCalls["readlinkSync"]> & { readonly native: CallbackForm<SyncCalls["readlinkSync"]> };
};

interface ReadFilePromise {
  (path: PathLike | FileHandle, options?: (AsBytes & ReadFileOptions) | null): Promise<Uint8Array>;
  (path: PathLike | FileHandle, options: AsText & (string | ReadFileOptions)): Promise<string>;
}

interface ReadDirectoryPromise {
  (path: PathLike, options: ReadDirectoryOptions & { readonly withFileTypes: true }): Promise<Dirent[]>;
  (path: PathLike, options?: string | ReadDirectoryOptions | null): Promise<string[]>;
}

interface StatPromise {
  (path: PathLike, options: StatOptions & { readonly bigint: true }): Promise<BigIntStats>;
  (path: PathLike, options?: StatOptions): Promise<Stats>;
}

type OnDescriptors = "close" | "fchmod" | "fchown" | "fdatasync" | "fstat" | "fsync" | "ftruncate" | "open" | "opendir" | "writeFile" | "appendFile";
type WriteFilePromise = (path: PathLike | FileHandle, ...rest: Parameters<SyncCalls["writeFileSync"]> extends [unknown, ...infer Rest] ? Rest : never) => Promise<void>;

/** As node:fs/promises. */
export type PromiseCalls = { readonly [K in keyof SyncCalls as Exclude<Plain<K>, OnDescriptors>]: PromiseForm<SyncCalls[K]> } & {
  readonly open: (...args: Parameters<SyncCalls["openSync"]>) => Promise<FileHandle>;
  readonly opendir: (path: PathLike, options?: ReadDirectoryOptions) => Promise<Dir>;
  readonly readFile: ReadFilePromise;
  readonly writeFile: WriteFilePromise;
  readonly appendFile: WriteFilePromise;
  readonly readdir: ReadDirectoryPromise;
  readonly stat: StatPromise;
  readonly lstat: StatPromise;
  readonly realpath: PromiseForm<SyncCalls["readlinkSync"]>;
};

const PROMISIFY = Symbol.for("nodejs.util.promisify.custom");
const NAMES_OF_TRANSFERS: Readonly<Record<string, readonly [string, string]>> = {
  read: ["bytesRead", "buffer"], write: ["bytesWritten", "buffer"], readv: ["bytesRead", "buffers"], writev: ["bytesWritten", "buffers"],
};

type Outcome = { readonly error: CgroupError } | { readonly value: unknown };

function outcome(call: Call, args: unknown[]): Outcome {
  try {
    return { value: call(...args) };
  } catch (error) {
    if (error instanceof CgroupError) return { error };
    throw error;
  }
}

/** `kept`: which argument comes back behind the answer. */
function callbackForm(call: Call, kept: number | null): Call {
  return (...args) => {
    const callback = args.pop();
    if (typeof callback !== "function") throw expected("callback", "a function", callback);
    const done = outcome(call, args);
    const behind = kept === null ? [] : [args[kept]];
    const answer = "error" in done ? [done.error] : done.value === undefined ? [null] : [null, done.value, ...behind];
    queueMicrotask(() => callback(...answer));
  };
}

function transferForm(call: Call, [count, memory]: readonly [string, string]): Call {
  const promised = async (...args: unknown[]): Promise<unknown> => ({ [count]: call(...args), [memory]: args[1] });
  return Object.assign(callbackForm(call, 1), { [PROMISIFY]: promised });
}

function existsForm(call: Call): Call {
  const form: Call = (path, callback) => {
    if (typeof callback !== "function") throw expected("callback", "a function", callback);
    const answer = call(path);
    queueMicrotask(() => callback(answer));
  };
  return Object.assign(form, { [PROMISIFY]: async (path: unknown) => call(path) });
}

const plainNames = (calls: SyncCalls): [string, Call][] =>
  Object.entries(calls).map(([name, call]) => [name.slice(0, -"Sync".length), call as Call]);

export function callbackCalls(calls: SyncCalls): CallbackCalls {
  const forms = plainNames(calls).map(([name, call]): [string, Call] => {
    const transfer = NAMES_OF_TRANSFERS[name];
    return [name, transfer !== undefined ? transferForm(call, transfer) : name === "exists" ? existsForm(call) : callbackForm(call, null)];
  });
  const made = Object.fromEntries(forms) as unknown as CallbackCalls;
  Object.assign(made.realpath, { native: callbackForm(calls.realpathSync.native as Call, null) });
  return made;
}

const ON_DESCRIPTORS = ["close", "exists", "fchmod", "fchown", "fdatasync", "fstat", "fsync", "ftruncate", "open", "read", "readv", "write", "writev"];

/** Its descriptor, for a handle; and nothing is begun for an aborted signal. */
function promiseForm(call: Call): Call {
  return async (...args) => {
    for (const arg of args) (arg as { signal?: AbortSignal } | null | undefined)?.signal?.throwIfAborted();
    return call(...args.map((arg) => (arg instanceof FileHandle ? arg.fd : arg)));
  };
}

export function promiseCalls(calls: SyncCalls): PromiseCalls {
  const forms = plainNames(calls).filter(([name]) => !ON_DESCRIPTORS.includes(name)).map(([name, call]) => [name, promiseForm(call)]);
  const open = async (...args: Parameters<SyncCalls["openSync"]>): Promise<FileHandle> => new FileHandle(calls, calls.openSync(...args));
  // Its only realpath is the kernel's.
  const realpath = promiseForm(calls.realpathSync.native as Call);
  return { ...Object.fromEntries(forms), open, realpath } as PromiseCalls;
}
