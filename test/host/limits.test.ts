// Limits of a machine that is a folder of files, read with `root`: v2 alone, hybrid with co-mounted controllers, mounts
// from elsewhere, files that are missing or say nothing. No cgroup file system is read.

import { getEventListeners } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { limits, WATCH_INTERVAL } from "../../ts/host/index.ts";
import { readLimitFiles } from "../../ts/host/limit-files.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function machine(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "cgroupns-limits-"));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const DISK = "1 0 8:1 / / rw - ext4 sda rw\n";
const V2_MOUNT = `${DISK}5 1 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n`;
const host = { "proc/1/mountinfo": V2_MOUNT, "proc/meminfo": "MemTotal:        4194304 kB\n", "sys/devices/system/cpu/online": "0-3\n", "sys/fs/cgroup/cgroup.procs": "" };

test("v2: the tightest level binds, with what the machine has", () => {
  const root = machine({
    ...host,
    "proc/7/cgroup": "0::/a/b\n", "proc/7/status": "State:\tS (sleeping)\nCpus_allowed_list:\t0-7\n",
    "sys/fs/cgroup/a/memory.max": "1048576\n", "sys/fs/cgroup/a/memory.current": "65536\n", "sys/fs/cgroup/a/cpu.max": "250000 100000\n",
    "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/b/pids.max": "12\n",
  });
  const { memory, cpu, pids } = limits(7, { root });
  expect(memory).toMatchObject({ max: 1048576, from: "/a", current: 65536, available: 983040, total: 4294967296 });
  expect(cpu).toMatchObject({ quota: 2.5, from: "/a", cpus: [0, 1, 2, 3], effective: 2.5, workers: 2 });
  expect(pids).toMatchObject({ max: 12, from: "/a/b" });
});

test("hybrid: each controller in its own hierarchy, wherever that is mounted, co-mounted ones too", () => {
  const root = machine({
    ...host,
    "proc/1/mountinfo": `${DISK}2 1 0:21 /docker/x /m em rw - cgroup cgroup rw,memory,hugetlb\n3 1 0:22 / /cpu rw - cgroup cgroup rw,cpu,cpuacct\n4 1 0:38 / /u rw - cgroup2 cgroup2 rw\n`.replace("/m em", "/m\\040em"),
    "proc/7/cgroup": "3:memory,hugetlb:/docker/x/y\n2:cpu,cpuacct:/c\n0::/p\n",
    "m em/cgroup.procs": "", "m em/memory.limit_in_bytes": "8192\n", "m em/y/memory.limit_in_bytes": "9223372036854771712\n", "m em/y/hugetlb.2MB.limit_in_bytes": "2097152\n",
    "cpu/cgroup.procs": "", "cpu/c/cpu.cfs_quota_us": "-1\n", "cpu/c/cpu.cfs_period_us": "100000\n",
    "u/cgroup.procs": "", "u/p/pids.max": "5\n",
  });
  const { memory, cpu, pids, hugetlb } = limits(7, { root });
  expect(memory).toMatchObject({ max: 8192, from: "/docker/x" });
  expect(hugetlb["2MB"]).toMatchObject({ max: 2097152, from: "/docker/x/y" });
  expect([cpu.quota, cpu.chain.map(({ path }) => path)]).toEqual([null, ["/c"]]);
  expect(pids).toMatchObject({ max: 5, from: "/p" });
});

describe("every file that says a limit is read", () => {
  test("on v1, where memory.stat says what levels out of sight do; and the affinity", () => {
    const root = machine({
      ...host,
      "proc/1/mountinfo": `${DISK}2 1 0:21 /docker /m rw - cgroup cgroup rw,memory,hugetlb\n3 1 0:22 / /c rw - cgroup cgroup rw,cpu,cpuset\n`,
      "proc/7/cgroup": "3:memory,hugetlb:/docker/x\n2:cpu,cpuset:/c\n", "proc/7/status": "State:\tS (sleeping)\nCpus_allowed_list:\t0,2\n",
      "m/cgroup.procs": "", "m/memory.limit_in_bytes": "16384\n", "m/memory.usage_in_bytes": "4096\n", "m/x/memory.limit_in_bytes": "16384\n", "m/x/memory.usage_in_bytes": "0\n",
      "m/x/memory.stat": "cache 5\nhierarchical_memory_limit 8192\nhierarchical_memsw_limit 12288\n",
      "m/x/memory.memsw.limit_in_bytes": "12288\n", "m/x/memory.memsw.usage_in_bytes": "4096\n", "m/x/hugetlb.1GB.limit_in_bytes": "4096\n", "m/x/hugetlb.1GB.usage_in_bytes": "1024\n",
      "c/cgroup.procs": "", "c/cpuset.effective_cpus": "0-3\n", "c/c/cpuset.cpus": "0-2\n", "c/c/cpu.cfs_quota_us": "50000\n", "c/c/cpu.cfs_period_us": "20000\n",
    });
    const { memory, hugetlb, cpu } = limits(7, { root });
    expect(memory).toMatchObject({ max: 8192, from: null, how: "exact", available: 4096, memsw: { max: 12288, from: "/docker/x", available: 8192 } });
    expect(hugetlb["1GB"]).toMatchObject({ max: 4096, available: 3072 });
    expect([cpu.quota, cpu.cpuset.chain.map(({ cpus }) => cpus.length), cpu.cpus]).toEqual([2.5, [4, 3], [0, 2]]);
  });

  test("on v2", () => {
    const root = machine({
      ...host, "proc/7/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpuset.cpus.effective": "1-2\n", "sys/fs/cgroup/a/hugetlb.2MB.max": "4194304\n", "sys/fs/cgroup/a/hugetlb.2MB.current": "2097152\n",
      "sys/fs/cgroup/a/memory.high": "100\n", "sys/fs/cgroup/a/memory.swap.max": "50\n", "sys/fs/cgroup/a/memory.swap.current": "20\n",
    });
    const { memory, hugetlb, cpu } = limits(7, { root });
    expect([cpu.cpuset.cpus, hugetlb["2MB"]!.available, memory.high.max, memory.swap.available]).toEqual([[1, 2], 2097152, 100, 30]);
  });

  test("but memory.stat only in the process's own cgroup", () => {
    const root = machine({ "memory.stat": "hierarchical_memory_limit 1\n", "memory.limit_in_bytes": "1\n" });
    const read = (whole?: boolean) => Object.keys(readLimitFiles(Buffer.from(root), 1, whole).files).sort();
    expect([read(false), read()]).toEqual([["memory.limit_in_bytes"], ["memory.limit_in_bytes", "memory.stat"]]);
  });

  test("and those that cannot be are named with the reason", () => {
    const root = machine({ ...host, "proc/7/cgroup": "0::/a\n", "sys/fs/cgroup/pids.max": "5\n", "sys/fs/cgroup/a/pids.max/odd": "" });
    expect(limits(7, { root }).pids).toMatchObject({ max: 5, how: "visible", reason: expect.stringMatching(/^pids.max cannot be read: EISDIR; /) });
  });

  test("what the machine has is not guessed for another's", () => {
    const { "proc/meminfo": _, "sys/devices/system/cpu/online": _online, ...bare } = host;
    const { memory, cpu } = limits(7, { root: machine({ ...bare, "proc/7/cgroup": "0::/\n" }) });
    expect([memory.total, cpu.cpus]).toEqual([null, null]);
  });
});

test("of several mounts the one that shows most levels is read; one of a sibling is not", () => {
  const root = machine({
    ...host,
    "proc/1/mountinfo": `${DISK}5 1 0:38 /sand /first rw - cgroup2 cgroup2 rw\n6 1 0:38 /sandbox/in /second rw - cgroup2 cgroup2 rw\n7 1 0:38 /sandbox /third rw - cgroup2 cgroup2 rw\n`,
    "proc/7/cgroup": "0::/sandbox/in\n",
    "first/cgroup.procs": "", "first/pids.max": "1\n",
    "second/cgroup.procs": "", "second/pids.max": "9\n",
    "third/cgroup.procs": "", "third/pids.max": "5\n", "third/in/pids.max": "9\n",
  });
  expect(limits(7, { root }).pids).toMatchObject({ max: 5, from: "/sandbox", how: "visible" });
});

describe("unknown, with the reason", () => {
  const reasonOf = (files: Record<string, string>) => {
    const { how, reason } = limits(7, { root: machine({ ...host, ...files }) }).pids;
    return `${how}: ${reason}`;
  };

  test("no mount, or none that shows the cgroup", () => {
    expect(reasonOf({ "proc/7/cgroup": "4:pids:/a\n0::/\n" })).toBe("unknown: the pids hierarchy is mounted nowhere here");
    expect(reasonOf({ "proc/1/mountinfo": V2_MOUNT.replace(" / /sys", " /other /sys"), "proc/7/cgroup": "0::/a\n" })).toBe("unknown: no mount of the v2 hierarchy shows its cgroup");
    expect(reasonOf({ "proc/1/mountinfo": `${V2_MOUNT}6 5 0:50 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n`, "proc/7/cgroup": "0::/\n", "sys/fs/cgroup/pids.max": "5\n" })).toMatch(/^unknown: /);
    expect(reasonOf({ "proc/7/cgroup": "0::/gone\n" })).toBe("unknown: no mount of the v2 hierarchy shows its cgroup");
  });

  test("a removed cgroup, and one whose path may be cut", () => {
    expect(reasonOf({ "proc/7/cgroup": "0::/a (deleted)\n", "proc/7/status": "State:\tZ (zombie)\n" })).toBe("unknown: its cgroup was removed");
    expect(reasonOf({ "proc/7/cgroup": `0::/${"a".repeat(4094)}\n` })).toBe("unknown: its path may be cut");
  });

  test("who has exited: its v1 lines say / wherever it was", () => {
    for (const state of ["Z (zombie)", "X (dead)"]) {
      expect(reasonOf({ "proc/7/cgroup": "4:pids:/\n0::/a\n", "proc/7/status": `State:\t${state}\n` })).toBe("unknown: it has exited: where it was is not known any more");
    }
  });

  test("a text that is none, a machine without cgroups", () => {
    expect(reasonOf({ "proc/7/cgroup": "no text\n" })).toMatch(/^unknown: EINVAL/);
    expect(reasonOf({ "proc/7/comm": "sandboxed\n" })).toBe("unknown: this machine shows no cgroups: not Linux, or no /proc here");
    const { memory, cpu } = limits("self", { root: machine({}) });
    expect([memory.how, memory.reason, cpu.workers]).toEqual(["unknown", "this machine shows no cgroups: not Linux, or no /proc here", 1]);
  });

  test("a file that says nothing counts as no limit, and as a doubt", () => {
    const root = machine({ ...host, "proc/7/cgroup": "0::/a\n", "sys/fs/cgroup/pids.max": "5\n", "sys/fs/cgroup/a/pids.max": "many\n" });
    expect(limits(7, { root }).pids).toMatchObject({ max: 5, from: "/", how: "visible", reason: expect.stringContaining("pids.max says 'many'") });
  });
});

describe("watched", { timeout: 5000 }, () => {
  afterEach(() => void vi.useRealTimers());

  /** Limits that can be rewritten, and a watch on them whose clock stands still until it is wound. */
  function watched(signal?: AbortSignal) {
    const root = machine({ ...host, "proc/7/cgroup": "0::/a\n", "sys/fs/cgroup/a/pids.max": "5\n", "sys/fs/cgroup/a/pids.current": "1\n" });
    vi.useFakeTimers();
    const found = limits(7, { root });
    return { root, found, watch: found.watch(signal === undefined ? {} : { signal }), write: (file: string, text: string) => writeFileSync(join(root, "sys/fs/cgroup/a", file), text) };
  }
  const END = { value: undefined, done: true };

  test("a change is told once, within a second; use is none", async () => {
    const aborting = new AbortController();
    const { watch, write } = watched(aborting.signal);
    const first = watch.next();
    write("pids.current", "4\n");
    await vi.advanceTimersByTimeAsync(WATCH_INTERVAL * 2);
    write("pids.max", "9\n");
    await vi.advanceTimersByTimeAsync(1000);
    expect((await first).value!.pids).toMatchObject({ max: 9, current: 4, from: "/a" });
    const second = watch.next();
    await vi.advanceTimersByTimeAsync(5000);
    aborting.abort();
    expect(await second).toEqual(END);
  });

  test("what changed before it was asked for is a change too", async () => {
    const { watch, write } = watched();
    write("pids.max", "max\n");
    expect((await watch.next()).value!.pids.max).toBeNull();
    await watch.return();
  });

  test("it ends as soon as its signal aborts, and lets go of it", async () => {
    const aborting = new AbortController();
    const { watch, found } = watched(aborting.signal);
    const next = watch.next();
    await vi.advanceTimersByTimeAsync(WATCH_INTERVAL * 3);
    expect(getEventListeners(aborting.signal, "abort").length).toBe(1);
    aborting.abort();
    expect(await next).toEqual(END);
    expect([getEventListeners(aborting.signal, "abort").length, vi.getTimerCount()]).toEqual([0, 0]);
    expect(await found.watch({ signal: AbortSignal.abort() }).next()).toEqual(END);
  });

  test("it ends when the task has", async () => {
    const { watch, root } = watched();
    const next = watch.next();
    rmSync(join(root, "proc/7"), { recursive: true });
    await vi.advanceTimersByTimeAsync(WATCH_INTERVAL);
    expect(await next).toEqual(END);
  });

  test("it keeps no process alive", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const { found } = watched();
    vi.useRealTimers();
    const aborting = new AbortController();
    const before = timers();
    const next = found.watch({ signal: aborting.signal }).next();
    expect(timers()).toBe(before);
    aborting.abort();
    expect(await next).toEqual(END);
  });

  test("a signal that is none is misuse", async () => {
    await expect(watched().found.watch({ signal: 1 as unknown as AbortSignal }).next()).rejects.toThrow(/^Expected `signal`/);
  });
});

test("misuse is a TypeError", () => {
  for (const target of ["init", "x", -1, null]) expect(() => limits(target as string), `${target}`).toThrow(TypeError);
  expect(() => limits(1, { root: 1 as unknown as string })).toThrow(/Expected `root`/);
});

test("a name that is not UTF-8 is EILSEQ as a string, and its bytes as bytes", () => {
  const root = machine({ ...host });
  mkdirSync(join(root, "proc/7"));
  const name = Buffer.from([0x61, 0xff]);
  writeFileSync(join(root, "proc/7/cgroup"), Buffer.concat([Buffer.from("0::/"), name, Buffer.from("\n")]));
  const directory = Buffer.concat([Buffer.from(`${root}/sys/fs/cgroup/`), name]);
  mkdirSync(directory);
  writeFileSync(Buffer.concat([directory, Buffer.from("/pids.max")]), "3\n");
  expect(() => limits(7, { root })).toThrow(expect.objectContaining({ code: "EILSEQ" }));
  expect(limits(7, { root, encoding: "buffer" }).pids.from).toEqual(new Uint8Array([0x2f, ...name]));
});
