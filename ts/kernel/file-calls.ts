// System calls on directories and names: mkdir, rmdir, unlink, rename, chown, chmod and their checks, in the VFS's order,
// before a filesystem has its own word (rules 6.1, 6.9, 6.11, 6.13).

import type { Bytes } from "./bytes.ts";
import { CAP } from "./capability.ts";
import { isCapableOver, isInGroup, isOwner, MAY_EXEC, MAY_WRITE, mayAccess, type Owned } from "./credentials.ts";
import type { Inode } from "./filesystem.ts";
import type { Location } from "./mount.ts";
import type { OpenFile } from "./open-file.ts";
import { type Parent, resolveParent, resolvePath } from "./path-walk.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Path } from "./split.ts";
import type { Task } from "./task.ts";
import { NO_ID } from "./user-namespace.ts";

function mayChange(by: Task, { mount, node }: Location): boolean {
  return mayAccess(by.credentials, mount.filesystem.owned(node), MAY_WRITE | MAY_EXEC, true);
}

const denied = (by: Task, { node }: Location, rule: "6.1" | "6.9" | "rename(2)" | "unlink(2)"): Refusal =>
  refuse("EACCES", rule, { credentials: by.credentials, ...("hierarchy" in node ? { cgroup: node } : {}) });

function find({ directory, name }: Parent): Inode | undefined | Refusal {
  const { mount, node } = directory;
  if (name.length > mount.filesystem.longestName) return refuse("ENAMETOOLONG", "path_resolution(7)");
  return mount.filesystem.lookup(node, name);
}

/** rule 6.1: an existing name is found before any permission is asked. */
export function vetMkdir(by: Task, path: Path, from?: Location): Parent | Refusal {
  const parent = resolveParent(by, path, from);
  if (isRefusal(parent)) return parent;
  // rule 6.1
  if (parent.last !== "name") return refuse("EEXIST", "6.1");
  const { mount, node } = parent.directory;
  const found = find(parent);
  if (isRefusal(found)) return found;
  // rule 6.1, 6.3
  if (found !== undefined) return refuse("EEXIST", "6.1");
  // rule 6.10
  if ("hierarchy" in node && node.dead) return refuse("ENOENT", "6.10", { cgroup: node });
  if (mount.isReadOnly) return refuse("EROFS", "10.3");
  if (!mayChange(by, parent.directory)) {
    // rule 6.1, 12.1
    return denied(by, parent.directory, "6.1");
  }
  return parent;
}

/** mkdirat(2) in an open directory. */
export function mkdirAt(by: Task, file: OpenFile, name: Bytes): Refusal | undefined {
  if (file.place.node.kind !== "directory") return refuse("ENOTDIR", "path_resolution(7)");
  return mkdir(by, name, 0o777, file.place);
}

export function mkdir(by: Task, path: Path, mode = 0o777, from?: Location): Refusal | undefined {
  const parent = vetMkdir(by, path, from);
  if (isRefusal(parent)) return parent;
  const { mount, node } = parent.directory;
  const { fsuid, fsgid } = by.credentials;
  const parentOwned = mount.filesystem.owned(node);
  // A cgroup's directory passes its group on in its own way.
  const inherits = (parentOwned.mode & 0o2000) !== 0 && !("hierarchy" in node);
  const bits = (mode & 0o1777 & ~by.fsInfo.umask) | (inherits ? 0o2000 : 0);
  const made = mount.filesystem.mkdir(node, parent.name, { uid: fsuid, gid: inherits ? parentOwned.gid : fsgid, mode: bits }, by);
  return isRefusal(made) ? made : undefined;
}

interface Doomed {
  readonly parent: Parent;
  readonly node: Inode;
}

/** May this name be taken out of its directory? */
function vetDelete(by: Task, parent: Parent, rule: "6.9" | "unlink(2)"): Doomed | Refusal {
  const { directory } = parent;
  const { mount } = directory;
  if (mount.isReadOnly) return refuse("EROFS", "10.3");
  const node = find(parent);
  if (isRefusal(node)) return node;
  // rule 6.9
  if (node === undefined) return refuse("ENOENT", rule);
  // rule 6.9
  if (!mayChange(by, directory)) return denied(by, directory, rule);
  if (isSticky(by, mount.filesystem.owned(directory.node), mount.filesystem.owned(node))) return refuse("EPERM", rule);
  return { parent, node };
}

/** A sticky directory's names belong to their owners. */
function isSticky(by: Task, directory: Owned, victim: Owned): boolean {
  const { credentials } = by;
  if ((directory.mode & 0o1000) === 0 || credentials.fsuid === victim.uid || credentials.fsuid === directory.uid) return false;
  return !isCapableOver(credentials, CAP.FOWNER, victim);
}

export function vetRmdir(by: Task, path: Path, from?: Location): Doomed | Refusal {
  const parent = resolveParent(by, path, from);
  if (isRefusal(parent)) return parent;
  // rule 6.9
  if (parent.last === "dotdot") return refuse("ENOTEMPTY", "6.9");
  if (parent.last === "dot") return refuse("EINVAL", "6.9");
  if (parent.last === "root") return refuse("EBUSY", "6.9");
  const doomed = vetDelete(by, parent, "6.9");
  if (isRefusal(doomed)) return doomed;
  // rule 6.9
  if (doomed.node.kind !== "directory") return refuse("ENOTDIR", "6.9");
  if (by.mountNs.isMountPoint(doomed.node)) return refuse("EBUSY", "6.9");
  return doomed;
}

export function rmdir(by: Task, path: Path, from?: Location): Refusal | undefined {
  const doomed = vetRmdir(by, path, from);
  if (isRefusal(doomed)) return doomed;
  const { directory } = doomed.parent;
  const refusal = directory.mount.filesystem.rmdir(directory.node, doomed.node, by);
  if (refusal === undefined) by.kernel.unmountFrom(doomed.node);
  return refusal;
}

export function unlink(by: Task, path: Path): Refusal | undefined {
  const parent = resolveParent(by, path);
  if (isRefusal(parent)) return parent;
  if (parent.last !== "name") return refuse("EISDIR", "unlink(2)");
  const { mount, node } = parent.directory;
  const doomed = vetSlash(parent) ?? vetDelete(by, parent, "unlink(2)");
  if (isRefusal(doomed)) return doomed;
  // rule 6.11
  if (doomed.node.kind === "directory") return refuse("EISDIR", "unlink(2)");
  return mount.filesystem.unlink(node, doomed.node, by);
}

/** A slash behind the name is refused before anything is asked. */
function vetSlash(parent: Parent): Refusal | undefined {
  if (!parent.slash || parent.directory.mount.isReadOnly) return undefined;
  const node = find(parent);
  if (node === undefined || isRefusal(node)) return undefined;
  return refuse(node.kind === "directory" ? "EISDIR" : "ENOTDIR", "unlink(2)");
}

export function symlink(by: Task, target: Bytes, path: Bytes): Refusal | undefined {
  const parent = vetMkdir(by, path);
  if (isRefusal(parent)) return parent;
  const { mount, node } = parent.directory;
  const { fsuid, fsgid } = by.credentials;
  const made = mount.filesystem.symlink(node, parent.name, target, { uid: fsuid, gid: fsgid, mode: 0o777 });
  return isRefusal(made) ? made : undefined;
}

/** rule 6.11: what the VFS refuses comes first. */
export function rename(by: Task, from: Path, to: Path): Refusal | undefined {
  const old = resolveParent(by, from);
  if (isRefusal(old)) return old;
  const next = resolveParent(by, to);
  if (isRefusal(next)) return next;
  if (old.directory.mount !== next.directory.mount) return refuse("EXDEV", "rename(2)");
  if (old.last !== "name" || next.last !== "name") return refuse("EBUSY", "rename(2)");
  if (old.directory.mount.isReadOnly) return refuse("EROFS", "10.3");
  const node = find(old);
  if (isRefusal(node)) return node;
  if (node === undefined) return refuse("ENOENT", "rename(2)");
  const target = find(next);
  if (isRefusal(target)) return target;
  return vetRename(by, old, node, next, target) ?? doRename(old, node, next, target);
}

function doRename(old: Parent, node: Inode, next: Parent, target: Inode | undefined): Refusal | undefined {
  if (isSame(node, target)) return undefined;
  return old.directory.mount.filesystem.rename(old.directory.node, node, next.directory.node, next.name, target);
}

const isSame = (a: Inode, b: Inode | undefined): boolean =>
  a === b || (b !== undefined && "cgroup" in a && "cgroup" in b && a.cgroup === b.cgroup && a.name === b.name);

function vetRename(by: Task, old: Parent, node: Inode, next: Parent, target: Inode | undefined): Refusal | undefined {
  const { filesystem } = old.directory.mount;
  const isDirectory = node.kind === "directory";
  // A slash behind what is not a directory.
  if (!isDirectory && (old.slash || (target === undefined && next.slash))) return refuse("ENOTDIR", "rename(2)");
  // rule 6.11
  if (isAbove(filesystem.parentOf.bind(filesystem), node, next.directory.node)) return refuse("EINVAL", "rename(2)");
  if (target !== undefined && isAbove(filesystem.parentOf.bind(filesystem), target, old.directory.node)) return refuse("ENOTEMPTY", "rename(2)");
  if (isSame(node, target)) return undefined;
  if (!mayChange(by, old.directory)) return denied(by, old.directory, "rename(2)");
  if (isSticky(by, filesystem.owned(old.directory.node), filesystem.owned(node))) return refuse("EPERM", "rename(2)");
  if (!mayChange(by, next.directory)) return denied(by, next.directory, "rename(2)");
  const refusal = target === undefined ? undefined : vetReplaced(by, isDirectory, next, target);
  if (refusal !== undefined) return refusal;
  // A directory that gets another parent has its ".." changed.
  const isMoved = isDirectory && old.directory.node !== next.directory.node;
  if (isMoved && !mayAccess(by.credentials, filesystem.owned(node), MAY_WRITE, true)) return denied(by, { ...old.directory, node }, "rename(2)");
  const isMounted = by.mountNs.isMountPoint(node) || (target !== undefined && by.mountNs.isMountPoint(target));
  return isMounted ? refuse("EBUSY", "rename(2)") : undefined;
}

function vetReplaced(by: Task, isDirectory: boolean, { directory: { mount, node } }: Parent, target: Inode): Refusal | undefined {
  if (isSticky(by, mount.filesystem.owned(node), mount.filesystem.owned(target))) return refuse("EPERM", "rename(2)");
  if (isDirectory && target.kind !== "directory") return refuse("ENOTDIR", "rename(2)");
  return !isDirectory && target.kind === "directory" ? refuse("EISDIR", "rename(2)") : undefined;
}

function isAbove(parentOf: (node: Inode) => Inode | null, node: Inode, place: Inode): boolean {
  for (let at: Inode | null = place; at !== null; at = parentOf(at)) if (at === node) return true;
  return false;
}

/** Ids as the caller's user namespace numbers them; -1 keeps one. */
export function chown(by: Task, path: Path, uid: number, gid: number, follow = true): Refusal | undefined {
  const place = resolvePath(by, path, follow);
  return isRefusal(place) ? place : chownAt(by, place, uid, gid);
}

export function chownAt(by: Task, { mount, node }: Location, uid: number, gid: number): Refusal | undefined {
  const { userNamespace } = by.credentials;
  if (mount.isReadOnly) return refuse("EROFS", "10.3");
  const owned = mount.filesystem.owned(node);
  const wanted = { uid: uid === NO_ID ? null : userNamespace.uid(uid), gid: gid === NO_ID ? null : userNamespace.gid(gid) };
  // rule 6.13, 13.3
  if (wanted.uid === NO_ID || wanted.gid === NO_ID) return refuse("EINVAL", "6.13", { credentials: by.credentials });
  const refusal = vetChown(by, owned, wanted);
  if (refusal !== undefined) return refusal;
  const mode = node.kind === "directory" ? owned.mode : withoutSetId(owned.mode);
  return mount.filesystem.setOwned(node, { uid: wanted.uid ?? owned.uid, gid: wanted.gid ?? owned.gid, mode });
}

function vetChown(by: Task, owned: Owned, wanted: { uid: number | null; gid: number | null }): Refusal | undefined {
  const { credentials } = by;
  const owns = credentials.fsuid === owned.uid;
  const capable = isCapableOver(credentials, CAP.CHOWN, owned);
  const uidOk = wanted.uid === null || (owns && wanted.uid === owned.uid) || capable;
  const gidOk = wanted.gid === null || (owns && (wanted.gid === owned.gid || isInGroup(credentials, wanted.gid))) || capable;
  // rule 6.13
  return uidOk && gidOk ? undefined : refuse("EPERM", "6.13", { credentials });
}

const withoutSetId = (mode: number): number => mode & ~0o4000 & ((mode & 0o10) === 0 ? ~0 : ~0o2000);

export function chmod(by: Task, path: Path, mode: number): Refusal | undefined {
  const place = resolvePath(by, path);
  return isRefusal(place) ? place : chmodAt(by, place, mode);
}

export function chmodAt(by: Task, { mount, node }: Location, mode: number): Refusal | undefined {
  const { credentials } = by;
  if (mount.isReadOnly) return refuse("EROFS", "10.3");
  const owned = mount.filesystem.owned(node);
  // rule 6.13
  if (!isOwner(credentials, owned)) return refuse("EPERM", "6.13", { credentials });
  const keepsGroup = isInGroup(credentials, owned.gid) || isCapableOver(credentials, CAP.FSETID, owned);
  const bits = keepsGroup ? mode & 0o7777 : mode & 0o5777;
  return mount.filesystem.setOwned(node, { ...owned, mode: bits });
}
