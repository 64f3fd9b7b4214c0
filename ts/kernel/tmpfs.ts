// A plain filesystem in memory for what lies around the others: directories to mount on, links, and small files such as
// /.dockerenv or /etc/hostname.

import type { Bytes } from "./bytes.ts";
import type { Owned } from "./credentials.ts";
import type { Filesystem, Inode, LinkTarget, NodeStatistics } from "./filesystem.ts";
import { placesChanged, waysChanged } from "./mount.ts";
import type { OpenFile } from "./open-file.ts";
import { type Refusal, refuse } from "./refusal.ts";

const NO_NODES: ReadonlyMap<Bytes, TmpNode> = new Map<Bytes, TmpNode>();

export class TmpNode {
  readonly kind: "directory" | "file" | "link";
  readonly inode: number;
  readonly parent: TmpNode | null;
  name: Bytes;
  owned: Owned;
  /** A file's bytes, or where a link leads. */
  content: Bytes = "";
  private inside: Map<Bytes, TmpNode> | undefined = undefined;
  removed = false;

  constructor(kind: "directory" | "file" | "link", parent: TmpNode | null, name: Bytes, owned: Owned, inode: number) {
    this.kind = kind;
    this.parent = parent;
    this.name = name;
    this.owned = owned;
    this.inode = inode;
  }

  get children(): ReadonlyMap<Bytes, TmpNode> {
    return this.inside ?? NO_NODES;
  }

  adopt(child: TmpNode): void {
    this.inside ??= new Map<Bytes, TmpNode>();
    this.inside.set(child.name, child);
  }

  disown(child: TmpNode): void {
    this.inside?.delete(child.name);
  }
}

const ROOT_DIRECTORY: Owned = { uid: 0, gid: 0, mode: 0o755 };

export class TmpFs implements Filesystem {
  readonly type: Bytes;
  readonly device: number;
  readonly readOnly: boolean = false;
  readonly longestName: number = 255;
  readonly root: TmpNode;
  private lastInode = 1;

  constructor(device: number, type: Bytes = "tmpfs", owned: Owned = ROOT_DIRECTORY) {
    this.device = device;
    this.type = type;
    this.root = new TmpNode("directory", null, "", owned, 1);
  }

  mounted(): void {}

  superOptions(): Bytes {
    return "rw";
  }

  shownRoot(root: Inode): Bytes {
    if (root === this.root) return "/";
    const names: Bytes[] = [];
    for (let at: TmpNode | null = root as TmpNode; at !== null && at.parent !== null; at = at.parent) names.unshift(at.name);
    return `/${names.join("/")}`;
  }

  lookup(directory: Inode, name: Bytes): Inode | undefined {
    return (directory as TmpNode).children.get(name);
  }

  parentOf(node: Inode): Inode | null {
    return (node as TmpNode).parent;
  }

  owned(node: Inode): Owned {
    return (node as TmpNode).owned;
  }

  setOwned(node: Inode, owned: Owned): undefined {
    (node as TmpNode).owned = owned;
    waysChanged();
  }

  statistics(node: Inode): NodeStatistics {
    const { kind, inode, children, content } = node as TmpNode;
    const directories = [...children.values()].filter((child) => child.kind === "directory").length;
    return { inode, links: kind === "directory" ? 2 + directories : 1, size: kind === "directory" ? children.size * 20 + 40 : content.length };
  }

  list(directory: Inode): Bytes[] {
    return [...(directory as TmpNode).children.keys()];
  }

  isImmutable(): boolean {
    return false;
  }

  mayOpen(): undefined {}

  seekable(): boolean {
    return true;
  }

  readlink(node: Inode): LinkTarget | Refusal {
    const { kind, content } = node as TmpNode;
    return kind === "link" ? content : refuse("EINVAL", "readlink(2)");
  }

  create(directory: Inode, name: Bytes, owned: Owned): Inode | Refusal {
    return this.#add("file", directory, name, owned);
  }

  mkdir(directory: Inode, name: Bytes, owned: Owned): Inode | Refusal {
    return this.#add("directory", directory, name, owned);
  }

  symlink(directory: Inode, name: Bytes, target: Bytes, owned: Owned): Inode | Refusal {
    const made = this.#add("link", directory, name, { ...owned, mode: 0o777 });
    if (made instanceof TmpNode) made.content = target;
    return made;
  }

  rmdir(directory: Inode, node: Inode): Refusal | undefined {
    if ((node as TmpNode).children.size > 0) return refuse("ENOTEMPTY", "rmdir(2)");
    this.#drop(directory as TmpNode, node as TmpNode);
    return undefined;
  }

  unlink(directory: Inode, node: Inode): undefined {
    this.#drop(directory as TmpNode, node as TmpNode);
  }

  rename(from: Inode, node: Inode, to: Inode, name: Bytes, target: Inode | undefined): Refusal | undefined {
    const moved = node as TmpNode;
    const old = target as TmpNode | undefined;
    if (old === moved) return undefined;
    if (old !== undefined && old.kind === "directory" && moved.kind !== "directory") return refuse("EISDIR", "rename(2)");
    if (old !== undefined && old.kind !== "directory" && moved.kind === "directory") return refuse("ENOTDIR", "rename(2)");
    if (old !== undefined && old.children.size > 0) return refuse("ENOTEMPTY", "rename(2)");
    if (old !== undefined) this.#drop(to as TmpNode, old);
    (from as TmpNode).disown(moved);
    moved.name = name;
    (moved as { parent: TmpNode | null }).parent = to as TmpNode;
    (to as TmpNode).adopt(moved);
    placesChanged();
    return undefined;
  }

  opened(): void {}

  closed(): void {}

  alive(): undefined {}

  content({ place }: OpenFile): Bytes {
    return (place.node as TmpNode).content;
  }

  write(file: OpenFile, data: Bytes): number {
    const node = file.place.node as TmpNode;
    const at = file.mode.append ? node.content.length : file.position;
    node.content = node.content.slice(0, at).padEnd(at, "\0") + data + node.content.slice(at + data.length);
    file.position = at + data.length;
    return data.length;
  }

  truncate(node: Inode, size: number): undefined {
    const file = node as TmpNode;
    file.content = file.content.slice(0, size).padEnd(size, "\0");
  }

  #add(kind: "directory" | "file" | "link", directory: Inode, name: Bytes, owned: Owned): Inode | Refusal {
    const parent = directory as TmpNode;
    if (parent.removed) return refuse("ENOENT", "mkdir(2)");
    const made = new TmpNode(kind, parent, name, owned, ++this.lastInode);
    parent.adopt(made);
    return made;
  }

  #drop(parent: TmpNode, node: TmpNode): void {
    parent.disown(node);
    node.removed = true;
  }
}
