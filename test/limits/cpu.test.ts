// CPU time: the quota as a fraction, the CPUs that are left, and how many workers that makes.

import { describe, expect, test } from "vitest";
import { limitsOf } from "../../ts/index.ts";
import { hierarchy, reading, v1, v2 } from "./reading.ts";

const FOUR = [0, 1, 2, 3];

test("the quota is a fraction, the least of all levels", () => {
  const { quota, from, chain } = limitsOf(v2({ "/": {}, "/a": { "cpu.max": "125000 100000\n" }, "/a/b": { "cpu.max": "max 100000\n" }, "/a/b/c": { "cpu.max": "400000 100000\n" } })).cpu;
  expect([quota, from]).toEqual([1.25, "/a"]);
  expect(chain.map(({ max }) => max)).toEqual([1.25, null, 4]);
});

test("v1 says it in two files, and no quota as -1", () => {
  const { cpu } = limitsOf(v1(["cpu"], {
    "/": { "cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n" },
    "/a": { "cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "20000\n" },
  }));
  expect([cpu.quota, cpu.from, cpu.how]).toEqual([2.5, "/a", "exact"]);
});

describe("workers", () => {
  test.each([
    [null, 4, 4],
    ["50000 100000", 0.5, 1],
    ["100000 100000", 1, 1],
    ["199000 100000", 1.99, 1],
    ["250000 100000", 2.5, 2],
    ["800000 100000", 4, 4],
  ])("a quota of %s on four CPUs: %d, rounded down and at least 1: %d", (max, effective, workers) => {
    const { cpu } = limitsOf(v2({ "/a": max === null ? {} : { "cpu.max": max } }, { machine: { online: FOUR } }));
    expect([cpu.effective, cpu.workers]).toEqual([effective, workers]);
  });

  test("of the quota alone where no CPUs are known; one, where nothing is", () => {
    expect(limitsOf(v2({ "/a": { "cpu.max": "350000 100000\n" } })).cpu).toMatchObject({ cpus: null, effective: 3.5, workers: 3 });
    expect(limitsOf(v2({})).cpu).toMatchObject({ effective: null, workers: 1 });
  });
});

describe("the CPUs it can run on", () => {
  test("are those online that cpuset and affinity leave", () => {
    const { cpu } = limitsOf(v2({ "/": { "cpuset.cpus.effective": "0-3\n" }, "/a": { "cpuset.cpus.effective": "1-2\n" }, "/a/b": { "cpuset.cpus.effective": "1-2\n" }, "/a/b/c": {} }, { machine: { online: FOUR, allowed: [0, 1, 2, 3, 64] } }));
    expect([cpu.cpus, cpu.effective, cpu.workers]).toEqual([[1, 2], 2, 2]);
    expect([cpu.cpuset.cpus, cpu.cpuset.from]).toEqual([[1, 2], "/a"]);
    expect(limitsOf(v2({}, { machine: { online: FOUR, allowed: [2, 3, 99] } })).cpu.cpus).toEqual([2, 3]);
  });

  test("v1 cuts the cpuset down by itself too, and old kernels have only the file that was written", () => {
    const effective = { "cpuset.effective_cpus": "1\n", "cpuset.cpus": "0-7\n" };
    expect(limitsOf(v1(["cpuset"], { "/": { "cpuset.effective_cpus": "0-3\n" }, "/a": effective }, { machine: { online: FOUR } })).cpu.cpuset).toMatchObject({ cpus: [1], from: "/a", how: "exact" });
    expect(limitsOf(v1(["cpuset"], { "/a": { "cpuset.cpus": "0,2\n" } }, { machine: { online: FOUR } })).cpu.cpus).toEqual([0, 2]);
  });

  test("a set of every CPU is bound by nobody, one that begins where sight ends perhaps above", () => {
    expect(limitsOf(v2({ "/a": { "cpuset.cpus.effective": "0-3\n" } }, { machine: { online: FOUR } })).cpu.cpuset.from).toBeNull();
    const { cpuset } = limitsOf(v2({ "/": { "cpuset.cpus.effective": "0\n" } }, { edge: "namespace", above: null, machine: { online: FOUR } })).cpu;
    expect([cpuset.from, cpuset.how, cpuset.reason]).toEqual(["/", "exact", "a cgroup above those that can be seen may have set it"]);
  });

  test("perhaps above, but not where sight ends at the root, where it was narrowed in sight, or where it was not", () => {
    const reason = (sets: string[], edge: "root" | "namespace") => limitsOf(v2(Object.fromEntries(sets.map((set, n) => [`/${n}`, { "cpuset.cpus.effective": set }])), { edge, machine: { online: FOUR } })).cpu.cpuset.reason;
    expect([reason(["0"], "root"), reason(["0-3", "1"], "namespace"), reason(["0-3"], "namespace")]).toEqual([null, null, null]);
  });

  test("without a cpuset to be seen it is unknown, with the reason", () => {
    expect(limitsOf(v2({ "/a": {} })).cpu.cpuset).toMatchObject({ cpus: null, how: "unknown", reason: "no cgroup that can be seen has a cpuset" });
    expect(limitsOf(reading([])).cpu.cpuset.reason).toBe("no hierarchy with the cpuset controller was read");
    expect(limitsOf(reading([{ ...hierarchy(1, ["cpuset"], {}), reason: "mounted nowhere" }])).cpu.cpuset.reason).toBe("mounted nowhere");
  });
});
