// A test of somebody's: its program imports node:fs and knows nothing of a model, the test mocks node:fs with task.fs.

import fs, { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";

const task = await vi.hoisted(async () => {
  const { Kernel } = await import("../../ts/kernel/kernel.ts");
  return Kernel.preset("docker-v2-private").find("app")!;
});
vi.mock("node:fs", () => task.fs);
vi.mock("node:fs/promises", () => task.fs.promises);

test("named and default imports, sync and promises, are the model's", async () => {
  expect(readFileSync("/proc/self/cgroup", "utf8")).toBe("0::/\n");
  expect(fs.readFileSync("/sys/fs/cgroup/memory.max", "utf8")).toBe("536870912\n");
  expect(await readFile("/etc/hostname", "utf8")).toBe("b1eba9dfaeba\n");
  expect(await fs.promises.readFile("/proc/1/cgroup", { encoding: "utf8" })).toBe("0::/\n");
  expect([existsSync("/.dockerenv"), existsSync("/var/lib/docker")]).toEqual([true, false]);
});
