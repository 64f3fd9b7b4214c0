// A Snapshot put up as trees and namespaces of the core, so that views come from the same rules as everywhere.
//
// The reader's own root need not be the hierarchy's: levels above it that no mount shows get placeholders, as do the
// levels of removed roots. A placeholder's name is never printed: a view that would need it is not known.

import type { Cgroup } from "../cgroup.ts";
import { Hierarchy } from "../hierarchy.ts";
import { CgroupNamespace } from "../namespace.ts";
import { type Line, linesOf } from "./lines.ts";
import { latin1, type Relative, relative } from "./relative.ts";
import type { CgroupRecord, HierarchyRecord, LimitFiles, NamespaceRecord, RootRecord, Snapshot, TaskRecord } from "./snapshot.ts";

/** Where ids begin that are made up: the kernel counts its own from 1 on. */
const MADE_UP = 1n << 63n;

/** One hierarchy: its tree, and the reader's root in it. */
export class Tree {
  readonly record: HierarchyRecord;
  readonly hierarchy: Hierarchy;
  /** What the reader sees as `/`. */
  readonly origin: Cgroup;
  /** The limit files that were read, if they were. */
  readonly limits: Map<Cgroup, LimitFiles> = new Map();
  /** What was read under the id that it has here; the ids of all others are made up. */
  readonly seen: Set<Cgroup> = new Set();
  readonly #placeholders = new Set<Cgroup>();

  constructor(record: HierarchyRecord, ups: number, beside: Hierarchy | undefined) {
    const { id, controllers, name } = record;
    this.record = record;
    const above = chainNames(record, ups);
    const rootId = record.cgroups.find(({ parent, name }) => parent === -1 && isClimb(relative(name), ups))?.id ?? 1n;
    this.hierarchy = new Hierarchy({ id, controllers, name, rootId, ...(beside === undefined ? {} : { beside }) });
    this.hierarchy.passOver(MADE_UP);
    let origin = this.hierarchy.root;
    for (const [level, { name, id }] of above.entries()) {
      origin = origin.create(name ?? placeholder("above", level), id === 0n ? {} : { id });
      if (name === null) this.#placeholders.add(origin);
    }
    this.origin = origin;
    this.#grow();
  }

  /** The cgroup at a path the reader read; it is put in where no mount shows it. */
  at({ ups, names }: Relative): Cgroup {
    let cgroup = this.origin.ancestorAt(this.origin.level - ups)!;
    for (const name of names) cgroup = cgroup.child(bytes(name)) ?? cgroup.create(bytes(name));
    return cgroup;
  }

  /** A removed cgroup some levels below a live one, as only a namespace can still hold it. */
  tombstone(above: Cgroup, below: number, make: (root: Cgroup) => CgroupNamespace): CgroupNamespace {
    const made: Cgroup[] = [];
    let cgroup = above;
    for (let level = 0; level < below; level++) {
      cgroup = cgroup.create(placeholder("removed", level));
      made.push(cgroup);
      this.#placeholders.add(cgroup);
    }
    const namespace = make(cgroup);
    for (const cgroup of made.reverse()) cgroup.remove();
    return namespace;
  }

  /** Would the view of a cgroup from that root print a placeholder's name? */
  hides(root: Cgroup, cgroup: Cgroup): boolean {
    if (this.#placeholders.size === 0) return false;
    const common = cgroup.commonAncestor(root).level;
    for (let level = cgroup.level; level > common; level--) {
      if (this.#placeholders.has(cgroup.ancestorAt(level)!)) return true;
    }
    return false;
  }

  #grow(): void {
    const made: Cgroup[] = [];
    for (const record of this.record.cgroups) {
      const cgroup = record.parent === -1 ? this.#top(record) : this.#put(made[record.parent]!, record);
      made.push(cgroup);
      if (cgroup.id === record.id) this.seen.add(cgroup);
      if (record.limits !== undefined) this.limits.set(cgroup, record.limits);
    }
  }

  // Where a mount begins; the levels above it are put in on the way.
  #top(record: CgroupRecord): Cgroup {
    const { ups, names } = relative(record.name);
    const name = names.at(-1);
    return name === undefined ? this.at({ ups, names }) : this.#put(this.at({ ups, names: names.slice(0, -1) }), { ...record, name: bytes(name) });
  }

  #put(above: Cgroup, { name, id }: CgroupRecord): Cgroup {
    return above.child(name) ?? above.create(name, id === 0n || this.hierarchy.byId(id) ? {} : { id });
  }
}

/** All of a machine. */
export class Model {
  readonly snapshot: Snapshot;
  readonly trees: Map<number, Tree> = new Map();
  readonly #namespaces = new Map<number, Map<number, CgroupNamespace>>();
  readonly #parsed = new Map<string, Line[]>();

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
    const ups = this.#climbs();
    let beside: Hierarchy | undefined;
    for (const record of snapshot.hierarchies) {
      const tree = new Tree(record, ups.get(record.id) ?? 0, beside);
      beside ??= tree.hierarchy;
      this.trees.set(record.id, tree);
    }
    for (const task of snapshot.tasks) {
      for (const line of this.linesOf(task)) this.placeOf(task, line);
    }
    for (const [index, record] of snapshot.namespaces.entries()) this.#namespaces.set(index, this.#rootsOf(record));
  }

  /** The lines of a task's /proc/PID/cgroup. */
  linesOf({ cgroup, exiting }: TaskRecord): Line[] {
    const text = `${exiting}${latin1(cgroup)}`;
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    const lines = linesOf(cgroup, exiting);
    this.#parsed.set(text, lines);
    return lines;
  }

  /** Where a task is by one of its lines; undefined where the line does not tell: removed, cut, or left at exit (rule 1.6). */
  placeOf({ exiting }: TaskRecord, line: Line): Cgroup | undefined {
    if (line.deleted || line.truncated !== undefined || (exiting && line.hierarchyId !== 0)) return undefined;
    return this.trees.get(line.hierarchyId)?.at(relative(line.path));
  }

  /** A namespace in one hierarchy; undefined where its root there is unknown. */
  namespace(index: number, hierarchy: number): CgroupNamespace | undefined {
    return this.#namespaces.get(index)?.get(hierarchy);
  }

  // How far above the reader's root anything is that it read of, by hierarchy.
  #climbs(): Map<number, number> {
    const most = new Map<number, number>();
    const note = (hierarchy: number, path: Uint8Array): void => {
      if (path[1] === 0x2e) most.set(hierarchy, Math.max(most.get(hierarchy) ?? 0, relative(path).ups));
    };
    const { hierarchies, tasks, namespaces } = this.snapshot;
    for (const { id, mounts } of hierarchies) for (const { root } of mounts) note(id, root);
    for (const task of tasks) for (const { hierarchyId, path } of this.linesOf(task)) note(hierarchyId, path);
    for (const { roots } of namespaces) {
      for (const { hierarchy, path } of roots) if (path !== null) note(hierarchy, path);
    }
    return most;
  }

  #rootsOf({ ns, roots }: NamespaceRecord): Map<number, CgroupNamespace> {
    const found = new Map<number, CgroupNamespace>();
    for (const root of roots) {
      const tree = this.trees.get(root.hierarchy);
      if (tree !== undefined && root.path !== null) found.set(root.hierarchy, namespaceAt(tree, root, ns));
    }
    return found;
  }
}

function namespaceAt(tree: Tree, { path, below }: RootRecord, ns: string | null): CgroupNamespace {
  const make = (root: Cgroup): CgroupNamespace => new CgroupNamespace(root, { id: ns === null ? null : BigInt(ns) });
  const above = tree.at(relative(path!));
  return below === 0 ? make(above) : tree.tombstone(above, below, make);
}

// The levels from the hierarchy's root down to the reader's, as far as a mount from above and the origin's id tell them.
function chainNames({ origin, cgroups }: HierarchyRecord, ups: number): { name: Uint8Array | null; id: bigint }[] {
  const chain: { name: Uint8Array | null; id: bigint }[] = [];
  let at = ups === 0 || origin === 0n ? undefined : cgroups.find(({ id }) => id === origin);
  for (let level = 0; level < ups; level++) {
    chain.unshift(at === undefined || at.parent === -1 ? { name: null, id: 0n } : at);
    at = at === undefined ? undefined : cgroups[at.parent];
  }
  return chain;
}

const isClimb = ({ ups, names }: Relative, climb: number): boolean => ups === climb && names.length === 0;

// \x01 keeps it from the names anybody gives; were one given all the same, it would only be one more sibling.
const placeholder = (why: string, level: number): string => `\x01${why} ${level} ${unique++}`;
let unique = 0;

const bytes = (name: string): Uint8Array => Buffer.from(name, "latin1");
