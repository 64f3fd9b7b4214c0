// What CPU time a process may use: the quota as CPUs' worth of time, the CPUs it may run on, and how many workers that
// feeds.

import { hierarchyWith } from "./files.ts";
import { type Certainty, type Limit, limitOf } from "./limit.ts";
import type { HierarchyReading, LimitsReading, MachineReading } from "./reading.ts";
import { parseCpuList } from "./value.ts";

/** One cgroup that has a cpuset. */
export interface CpusetLevel<P = string> {
  readonly path: P;
  readonly cpus: readonly number[];
}

/** The CPUs that the cpuset controller leaves: the kernel has cut them down level by level already. */
export interface Cpuset<P = string> {
  /** Numbers in order; null where no file says it. */
  readonly cpus: readonly number[] | null;
  /** The outermost visible cgroup with this very set; null where it is every CPU that is online. */
  readonly from: P | null;
  readonly how: Exclude<Certainty, "visible">;
  readonly reason: string | null;
  /** The cgroups that have the file, outermost first. */
  readonly chain: readonly CpusetLevel<P>[];
}

export interface CpuLimits<P = string> {
  /** CPUs' worth of time: the least of quota ÷ period over all visible levels; null for no limit. */
  readonly quota: number | null;
  /** The cgroup whose quota binds. */
  readonly from: P | null;
  readonly how: Certainty;
  readonly reason: string | null;
  /** Each level's quota as `max`, outermost first. */
  readonly chain: Limit<P>["chain"];
  readonly cpuset: Cpuset<P>;
  /** The CPUs it can run on: those online, less what cpuset and affinity take away. Null where none of them is known. */
  readonly cpus: readonly number[] | null;
  /** The lesser of `quota` and the number of `cpus`; null where neither is known. */
  readonly effective: number | null;
  /** `effective` rounded down, at least 1, as libuv does: a worker without a whole CPU would only be throttled. 1 where it is not known. */
  readonly workers: number;
}

export function cpuLimits<P>(reading: LimitsReading<P>): CpuLimits<P> {
  const { hierarchies, machine } = reading;
  const { max: quota, from, how, reason, chain } = limitOf(reading, "cpu.max");
  const cpuset = cpusetOf(hierarchyWith(hierarchies, "cpuset"), machine);
  const cpus = common([machine.online, machine.allowed, cpuset.cpus]);
  const effective = cpus === null ? quota : Math.min(quota ?? cpus.length, cpus.length);
  return { quota, from, how, reason, chain, cpuset, cpus, effective, workers: Math.max(1, Math.floor(effective ?? 1)) };
}

function cpusetOf<P>(hierarchy: HierarchyReading<P> | undefined, { online }: MachineReading): Cpuset<P> {
  const levels = hierarchy?.cgroups ?? [];
  const chain = levels.flatMap(({ path, files }): CpusetLevel<P>[] => {
    const text = files["cpuset.cpus.effective"] ?? files["cpuset.effective_cpus"] ?? files["cpuset.cpus"];
    const cpus = text === undefined ? undefined : parseCpuList(text);
    return cpus === undefined ? [] : [{ path, cpus }];
  });
  const own = chain.at(-1);
  const reason = hierarchy === undefined ? "no hierarchy with the cpuset controller was read" : hierarchy.reason;
  if (own === undefined) return { cpus: null, from: null, how: "unknown", reason: reason ?? "no cgroup that can be seen has a cpuset", chain };
  const first = chain.findIndex(({ cpus }) => same(cpus, own.cpus));
  const everything = online?.every((cpu) => own.cpus.includes(cpu)) === true;
  const maybeAbove = !everything && first === 0 && hierarchy!.edge !== "root";
  return {
    cpus: own.cpus, from: everything ? null : chain[first]!.path, how: "exact",
    reason: maybeAbove ? "a cgroup above those that can be seen may have set it" : null, chain,
  };
}

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((cpu, i) => cpu === b[i]);

function common(sets: readonly (readonly number[] | null)[]): number[] | null {
  const known = sets.filter((set) => set !== null);
  const [first, ...others] = known.map((set) => new Set(set));
  return first === undefined ? null : [...first].filter((cpu) => others.every((other) => other.has(cpu)));
}
