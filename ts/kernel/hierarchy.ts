// A hierarchy of the model: one tree of cgroups with its controllers, its ids and, for the unified one, the mount options
// that hold for all of it.

import type { Bytes } from "./bytes.ts";
import { CgroupNode } from "./cgroup.ts";
import { type ControllerSet, namesOf } from "./controller.ts";
import type { Owned } from "./credentials.ts";
import { filesOfMachine } from "./files/index.ts";
import { fileCount, provideFiles } from "./files/table.ts";

/** Mount options of the unified hierarchy: global, whichever mount sets them. In the order they are shown. */
export const V2_OPTIONS = [
  "nsdelegate", "favordynmods", "memory_localevents", "memory_recursiveprot", "memory_hugetlb_accounting", "pids_localevents",
] as const;
export type V2Option = (typeof V2_OPTIONS)[number];

export class KernelHierarchy {
  readonly id: number;
  /** Its index in every task's and namespace's list of cgroups. */
  slot: number;
  readonly name: Bytes | null;
  /** Of a v1 hierarchy, what its line in /proc/PID/cgroup is told by: the controllers it was made for, and its name. */
  readonly label: Bytes;
  controllers: ControllerSet;
  /** Every controller the kernel was built with, bound here or not. */
  readonly builtIn: ControllerSet;
  readonly root: CgroupNode;
  readonly device: number;
  options: ReadonlySet<V2Option> = new Set<V2Option>();
  /** The superblock was remounted read-only. */
  readOnly = false;
  /** The machine's sizes of huge pages, as file names have them, between commas. */
  readonly hugePages: Bytes;
  /** Other flags of a v1 hierarchy, as its mounts show them. */
  readonly flags: readonly Bytes[];
  lastId = 1;
  mounts = 0;

  constructor(of: { id: number; slot: number; name: Bytes | null; controllers: ControllerSet; builtIn: ControllerSet; device: number; hugePages: Bytes; flags?: readonly Bytes[] }) {
    this.id = of.id;
    this.slot = of.slot;
    this.name = of.name;
    this.controllers = of.controllers;
    this.label = [...namesOf(of.controllers, "legacyName"), ...(of.name === null ? [] : [`name=${of.name}`])].join(",");
    this.builtIn = of.builtIn;
    this.device = of.device;
    this.hugePages = of.hugePages;
    this.flags = of.flags ?? [];
    provideFiles(filesOfMachine);
    this.root = new CgroupNode(this, null, "", 1, { uid: 0, gid: 0, mode: 0o555 });
    this.lastId += fileCount(this.root);
  }

  get isUnified(): boolean {
    return this.id === 0;
  }

  /** rule 6.7, rule 11.2: a new directory takes one id, each of its files another. */
  create(parent: CgroupNode, name: Bytes, owned: Owned): CgroupNode {
    const cgroup = new CgroupNode(this, parent, name, this.lastId + 1, parent.passedOn(owned, 0o2000));
    parent.children.set(name, cgroup);
    for (let at: CgroupNode | null = parent; at !== null; at = at.parent) at.descendants++;
    this.lastId += 1 + fileCount(cgroup);
    return cgroup;
  }

  /** As its mounts show it behind the `-` in mountinfo. */
  superOptions(): Bytes {
    let text = this.readOnly ? "ro" : "rw";
    for (const option of this.isUnified ? V2_OPTIONS.filter((each) => this.options.has(each)) : this.#legacyOptions()) text += `,${option}`;
    return text;
  }

  #legacyOptions(): readonly Bytes[] {
    if (this.flags.length === 0) return [this.label];
    return [...namesOf(this.controllers, "legacyName"), ...this.flags, ...(this.name === null ? [] : [`name=${this.name}`])];
  }
}
