// What memory a process may use: memory.max and memory.high, swap as either version counts it, and huge pages.
// v1's memory.stat has the kernel's own least over all levels, so there it is exact even from inside a namespace.

import { hierarchyWith } from "./files.ts";
import { type Limit, limitOf, withWhole } from "./limit.ts";
import type { LimitsReading } from "./reading.ts";
import { parseLimit } from "./value.ts";

/**
 * Bytes. The limit itself is memory.max, on v1 memory.limit_in_bytes: beyond it the kernel reclaims, then kills. Use counts
 * the page cache too, which it gives back before that.
 */
export interface MemoryLimits<P = string> extends Limit<P> {
  /** memory.high: beyond it the kernel slows the process down. v1 has none. */
  readonly high: Limit<P>;
  /** memory.swap.max: swap alone. v1 has none. */
  readonly swap: Limit<P>;
  /** v1's memory.memsw.limit_in_bytes: memory and swap together. v2 has none. */
  readonly memsw: Limit<P>;
  /** What the machine has; null where it is not known. */
  readonly total: number | null;
}

export function memoryLimits<P>(reading: LimitsReading<P>): MemoryLimits<P> {
  return {
    ...whole(reading, limitOf(reading, "memory.max"), "hierarchical_memory_limit"),
    high: limitOf(reading, "memory.high"),
    swap: limitOf(reading, "memory.swap.max"),
    memsw: whole(reading, limitOf(reading, "memory.memsw.max"), "hierarchical_memsw_limit"),
    total: reading.machine.memory,
  };
}

/** Bytes by page size as the files name it, such as `2MB`: hugetlb.SIZE.max, on v1 hugetlb.SIZE.limit_in_bytes. */
export function hugetlbLimits<P>(reading: LimitsReading<P>): Record<string, Limit<P>> {
  const cgroups = hierarchyWith(reading.hierarchies, "hugetlb")?.cgroups ?? [];
  const names = cgroups.flatMap(({ files, unread = {} }) => [...Object.keys(files), ...Object.keys(unread)]);
  const sizes = new Set(names.flatMap((name) => /^hugetlb\.(\w+)\.(?:max|limit_in_bytes)$/.exec(name)?.[1] ?? []));
  return Object.fromEntries([...sizes].map((size) => [size, limitOf(reading, `hugetlb.${size}.max`)]));
}

// By the memory.stat of the process's own cgroup, which only v1 has such lines in.
function whole<P>({ hierarchies }: LimitsReading<P>, limit: Limit<P>, line: string): Limit<P> {
  const hierarchy = hierarchyWith(hierarchies, "memory");
  const stat = hierarchy?.version === 1 ? hierarchy.cgroups.at(-1)?.files["memory.stat"] : undefined;
  const [, text] = new RegExp(`^${line} ([0-9]+)$`, "m").exec(stat ?? "") ?? [];
  const value = text === undefined ? undefined : parseLimit(text);
  if (value === undefined) return limit;
  const found = withWhole(limit, value);
  // With every level in sight somebody sets it: else a limit was written between two reads.
  return hierarchy?.edge === "root" && found.from === null && value !== null ? limit : found;
}
