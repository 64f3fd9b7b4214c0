// Limits set at each level of real cgroups, as the host, the process inside, a private namespace and a bind-mounted
// sub-tree see them; hit where they can be hit; followed as they change.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Host, limits } from "../../ts/host/index.ts";
import type { Limits } from "../../ts/index.ts";
import { run } from "../cli/run.ts";
import { missingRuntimes, startContainer, sweep } from "./containers.ts";
import { ended, LEVELS, type LevelName, mountOf, Nest, unifiedMount } from "./nest.ts";
import { pause, whyNotLive } from "./world.ts";

const CONTROLLERS = ["memory", "pids", "cpu", "cpuset"];
const MiB = 2 ** 20;
const SMALL = { memory: 192 * MiB, pids: 150, cpu: 0.5 };

const mounts = Object.fromEntries(CONTROLLERS.flatMap((controller) => [[controller, mountOf(controller)]]).filter(([, mount]) => mount !== undefined));
const absent = CONTROLLERS.filter((controller) => mounts[controller] === undefined);
const why = [whyNotLive(), absent.length > 0 ? `${absent.join(", ")} not on v1` : ""].filter((reason) => reason !== "").join(", ");

const library = fileURLToPath(new URL("../../dist/ts/host/index.js", import.meta.url));
const PRINT = [process.execPath, fileURLToPath(new URL("print-limits.mjs", import.meta.url)), library];

// One level has a small limit, the others twice as much or none.
function tighten(nest: Nest, at: LevelName | undefined): void {
  const quota = SMALL.cpu * 100_000;
  // A v1 quota may not be more than its parent's: all are lifted from below first.
  for (const level of LEVELS.toReversed()) nest.write("cpu", level, "cpu.cfs_quota_us", -1);
  for (const level of LEVELS) {
    const factor = level === at ? 1 : 2;
    nest.write("memory", level, "memory.limit_in_bytes", SMALL.memory * factor);
    nest.write("pids", level, "pids.max", SMALL.pids * factor);
    if (level === at) nest.write("cpu", level, "cpu.cfs_quota_us", quota);
  }
}

const inside = async (child: ChildProcess): Promise<Limits> => JSON.parse((await ended(child)).out);

describe.skipIf(why !== "")(`limits on v1 ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  let nest: Nest;
  let pid: number;
  // The one CPU that the middle cgroup leaves.
  let first: number;

  beforeAll(() => {
    nest = new Nest(`cgroupns-limits-${process.pid}`, mounts);
    // A v1 cpuset without CPUs and memory nodes takes no process.
    const nodes = readFileSync(`${mounts.cpuset}/cpuset.effective_mems`, "utf8");
    const cpus = readFileSync(`${mounts.cpuset}/cpuset.effective_cpus`, "utf8");
    first = Number.parseInt(cpus, 10);
    for (const level of ["", ...LEVELS] as const) {
      nest.write("cpuset", level, "cpuset.mems", nodes);
      nest.write("cpuset", level, "cpuset.cpus", level.includes("middle") ? first : cpus);
    }
    pid = nest.sleeper("outer/middle/inner");
  });
  afterAll(() => nest?.[Symbol.dispose]());
  beforeEach(() => tighten(nest, undefined));

  const bound = ({ memory, pids, cpu }: Limits) => ({
    memory: [memory.max, memory.from, memory.how], pids: [pids.max, pids.from, pids.how], cpu: [cpu.quota, cpu.from, cpu.how],
  });
  const all = (from: string) => ({ memory: [SMALL.memory, from, "exact"], pids: [SMALL.pids, from, "exact"], cpu: [SMALL.cpu, from, "exact"] });

  describe.each(LEVELS)("set at %s", (level) => {
    beforeEach(() => tighten(nest, level));

    test("seen by the host, and under another root", () => {
      expect(bound(limits(pid))).toEqual(all(nest.path(level)));
      expect(bound(limits(pid, { root: `/proc/${pid}/root` }))).toEqual(all(nest.path(level)));
      expect(bound(limits(`${pid}/task/${pid}`))).toEqual(all(nest.path(level)));
    });

    test("seen by a process inside", async () => {
      const found = await inside(nest.run("outer/middle/inner", PRINT));
      expect(bound(found)).toEqual(all(nest.path(level)));
      expect(found.cpu.cpus).toEqual([first]);
    });

    test("seen from a private namespace with the host's mounts: every level is there, named as from inside", async () => {
      const from = { outer: "/../..", "outer/middle": "/..", "outer/middle/inner": "/" }[level];
      expect(bound(await inside(nest.run("outer/middle/inner", ["unshare", "--cgroup", ...PRINT])))).toEqual(all(from));
    });

    test("seen from a private namespace with mounts of its own: what is above its root is hidden, and said to be", async () => {
      // Rooted at the middle cgroup: it goes down to the inner one when it has its namespace.
      const points = CONTROLLERS.map((controller) => `mkdir /sys/fs/cgroup/${controller}; mount -t cgroup -o ${controller} cgroup /sys/fs/cgroup/${controller}`);
      const script = `echo there; read go; mount -t tmpfs none /sys/fs/cgroup; ${points.join("; ")}; exec "$@"`;
      const child = nest.run("outer/middle", ["unshare", "--cgroup", "--mount", "sh", "-c", script, "sh", ...PRINT]);
      await new Promise((resolve) => child.stdout!.once("data", resolve));
      nest.move(child.pid!, "outer/middle/inner");
      child.stdin!.write("go\n");
      const found = await inside(child);
      expect([found.cpu.cpuset.cpus, found.cpu.cpuset.how]).toEqual([[first], "exact"]);
      if (level !== "outer") {
        const from = level === "outer/middle" ? "/" : "/inner";
        expect(bound(found)).toEqual({ memory: [SMALL.memory, from, "exact"], pids: [SMALL.pids, from, "visible"], cpu: [SMALL.cpu, from, "visible"] });
        return;
      }
      // v1's memory.stat tells of hidden levels; the others say what can be seen, and that more may be.
      expect(bound(found)).toEqual({ memory: [SMALL.memory, null, "exact"], pids: [SMALL.pids * 2, "/", "visible"], cpu: [null, null, "visible"] });
      expect(found.memory.reason).toBe("a cgroup above those that can be seen sets it");
      expect(found.notes).toEqual(["cpu, pids: levels above the namespace's root cannot be seen: the true limit may be lower"]);
    });

    test("seen from a bind-mounted sub-tree", async () => {
      const scratch = mkdtempSync(join(tmpdir(), "cgroupns-limits-"));
      const binds = CONTROLLERS.map((controller) => `mkdir ${scratch}/${controller}; mount --bind ${nest.directory(controller, "outer/middle")} ${scratch}/${controller}`);
      const script = `mount -t tmpfs none ${scratch}; ${binds.join("; ")}; mount -t tmpfs none /sys/fs/cgroup; exec "$@"`;
      const found = await inside(nest.run("outer/middle/inner", ["unshare", "--mount", "sh", "-c", script, "sh", ...PRINT]));
      rmdirSync(scratch);
      const from = level === "outer" ? null : nest.path(level);
      expect(bound(found).memory).toEqual([SMALL.memory, from, "exact"]);
      expect(bound(found).pids).toEqual(level === "outer" ? [SMALL.pids * 2, nest.path("outer/middle"), "visible"] : [SMALL.pids, from, "visible"]);
      expect(found.pids.reason).toBe("3 levels above the mount's root cannot be seen: the true limit may be lower");
    });

    test("from a reading of the whole machine, and from a capture of it", () => {
      const host = Host.readSync({ limits: true, roots: false });
      expect(bound(host.limits(pid))).toEqual(all(nest.path(level)));
      expect(bound(Host.fromCapture(JSON.stringify(host.capture())).limits(pid))).toEqual(all(nest.path(level)));
      for (const [name, small] of [["memory.max", SMALL.memory], ["pids.max", SMALL.pids], ["cpu.max", SMALL.cpu]] as const) {
        const { cgroups, max, from } = host.effectiveLimits(name)!;
        const at = cgroups.findIndex(({ path }) => path === nest.path("outer/middle/inner"));
        expect([max[at], cgroups[from[at]!]?.path], name).toEqual([small, nest.path(level)]);
      }
    });
  });

  test("the cpuset is the kernel's, cut down where it was narrowed", () => {
    const { cpuset, cpus, effective } = limits(pid).cpu;
    expect([cpuset.cpus, cpus, effective, cpuset.how]).toEqual([[first], [first], 1, "exact"]);
    expect(cpuset.from).toBe(cpuset.chain[0]!.cpus.length > 1 ? nest.path("outer/middle") : null);
  });

  test("the command says the same", async () => {
    tighten(nest, "outer/middle");
    expect(await run(["limits", "-v", "-o", "memory.max,pids.max,cpu.max,cpuset.cpus", `${pid}`])).toEqual({
      out: `${SMALL.memory}\n${SMALL.pids}\n${SMALL.cpu}\n${first}\n`, err: "", status: 0,
    });
    expect((await run(["limits", "--heap", "80%", `${pid}`])).out).toBe("--max-old-space-size=153\n");
    const { out } = await run(["limits", "-n", "-o", "memory.max", `${pid}`], { LC_ALL: "C" });
    expect(out).toMatch(new RegExp(`^memory\\.max +192\\.0M +.* 384\\.0M -> 192\\.0M -> 384\\.0M -> .*${nest.path("outer/middle")}\n$`));
  });

  test("use and what is left are the kernel's figures", () => {
    tighten(nest, "outer/middle");
    const { pids } = limits(pid);
    expect(pids.current).toBe(Number(nest.read("pids", "outer/middle", "pids.current")));
    expect(pids.available).toBe(SMALL.pids - pids.current!);
  });

  test("a zombie's v1 limits are unknown: its lines say / wherever it was", async () => {
    // It ends when its parent is no shell any more, which would reap it.
    const child = nest.run("outer/middle/inner", ["sh", "-c", "sh -c 'until grep -q sleep /proc/$PPID/comm; do :; done' & echo $!; exec sleep 1000"]);
    const zombie = Number(await new Promise((resolve) => child.stdout!.once("data", resolve)));
    for (let tries = 0; !/^State:\tZ/m.test(readFileSync(`/proc/${zombie}/status`, "utf8")) && tries < 500; tries++) pause(10);
    expect(limits(zombie).pids).toMatchObject({ max: null, how: "unknown", reason: "it has exited: where it was is not known any more" });
  });

  test("nobody of that number is ESRCH, and no target a TypeError", () => {
    expect(() => limits(4_000_000)).toThrow(expect.objectContaining({ code: "ESRCH" }));
    expect(() => limits("init")).toThrow(TypeError);
    expect(() => limits(pid, { root: 1 as unknown as string })).toThrow(TypeError);
  });

  describe("hit", () => {
    test("pids: as many as are left can be forked, not one more", async () => {
      nest.write("pids", "outer/middle", "pids.max", 8);
      const { max, from, available } = limits(pid).pids;
      expect([max, from]).toEqual([8, nest.path("outer/middle")]);
      const forks = 'n=0; while [ $n -lt 20 ]; do sleep 1000 >/dev/null 2>&1 & n=$((n+1)); echo $n; done';
      const { out, err } = await ended(nest.run("outer/middle/inner", ["sh", "-c", forks], "pipe"));
      expect(err).toMatch(/fork/i);
      // The shell itself was one of those that were left.
      expect(Number(out.trim().split("\n").at(-1))).toBe(available! - 1);
      expect(limits(pid).pids.available).toBe(1);
      for (const at of nest.read("pids", "outer/middle/inner", "cgroup.procs").split("\n")) if (Number(at) !== pid) process.kill(Number(at), "SIGKILL");
    });

    test("memory: who takes more than the binding limit is killed", async () => {
      nest.write("memory", "outer/middle", "memory.limit_in_bytes", 24 * MiB);
      expect(limits(pid).memory).toMatchObject({ max: 24 * MiB, from: nest.path("outer/middle"), how: "exact" });
      // Should it not be, its address space ends soon after.
      const { signal } = await ended(nest.run("outer/middle/inner", ["sh", "-c", "ulimit -v 400000; exec tail /dev/zero"], "pipe"));
      expect(signal).toBe("SIGKILL");
      expect(Number(nest.read("memory", "outer/middle", "memory.failcnt"))).toBeGreaterThan(0);
    });
  });

  describe("watched", () => {
    // Aborts in a second: what has not been reported by then never was.
    const soon = (): AbortSignal => AbortSignal.timeout(1000);

    test("a change is reported within a second, at whichever level", async () => {
      for (const level of LEVELS) {
        const watch = limits(pid).watch({ signal: soon() });
        const next = watch.next();
        nest.write("pids", level, "pids.max", 77);
        const { value, done } = await next;
        expect(done, level).toBe(false);
        expect(value!.pids).toMatchObject({ max: 77, from: nest.path(level) });
        await watch.return();
        tighten(nest, undefined);
      }
    });

    test("what changed before it was asked for is a change too; use is none", async () => {
      const before = limits(pid);
      nest.write("memory", "outer", "memory.limit_in_bytes", 100 * MiB);
      const watch = before.watch({ signal: soon() });
      expect((await watch.next()).value!.memory.max).toBe(100 * MiB);
      const next = watch.next();
      nest.sleeper("outer/middle/inner");
      expect(await next).toEqual({ value: undefined, done: true });
    });

    test("it ends clean when its signal aborts, before and while it waits", async () => {
      const signal = soon();
      for await (const changed of limits(pid).watch({ signal })) expect(changed).toBeUndefined();
      expect(signal.aborted).toBe(true);
      expect(await limits(pid).watch({ signal: AbortSignal.abort() }).next()).toEqual({ value: undefined, done: true });
      await expect(limits(pid).watch({ signal: 1 as unknown as AbortSignal }).next()).rejects.toThrow(TypeError);
    });

    test("it ends when the process has ended", async () => {
      const child = nest.run("outer/middle/inner", ["sleep", "1000"]);
      const watch = limits(child.pid!).watch();
      const rest = (async () => {
        for await (const { pids } of watch) expect(pids.how).toBe("unknown");
      })();
      child.kill("SIGKILL");
      await rest;
    });

    test("it keeps no process alive", async () => {
      const script = `const { limits } = await import(${JSON.stringify(library)}); (async () => { for await (const x of limits().watch()); })(); console.log("end");`;
      expect(await ended(spawn(process.execPath, ["--input-type=module", "-e", script]))).toMatchObject({ out: "end\n", err: "", status: 0 });
    });
  });
});

const missing = [whyNotLive(), ...missingRuntimes()].filter((reason) => reason !== "").join(", ");

describe.skipIf(missing !== "")(`limits of a real container ${missing === "" ? "" : `(skipped: ${missing})`}`, () => {
  afterAll(() => sweep());

  test.each(["host", "private"] as const)("podman's --memory and --pids-limit, %s namespace: as the host and as its own namespace see them", async (cgroupns) => {
    const container = startContainer("podman", { cgroupns, name: `limits-${cgroupns}` });
    try {
      const own = Object.fromEntries(["memory", "pids"].map((controller) => [controller, pathOf(container.pid, controller)]));
      const found = limits(container.pid);
      expect(found.memory).toMatchObject({ max: 64 * MiB, from: own.memory, how: "exact" });
      expect(found.pids).toMatchObject({ max: 50, from: own.pids, how: "exact" });
      const argv = ["--cgroup", `--target=${container.pid}`, ...PRINT, String(container.pid)];
      const there = await inside(spawn("nsenter", argv, { stdio: ["ignore", "pipe", "inherit"] }));
      expect(there.memory).toMatchObject({ max: 64 * MiB, from: cgroupns === "private" ? "/" : own.memory, how: "exact" });
      expect(there.pids).toMatchObject({ max: 50, how: "exact" });
    } finally {
      container.stop();
    }
  });
});

function pathOf(pid: number, controller: string): string | undefined {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  return lines.find((line) => line.split(":")[1]?.split(",").includes(controller))?.split(":").slice(2).join(":");
}

// Enabling a controller at the root of the unified hierarchy is the whole machine's affair: only under this lock.
const LOCK = "/run/cgns-oracle.lock";
const unified = unifiedMount();

async function lock(): Promise<ChildProcess | undefined> {
  const held = spawn("flock", ["--nonblock", LOCK, "sh", "-c", "echo held; exec cat"], { stdio: ["pipe", "pipe", "ignore"] });
  const got = await new Promise((resolve) => {
    held.stdout!.once("data", () => resolve(true));
    held.once("close", () => resolve(false));
    held.once("error", () => resolve(false));
  });
  return got === true ? held : undefined;
}

describe.skipIf(whyNotLive() !== "" || unified === undefined)("limits on v2", () => {
  const FILES = { hugetlb: ["hugetlb.2MB.max", 2 * MiB], pids: ["pids.max", 10] } as const;
  let held: ChildProcess | undefined;
  let nest: Nest | undefined;
  let enabled: (keyof typeof FILES)[] = [];
  let reason = "another process has the machine's controllers";

  beforeAll(async () => {
    held = existsSync(LOCK) ? await lock() : undefined;
    if (held === undefined) return;
    const available = readFileSync(`${unified}/cgroup.controllers`, "utf8").split(/\s/);
    enabled = (Object.keys(FILES) as (keyof typeof FILES)[]).filter((controller) => available.includes(controller));
    reason = "neither hugetlb nor pids is on v2";
    if (enabled.length === 0) return;
    writeFileSync(`${unified}/cgroup.subtree_control`, enabled.map((controller) => `+${controller}`).join(" "));
    nest = new Nest(`cgroupns-limits2-${process.pid}`, { v2: unified! });
    for (const level of ["", "outer", "outer/middle"] as const) nest.write("v2", level, "cgroup.subtree_control", enabled.map((controller) => `+${controller}`).join(" "));
  });
  afterAll(() => {
    nest?.[Symbol.dispose]();
    if (nest !== undefined) writeFileSync(`${unified}/cgroup.subtree_control`, enabled.map((controller) => `-${controller}`).join(" "));
    held?.kill();
  });

  const found = (of: Limits, controller: keyof typeof FILES) => (controller === "pids" ? of.pids : of.hugetlb["2MB"]);

  test.for(["hugetlb", "pids"] as const)("%s: set at each level, seen by everybody", async (controller, { skip }) => {
    if (nest === undefined || !enabled.includes(controller)) return skip(nest === undefined ? reason : `${controller} is not on v2 here`);
    const pid = nest.sleeper("outer/middle/inner");
    const [file, small] = FILES[controller];
    for (const level of LEVELS) {
      for (const other of LEVELS) nest.write("v2", other, file, other === level ? small : small * 4);
      expect(found(limits(pid), controller)).toMatchObject({ max: small, from: nest.path(level), how: "exact" });
      expect(found(await inside(nest.run("outer/middle/inner", PRINT)), controller)).toMatchObject({ max: small, from: nest.path(level), how: "exact" });
      const above = { outer: "/../..", "outer/middle": "/..", "outer/middle/inner": "/" }[level];
      const shared = await inside(nest.run("outer/middle/inner", ["unshare", "--cgroup", ...PRINT]));
      expect(found(shared, controller)).toMatchObject({ max: small, from: above, how: "exact" });
      const own = 'mount -t tmpfs none /sys/fs/cgroup; mkdir /sys/fs/cgroup/u; mount -t cgroup2 none /sys/fs/cgroup/u; exec "$@"';
      const apart = await inside(nest.run("outer/middle/inner", ["unshare", "--cgroup", "--mount", "sh", "-c", own, "sh", ...PRINT]));
      expect(found(apart, controller)).toMatchObject({ max: level === "outer/middle/inner" ? small : small * 4, from: "/", how: "visible" });
      expect(found(apart, controller)!.reason).toMatch(/namespace's root cannot be seen/);
      const bind = `mount -t tmpfs none /mnt; mkdir /mnt/u; mount --bind ${nest.directory("v2", "outer/middle")} /mnt/u; mount -t tmpfs none /sys/fs/cgroup; exec "$@"`;
      const below = await inside(nest.run("outer/middle/inner", ["unshare", "--mount", "sh", "-c", bind, "sh", ...PRINT]));
      expect(found(below, controller)).toMatchObject(level === "outer" ? { max: small * 4, from: nest.path("outer/middle") } : { max: small, from: nest.path(level) });
    }
  });
});
