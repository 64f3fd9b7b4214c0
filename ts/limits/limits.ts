// All limits of one process, worked out from what was read of the cgroups above it.

import { type CpuLimits, cpuLimits } from "./cpu.ts";
import { type Limit, limitOf } from "./limit.ts";
import { hugetlbLimits, type MemoryLimits, memoryLimits } from "./memory.ts";
import type { LimitsReading } from "./reading.ts";

/** What binds a process. `P` is how paths are held; they are as the reader's cgroup namespace sees them. */
export interface Limits<P = string> {
  readonly memory: MemoryLimits<P>;
  readonly cpu: CpuLimits<P>;
  /** Tasks: processes and threads. */
  readonly pids: Limit<P>;
  /** By page size, such as `2MB`; only those that a visible cgroup has files for. */
  readonly hugetlb: Readonly<Record<string, Limit<P>>>;
  /** What is not exact and why, each reason once, with the limits it is about. */
  readonly notes: readonly string[];
}

/** Never throws for what was read: what is missing or makes no sense becomes a reason. */
export function limitsOf<P>(reading: LimitsReading<P>): Limits<P> {
  const memory = memoryLimits(reading);
  const cpu = cpuLimits(reading);
  const pids = limitOf(reading, "pids.max");
  const hugetlb = hugetlbLimits(reading);
  return { memory, cpu, pids, hugetlb, notes: notesOf({ memory, cpu, pids, hugetlb }) };
}

type Reasoned = Pick<Limit<unknown>, "how" | "reason">;

function notesOf<P>({ memory, cpu, pids, hugetlb }: Omit<Limits<P>, "notes">): string[] {
  const { high, swap, memsw } = memory;
  const pages = Object.entries(hugetlb).map(([size, limit]): [string, Reasoned] => [`hugetlb.${size}`, limit]);
  const all: [string, Reasoned][] = [
    ["memory", memory], ["memory.high", high], ["memory.swap", swap], ["memory.memsw", memsw],
    ["cpu", cpu], ["cpuset", cpu.cpuset], ["pids", pids], ...pages,
  ];
  const about = new Map<string, string[]>();
  for (const [name, { how, reason }] of all) {
    if (how === "exact" || reason === null) continue;
    about.set(reason, [...(about.get(reason) ?? []), name]);
  }
  return [...about].map(([reason, names]) => `${names.join(", ")}: ${reason}`);
}
