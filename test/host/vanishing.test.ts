// What is gone when it is looked at is skipped and counted; what may not be read is reported. Neither is thrown.

import { expect, test, vi } from "vitest";

const GONE = "999999998";
const FORBIDDEN = "999999999";

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const failing = (code: string, path: string): never => {
    throw Object.assign(new Error(`${code}: made up, open '${path}'`), { code });
  };
  return {
    ...fs,
    readdirSync: (path: string, options?: object) => {
      const entries = fs.readdirSync(path, options as never) as unknown as string[];
      return path === "/proc" ? [...entries, GONE, FORBIDDEN] : entries;
    },
    openSync: (path: string, flags: string) => {
      if (String(path).startsWith(`/proc/${FORBIDDEN}/`)) failing("EACCES", path);
      return fs.openSync(path, flags);
    },
  };
});

const { Host } = await import("../../ts/host/index.ts");

test.skipIf(process.platform !== "linux")("a process that vanishes is counted, one that may not be read is reported", () => {
  const host = Host.readSync({ roots: false });
  expect(host.snapshot.skipped.processes).toBeGreaterThanOrEqual(1);
  expect(host.snapshot.refused.join("\n")).toContain(`EACCES: made up, open '/proc/${FORBIDDEN}/cgroup'`);
  expect(host.snapshot.tasks.some(({ pid }) => pid === Number(GONE) || pid === Number(FORBIDDEN))).toBe(false);
  expect(host.task("self").pid).toBe(process.pid);
});
