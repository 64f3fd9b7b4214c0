// Where each cgroup namespace is rooted, one root for each hierarchy, and how that is known. Three ways, cheapest first:
//
//   1. read from inside what members and mounts look like there, and compare with how they look from outside;
//   2. mount the hierarchy privately inside: the mount's root is the namespace's, by name — and by identity too if it
//      looks like `/` from inside; a cgroup of the same name made later does not;
//   3. the root is removed: its deepest live ancestor is looked for directory by directory, each bound privately and
//      looked at from inside, and what every task looks like from there is kept as it is.
//
// What cannot be entered is left to inference.ts. Nothing here decides from names alone.

import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseMountinfo } from "../proc/mountinfo.ts";
import { Inside } from "./inside.ts";
import { linesOf } from "./lines.ts";
import type { Machine } from "./machine.ts";
import type { CgroupMount } from "./mounts.ts";
import type { Task } from "./processes.ts";
import { bytesOf, child, compare, depthOf, type Finding, key, latin1, type Relative, relative, same } from "./relative.ts";
import type { HierarchyRecord, NamespaceRecord, RootRecord } from "./snapshot.ts";
import type { Steps } from "./steps.ts";

/** What the search works with: one reading of the machine, by a reader in one namespace. */
export interface Reading {
  readonly machine: Machine;
  readonly mounts: readonly CgroupMount[];
  readonly hierarchies: readonly HierarchyRecord[];
  readonly tasks: readonly Task[];
}

const SELF_MOUNTINFO = "/proc/self/mountinfo";
const MEMBERS_ASKED = 12;
const DIRECTORIES_BOUND = 256;

/** The roots of a namespace as its members let them be found; a reason where nobody lets us in. */
export function* findRoots(reading: Reading, ns: string, members: readonly Task[]): Steps<NamespaceRecord | string> {
  let refusal = "no member is left";
  for (const { pid, tid } of members.slice(0, MEMBERS_ASKED)) {
    const inside = Inside.open(reading.machine, ns, pid, tid);
    if (typeof inside === "string") {
      refusal = `no member's link could be opened: ${inside}`;
      continue;
    }
    using search = new Search(reading, inside);
    return yield* search.run(members);
  }
  return refusal;
}

class Search implements Disposable {
  readonly #reading: Reading;
  readonly #inside: Inside;
  readonly #roots = new Map<number, RootRecord>();
  /** Per hierarchy, the deepest ancestor of the root that has been proved. */
  readonly #above = new Map<number, Finding>();
  readonly #witnessed = new Map<number, Uint8Array>();
  /** Per hierarchy, why it could not be mounted inside. */
  readonly #refusals = new Map<number, string>();

  constructor(reading: Reading, inside: Inside) {
    this.#reading = reading;
    this.#inside = inside;
  }

  [Symbol.dispose](): void {
    this.#inside[Symbol.dispose]();
  }

  *run(members: readonly Task[]): Steps<NamespaceRecord | string> {
    const chosen = representatives(members);
    const witnesses = this.#reading.tasks.filter(isUnclear);
    const refusal = yield* this.#ask([...chosen, ...witnesses], witnesses);
    if (refusal !== null) return `it could not be entered: ${refusal}`;
    const unknown = this.#open();
    if (unknown.length > 0) yield* this.#mount(unknown);
    if (this.#open().length > 0) yield* this.#descend();
    const roots = this.#reading.hierarchies.map(({ id }) => this.#roots.get(id)!);
    return { ns: this.#inside.ns, roots, witnessed: this.#witnessed };
  }

  #open(): HierarchyRecord[] {
    return this.#reading.hierarchies.filter(({ id }) => !this.#roots.has(id));
  }

  // 1. Members and mounts, from both sides. A member that moves between two looks from outside says nothing.
  *#ask(tasks: readonly Task[], witnesses: readonly Task[]): Steps<string | null> {
    const files = new Map(tasks.map((task) => [this.#fileOf(task), task]));
    const { texts, refusal } = yield* this.#inside.ask([SELF_MOUNTINFO, ...files.keys()]);
    if (refusal !== null) return refusal;
    const mountinfo = texts.get(SELF_MOUNTINFO);
    if (mountinfo !== undefined) this.#compareMounts(mountinfo);
    for (const [file, task] of files) {
      const text = texts.get(file);
      if (text === undefined) continue;
      if (witnesses.includes(task)) this.#witnessed.set(task.tid, text);
      const now = this.#reading.machine.readIfAny(file.slice(this.#reading.machine.root.length));
      if (!task.exiting && now !== undefined && now.equals(task.cgroup)) this.#compareTask(task.cgroup, text);
    }
    return null;
  }

  #fileOf({ pid, tid }: Task): string {
    return this.#reading.machine.path(pid === tid ? `/proc/${pid}/cgroup` : `/proc/${pid}/task/${tid}/cgroup`);
  }

  #compareMounts(mountinfo: Uint8Array): void {
    const inside = new Map(parseMountinfo(mountinfo, { encoding: "buffer" }).map((mount) => [mount.mountId, mount.root]));
    for (const { mountId, hierarchy, root } of this.#reading.mounts) {
      const seen = inside.get(mountId);
      if (seen !== undefined) this.#learn(hierarchy.hierarchyId, relative(root), relative(seen), true);
    }
  }

  #compareTask(outside: Uint8Array, inside: Uint8Array): void {
    const seen = new Map(linesOf(inside, false).map((line) => [line.hierarchyId, line]));
    for (const { hierarchyId, path, truncated } of linesOf(outside, false)) {
      const line = seen.get(hierarchyId);
      if (line === undefined || truncated !== undefined || line.truncated !== undefined) continue;
      this.#learn(hierarchyId, relative(path), relative(line.path), false);
    }
  }

  // Mounts stay where they are and come first: what a member says must fit the level they tell.
  #learn(hierarchy: number, outside: Relative, inside: Relative, isMount: boolean): void {
    const finding = compare(outside, inside);
    if (finding === undefined || this.#roots.has(hierarchy)) return;
    const known = this.#above.get(hierarchy);
    if (known !== undefined && levelOf(finding) !== levelOf(known) && !isMount) return;
    if (finding.below === 0) {
      this.#roots.set(hierarchy, exact(hierarchy, finding.above));
    } else if (known === undefined || depthOf(finding.above) > depthOf(known.above)) {
      this.#above.set(hierarchy, finding);
    }
  }

  // 2. A private mount of what is still open.
  *#mount(open: readonly HierarchyRecord[]): Steps<void> {
    const { mounts, refusal } = yield* this.#inside.mount(open.map(mountOptions), realpathSync(tmpdir()));
    for (const [n, { id }] of open.entries()) {
      const mount = mounts[n] ?? refusal ?? "";
      if (typeof mount === "string") {
        if (refusal !== null || !/does not exist|No such file/.test(mount)) this.#refusals.set(id, mount);
      } else if (latin1(mount.inside) === "/") {
        this.#roots.set(id, exact(id, relative(mount.outside)));
      }
    }
  }

  // 3. Nobody is below and the name leads elsewhere or nowhere: removed, or (where mounting was refused) not to be told.
  *#descend(): Steps<void> {
    const tasks = this.#reading.tasks;
    yield* this.#ask(tasks, tasks);
    for (const hierarchy of this.#open()) {
      const refusal = this.#refusals.get(hierarchy.id);
      const above = this.#above.get(hierarchy.id);
      if (refusal !== undefined || above === undefined) {
        this.#roots.set(hierarchy.id, unknown(hierarchy.id, refusal ?? "nothing below its hierarchy's root can be seen"));
        continue;
      }
      const deepest = yield* this.#deepest(hierarchy, above);
      this.#roots.set(hierarchy.id, removed(hierarchy.id, deepest));
    }
  }

  *#deepest(hierarchy: HierarchyRecord, found: Finding): Steps<Finding> {
    let deepest = found;
    while (deepest.below > 1) {
      const next: Finding | undefined = yield* this.#step(hierarchy, deepest);
      if (next === undefined) return deepest;
      deepest = next;
    }
    return deepest;
  }

  // Which child is the next ancestor of the root? The one that looks like `/..` and nothing else from inside.
  *#step(hierarchy: HierarchyRecord, { above }: Finding): Steps<Finding | undefined> {
    const mount = this.#reading.mounts.find((m) => m.hierarchy.hierarchyId === hierarchy.id && !m.hidden);
    if (mount === undefined) return undefined;
    const names = childrenOf(hierarchy, above).slice(0, DIRECTORIES_BOUND);
    const directories = names.map((name) => directoryOf(mount, child(above, name))).filter((path) => path !== undefined);
    if (directories.length === 0) return undefined;
    const { mounts } = yield* this.#inside.bind(directories, realpathSync(tmpdir()));
    for (const bound of mounts) {
      if (typeof bound === "string") continue;
      const inside = relative(bound.inside);
      if (inside.names.length === 0) return { above: relative(bound.outside), below: inside.ups };
    }
    return undefined;
  }
}

const levelOf = ({ above, below }: Finding): number => depthOf(above) + below;

const exact = (hierarchy: number, path: Relative): RootRecord => ({
  hierarchy, how: "exact", path: bytesOf(path), below: 0, reason: null,
});

const removed = (hierarchy: number, { above, below }: Finding): RootRecord => ({
  hierarchy, how: "removed", path: bytesOf(above), below, reason: "the root was removed: its name is not to be known",
});

export const unknown = (hierarchy: number, reason: string): RootRecord => ({
  hierarchy, how: "unknown", path: null, below: 0, reason,
});

// Members in different places, live ones: a few tell as much as all.
function representatives(members: readonly Task[]): Task[] {
  const places = new Map<string, Task>();
  for (const member of members) {
    if (!member.exiting) places.set(latin1(member.cgroup), member);
    if (places.size === MEMBERS_ASKED) break;
  }
  return [...places.values()];
}

// Whose view cannot be worked out from its path: perhaps removed, perhaps cut.
function isUnclear(task: Task): boolean {
  if (!task.exiting && task.cgroup.length < 4000) return false;
  return linesOf(task.cgroup, task.exiting).some((line) => line.deleted || line.truncated !== undefined);
}

function mountOptions({ id, controllers, name }: HierarchyRecord): string {
  if (id === 0) return "cgroup2";
  return [...controllers, ...(name === null ? [] : [`name=${name}`])].join(",");
}

function childrenOf({ cgroups }: HierarchyRecord, parent: Relative): string[] {
  const paths: Relative[] = [];
  const wanted = key(parent);
  const found: string[] = [];
  for (const cgroup of cgroups) {
    const above = paths[cgroup.parent];
    paths.push(above === undefined ? relative(cgroup.name) : child(above, latin1(cgroup.name)));
    if (above !== undefined && key(above) === wanted) found.push(latin1(cgroup.name));
  }
  return found;
}

// Where a cgroup's directory is; undefined above the mount's root, and for a name that no argument can carry.
function directoryOf({ root, mountPoint }: CgroupMount, path: Relative): string | undefined {
  const top = relative(root);
  const below = path.names.slice(top.names.length);
  if (path.ups !== top.ups || !same({ ups: path.ups, names: path.names.slice(0, top.names.length) }, top)) return undefined;
  const bytes = Buffer.concat([mountPoint, Buffer.from(below.map((name) => `/${name}`).join(""), "latin1")]);
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
