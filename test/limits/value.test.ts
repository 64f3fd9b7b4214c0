// The texts of limit files as the kernel prints them, and as it does not.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatCpuList, parseCpuList, parseCpuMax, parseLimit } from "../../ts/index.ts";

describe("memory.max and its like", () => {
  test.each([
    ["536870912\n", 536870912],
    ["0\n", 0],
    ["max\n", null],
    ["4096", 4096],
    // PAGE_COUNTER_MAX in pages of 4 and 64 KiB, rounded down to huge pages of 2 MiB and 1 GiB, and v1 before Linux 3.19.
    ["9223372036854771712\n", null],
    ["9223372036854710272\n", null],
    ["9223372036852678656\n", null],
    ["9223372035781033984\n", null],
    ["9223372036854775807\n", null],
    ["", undefined],
    ["-1\n", undefined],
    ["1e9\n", undefined],
    ["0x10\n", undefined],
    ["12 34\n", undefined],
    ["maximum\n", undefined],
  ])("%j is %s", (text, value) => {
    expect(parseLimit(text)).toBe(value);
  });

  test("whole pages are exact up to where nothing is limited", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 50n - 1n), (pages) => {
        expect(BigInt(parseLimit(`${pages * 4096n}\n`)!)).toBe(pages * 4096n);
      }),
    );
  });
});

describe("cpu.max", () => {
  test.each([
    ["125000 100000\n", 1.25],
    ["max 100000\n", null],
    ["-1 100000", null],
    ["1000 100000", 0.01],
    ["100000\n", undefined],
    ["100000 0\n", undefined],
    ["1 2 3\n", undefined],
    ["x 100000\n", undefined],
    ["", undefined],
  ])("%j is %s", (text, value) => {
    expect(parseCpuMax(text)).toBe(value);
  });
});

describe("CPU lists", () => {
  test.each([
    ["0-3\n", [0, 1, 2, 3]],
    ["0,2-3,7\n", [0, 2, 3, 7]],
    ["5", [5]],
    ["\n", []],
    ["3-1\n", undefined],
    ["0-99999999\n", undefined],
    ["65536", undefined],
    ["0-65535,0", undefined],
    ["0,,1", undefined],
    ["none", undefined],
  ])("%j is %j", (text, cpus) => {
    expect(parseCpuList(text)).toEqual(cpus);
  });

  test("neighbours are written as ranges", () => {
    expect(formatCpuList([0, 1, 2, 7, 9, 10])).toBe("0-2,7,9-10");
  });

  test("parse and format are inverse", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500)), (numbers) => {
        const cpus = numbers.sort((a, b) => a - b);
        expect(parseCpuList(formatCpuList(cpus))).toEqual(cpus);
      }),
    );
  });
});
