// The cgroups of a machine put into a kernel of the model: all of them by place; owners, modes, types, controllers and
// limits of those that a question is about, as their files say now. Knows nothing of tasks.

import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Cgroup } from "../cgroup.ts";
import type { CgroupNode } from "../kernel/cgroup.ts";
import { CONTROLLERS, controllerSet } from "../kernel/controller.ts";
import type { Owned } from "../kernel/credentials.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { KernelHierarchy } from "../kernel/hierarchy.ts";
import type { Host, HostHierarchy } from "./host.ts";
import { errnoOf } from "./machine.ts";
import { isAtOrBelow, latin1, type Relative, relative } from "./relative.ts";
import type { HierarchyRecord, MountRecord } from "./snapshot.ts";

const UNREAD: Owned = { uid: 0, gid: 0, mode: 0o755 };
const ABOVE = "\x01above";

/** One hierarchy of the machine, and its counterpart in the model. */
export class KernelTree {
  readonly kernel: Kernel;
  readonly model: KernelHierarchy;
  readonly record: HierarchyRecord;
  readonly notes: string[];
  readonly #found: HostHierarchy;
  readonly #nodes = new Map<Cgroup, CgroupNode>();
  readonly #detailed = new Set<CgroupNode>();

  constructor(kernel: Kernel, model: KernelHierarchy, record: HierarchyRecord, found: HostHierarchy, notes: string[]) {
    this.kernel = kernel;
    this.model = model;
    this.record = record;
    this.notes = notes;
    this.#found = found;
    for (const cgroup of found.tree.walk()) {
      const parent = cgroup.parent;
      if (parent === undefined) this.#nodes.set(cgroup, this.#top());
      else this.#nodes.set(cgroup, model.create(this.#nodes.get(parent)!, latin1(cgroup.nameBytes), UNREAD));
    }
  }

  /** What the reader sees as `/`. */
  get origin(): CgroupNode {
    return this.node(this.#found.origin);
  }

  node(cgroup: Cgroup): CgroupNode {
    return this.#nodes.get(cgroup)!;
  }

  *cgroups(): Generator<[Cgroup, CgroupNode], void, undefined> {
    yield* this.#nodes;
  }

  /** The deepest cgroup there is on a path from the reader's `/`. */
  deepest(names: readonly string[]): { cgroup: Cgroup; rest: readonly string[] } {
    let cgroup = this.#found.origin;
    for (const [i, name] of names.entries()) {
      const next = cgroup.child(Buffer.from(name, "latin1"));
      if (next === undefined) return { cgroup, rest: names.slice(i) };
      cgroup = next;
    }
    return { cgroup, rest: [] };
  }

  /** The node at a path the reader read; with `below` more levels that are gone: a removed root. */
  at({ ups, names }: Relative, below: number): CgroupNode {
    let node = this.origin;
    for (let i = 0; i < ups && node.parent !== null; i++) node = node.parent;
    for (const name of names) node = node.children.get(name) ?? this.model.create(node, name, UNREAD);
    const gone: CgroupNode[] = [];
    for (let level = 0; level < below; level++) {
      node = this.model.create(node, `\x01removed ${level}`, UNREAD);
      gone.unshift(node);
    }
    for (const one of gone) {
      one.hold();
      one.detach();
    }
    return node;
  }

  /** Reads what a question about this cgroup may depend on: it and all above, from the top down. */
  detail(cgroup: Cgroup): void {
    const line: Cgroup[] = [];
    for (let at: Cgroup | undefined = cgroup; at !== undefined; at = at.parent) line.unshift(at);
    for (const at of line) this.#read(at);
  }

  /** What its children give to theirs: it can take no controller from them that they have in use (rule 7.4). */
  controlsBelow(cgroup: Cgroup): void {
    if (!this.model.isUnified) return;
    for (const child of cgroup.children()) {
      const directory = this.#directory(child);
      if (directory !== undefined) this.node(child).subtreeControl = controlsIn(directory);
    }
  }

  #top(): CgroupNode {
    const { root } = this.model;
    const mount = this.record.mounts.find((one) => !one.hidden && latin1(one.root) === "/");
    const isRoot = mount === undefined || !isFile(Buffer.concat([mount.mountPoint, Buffer.from("/cgroup.events")]));
    return isRoot ? root : this.model.create(root, ABOVE, UNREAD);
  }

  #read(cgroup: Cgroup): void {
    const node = this.node(cgroup);
    const directory = this.#directory(cgroup);
    if (directory === undefined || this.#detailed.has(node)) return;
    this.#detailed.add(node);
    try {
      node.owned = ownedOf(directory);
      for (const entry of readdirSync(directory, { encoding: "buffer", withFileTypes: true })) {
        if (entry.isDirectory()) continue;
        const name = entry.name as unknown as Buffer;
        node.fileOwned.set(latin1(name), ownedOf(Buffer.concat([directory, SLASH, name])));
      }
      this.#settings(cgroup, node, directory);
    } catch (error) {
      this.notes.push(`${cgroup.path} could not be read: ${errnoOf(error) ?? String(error)}`);
    }
  }

  #settings(cgroup: Cgroup, node: CgroupNode, directory: Buffer): void {
    const text = (file: string): string => textOf(Buffer.concat([directory, Buffer.from(`/${file}`)]));
    if (!this.model.isUnified) {
      for (const file of ["cpuset.cpus", "cpuset.mems"]) if (node.fileOwned.has(file)) node.settings.set(file, text(file));
      return;
    }
    node.subtreeControl = controlsIn(directory);
    node.maxDepth = limitOf(text("cgroup.max.depth"));
    node.maxDescendants = limitOf(text("cgroup.max.descendants"));
    node.freeze = text("cgroup.freeze") === "1";
    const type = text("cgroup.type");
    if (type === "threaded") makeThreaded(node);
    else if (type === "domain threaded") this.#threadedChildren(cgroup);
  }

  /** Only then any child is threaded, or threads of its own make it a thread root. */
  #threadedChildren(cgroup: Cgroup): void {
    for (const child of cgroup.children()) {
      const directory = this.#directory(child);
      if (directory !== undefined && textOf(Buffer.concat([directory, Buffer.from("/cgroup.type")])) === "threaded") makeThreaded(this.node(child));
    }
  }

  /** The pids of threads in a cgroup, and whether any live task is there or below, as the kernel says. */
  population(cgroup: Cgroup): { threads: number[]; populated: boolean } {
    const directory = this.#directory(cgroup);
    if (directory === undefined) return { threads: [], populated: false };
    const file = this.model.isUnified ? "/cgroup.threads" : "/tasks";
    const threads = textOf(Buffer.concat([directory, Buffer.from(file)])).split("\n").filter((line) => line !== "").map(Number);
    const populated = textOf(Buffer.concat([directory, Buffer.from("/cgroup.events")])).includes("populated 1");
    return { threads, populated: populated || threads.length > 0 };
  }

  #directory(cgroup: Cgroup): Buffer | undefined {
    const path = relative(cgroup.viewFrom(this.#found.origin, { encoding: "buffer" }));
    const mount = this.record.mounts.find(({ hidden, root }) => !hidden && isAtOrBelow(path, relative(root)));
    return mount === undefined ? undefined : directoryIn(mount, path);
  }
}

const SLASH = Buffer.from("/");

function directoryIn({ root, mountPoint }: MountRecord, { names }: Relative): Buffer {
  const below = names.slice(relative(root).names.length);
  return Buffer.concat([mountPoint, Buffer.from(below.map((name) => `/${name}`).join(""), "latin1")]);
}

/** As a write of `threaded` leaves it (rule 8.5). */
function makeThreaded(node: CgroupNode): void {
  if (node.isThreaded || node.parent === null) return;
  node.domain = node.parent.domain;
  node.parent.threadedChildren++;
}

export function ownedOf(path: Buffer | string): Owned {
  const { uid, gid, mode } = statSync(path);
  return { uid, gid, mode: mode & 0o7777 };
}

function textOf(file: Buffer): string {
  try {
    return readFileSync(file, "latin1").trimEnd();
  } catch {
    return "";
  }
}

function controlsIn(directory: Buffer): number {
  const names = textOf(Buffer.concat([directory, Buffer.from("/cgroup.subtree_control")])).split(" ");
  return controllerSet(names.filter((name) => CONTROLLERS.some((one) => one.name === name))) ?? 0;
}

const isFile = (path: Buffer): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
const limitOf = (text: string): number => (/^\d+$/.test(text) ? Number(text) : 0x7fffffff);

/** The machine's hierarchies beside the model's, oldest first; the model's kernel was made with these controllers. */
export function kernelTrees(host: Host, kernel: Kernel, notes: string[]): KernelTree[] {
  const found = host.hierarchies();
  const all = host.snapshot.hierarchies.map((record, i) => ({ record, found: found[i]! })).sort((a, b) => a.record.id - b.record.id);
  const legacy = all.filter(({ record }) => record.id !== 0);
  return all.map((one) => new KernelTree(kernel, one.record.id === 0 ? kernel.unified : kernel.hierarchies[1 + legacy.indexOf(one)]!, one.record, one.found, notes));
}
