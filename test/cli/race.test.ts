// The race of the demo, small: both lanes find the same cgroups, and the rates are numbers.

import { expect, test } from "vitest";
import { fieldPaths } from "../../ts/cli/field.ts";
import { race } from "../../ts/cli/race.ts";

test("both lanes agree", () => {
  const { paths, ours, map } = race(2_000, 10_000, false);
  expect(paths).toBe(10_000);
  expect(ours).toBeGreaterThan(0);
  expect(map).toBeGreaterThan(0);
});

test("the paths are distinct, long, and have their parents before them", () => {
  const paths = fieldPaths(5_000);
  expect(new Set(paths).size).toBe(5_000);
  expect(paths.reduce((sum, path) => sum + path.length, 0) / paths.length).toBeGreaterThanOrEqual(150);
  const known = new Set([""]);
  for (const path of paths) {
    expect(known.has(path.slice(0, path.lastIndexOf("/")))).toBe(true);
    known.add(path);
  }
});
