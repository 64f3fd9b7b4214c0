// A cgroup of the model: its place in the tree, its directory's and files' owners, its settings and its tasks. The rules of
// threaded domains are in domain.ts, what its files say and take in files/.

import type { Bytes } from "./bytes.ts";
import type { Owned } from "./credentials.ts";
import type { FileSet } from "./files/table.ts";
import type { Inode } from "./filesystem.ts";
import type { KernelHierarchy } from "./hierarchy.ts";
import { INT_MAX } from "./number.ts";
import type { OpenFile } from "./open-file.ts";
import type { Task } from "./task.ts";

const NO_CHILDREN: ReadonlyMap<Bytes, CgroupNode> = new Map<Bytes, CgroupNode>();
const NO_TASKS: ReadonlySet<Task> = new Set<Task>();

export class CgroupNode {
  readonly kind = "directory";
  readonly hierarchy: KernelHierarchy;
  readonly parent: CgroupNode | null;
  readonly level: number;
  /** The kernel's id, the directory's inode number. */
  readonly id: number;
  name: Bytes;
  owned: Owned;
  /** Its owner or mode was set, not only inherited. */
  hasAttributes: boolean;
  dead = false;
  /** Who made it, and so owns its files. */
  readonly creator: { readonly uid: number; readonly gid: number };

  /** Controllers in cgroup.subtree_control, as bits. */
  subtreeControl = 0;
  /** The domain it belongs to: itself unless threaded. */
  domain: CgroupNode = this;
  threadedChildren = 0;
  populatedDomainChildren = 0;
  populatedThreadedChildren = 0;
  descendants = 0;
  dyingDescendants = 0;
  maxDepth: number = INT_MAX;
  maxDescendants: number = INT_MAX;
  freeze = false;
  /** Writes to cgroup.kill that covered this cgroup. */
  killSeq = 0;
  pressure = true;
  /** What keeps a removed cgroup: zombies, namespaces rooted in it, dying children. */
  held = 0;
  private inside: Map<Bytes, CgroupNode> | undefined = undefined;
  private living: Set<Task> | undefined = undefined;
  private ownedFiles: Map<Bytes, Owned> | undefined = undefined;
  private numberedFiles: Map<Bytes, number> | undefined = undefined;
  private filesOpened: Set<OpenFile> | undefined = undefined;
  private kept: Map<Bytes, unknown> | undefined = undefined;
  private membersRemoved: Set<CgroupNode> | undefined = undefined;
  private tasksExited: Set<Task> | undefined = undefined;
  private leadersDied: Set<Task> | undefined = undefined;
  /** Control files on which something was mounted: others are made anew at each look-up. */
  covered: Map<Bytes, Inode> | undefined = undefined;
  #fileSet: FileSet | undefined = undefined;

  constructor(hierarchy: KernelHierarchy, parent: CgroupNode | null, name: Bytes, id: number, owned: Owned) {
    this.hierarchy = hierarchy;
    this.parent = parent;
    this.level = parent === null ? 0 : parent.level + 1;
    this.name = name;
    this.id = id;
    this.owned = owned;
    this.hasAttributes = owned.uid !== 0 || owned.gid !== 0;
    this.creator = this.passedOn(owned, 0);
  }

  /** What is made here by that owner: a set-group-id directory passes on its group, if it ever had one set, and its bit. */
  passedOn(owned: Owned, bit: number): Owned {
    if ((this.owned.mode & 0o2000) === 0) return owned;
    return { uid: owned.uid, gid: this.hasAttributes ? this.owned.gid : owned.gid, mode: owned.mode | bit };
  }

  // ---- what most cgroups never have, made when it is first needed

  /** Live children by name, in order of creation. */
  get children(): ReadonlyMap<Bytes, CgroupNode> {
    return this.inside ?? NO_CHILDREN;
  }

  adopt(child: CgroupNode): void {
    this.inside ??= new Map<Bytes, CgroupNode>();
    this.inside.set(child.name, child);
  }

  /** A child's new name; its place among the others stays (rule 2.6). */
  rename(child: CgroupNode, name: Bytes): void {
    const all = [...this.children.values()];
    child.name = name;
    this.inside!.clear();
    for (const one of all) this.adopt(one);
  }

  /** Live tasks (threads) here. */
  get tasks(): ReadonlySet<Task> {
    return this.living ?? NO_TASKS;
  }

  /** A control file's owner, if it was changed. */
  ownedFile(name: Bytes): Owned | undefined {
    return this.ownedFiles?.get(name);
  }

  /** Owners of control files that were changed. */
  get fileOwned(): Map<Bytes, Owned> {
    this.ownedFiles ??= new Map<Bytes, Owned>();
    return this.ownedFiles;
  }

  /** Inode numbers of the files of controllers enabled later. */
  get laterFiles(): Map<Bytes, number> {
    this.numberedFiles ??= new Map<Bytes, number>();
    return this.numberedFiles;
  }

  /** Is it one of its control files, and open? */
  isOpen(file: OpenFile): boolean {
    return this.filesOpened?.has(file) === true;
  }

  /** Its control files that are open. */
  get openFiles(): Set<OpenFile> {
    this.filesOpened ??= new Set<OpenFile>();
    return this.filesOpened;
  }

  /** A setting, if it was ever made. */
  setting(key: Bytes): unknown {
    return this.kept?.get(key);
  }

  /** Settings of controllers, by the key of the file that keeps them. */
  get settings(): Map<Bytes, unknown> {
    this.kept ??= new Map<Bytes, unknown>();
    return this.kept;
  }

  /** Removed threaded cgroups of this domain that something still keeps. */
  get removedMembers(): Set<CgroupNode> {
    this.membersRemoved ??= new Set<CgroupNode>();
    return this.membersRemoved;
  }

  /** Leaders that have exited while this was their domain, until they are reaped. */
  get deadLeaders(): Set<Task> {
    this.leadersDied ??= new Set<Task>();
    return this.leadersDied;
  }

  /** Leaders that have exited while threads of theirs live, and zombies. */
  get exited(): Set<Task> {
    this.tasksExited ??= new Set<Task>();
    return this.tasksExited;
  }

  /** The files it had when they were last asked for: another set once its controllers change (files/table.ts). */
  get fileSet(): FileSet | undefined {
    return this.#fileSet;
  }

  set fileSet(found: FileSet) {
    this.#fileSet = found;
  }

  get isRoot(): boolean {
    return this.parent === null;
  }

  get isThreaded(): boolean {
    return this.domain !== this;
  }

  get isPopulated(): boolean {
    return this.tasks.size + this.populatedDomainChildren + this.populatedThreadedChildren > 0;
  }

  /** Frozen by itself or by an ancestor. */
  get isFrozen(): boolean {
    let at: CgroupNode | null = this;
    while (at !== null && !at.freeze) at = at.parent;
    return at !== null;
  }

  isDescendantOf(other: CgroupNode): boolean {
    let at: CgroupNode | null = this;
    while (at !== null && at.level > other.level) at = at.parent;
    return at === other;
  }

  /** The deepest cgroup above both, either of them included. */
  commonAncestor(other: CgroupNode): CgroupNode {
    let a: CgroupNode = this;
    let b = other;
    while (a.level > b.level) a = a.parent!;
    while (b.level > a.level) b = b.parent!;
    while (a !== b) {
      a = a.parent!;
      b = b.parent!;
    }
    return a;
  }

  /** The live subtree, parents first. */
  *subtree(): Generator<CgroupNode, void, undefined> {
    const stack: CgroupNode[] = [this];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      yield at;
      for (const child of [...at.children.values()].reverse()) stack.push(child);
    }
  }

  /** Tasks come and go through these two, so that every ancestor knows whether it is populated. */
  addTask(task: Task): void {
    const was = this.isPopulated;
    this.living ??= new Set<Task>();
    this.living.add(task);
    if (!was) this.#tellParent(1);
  }

  removeTask(task: Task): void {
    if (this.living?.delete(task) === true && !this.isPopulated) this.#tellParent(-1);
  }

  #tellParent(change: 1 | -1): void {
    let child: CgroupNode = this;
    for (let at = this.parent; at !== null; at = at.parent) {
      const was = at.isPopulated;
      if (child.isThreaded) at.populatedThreadedChildren += change;
      else at.populatedDomainChildren += change;
      if (was === at.isPopulated) return;
      child = at;
    }
  }

  /** Files that go away answer nothing any more, for good, and let their opener's namespace go. */
  closeFiles(goes: (name: Bytes) => boolean): void {
    for (const file of this.filesOpened ?? []) {
      if (!("name" in file.place.node) || !goes(file.place.node.name)) continue;
      this.openFiles.delete(file);
      file.cgroupNs.unpin(file.inodes);
    }
  }

  /** Something keeps this cgroup when it is removed. */
  hold(): void {
    this.held++;
  }

  release(): void {
    this.held--;
    if (this.dead && this.held === 0) this.#vanish();
  }

  /** Out of the tree; it stays, dying, for whatever holds it. */
  detach(): void {
    const parent = this.parent!;
    this.dead = true;
    parent.inside!.delete(this.name);
    if (this.isThreaded) {
      parent.threadedChildren--;
      this.domain.removedMembers.add(this);
    }
    parent.hold();
    for (let at: CgroupNode | null = parent; at !== null; at = at.parent) {
      at.descendants--;
      at.dyingDescendants++;
    }
    // rule 3.13
    if (this.held === 0) this.#vanish();
  }

  #vanish(): void {
    this.domain.membersRemoved?.delete(this);
    for (let at = this.parent; at !== null; at = at.parent) at.dyingDescendants--;
    this.parent!.release();
  }
}
