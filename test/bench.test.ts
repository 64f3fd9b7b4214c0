// The benches as commands: what is wrong with their options is said in one line.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

function run(bench: string, ...options: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL(`../bench/${bench}`, import.meta.url)), ...options], { encoding: "utf8" });
  return { status, output: stdout + stderr };
}

test.each([
  ["run.mjs", "--nope"],
  ["run.mjs", "extra"],
  ["run.mjs", "--sizes", "many"],
  ["run.mjs", "--sizes", "5000,,"],
  ["check.mjs", "--keep=yes"],
  ["million.mjs", "--hundred-million"],
  ["building.mjs", "none"],
  ["building.mjs", "5000", "6000"],
  ["streams.mjs", "-1"],
])("%s %s: one line on stderr, exit 2", (bench, ...options) => {
  const { status, output } = run(bench, ...options);
  expect(status).toBe(2);
  expect(output).toMatch(/^[^\n]+\n$/);
});
