// Mounts and mount namespaces: what is mounted where, with which flags. Mount points are found by node, as the kernel does.
// What may be mounted by whom is in mounting.ts.

import type { Bytes } from "./bytes.ts";
import type { Filesystem, Inode } from "./filesystem.ts";
import type { UserNamespace } from "./user-namespace.ts";

/** A place in the file tree: a node, and the mount it was reached through. */
export interface Location {
  readonly mount: Mount;
  readonly node: Inode;
}

/** Flags of one mount, in the order mountinfo shows them. */
export interface MountFlags {
  readonly readOnly: boolean;
  readonly nosuid: boolean;
  readonly nodev: boolean;
  readonly noexec: boolean;
}

export const NO_FLAGS: MountFlags = { readOnly: false, nosuid: false, nodev: false, noexec: false };

const NO_MOUNTS: ReadonlyMap<Inode, Mount> = new Map<Inode, Mount>();

export class Mount {
  readonly id: number;
  readonly namespace: MountNs;
  parent: Mount | null;
  point: Inode | null;
  readonly filesystem: Filesystem;
  readonly root: Inode;
  readonly source: Bytes;
  flags: MountFlags;
  /** Came from a more privileged namespace: it stays, and so do the flags that were set. */
  locked: boolean;
  lockedFlags: MountFlags;
  private over: Map<Inode, Mount> | undefined = undefined;
  /** Open files on it, which keep it busy. */
  users = 0;
  attached = true;
  /** Its filesystem no longer counts it. */
  private isOver = false;
  #text: MountText | undefined;
  #textAsOf = 0;

  constructor(of: {
    id: number; namespace: MountNs; filesystem: Filesystem; root: Inode; source: Bytes; flags: MountFlags; locked?: boolean; lockedFlags?: MountFlags;
  }) {
    this.id = of.id;
    this.namespace = of.namespace;
    this.parent = null;
    this.point = null;
    this.filesystem = of.filesystem;
    this.root = of.root;
    this.source = of.source;
    this.flags = of.flags;
    this.locked = of.locked ?? false;
    this.lockedFlags = of.lockedFlags ?? NO_FLAGS;
    of.filesystem.mounted(1);
  }

  /** What is said of it, made anew when places have changed since. */
  text(make: (mount: Mount) => MountText): MountText {
    if (this.#text === undefined || this.#textAsOf !== renames) {
      this.#text = make(this);
      this.#textAsOf = renames;
    }
    return this.#text;
  }

  attachAt(parent: Mount, point: Inode): void {
    this.parent = parent;
    this.point = point;
    parent.filesystem.covered?.(point);
    parent.over ??= new Map<Inode, Mount>();
    parent.over.set(point, this);
    waysChanged();
    this.namespace.mounts.push(this);
  }

  /** Mounts on its directories and files. */
  get children(): ReadonlyMap<Inode, Mount> {
    return this.over ?? NO_MOUNTS;
  }

  /** Not found in its parent any more. */
  leaveParent(): void {
    if (this.parent !== null && this.point !== null) this.parent.over?.delete(this.point);
  }

  /** Off the tree, with all that is mounted below it. */
  detach(): void {
    for (const child of [...this.children.values()]) child.detach();
    this.leaveParent();
    const at = this.namespace.mounts.indexOf(this);
    if (at !== -1) this.namespace.mounts.splice(at, 1);
    this.attached = false;
    waysChanged();
    if (this.users === 0) this.#end();
  }

  /** An open file of it is closed. */
  leave(): void {
    this.users--;
    if (!this.attached && this.users === 0) this.#end();
  }

  /** Off the tree and used by nobody: the filesystem has one mount less. */
  #end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.filesystem.mounted(-1);
  }

  get isReadOnly(): boolean {
    return this.flags.readOnly || this.filesystem.readOnly;
  }
}

/** The beginning of an absolute path, and where it leads, whoever walks (shortcuts.ts). */
export interface Way {
  readonly path: Bytes;
  /** How many names that is. */
  readonly depth: number;
  readonly to: Location;
}

let changes = 0;

/** A mount came or went, or a directory changed that may lie on a way. */
export function waysChanged(): void {
  changes++;
}

let renames = 0;

/** What was mounted somewhere is somewhere else now, or called something else. */
export function placesChanged(): void {
  renames++;
  waysChanged();
}

/** What is said of a mount (proc-text.ts). */
export interface MountText {
  readonly point: Bytes;
  /** Its line of mountinfo when it was last made, and what can be another one the next time. */
  line: Bytes;
  root: Bytes;
  flags: MountFlags;
  options: Bytes;
}

export class MountNs {
  readonly kind = "mnt";
  readonly inode: number;
  readonly userNamespace: UserNamespace;
  /** In order of creation. */
  readonly mounts: Mount[] = [];
  root!: Mount;
  pins = 0;
  #ways: Way[] = [];
  #waysAsOf = changes;

  constructor(inode: number, userNamespace: UserNamespace) {
    this.inode = inode;
    this.userNamespace = userNamespace;
  }

  /** Those that are known; nothing has changed since they were found. */
  get ways(): Way[] {
    if (this.#waysAsOf !== changes) {
      this.#ways = [];
      this.#waysAsOf = changes;
    }
    return this.#ways;
  }

  /** Is something mounted on it, whichever mount it is seen through? */
  isMountPoint(node: Inode): boolean {
    return this.mounts.some(({ point }) => point === node);
  }
}

/** The topmost mount over a place. */
export function topmost(place: Location): Location {
  let { mount, node } = place;
  if (mount.children.size === 0) return place;
  for (let over = mount.children.get(node); over !== undefined; over = mount.children.get(node)) {
    mount = over;
    node = over.root;
  }
  return mount === place.mount ? place : { mount, node };
}

/** Where a mount, or a stack of them, is mounted. */
export function below(mount: Mount): Location | null {
  return mount.parent === null ? null : { mount: mount.parent, node: mount.point! };
}

/** A copy of a mount tree for another namespace; mounts of a more privileged namespace are locked in it. */
export function copyMounts(top: Mount, namespace: MountNs, nextId: () => number, lock: boolean): Map<Mount, Mount> {
  const copies = new Map<Mount, Mount>();
  const copy = (mount: Mount): Mount => {
    const { filesystem, root, source, flags, locked, lockedFlags } = mount;
    const made = new Mount({
      id: nextId(), namespace, filesystem, root, source, flags,
      locked: lock ? mount !== top : locked,
      lockedFlags: lock ? flags : lockedFlags,
    });
    copies.set(mount, made);
    return made;
  };
  const walk = (mount: Mount, made: Mount): void => {
    for (const [point, child] of mount.children) {
      const copied = copy(child);
      copied.attachAt(made, point);
      walk(child, copied);
    }
  };
  const root = copy(top);
  namespace.mounts.push(root);
  namespace.root = root;
  walk(top, root);
  return copies;
}
