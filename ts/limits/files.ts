// Which files say which limit, on v1 and on v2: the one table of their names. Limits are called as v2 calls them.

import type { HierarchyReading } from "./reading.ts";
import { parseCpuMax, parseLimit } from "./value.ts";

/** The limits that are a number; `memory.memsw.max` is v1's memory and swap together, which v2 has no file for. */
export type LimitName =
  | "memory.max" | "memory.high" | "memory.swap.max" | "memory.memsw.max" | "cpu.max" | "pids.max" | `hugetlb.${string}.max`;

/** The files of one limit in one version. */
export interface LimitFiles {
  readonly max: string;
  readonly current?: string;
  /** @defaultValue parseLimit */
  readonly parse?: (text: string, files: Readonly<Record<string, string>>) => number | null | undefined;
}

const V2: Readonly<Record<string, LimitFiles>> = {
  "memory.max": { max: "memory.max", current: "memory.current" },
  "memory.high": { max: "memory.high", current: "memory.current" },
  "memory.swap.max": { max: "memory.swap.max", current: "memory.swap.current" },
  "cpu.max": { max: "cpu.max", parse: parseCpuMax },
  "pids.max": { max: "pids.max", current: "pids.current" },
};

const V1: Readonly<Record<string, LimitFiles>> = {
  "memory.max": { max: "memory.limit_in_bytes", current: "memory.usage_in_bytes" },
  "memory.memsw.max": { max: "memory.memsw.limit_in_bytes", current: "memory.memsw.usage_in_bytes" },
  "cpu.max": { max: "cpu.cfs_quota_us", parse: (quota, files) => parseCpuMax(`${quota.trim()} ${files["cpu.cfs_period_us"] ?? ""}`) },
  "pids.max": { max: "pids.max", current: "pids.current" },
};

/** Undefined for a limit that this version does not have. */
export function limitFiles(name: LimitName, version: 1 | 2): LimitFiles | undefined {
  const [, size] = /^hugetlb\.(\d+[KMG]B)\.max$/.exec(name) ?? [];
  if (size === undefined) return (version === 2 ? V2 : V1)[name];
  const [max, current] = version === 2 ? ["max", "current"] : ["limit_in_bytes", "usage_in_bytes"];
  return { max: `hugetlb.${size}.${max}`, current: `hugetlb.${size}.${current}` };
}

/** What one cgroup's files set: null for no limit, undefined where there is no such file or it tells nothing. */
export function ownLimit(files: Readonly<Record<string, string>>, { max, parse = parseLimit }: LimitFiles): number | null | undefined {
  const text = files[max];
  return text === undefined ? undefined : parse(text, files);
}

export const controllerOf = (name: LimitName): string => name.slice(0, name.indexOf("."));

type Kind = Pick<HierarchyReading, "version" | "controllers">;

/** The hierarchy that a controller is in: a v1 hierarchy that names it, else the unified one. */
export function hierarchyWith<H extends Kind>(hierarchies: readonly H[], controller: string): H | undefined {
  const legacy = hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes(controller));
  return legacy ?? hierarchies.find(({ version }) => version === 2);
}

const named = (table: Readonly<Record<string, LimitFiles>>, more: readonly string[]): Set<string> =>
  new Set([...Object.values(table).flatMap(({ max, current = max }) => [max, current]), ...more]);
const READ_V2 = named(V2, ["cpuset.cpus.effective"]);
const READ_V1 = named(V1, ["memory.stat", "cpu.cfs_period_us", "cpuset.effective_cpus", "cpuset.cpus"]);
const HUGETLB_V2 = /^hugetlb\.\d+[KMG]B\.(?:max|current)$/;
const HUGETLB_V1 = /^hugetlb\.\d+[KMG]B\.(?:limit|usage)_in_bytes$/;

/** Is it one of the files that limits are worked out from? */
export function isLimitFile(name: string, version: 1 | 2): boolean {
  return version === 2 ? READ_V2.has(name) || HUGETLB_V2.test(name) : READ_V1.has(name) || HUGETLB_V1.test(name);
}
