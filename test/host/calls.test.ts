// How often the kernel is asked: at most one readdir, one stat and one file read for each cgroup of each hierarchy, and
// four reads or links for each process. Counted on the machine the test runs on.

import { expect, test, vi } from "vitest";

const counts = new Map<string, number>();
const count = (what: string, path: unknown): void => {
  const key = `${what} ${Buffer.isBuffer(path) ? path.toString("latin1") : path}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const counted = (name: string, call: unknown) => (...args: unknown[]) => {
    count(name, args[0]);
    return (call as (...args: unknown[]) => unknown)(...args);
  };
  const names = ["openSync", "readdirSync", "statSync", "readlinkSync"] as const;
  return { ...fs, ...Object.fromEntries(names.map((name) => [name, counted(name, fs[name])])) };
});

const { Host } = await import("../../ts/host/index.ts");

test.skipIf(process.platform !== "linux")("one readdir and one stat a cgroup, four reads or links a process", () => {
  const host = Host.readSync({ roots: false });
  const { hierarchies, tasks, skipped } = host.snapshot;
  const cgroups = hierarchies.reduce((sum, hierarchy) => sum + hierarchy.cgroups.length, 0);
  const mounts = hierarchies.reduce((sum, hierarchy) => sum + hierarchy.mounts.length, 0);
  const made = (call: string, where: (path: string) => boolean): number =>
    [...counts].filter(([key]) => key.startsWith(call) && where(key.slice(call.length + 1))).reduce((sum, [, n]) => sum + n, 0);
  const inProc = (path: string): boolean => /^\/proc\/[0-9]/.test(path);
  const elsewhere = (path: string): boolean => !path.startsWith("/proc");
  expect(made("readdirSync", elsewhere)).toBeLessThanOrEqual(cgroups + skipped.cgroups);
  expect(made("statSync", elsewhere)).toBeLessThanOrEqual(cgroups + skipped.cgroups + mounts);
  expect(made("openSync", inProc) + made("readlinkSync", inProc)).toBeLessThanOrEqual(4 * (tasks.length + skipped.processes));
  // Directories too far down for a path, others' that come and go meanwhile, are opened.
  expect(made("openSync", (path) => elsewhere(path) && path.length < 1000)).toBeLessThanOrEqual(1);
  expect(tasks.length).toBeGreaterThan(0);
});
