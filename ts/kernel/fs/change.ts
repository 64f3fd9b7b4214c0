// Changing names: mkdir, rmdir, rm, unlink, rename, symlink, chmod, chown, each with the options node:fs has for it.

import { CgroupError } from "../../errors.ts";
import { type Bytes, fromBuffer, toBuffer, toText } from "../bytes.ts";
import { chmod as changeMode, chmodAt, chownAt, chown as changeOwner, mkdir as make, rename as move, rmdir as removeDirectory, symlink as link, unlink as remove } from "../file-calls.ts";
import { resolvePath } from "../path-walk.ts";
import { isRefusal, type Refusal } from "../refusal.ts";
import type { Task } from "../task.ts";
import { asError } from "../throwing.ts";
import { fileOf, must } from "./descriptor.ts";
import { join, readdir } from "./directory.ts";
import { type GivenPath, modeOf, ownerOf, type PathLike, pathOf } from "./path-like.ts";

export interface MakeDirectoryOptions {
  readonly recursive?: boolean | undefined;
  readonly mode?: number | string | undefined;
}

export interface RemoveOptions {
  readonly force?: boolean | undefined;
  readonly recursive?: boolean | undefined;
}

type Options = { recursive?: unknown; mode?: unknown; force?: unknown };
const optionsOf = (options: unknown): Options => (typeof options === "object" && options !== null ? options : {});

/** @returns with `recursive` the first directory made, undefined if all were there */
export function mkdir(task: Task, path: PathLike, options?: unknown): string | undefined {
  const given = pathOf(path);
  const { recursive, mode } = typeof options === "object" ? optionsOf(options) : { recursive: false, mode: options };
  const bits = modeOf(mode, 0o777);
  if (recursive === true) return makeAll(task, given, given.bytes, bits);
  must(make(task, given.bytes, bits), "mkdir", given);
  return undefined;
}

/** The directory above a path, as text; undefined for one that has none. */
function above(path: Bytes): Bytes | undefined {
  const end = path.replace(/\/+$/, "");
  const slash = end.lastIndexOf("/");
  return slash <= 0 ? undefined : end.slice(0, slash);
}

function makeAll(task: Task, given: GivenPath, path: Bytes, mode: number): string | undefined {
  let refusal = make(task, path, mode);
  const parent = above(path);
  let first: string | undefined;
  if (refusal?.code === "ENOENT" && parent !== undefined) {
    first = makeAll(task, given, parent, mode);
    refusal = make(task, path, mode);
  }
  if (refusal === undefined) return first ?? toText(path);
  if (refusal.code !== "EEXIST") throw asError(refusal, "mkdir", given.shown);
  if (isDirectory(task, path)) return first;
  throw new CgroupError(path === given.bytes ? "EEXIST" : "ENOTDIR", { syscall: "mkdir", path: given.shown });
}

function isDirectory(task: Task, path: Bytes, follow = true): boolean {
  const place = resolvePath(task, path, follow);
  return !isRefusal(place) && place.node.kind === "directory";
}

/** `recursive` is deprecated in Node, and what rm does. */
export function rmdir(task: Task, path: PathLike, options?: unknown): void {
  const given = pathOf(path);
  if (optionsOf(options).recursive === true) removeTree(task, given);
  else must(removeDirectory(task, given.bytes), "rmdir", given);
}

export function unlink(task: Task, path: PathLike): void {
  const given = pathOf(path);
  must(remove(task, given.bytes), "unlink", given);
}

/** A directory only with `recursive`; what is not there only with `force`. */
export function rm(task: Task, path: PathLike, options?: unknown): void {
  const given = pathOf(path);
  const { recursive, force } = optionsOf(options);
  const place = resolvePath(task, given.bytes, false);
  if (isRefusal(place) && place.code === "ENOENT" && force === true) return;
  const { node } = must(place, "lstat", given);
  if (node.kind === "directory" && recursive !== true) throw isADirectory(given);
  removeTree(task, given);
}

/** The one error that Node words in its own way. */
function isADirectory({ shown }: GivenPath): CgroupError {
  const error = new CgroupError("EISDIR", { syscall: "rm", path: shown });
  const message = `Path is a directory: rm returned EISDIR (is a directory) ${shown}`;
  return Object.assign(error, { code: "ERR_FS_EISDIR", errno: -error.errno, message });
}

/** As Node's: a directory that will not go is emptied first. A cgroup goes without its files. */
function removeTree(task: Task, path: GivenPath): void {
  const wasDirectory = isDirectory(task, path.bytes, false);
  const refusal = wasDirectory ? removeDirectory(task, path.bytes) : remove(task, path.bytes);
  if (refusal === undefined) return;
  if (!wasDirectory || !isFull(refusal)) throw asError(refusal, wasDirectory ? "rmdir" : "unlink", path.shown);
  for (const name of readdir(task, toBuffer(path.bytes), "buffer")) removeTree(task, join(path, fromBuffer(name as Uint8Array)));
  must(removeDirectory(task, path.bytes), "rmdir", path);
}

const isFull = ({ code }: Refusal): boolean => code === "ENOTEMPTY" || code === "EEXIST" || code === "EPERM";

export function rename(task: Task, from: PathLike, to: PathLike): void {
  const [path, dest] = [pathOf(from, "oldPath"), pathOf(to, "newPath")];
  must(move(task, path.bytes, dest.bytes), "rename", path, dest);
}

export function symlink(task: Task, target: PathLike, path: PathLike): void {
  const [to, at] = [pathOf(target, "target"), pathOf(path)];
  must(link(task, to.bytes, at.bytes), "symlink", to, at);
}

export function chmod(task: Task, path: PathLike, mode: unknown): void {
  const given = pathOf(path);
  must(changeMode(task, given.bytes, modeOf(mode)), "chmod", given);
}

export function fchmod(task: Task, fd: number, mode: unknown): void {
  const { place } = fileOf(task, fd, "fchmod");
  must(chmodAt(task, place, modeOf(mode)), "fchmod");
}

export function chown(task: Task, path: PathLike, uid: number, gid: number, syscall: "chown" | "lchown"): void {
  const given = pathOf(path);
  must(changeOwner(task, given.bytes, ownerOf(uid, "uid"), ownerOf(gid, "gid"), syscall === "chown"), syscall, given);
}

export function fchown(task: Task, fd: number, uid: number, gid: number): void {
  const { place } = fileOf(task, fd, "fchown");
  must(chownAt(task, place, ownerOf(uid, "uid"), ownerOf(gid, "gid")), "fchown");
}
