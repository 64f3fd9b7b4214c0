// Looking at names without opening them: stat, lstat, statfs, access, exists, readlink, realpath.

import { CgroupError, expected } from "../../errors.ts";
import type { Bytes } from "../bytes.ts";
import { NONE } from "../capability.ts";
import { type Credentials, MAY_EXEC, MAY_WRITE, mayAccess } from "../credentials.ts";
import type { Inode } from "../filesystem.ts";
import type { Location } from "../mount.ts";
import { resolvePath } from "../path-walk.ts";
import { mountPoint } from "../proc-text.ts";
import { NsNode } from "../procfs.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import type { Task } from "../task.ts";
import { must } from "./descriptor.ts";
import { named } from "./encoding.ts";
import { type PathLike, pathOf } from "./path-like.ts";
import { type BigIntStats, type StatFs, statFsOf, statOf, type Stats } from "./stats.ts";

export interface StatOptions {
  readonly bigint?: boolean | undefined;
  /** False: undefined for what is not there. */
  readonly throwIfNoEntry?: boolean | undefined;
}

const isAbsence = ({ code }: Refusal): boolean => code === "ENOENT" || code === "ENOTDIR";

export function stat(task: Task, path: PathLike, options: unknown, syscall: "stat" | "lstat"): Stats | BigIntStats | undefined {
  const given = pathOf(path);
  const place = resolvePath(task, given.bytes, syscall === "stat");
  const mayBeAbsent = (options as StatOptions | null | undefined)?.throwIfNoEntry === false;
  if (isRefusal(place) && mayBeAbsent && isAbsence(place)) return undefined;
  return statOf(task, must(place, syscall, given), options);
}

export function statfs(task: Task, path: PathLike, options?: unknown): StatFs | StatFs<bigint> {
  const given = pathOf(path);
  return statFsOf(must(resolvePath(task, given.bytes), "statfs", given), options);
}

/** access(2) asks for the real ids, and for root's capabilities only as the real root. */
function asReal(credentials: Credentials): Credentials {
  const { uid, gid, permitted, userNamespace } = credentials;
  return credentials.with({ fsuid: uid, fsgid: gid, effective: uid === userNamespace.uid(0) ? permitted : NONE });
}

function vetAccess(task: Task, path: Bytes, mode: number): Refusal | undefined {
  const place = resolvePath(task, path);
  if (isRefusal(place)) return place;
  const { mount, node } = place;
  const { credentials } = task;
  const isDirectory = node.kind === "directory";
  if ((mode & MAY_EXEC) !== 0 && !isDirectory && mount.flags.noexec) return refuse("EACCES", "path_resolution(7)");
  if ((mode & MAY_WRITE) !== 0 && mount.filesystem.readOnly) return refuse("EROFS", "10.3");
  if (!mayAccess(credentials, mount.filesystem.owned(node), mode, isDirectory)) return refuse("EACCES", "5.1.1", { credentials });
  return (mode & MAY_WRITE) !== 0 && mount.isReadOnly ? refuse("EROFS", "10.3") : undefined;
}

export function access(task: Task, path: PathLike, mode: unknown = 0): void {
  const given = pathOf(path);
  if (typeof mode !== "number" || !Number.isInteger(mode) || mode < 0 || mode > 7) throw expected("mode", "a number from 0 to 7", mode);
  const { credentials } = task;
  task.credentials = asReal(credentials);
  try {
    must(vetAccess(task, given.bytes, mode), "access", given);
  } finally {
    task.credentials = credentials;
  }
}

/** Whatever is wrong, it does not exist. */
export function exists(task: Task, path: unknown): boolean {
  try {
    access(task, path as PathLike);
    return true;
  } catch {
    return false;
  }
}

/** What a link says, those of namespaces too; it is not followed. */
export function linkTarget(task: Task, path: Bytes): Bytes | Refusal {
  const place = resolvePath(task, path, false);
  if (isRefusal(place)) return place;
  const found = place.mount.filesystem.readlink(place.node, task);
  // rule 3.11
  return isRefusal(found) || typeof found === "string" ? found : `${found.namespace.kind}:[${found.namespace.inode}]`;
}

export function readlink(task: Task, path: PathLike, options?: unknown): string | Uint8Array {
  const given = pathOf(path);
  return named(must(linkTarget(task, given.bytes), "readlink", given), options);
}

const nameOf = (node: Inode): Bytes => ("name" in node ? node.name : "");
const joined = (above: Bytes, name: Bytes): Bytes => `${above === "/" ? "" : above}/${name}`;

/** Where a place is, from the root. */
export function pathTo({ mount, node }: Location): Bytes {
  const names: Bytes[] = [];
  for (let at: Inode | null = node; at !== null && at !== mount.root; at = mount.filesystem.parentOf(at)) names.unshift(nameOf(at));
  return names.reduce(joined, mountPoint(mount));
}

/** realpath(3), as `realpath.native` has it. */
export function realpathNative(task: Task, path: PathLike, options?: unknown): string | Uint8Array {
  const given = pathOf(path);
  const place = must(resolvePath(task, given.bytes), "realpath", given);
  // A namespace is nowhere.
  return named(must(place.node instanceof NsNode ? refuse("ENOENT", "path_resolution(7)") : pathTo(place), "realpath", given), options);
}

const MOST_LINKS = 40;

/** Node's own: component by component, so that an error names the component. */
export function realpath(task: Task, path: PathLike, options?: unknown): string | Uint8Array {
  const given = pathOf(path);
  const absolute = given.bytes.startsWith("/") ? given.bytes : joined(pathTo(task.fsInfo.workingDirectory), given.bytes);
  const left = absolute.split("/");
  let done: Bytes = "/";
  for (let links = 0; left.length > 0; ) {
    const name = left.shift()!;
    if (name === "" || name === ".") continue;
    const next = name === ".." ? done.slice(0, Math.max(1, done.lastIndexOf("/"))) : joined(done, name);
    const link = name === ".." ? null : linkAt(task, next);
    if (link === null) done = next;
    else if (++links > MOST_LINKS) throw new CgroupError("ELOOP", { syscall: "stat", path: given.shown });
    else {
      left.unshift(...link.split("/"));
      if (link.startsWith("/")) done = "/";
    }
  }
  return named(done, options);
}

/** Where a link leads; null for what is none. */
function linkAt(task: Task, path: Bytes): Bytes | null {
  const shown = { bytes: path, shown: String(named(path, "utf8")) };
  const { node } = must(resolvePath(task, path, false), "lstat", shown);
  return node.kind === "link" ? must(linkTarget(task, path), "readlink", shown) : null;
}
