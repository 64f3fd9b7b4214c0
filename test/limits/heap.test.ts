// --max-old-space-size for Node: a part of the least of memory.max, memory.high and the machine's memory.

import { expect, test } from "vitest";
import { heapFlag, heapSize, limitsOf } from "../../ts/index.ts";
import { GiB, MiB, v2 } from "./reading.ts";

const limited = (max: string, high = "max\n", memory: number | null = 8 * GiB) => limitsOf(v2({ "/a": { "memory.max": max, "memory.high": high } }, { machine: { memory } }));

test("is three quarters of the limit unless said otherwise, in MiB, rounded down", () => {
  expect(heapSize(limited(`${2 * GiB}\n`))).toBe(1536);
  expect(heapSize(limited(`${512 * MiB}\n`), 80)).toBe(409);
  expect(heapFlag(limited(`${512 * MiB}\n`))).toBe("--max-old-space-size=384");
});

test("memory.high binds where it is less, and the machine where it has less", () => {
  expect(heapSize(limited(`${2 * GiB}\n`, `${GiB}\n`), 50)).toBe(512);
  expect(heapSize(limited("max\n"), 50)).toBe(4096);
  expect(heapSize(limited(`${64 * GiB}\n`), 50)).toBe(4096);
});

test("is never nothing, and null where nothing is known", () => {
  expect(heapSize(limited("4096\n"))).toBe(1);
  expect(heapSize(limited("max\n", "max\n", null))).toBeNull();
  expect(heapFlag(limited("max\n", "max\n", null))).toBeNull();
});

test.each([0, -1, 101, Number.NaN, "80%" as unknown as number])("%s is no percentage", (percent) => {
  expect(() => heapSize(limited("max\n"), percent)).toThrow(/^Expected `percent` to be/);
});
