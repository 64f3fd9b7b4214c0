// How much of its memory a Node process should give V8's old space.

import { expected } from "../errors.ts";
import type { Limits } from "./limits.ts";

const MIB = 1 << 20;

/**
 * A value for Node's --max-old-space-size, in MiB:
 *
 *     floor(percent ÷ 100 × least of (memory.max, memory.high, the machine's memory) ÷ 2^20), at least 1
 *
 * The default of 75 % is the advice in Node's own documentation: 1,536 MiB of 2 GiB; the rest is for stacks, buffers and
 * code, which the limit counts too. Null where none of the three is known.
 * @throws TypeError for a percentage that is none
 */
export function heapSize({ memory }: { readonly memory: Limits<unknown>["memory"] }, percent = 75): number | null {
  if (!(percent > 0 && percent <= 100)) throw expected("percent", "a number above 0 and up to 100", percent);
  const known = [memory.max, memory.high.max, memory.total].filter((bytes) => bytes !== null);
  if (known.length === 0) return null;
  return Math.max(1, Math.floor((Math.min(...known) * percent) / 100 / MIB));
}

/** The flag itself, such as `--max-old-space-size=384`; null where `heapSize` is. @throws as `heapSize` */
export function heapFlag(limits: { readonly memory: Limits<unknown>["memory"] }, percent = 75): string | null {
  const size = heapSize(limits, percent);
  return size === null ? null : `--max-old-space-size=${size}`;
}
