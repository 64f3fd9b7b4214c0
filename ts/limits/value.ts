// The texts of limit files as values: numbers, `max`, CPU lists. undefined is what the kernel does not print.
//
// Numbers are doubles. The kernel counts memory in pages, and every multiple of 4,096 below 2^63 is exact in one.

// v1 has no word for no limit: it prints its largest counter, 2^63 rounded down to a page, a huge page for hugetlb.
const UNLIMITED = 2 ** 62;

/**
 * The value of memory.max, pids.max, memory.limit_in_bytes and their like: null where nothing is limited.
 *
 *     text:   536870912            → 536870912
 *     text:   max                  → null
 *     text:   9223372036854771712  → null, as v1 says it
 */
export function parseLimit(text: string): number | null | undefined {
  const word = text.trim();
  if (word === "max") return null;
  if (!/^[0-9]{1,20}$/.test(word)) return undefined;
  const value = Number(word);
  return value >= UNLIMITED ? null : value;
}

/**
 * CPUs' worth of time: quota over period.
 *
 *     text:   125000 100000        → 1.25
 *     text:   max 100000           → null
 */
export function parseCpuMax(text: string): number | null | undefined {
  const [quota = "", period = "", ...more] = text.trim().split(" ");
  if (more.length > 0 || !/^[1-9][0-9]{0,18}$/.test(period)) return undefined;
  if (quota === "max" || quota === "-1") return null;
  return /^[0-9]{1,19}$/.test(quota) ? Number(quota) / Number(period) : undefined;
}

// More than any kernel is built for, and little enough to write out.
const MOST_CPUS = 1 << 16;

/** The numbers of a CPU list, cpuset(7): `0-2,7` → [0, 1, 2, 7]; nothing → []. */
export function parseCpuList(text: string): number[] | undefined {
  const cpus: number[] = [];
  for (const range of text.trim().split(",")) {
    if (range === "" && text.trim() === "") break;
    const [, first, last = first] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(range) ?? [];
    if (first === undefined || Number(last) >= MOST_CPUS || Number(first) > Number(last)) return undefined;
    for (let cpu = Number(first); cpu <= Number(last); cpu++) cpus.push(cpu);
  }
  return cpus.length > MOST_CPUS ? undefined : cpus;
}

/** The CPU list of these numbers, which are in order: [0, 1, 2, 7] → `0-2,7`. */
export function formatCpuList(cpus: readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < cpus.length; ) {
    let end = at;
    while (cpus[end + 1] === cpus[end]! + 1) end++;
    ranges.push(end === at ? `${cpus[at]}` : `${cpus[at]}-${cpus[end]}`);
    at = end + 1;
  }
  return ranges.join(",");
}
