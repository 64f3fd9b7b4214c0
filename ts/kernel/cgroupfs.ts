// The cgroup filesystem, of either version: directories are cgroups, files are control files. What the files say and take
// is in files/; who may is decided before, by mode bits, as in any filesystem.

import { type Bytes, escapeBlanks, upToNul } from "./bytes.ts";
import type { CgroupNode } from "./cgroup.ts";
import type { Owned } from "./credentials.ts";
import type { Filesystem, Inode, LinkTarget, NodeStatistics } from "./filesystem.ts";
import { type Act, type FileType, NOTHING_TO_DO } from "./files/file.ts";
import { fileIndex, fileOwned, filesOf, findFile } from "./files/table.ts";
import type { KernelHierarchy } from "./hierarchy.ts";
import type { Kernel } from "./kernel.ts";
import { placesChanged } from "./mount.ts";
import type { OpenFile } from "./open-file.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";
import { view } from "./view.ts";

/** A control file of one cgroup. */
export class ControlFile {
  readonly kind = "file";
  readonly cgroup: CgroupNode;
  readonly name: Bytes;

  constructor(cgroup: CgroupNode, name: Bytes) {
    this.cgroup = cgroup;
    this.name = name;
  }

  /** Undefined once its controller was disabled or it was hidden. */
  get type(): FileType | undefined {
    return findFile(this.cgroup, this.name);
  }
}

/** A write takes at most a page (rule 5.1.2). */
const PAGE = 4096;

const cgroupOf = (node: Inode): CgroupNode => (node instanceof ControlFile ? node.cgroup : (node as CgroupNode));
const gone = (node: Inode): boolean => cgroupOf(node).dead || (node instanceof ControlFile && node.type === undefined);

export class CgroupFs implements Filesystem {
  readonly hierarchy: KernelHierarchy;
  readonly kernel: Kernel;
  readonly longestName: number = 4096;

  constructor(hierarchy: KernelHierarchy, kernel: Kernel) {
    this.hierarchy = hierarchy;
    this.kernel = kernel;
  }

  get type(): Bytes {
    return this.hierarchy.isUnified ? "cgroup2" : "cgroup";
  }

  get device(): number {
    return this.hierarchy.device;
  }

  get readOnly(): boolean {
    return this.hierarchy.readOnly;
  }

  mounted(change: 1 | -1): void {
    this.hierarchy.mounts += change;
    if (this.hierarchy.mounts === 0) this.kernel.unmounted(this.hierarchy);
  }

  superOptions(): Bytes {
    return this.hierarchy.superOptions();
  }

  /** rule 10.4: as the reader's namespace sees it, blanks and backslashes in octal. */
  shownRoot(root: Inode, reader: Task): Bytes | Refusal {
    const path = view(reader.cgroupNs.rootIn(this.hierarchy), cgroupOf(root));
    // rule 10.4
    if (path === undefined) return refuse("ERANGE", "10.4");
    const name = root instanceof ControlFile ? `${path === "/" ? "" : path}/${root.name}` : path;
    return escapeBlanks(name);
  }

  lookup(directory: Inode, name: Bytes): Inode | undefined {
    const cgroup = directory as CgroupNode;
    if (cgroup.dead) return undefined;
    return cgroup.children.get(name) ?? (findFile(cgroup, name) === undefined ? undefined : (cgroup.covered?.get(name) ?? new ControlFile(cgroup, name)));
  }

  covered(node: Inode): void {
    if (!(node instanceof ControlFile)) return;
    node.cgroup.covered ??= new Map<Bytes, Inode>();
    node.cgroup.covered.set(node.name, node);
  }

  parentOf(node: Inode): Inode | null {
    return node instanceof ControlFile ? node.cgroup : (node as CgroupNode).parent;
  }

  owned(node: Inode): Owned {
    return node instanceof ControlFile ? fileOwned(node.cgroup, node.name) : (node as CgroupNode).owned;
  }

  setOwned(node: Inode, owned: Owned): undefined {
    if (node instanceof ControlFile) node.cgroup.fileOwned.set(node.name, owned);
    else {
      (node as CgroupNode).owned = owned;
      (node as CgroupNode).hasAttributes = true;
    }
  }

  statistics(node: Inode): NodeStatistics {
    if (!(node instanceof ControlFile)) {
      const cgroup = node as CgroupNode;
      return { inode: cgroup.id, links: 2 + cgroup.children.size, size: 0 };
    }
    // rule 11.2
    return { inode: node.cgroup.laterFiles.get(node.name) ?? node.cgroup.id + 1 + fileIndex(node.cgroup, node.name), links: 1, size: 0 };
  }

  list(directory: Inode): Bytes[] {
    const cgroup = directory as CgroupNode;
    if (cgroup.dead) return [];
    return [...filesOf(cgroup).map(({ name }) => name), ...cgroup.children.keys()];
  }

  isImmutable(): boolean {
    return false;
  }

  mayOpen(): undefined {}

  seekable(): boolean {
    return true;
  }

  readlink(): LinkTarget | Refusal {
    return refuse("EINVAL", "readlink(2)");
  }

  create(): Refusal {
    // rule 6.11a
    return refuse("EACCES", "6.11a");
  }

  mkdir(directory: Inode, name: Bytes, owned: Owned): Inode | Refusal {
    const parent = directory as CgroupNode;
    return vetCreate(parent, name) ?? this.hierarchy.create(parent, name, owned);
  }

  rmdir(_directory: Inode, node: Inode): Refusal | undefined {
    const cgroup = node as CgroupNode;
    const refusal = vetRemove(cgroup);
    if (refusal === undefined) {
      cgroup.detach();
      cgroup.closeFiles(() => true);
    }
    return refusal;
  }

  unlink(): Refusal {
    // rule 6.11
    return refuse("EPERM", "6.11");
  }

  symlink(): Refusal {
    // rule 6.11a
    return refuse("EPERM", "6.11a");
  }

  /** rule 6.11: v1 only, within one parent, to a name that is free. */
  rename(from: Inode, node: Inode, to: Inode, name: Bytes, target: Inode | undefined): Refusal | undefined {
    const cgroup = node as CgroupNode;
    if (this.hierarchy.isUnified) return refuse("EPERM", "6.11");
    if (name.includes("\n")) return refuse("EINVAL", "6.4");
    if (node instanceof ControlFile) return refuse("ENOTDIR", "6.11");
    if (from !== to) return refuse("EIO", "6.11");
    if (target !== undefined) return refuse("EEXIST", "6.11");
    // rule 2.6
    cgroup.parent!.rename(cgroup, name);
    placesChanged();
    return undefined;
  }

  opened(file: OpenFile): void {
    const { node } = file.place;
    if (!(node instanceof ControlFile)) return;
    node.cgroup.openFiles.add(file);
    // rule 3.12
    file.cgroupNs.pin();
  }

  closed(file: OpenFile): void {
    const { node } = file.place;
    if (node instanceof ControlFile && node.cgroup.openFiles.delete(file)) file.cgroupNs.unpin(file.inodes);
  }

  alive(file: OpenFile): Refusal | undefined {
    const { node } = file.place;
    if (!(node instanceof ControlFile) || node.cgroup.isOpen(file) || (file.shares === 0 && !gone(node))) return undefined;
    // rule 6.10
    return refuse("ENODEV", "6.10", { cgroup: node.cgroup });
  }

  content(file: OpenFile, by: Task): Bytes | Refusal {
    const node = file.place.node as ControlFile;
    const dead = this.alive(file);
    if (dead !== undefined) return dead;
    const { show } = node.type!;
    // rule 6.8
    return show === undefined ? refuse("EINVAL", "6.8", { cgroup: node.cgroup, file: node.name }) : show(node.cgroup, by, file.wasRead);
  }

  write(file: OpenFile, data: Bytes, by: Task): number | Refusal {
    const settled = this.vetWrite(file, data, by);
    if (isRefusal(settled)) return settled;
    settled();
    return data.length;
  }

  /** What a write would do, or why not. */
  vetWrite(file: OpenFile, data: Bytes, by: Task): Act | Refusal {
    const node = file.place.node as ControlFile;
    return this.#vetAny(file, node, data) ?? this.#vetText(file, node, data, by);
  }

  truncate(): undefined {}

  /** rule 5.1: too long, then gone, then nothing to do, then nsdelegate. */
  #vetAny(file: OpenFile, { cgroup, name, type }: ControlFile, data: Bytes): Refusal | undefined {
    // rule 5.1.2
    if (data.length > (type?.longest ?? PAGE)) return refuse("E2BIG", "5.1.2");
    // rule 5.1.3
    if (this.alive(file) !== undefined || type === undefined) return refuse("ENODEV", "5.1.3", { cgroup });
    if (data === "" || type.delegatable === true || !this.hierarchy.options.has("nsdelegate")) return undefined;
    if (file.cgroupNs.isInitial || file.cgroupNs.rootIn(this.hierarchy) !== cgroup) return undefined;
    // rule 6.12
    return refuse("EPERM", "6.12", { cgroup, file: name });
  }

  #vetText(file: OpenFile, { cgroup, name, type }: ControlFile, data: Bytes, by: Task): Act | Refusal {
    if (data === "") {
      // rule 5.1.4
      return NOTHING_TO_DO;
    }
    // rule 6.8
    if (type!.vetWrite === undefined) return refuse("EINVAL", "6.8", { cgroup, file: name });
    // rule 5.9
    const { credentials, cgroupNs } = file;
    return type!.vetWrite(cgroup, upToNul(data), { credentials, cgroupNs, by });
  }
}

/** rules 6.4 and 6.5, after the name was found free and the parent writable. */
export function vetCreate(parent: CgroupNode, name: Bytes): Refusal | undefined {
  // rule 6.10
  if (parent.dead) return refuse("ENOENT", "6.10", { cgroup: parent });
  // rule 6.4
  if (name.includes("\n")) return refuse("EINVAL", "6.4");
  let level = 0;
  for (let at: CgroupNode | null = parent; at !== null; at = at.parent, level++) {
    if (at.descendants < at.maxDescendants && level < at.maxDepth) continue;
    // rule 6.5
    return refuse("EAGAIN", "6.5", { cgroup: at, file: at.descendants >= at.maxDescendants ? "cgroup.max.descendants" : "cgroup.max.depth" });
  }
  return undefined;
}

/** rule 6.9, its last steps. */
export function vetRemove(cgroup: CgroupNode): Refusal | undefined {
  if (cgroup.isPopulated) return refuse("EBUSY", "6.9", { cgroup, needs: "no live tasks here or below" });
  if (cgroup.children.size > 0) return refuse("EBUSY", "6.9", { cgroup, needs: "no child cgroups" });
  return undefined;
}
