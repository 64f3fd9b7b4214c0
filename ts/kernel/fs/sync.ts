// The synchronous calls of node:fs, as one task makes them. The other two forms are made of these (forms.ts).

import { CgroupError } from "../../errors.ts";
import type { Task } from "../task.ts";
import * as change from "./change.ts";
import * as content from "./content.ts";
import { close, fileOf, open, truncate, truncateFile } from "./descriptor.ts";
import { Dir, type Dirent, type ReadDirectoryOptions, readdir } from "./directory.ts";
import type { Data } from "./encoding.ts";
import { numberOf } from "./flags.ts";
import * as look from "./look.ts";
import { lengthOf, modeOf, type PathLike, pathOf } from "./path-like.ts";
import { type BigIntStats, type StatFs, statOf, type Stats } from "./stats.ts";

/** Options that name an encoding of text. */
export type AsText = string | { readonly encoding: string };
/** Options that ask for bytes, as contents do unless told otherwise. */
export type AsBytes = "buffer" | { readonly encoding?: "buffer" | null | undefined } | null;
type NamesAsBytes = "buffer" | { readonly encoding: "buffer" };

export interface ReadFileCall {
  (path: PathLike | number, options?: (AsBytes & content.ReadFileOptions) | null): Uint8Array;
  (path: PathLike | number, options: AsText & (string | content.ReadFileOptions)): string;
  (path: PathLike | number, options?: string | content.ReadFileOptions | null): string | Uint8Array;
}

export interface NameCall {
  (path: PathLike, options: NamesAsBytes): Uint8Array;
  (path: PathLike, options?: string | { readonly encoding?: string | null | undefined } | null): string;
}

export interface ReadDirectoryCall {
  (path: PathLike, options: ReadDirectoryOptions & { readonly withFileTypes: true }): Dirent[];
  (path: PathLike, options: NamesAsBytes & (string | ReadDirectoryOptions)): Uint8Array[];
  (path: PathLike, options?: string | ReadDirectoryOptions | null): string[];
}

export interface StatCall {
  (path: PathLike, options: look.StatOptions & { readonly bigint: true; readonly throwIfNoEntry: false }): BigIntStats | undefined;
  (path: PathLike, options: look.StatOptions & { readonly bigint: true }): BigIntStats;
  (path: PathLike, options: look.StatOptions & { readonly throwIfNoEntry: false }): Stats | undefined;
  (path: PathLike, options?: look.StatOptions): Stats;
}

export interface ReadCall {
  (fd: number, buffer: ArrayBufferView, part?: content.Part): number;
  (fd: number, buffer: ArrayBufferView, offset?: number | null, length?: number | null, position?: number | bigint | null): number;
}

export interface WriteCall {
  (fd: number, text: string, position?: number | null, encoding?: string | null): number;
  (fd: number, buffer: ArrayBufferView, part?: content.Part): number;
  (fd: number, data: Data, offset?: number | null, length?: number | string | null, position?: number | bigint | null): number;
}

/** Every call throws a CgroupError shaped like Node's, or a TypeError for what is no path, mode or data. */
export interface SyncCalls {
  readonly accessSync: (path: PathLike, mode?: number) => void;
  readonly appendFileSync: (path: PathLike | number, data: Data, options?: string | content.WriteFileOptions | null) => void;
  readonly chmodSync: (path: PathLike, mode: number | string) => void;
  readonly chownSync: (path: PathLike, uid: number, gid: number) => void;
  readonly closeSync: (fd: number) => void;
  readonly existsSync: (path: PathLike) => boolean;
  readonly fchmodSync: (fd: number, mode: number | string) => void;
  readonly fchownSync: (fd: number, uid: number, gid: number) => void;
  readonly fdatasyncSync: (fd: number) => void;
  readonly fstatSync: (fd: number, options?: look.StatOptions) => Stats;
  readonly fsyncSync: (fd: number) => void;
  readonly ftruncateSync: (fd: number, length?: number) => void;
  readonly lchownSync: (path: PathLike, uid: number, gid: number) => void;
  readonly lstatSync: StatCall;
  readonly mkdirSync: (path: PathLike, options?: number | string | change.MakeDirectoryOptions | null) => string | undefined;
  readonly openSync: (path: PathLike, flags?: string | number | null, mode?: number | string) => number;
  readonly opendirSync: (path: PathLike, options?: ReadDirectoryOptions) => Dir;
  readonly readSync: ReadCall;
  readonly readdirSync: ReadDirectoryCall;
  readonly readFileSync: ReadFileCall;
  readonly readlinkSync: NameCall;
  readonly readvSync: (fd: number, buffers: readonly ArrayBufferView[], position?: number | null) => number;
  readonly realpathSync: NameCall & { readonly native: NameCall };
  readonly renameSync: (from: PathLike, to: PathLike) => void;
  readonly rmSync: (path: PathLike, options?: change.RemoveOptions) => void;
  readonly rmdirSync: (path: PathLike, options?: change.RemoveOptions) => void;
  readonly statSync: StatCall;
  readonly statfsSync: (path: PathLike, options?: { readonly bigint?: boolean }) => StatFs;
  readonly symlinkSync: (target: PathLike, path: PathLike, type?: string | null) => void;
  readonly truncateSync: (path: PathLike | number, length?: number) => void;
  readonly unlinkSync: (path: PathLike) => void;
  readonly writeSync: WriteCall;
  readonly writeFileSync: (path: PathLike | number, data: Data, options?: string | content.WriteFileOptions | null) => void;
  readonly writevSync: (fd: number, buffers: readonly ArrayBufferView[], position?: number | null) => number;
}

type Table = { readonly [Name in keyof SyncCalls]: (...args: never[]) => unknown };

/** @returns own functions that need no `this` */
export function syncCalls(task: Task): SyncCalls {
  const table: Table = {
    accessSync: (path: PathLike, mode?: number) => look.access(task, path, mode),
    appendFileSync: (path: PathLike | number, data: Data, options?: unknown) => content.writeFile(task, path, data, options, "a"),
    chmodSync: (path: PathLike, mode: unknown) => change.chmod(task, path, mode),
    chownSync: (path: PathLike, uid: number, gid: number) => change.chown(task, path, uid, gid, "chown"),
    closeSync: (fd: number) => close(task, fd),
    existsSync: (path: PathLike) => look.exists(task, path),
    fchmodSync: (fd: number, mode: unknown) => change.fchmod(task, fd, mode),
    fchownSync: (fd: number, uid: number, gid: number) => change.fchown(task, fd, uid, gid),
    fdatasyncSync: (fd: number) => void fileOf(task, fd, "fdatasync"),
    fstatSync: (fd: number, options?: unknown) => statOf(task, fileOf(task, fd, "fstat").place, options),
    fsyncSync: (fd: number) => void fileOf(task, fd, "fsync"),
    ftruncateSync: (fd: number, length?: number) => truncateFile(task, fd, lengthOf(length)),
    lchownSync: (path: PathLike, uid: number, gid: number) => change.chown(task, path, uid, gid, "lchown"),
    lstatSync: (path: PathLike, options?: unknown) => look.stat(task, path, options, "lstat"),
    mkdirSync: (path: PathLike, options?: unknown) => change.mkdir(task, path, options),
    openSync: (path: PathLike, flags?: unknown, mode?: unknown) => open(task, pathOf(path), numberOf(flags, "r"), modeOf(mode, 0o666)),
    opendirSync: (path: PathLike, options?: unknown) => new Dir(task, path, options),
    readSync: (fd: number, buffer: ArrayBufferView, ...where: unknown[]) => content.read(task, fd, buffer, ...where),
    readdirSync: (path: PathLike, options?: unknown) => readdir(task, path, options),
    readFileSync: (path: PathLike | number, options?: unknown) => content.readFile(task, path, options),
    readlinkSync: (path: PathLike, options?: unknown) => look.readlink(task, path, options),
    readvSync: (fd: number, buffers: unknown, position?: unknown) => content.readv(task, fd, buffers, position),
    realpathSync: (path: PathLike, options?: unknown) => look.realpath(task, path, options),
    renameSync: (from: PathLike, to: PathLike) => change.rename(task, from, to),
    rmSync: (path: PathLike, options?: unknown) => change.rm(task, path, options),
    rmdirSync: (path: PathLike, options?: unknown) => change.rmdir(task, path, options),
    statSync: (path: PathLike, options?: unknown) => look.stat(task, path, options, "stat"),
    statfsSync: (path: PathLike, options?: unknown) => look.statfs(task, path, options),
    symlinkSync: (target: PathLike, path: PathLike) => change.symlink(task, target, path),
    truncateSync: (path: PathLike | number, length?: number) => truncate(task, path, lengthOf(length)),
    unlinkSync: (path: PathLike) => change.unlink(task, path),
    writeSync: (fd: number, data: Data, ...where: unknown[]) => content.write(task, fd, data, ...where),
    writeFileSync: (path: PathLike | number, data: Data, options?: unknown) => content.writeFile(task, path, data, options),
    writevSync: (fd: number, buffers: unknown, position?: unknown) => content.writev(task, fd, buffers, position),
  };
  const native = (path: PathLike, options?: unknown): unknown => look.realpathNative(task, path, options);
  Object.assign(table.realpathSync, { native: alive(task, "realpath", native as Call) });
  return guarded(task, table);
}

export type Call = (...args: unknown[]) => unknown;

/** The dead make no calls. */
function alive(task: Task, syscall: string, call: Call): Call {
  return Object.assign((...args: unknown[]): unknown => {
    if (task.state !== "running") throw new CgroupError("ESRCH", { syscall });
    return call(...args);
  }, call);
}

function guarded(task: Task, table: Table): SyncCalls {
  const calls = Object.entries(table).map(([name, call]) => [name, alive(task, name.slice(0, -"Sync".length), call as Call)]);
  return Object.fromEntries(calls) as SyncCalls;
}
