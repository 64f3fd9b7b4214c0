// The least over all ancestors binds, on both versions, and whoever sets it is named; what cannot be seen is said.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limitsOf } from "../../ts/index.ts";
import { GiB, hierarchy, MiB, NO_LIMIT_V1, reading, v1, v2 } from "./reading.ts";

describe("v2", () => {
  const pod = { "/": {}, "/pod": { "memory.max": `${512 * MiB}\n`, "memory.current": `${500 * MiB}\n` }, "/pod/c": { "memory.max": `${GiB}\n`, "memory.current": `${100 * MiB}\n` } };

  test("an ancestor with less binds, whatever the innermost file says", () => {
    const { max, from, current, available, availableFrom, how, reason } = limitsOf(v2(pod)).memory;
    expect([max, from, current, available, availableFrom, how, reason]).toEqual([512 * MiB, "/pod", 500 * MiB, 12 * MiB, "/pod", "exact", null]);
  });

  test("an ancestor with more room may be fuller: what is left is the least of all levels", () => {
    const { memory } = limitsOf(v2({ "/a": { "memory.max": "1000\n", "memory.current": "990\n" }, "/a/b": { "memory.max": "500\n", "memory.current": "100\n" } }));
    expect([memory.max, memory.from, memory.current]).toEqual([500, "/a/b", 100]);
    expect([memory.available, memory.availableFrom]).toEqual([10, "/a"]);
  });

  test("of several with the same limit the outermost binds", () => {
    const level = { "pids.max": "100\n", "pids.current": "7\n" };
    expect(limitsOf(v2({ "/": {}, "/a": level, "/a/b": level })).pids.from).toBe("/a");
  });

  test("max is null and bound by nobody", () => {
    const { max, from, current, available, how } = limitsOf(v2({ "/": {}, "/a": { "pids.max": "max\n", "pids.current": "7\n" } })).pids;
    expect([max, from, current, available, how]).toEqual([null, null, 7, null, "exact"]);
  });

  test("a limit already exceeded leaves nothing, never less; use that nobody says leaves nobody knows what", () => {
    expect(limitsOf(v2({ "/a": { "pids.max": "3\n", "pids.current": "7\n" } })).pids.available).toBe(0);
    expect(limitsOf(v2({ "/a": { "pids.max": "3\n" } })).pids).toMatchObject({ current: null, available: null, availableFrom: null });
  });

  test("memory.high, swap and huge pages are limits of their own", () => {
    const { memory, hugetlb } = limitsOf(v2({
      "/a": { "memory.max": "max\n", "memory.high": "800\n", "memory.current": "1\n", "memory.swap.max": "0\n", "memory.swap.current": "0\n", "hugetlb.2MB.max": "max\n" },
      "/a/b": { "memory.max": "900\n", "memory.high": "max\n", "memory.current": "1\n", "memory.swap.max": "50\n", "hugetlb.2MB.max": "4194304\n", "hugetlb.2MB.current": "2097152\n" },
    }));
    expect([memory.max, memory.from]).toEqual([900, "/a/b"]);
    expect([memory.high.max, memory.high.from]).toEqual([800, "/a"]);
    expect([memory.swap.max, memory.swap.from, memory.swap.current, memory.memsw.max]).toEqual([0, "/a", 0, null]);
    expect(Object.keys(hugetlb)).toEqual(["2MB"]);
    expect([hugetlb["2MB"]!.max, hugetlb["2MB"]!.from, hugetlb["2MB"]!.available]).toEqual([4194304, "/a/b", 2097152]);
  });

  test("levels above a namespace's root that cannot be seen are said once, with what they concern", () => {
    const { memory, notes } = limitsOf(v2({ "/": { "memory.max": "100\n", "pids.max": "5\n", "hugetlb.2MB.max": "0\n" } }, { edge: "namespace", above: null }));
    expect([memory.max, memory.how]).toEqual([100, "visible"]);
    expect(memory.reason).toBe("levels above the namespace's root cannot be seen: the true limit may be lower");
    expect(notes).toEqual([
      "memory, memory.high, memory.swap, cpu, pids, hugetlb.2MB: levels above the namespace's root cannot be seen: the true limit may be lower",
      "cpuset: no cgroup that can be seen has a cpuset",
    ]);
  });

  test("above a mount's root their number may be known", () => {
    expect(limitsOf(v2({ "/a/b": { "pids.max": "5\n" } }, { edge: "mount", above: 2 })).pids.reason).toMatch(/^2 levels above the mount's root/);
    expect(limitsOf(v2({ "/a": { "pids.max": "5\n" } }, { edge: "mount", above: 1 })).pids.reason).toMatch(/^1 level above/);
  });
});

describe("v1", () => {
  const files = (limit: string, whole: string) => ({ "memory.limit_in_bytes": limit, "memory.usage_in_bytes": "4096\n", "memory.stat": `hierarchical_memory_limit ${whole}\n` });

  test("the huge number is no limit", () => {
    const { memory } = limitsOf(v1(["memory"], { "/": files(NO_LIMIT_V1, "9223372036854771712"), "/a": files(NO_LIMIT_V1, "9223372036854771712") }));
    expect([memory.max, memory.from, memory.current, memory.how]).toEqual([null, null, 4096, "exact"]);
  });

  test("memory.stat has the least of all levels, and the visible one that sets it is named", () => {
    const { memory } = limitsOf(v1(["memory"], { "/a": files("8192\n", "8192"), "/a/b": files(NO_LIMIT_V1, "8192") }, { edge: "mount", above: 1 }));
    expect([memory.max, memory.from, memory.available, memory.how, memory.reason]).toEqual([8192, "/a", 4096, "exact", null]);
  });

  test("a limit written between two reads is not taken for a hidden ancestor's where none can be", () => {
    const { memory } = limitsOf(v1(["memory"], { "/": files(NO_LIMIT_V1, ""), "/a": files("8192\n", "16384") }));
    expect(memory).toMatchObject({ max: 8192, from: "/a", how: "exact", reason: null });
  });

  test("a hidden ancestor's limit is exact all the same, set by nobody that can be seen", () => {
    const { memory, notes } = limitsOf(v1(["memory"], { "/": files("16384\n", "8192") }, { edge: "namespace", above: null }));
    expect([memory.max, memory.from, memory.current, memory.available, memory.availableFrom, memory.how]).toEqual([8192, null, null, 4096, null, "exact"]);
    expect(limitsOf(v1(["memory"], { "/": files("16384\n", "2048") }, { edge: "namespace", above: null })).memory.available).toBe(0);
    const { "memory.usage_in_bytes": _, ...unused } = files("16384\n", "8192");
    expect(limitsOf(v1(["memory"], { "/": unused, "/a": files("16384\n", "8192") }, { edge: "namespace", above: null })).memory).toMatchObject({ max: 8192, available: null });
    expect(memory.reason).toBe("a cgroup above those that can be seen sets it");
    expect(notes.filter((note) => note.includes("memory:"))).toEqual([]);
  });

  test("without use_hierarchy an ancestor with less does not bind", () => {
    const chain = { "/": files(NO_LIMIT_V1, "9223372036854771712"), "/a": files("4096\n", "4096"), "/a/b": files("8192\n", "8192") };
    expect(limitsOf(v1(["memory"], chain)).memory).toMatchObject({ max: 8192, from: "/a/b" });
    const open = { "/a": files("4096\n", "4096"), "/a/b": files(NO_LIMIT_V1, "9223372036854771712") };
    expect(limitsOf(v1(["memory"], open)).memory).toMatchObject({ max: null, from: null });
  });

  test("where memory.stat cannot be read the files themselves tell", () => {
    const { memory } = limitsOf(v1(["memory"], { "/": { "memory.limit_in_bytes": "8192\n" }, "/a": { "memory.limit_in_bytes": NO_LIMIT_V1 } }));
    expect([memory.max, memory.from, memory.how]).toEqual([8192, "/", "exact"]);
  });

  test("memsw counts memory and swap together, and is null where the machine does not count it", () => {
    const stat = { "memory.stat": "hierarchical_memory_limit 4096\nhierarchical_memsw_limit 8192\n" };
    const both = v1(["memory"], { "/a": { "memory.limit_in_bytes": "4096\n", "memory.memsw.limit_in_bytes": "8192\n", "memory.memsw.usage_in_bytes": "0\n", ...stat } }, { edge: "mount", above: 1 });
    expect(limitsOf(both).memory.memsw).toMatchObject({ max: 8192, from: "/a", available: 8192, how: "exact" });
    expect(limitsOf(v1(["memory"], { "/a": { "memory.limit_in_bytes": "4096\n" } })).memory.memsw).toMatchObject({ max: null, chain: [] });
  });

  test("what one version has and the other has not limits nothing there", () => {
    const { high, swap } = limitsOf(v1(["memory"], { "/": files("8192\n", "8192") })).memory;
    expect([high, swap]).toMatchObject([{ max: null, how: "exact", reason: "v1 has no memory.high" }, { max: null, how: "exact", reason: "v1 has no memory.swap.max" }]);
    expect(limitsOf(v2({ "/": {} })).memory.memsw).toMatchObject({ max: null, how: "exact", reason: "v2 has no memory.memsw.max" });
  });

  test("tasks, and huge pages of any size, with their use", () => {
    const { pids, hugetlb } = limitsOf(v1(["pids", "hugetlb"], {
      "/": { "pids.max": "9\n", "pids.current": "4\n", "hugetlb.64KB.limit_in_bytes": "131072\n", "hugetlb.64KB.usage_in_bytes": "65536\n" },
      "/a": { "pids.max": "max\n", "pids.current": "1\n", "hugetlb.1GB.limit_in_bytes": "1073741824\n", "hugetlb.1GB.usage_in_bytes": "0\n" },
    }));
    expect([pids.max, pids.from, pids.available]).toEqual([9, "/", 5]);
    expect(hugetlb).toMatchObject({ "64KB": { max: 131072, from: "/", available: 65536 }, "1GB": { max: GiB, from: "/a", available: GiB } });
  });

  test("the controller says which hierarchy: co-mounted, hybrid, or nowhere to be seen", () => {
    const found = limitsOf(reading([
      hierarchy(1, ["memory", "hugetlb"], { "/m": { "memory.limit_in_bytes": "4096\n", "hugetlb.2MB.limit_in_bytes": "9223372036852678656\n" } }),
      hierarchy(2, [], { "/u": { "memory.max": "1\n", "pids.max": "9\n" } }),
      { ...hierarchy(1, ["cpu"], {}), reason: "the cpu hierarchy is mounted nowhere here" },
    ]));
    expect([found.memory.from, found.pids.from]).toEqual(["/m", "/u"]);
    expect(found.hugetlb["2MB"]).toMatchObject({ max: null, how: "exact" });
    expect([found.cpu.how, found.cpu.reason]).toEqual(["unknown", "the cpu hierarchy is mounted nowhere here"]);
    expect(found.notes).toContain("cpu: the cpu hierarchy is mounted nowhere here");
  });
});

describe("what cannot be had becomes a reason", () => {
  test("nothing at all", () => {
    const { memory, cpu, pids, hugetlb } = limitsOf(reading([]));
    expect([memory.how, cpu.how, pids.how, hugetlb]).toEqual(["unknown", "unknown", "unknown", {}]);
    expect(pids.reason).toBe("no hierarchy with the pids controller was read");
  });

  test("a file that may not be read", () => {
    const h = hierarchy(2, [], { "/": { "pids.max": "9\n" } });
    const { pids } = limitsOf(reading([{ ...h, cgroups: [...h.cgroups, { path: "/a", files: {}, unread: { "pids.max": "EACCES" } }] }]));
    expect([pids.max, pids.how, pids.reason]).toEqual([9, "visible", "pids.max cannot be read: EACCES"]);
  });

  test("no file that may be read", () => {
    const { pids, hugetlb } = limitsOf(reading([{ ...hierarchy(2, [], {}), cgroups: [{ path: "/a", files: {}, unread: { "*": "EACCES", "hugetlb.2MB.max": "EACCES" } }] }]));
    expect([pids.max, pids.how, pids.reason]).toEqual([null, "unknown", "pids.max cannot be read: EACCES"]);
    expect(hugetlb["2MB"]).toMatchObject({ max: null, how: "unknown", reason: "hugetlb.2MB.max cannot be read: EACCES" });
  });

  test("whatever the files say, there is an answer, and no limit that is in none of them", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("max\n", "1\n", "4096\n", NO_LIMIT_V1, "1 2\n", "0-3\n"));
    const name = fc.constantFrom("memory.max", "memory.high", "pids.max", "cpu.max", "cpuset.cpus.effective", "memory.limit_in_bytes", "memory.stat", "hugetlb.2MB.max", "__proto__");
    fc.assert(
      fc.property(fc.array(fc.dictionary(name, text)), fc.constantFrom(1 as const, 2 as const), (all, version) => {
        const cgroups = Object.fromEntries(all.map((files, n) => [`/${n}`, files]));
        const { memory, pids } = limitsOf(reading([hierarchy(version, ["memory", "pids", "cpu", "cpuset", "hugetlb"], cgroups)]));
        const said = all.flatMap((files) => Object.values(files)).join(" ");
        for (const { max } of [memory, memory.high, pids]) if (max !== null) expect(said).toContain(String(max));
      }),
    );
  });

  test("it is the minimum of a plain loop", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(50)), { minLength: 1, maxLength: 12 }), (maxima) => {
        const cgroups = Object.fromEntries(maxima.map((max, n) => [`/${n}`, { "pids.max": max === null ? "max\n" : `${max}\n` }]));
        const least = maxima.reduce<number | null>((low, max) => (max !== null && (low === null || max < low) ? max : low), null);
        const { max, from } = limitsOf(v2(cgroups)).pids;
        expect([max, from]).toEqual([least, least === null ? null : `/${maxima.indexOf(least)}`]);
      }),
    );
  });
});
