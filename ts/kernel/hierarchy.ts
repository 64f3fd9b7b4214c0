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

const NO_OPTIONS: ReadonlySet<V2Option> = new Set<V2Option>();

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
  options: ReadonlySet<V2Option> = NO_OPTIONS;
  /** The superblock was remounted read-only. */
  readOnly = false;
  /** The machine's sizes of huge pages, as file names have them, between commas. */
  readonly hugePages: Bytes;
  /** Other flags of a v1 hierarchy, as its mounts show them. */
  readonly flags: readonly Bytes[];
  lastId = 1;
  mounts = 0;
  #prefix: Bytes | undefined;
  #rootLine: Bytes | undefined;

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

  /** What its line in /proc/PID/cgroup begins with. */
  get prefix(): Bytes {
    // rule 1.1
    this.#prefix ??= `${this.id}:${this.isUnified ? "" : this.label}:`;
    return this.#prefix;
  }

  /** That line for who is seen at the root. */
  get rootLine(): Bytes {
    this.#rootLine ??= `${this.prefix}/\n`;
    return this.#rootLine;
  }

  /** rule 6.7, rule 11.2: a new directory takes one id, each of its files another. */
  create(parent: CgroupNode, name: Bytes, owned: Owned): CgroupNode {
    const cgroup = new CgroupNode(this, parent, name, this.lastId + 1, parent.passedOn(owned, 0o2000));
    parent.adopt(cgroup);
    for (let at: CgroupNode | null = parent; at !== null; at = at.parent) at.descendants++;
    this.lastId += 1 + fileCount(cgroup);
    return cgroup;
  }

  /** As its mounts show it behind the `-` in mountinfo. */
  superOptions(): Bytes {
    let text = this.readOnly ? "ro" : "rw";
    if (!this.isUnified) return `${text},${this.#legacyOptions()}`;
    for (const option of this.options.size === 0 ? [] : V2_OPTIONS) if (this.options.has(option)) text += `,${option}`;
    return text;
  }

  #legacyOptions(): Bytes {
    if (this.flags.length === 0) return this.label;
    return [...namesOf(this.controllers, "legacyName"), ...this.flags, ...(this.name === null ? [] : [`name=${this.name}`])].join(",");
  }
}
