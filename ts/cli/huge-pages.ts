// The sizes of huge pages of the machine that this runs on, in the words of control files (hugetlb_cgroup.c, mem_fmt).

import { readdirSync } from "node:fs";

const UNITS = ["KB", "MB", "GB"];

/** Such as "2MB"; undefined where the machine does not say. */
export function hugePagesHere(): string[] | undefined {
  try {
    return readdirSync("/sys/kernel/mm/hugepages").map(sizeOf).sort();
  } catch {
    return undefined;
  }
}

/** "hugepages-2048kB" is "2MB". */
function sizeOf(directory: string): string {
  let size = Number(/\d+/.exec(directory)![0]);
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${Math.floor(size)}${UNITS[unit]}`;
}
