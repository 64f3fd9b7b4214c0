// Limits from a Snapshot whose limit files were read: of one task as a LimitsReading, of every cgroup of a hierarchy in
// one pass.

import type { Cgroup } from "../cgroup.ts";
import { controllerOf, hierarchyWith, type LimitName, limitFiles, ownLimit } from "../limits/files.ts";
import type { CgroupReading, HierarchyReading, LimitsReading } from "../limits/reading.ts";
import { effectiveLimits, type EffectiveLimits, parentsIn } from "../limits/roll-up.ts";
import type { Line } from "./lines.ts";
import type { Model, Tree } from "./model.ts";
import { INITIAL_NAMESPACE, type TaskRecord } from "./snapshot.ts";

/**
 * What binds every cgroup of a hierarchy: `cgroups` in pre-order, the numbers by position in it. Infinity is no limit, and
 * what a cgroup sets whose files were not seen.
 */
export interface HostLimits extends EffectiveLimits {
  readonly cgroups: readonly Cgroup[];
  /** What each sets itself. */
  readonly own: Float64Array;
}

export function readingOf(model: Model, task: TaskRecord): LimitsReading<Uint8Array> {
  const { machine } = model.snapshot;
  const hierarchies = model.linesOf(task).map((line) => hierarchyOf(model, task, line));
  return { hierarchies, machine: { memory: machine?.memory ?? null, online: machine?.online ?? null, allowed: null } };
}

function hierarchyOf(model: Model, task: TaskRecord, line: Line): HierarchyReading<Uint8Array> {
  const kind = kindOf(line.hierarchyId, line.controllers);
  const tree = model.trees.get(line.hierarchyId);
  const cgroup = model.placeOf(task, line);
  const unseen = (reason: string) => ({ ...kind, cgroups: [], edge: "mount", above: null, reason }) as const;
  if (model.snapshot.machine === undefined) return unseen("limit files were not read, or are not in the capture");
  if (cgroup === undefined || tree === undefined) return unseen("where it was is not known any more");
  if (!tree.limits.has(cgroup)) return unseen("no mount shows its cgroup");
  const all = [...cgroup.ancestors()].reverse();
  const visible = all.slice(all.findIndex((one) => tree.limits.has(one)));
  return { ...kind, cgroups: visible.map((one) => readingOfCgroup(tree, one)), ...edgeOf(model, tree, visible[0]!), reason: null };
}

function readingOfCgroup(tree: Tree, cgroup: Cgroup): CgroupReading<Uint8Array> {
  const path = cgroup.viewFrom(tree.origin, { encoding: "buffer" });
  return { path, ...(tree.limits.get(cgroup) ?? { files: {}, unread: { "*": "it was not seen" } }) };
}

function edgeOf({ snapshot }: Model, { origin }: Tree, outermost: Cgroup): Pick<HierarchyReading, "edge" | "above"> {
  if (outermost.id === 1n) return { edge: "root", above: 0 };
  const initial = snapshot.reader.ns === INITIAL_NAMESPACE;
  return { edge: outermost === origin && !initial ? "namespace" : "mount", above: initial ? outermost.level : null };
}

/** Undefined where no hierarchy has the controller, its version no such limit, or nothing was read of limits. */
export function limitsOfAll(model: Model, name: LimitName): HostLimits | undefined {
  if (model.snapshot.machine === undefined) return undefined;
  const kinds = model.snapshot.hierarchies.map(({ id, controllers }) => ({ id, ...kindOf(id, controllers) }));
  const kind = hierarchyWith(kinds, controllerOf(name));
  const files = kind === undefined ? undefined : limitFiles(name, kind.version);
  const tree = kind === undefined ? undefined : model.trees.get(kind.id);
  if (files === undefined || tree === undefined) return undefined;
  const cgroups = [...tree.hierarchy.walk()];
  const own = Float64Array.from(cgroups, (cgroup) => ownLimit(tree.limits.get(cgroup)?.files ?? {}, files) ?? Infinity);
  return { cgroups, own, ...effectiveLimits(parentsIn(cgroups), own) };
}

const kindOf = (id: number, controllers: readonly string[]): Pick<HierarchyReading, "version" | "controllers"> =>
  id === 0 ? { version: 2, controllers: [] } : { version: 1, controllers };
