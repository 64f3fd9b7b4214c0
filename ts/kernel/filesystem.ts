// What every filesystem of the model can do: find, list, make, remove, own and open its nodes. The path walk and the
// permission checks that are the same everywhere are in path-walk.ts and system calls' own files.

import type { Bytes } from "./bytes.ts";
import type { CgroupNode } from "./cgroup.ts";
import type { Owned } from "./credentials.ts";
import type { ControlFile } from "./cgroupfs.ts";
import type { OpenFile } from "./open-file.ts";
import type { NsNode, ProcNode } from "./procfs.ts";
import type { Refusal } from "./refusal.ts";
import type { Task } from "./task.ts";
import type { TmpNode } from "./tmpfs.ts";

/** A node of any filesystem. Its identity is the object's. */
export type Inode = CgroupNode | ControlFile | TmpNode | ProcNode | NsNode;

export interface NodeStatistics {
  readonly inode: number;
  readonly links: number;
  readonly size: number;
}

/** Another place a link leads to: a path, or the node itself for the magic links of /proc. */
export type LinkTarget = Bytes | NsNode;

export interface Filesystem {
  readonly type: Bytes;
  readonly device: number;
  readonly readOnly: boolean;
  /** Names longer than this are refused (ENAMETOOLONG); the kernel's cgroup filesystem has no bound (rule 6.2). */
  readonly longestName: number;
  /** Mounts of it come and go. */
  mounted(change: 1 | -1): void;
  superOptions(): Bytes;
  /** Field 4 of mountinfo, escaped, for that reader. */
  shownRoot(root: Inode, reader: Task): Bytes | Refusal;

  lookup(directory: Inode, name: Bytes): Inode | undefined;
  parentOf(node: Inode): Inode | null;
  owned(node: Inode): Owned;
  setOwned(node: Inode, owned: Owned): Refusal | undefined;
  statistics(node: Inode): NodeStatistics;
  list(directory: Inode, by: Task): Bytes[] | Refusal;
  /** Nobody writes to it, whatever its mode says. */
  isImmutable(node: Inode): boolean;
  /** Extra checks of a write or create beyond mode bits; most have none. */
  mayOpen(node: Inode, by: Task, writing: boolean): Refusal | undefined;
  readlink(node: Inode, by: Task): LinkTarget | Refusal;

  create(directory: Inode, name: Bytes, owned: Owned, by: Task): Inode | Refusal;
  mkdir(directory: Inode, name: Bytes, owned: Owned, by: Task): Inode | Refusal;
  rmdir(directory: Inode, node: Inode, by: Task): Refusal | undefined;
  unlink(directory: Inode, node: Inode, by: Task): Refusal | undefined;
  symlink(directory: Inode, name: Bytes, target: Bytes, owned: Owned): Inode | Refusal;
  rename(from: Inode, node: Inode, to: Inode, name: Bytes, target: Inode | undefined): Refusal | undefined;

  opened(file: OpenFile): void;
  closed(file: OpenFile): void;
  /** Something is mounted on it: from now on it is found as the same inode. */
  covered?(node: Inode): void;
  /** Called by every read, write and seek before anything else: a node may be gone. */
  alive(file: OpenFile): Refusal | undefined;
  /** Can a position be set in it? */
  seekable(node: Inode): boolean;
  /** The whole text, as made by a read from offset 0. */
  content(file: OpenFile, by: Task): Bytes | Refusal;
  /** How many bytes were taken. */
  write(file: OpenFile, data: Bytes, by: Task): number | Refusal;
  truncate(node: Inode, size: number): Refusal | undefined;
}
