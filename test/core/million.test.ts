// One million cgroups in one instance (CGROUPNS_MILLION=1; fewer otherwise): built, looked up, walked.

import { expect, test } from "vitest";
import { fieldPaths } from "../../ts/cli/field.ts";
import { Hierarchy } from "../../ts/index.ts";

const COUNT = process.env.CGROUPNS_MILLION === "1" ? 1_000_000 : 50_000;

test(`${COUNT} cgroups are built, looked up and walked in one instance`, () => {
  const paths = fieldPaths(COUNT);
  const tree = new Hierarchy();
  let parent = tree.root;
  let above = "";
  for (const path of paths) {
    const slash = path.lastIndexOf("/");
    const wanted = path.slice(0, slash);
    if (wanted !== above) parent = wanted === "" ? tree.root : tree.get(wanted)!;
    above = wanted;
    parent.create(path.slice(slash + 1));
  }
  const { numbers } = tree.resolveMany(Buffer.from(paths.join("\n")));
  expect(numbers.indexOf(0)).toBe(-1);
  expect(new Set(numbers).size).toBe(COUNT);
  let walked = 0;
  for (const _ of tree.walk()) walked++;
  expect(walked).toBe(COUNT + 1);
  const names = paths.reduce((sum, path) => sum + path.length - path.lastIndexOf("/") - 1, 0);
  const { bytes } = tree.stats();
  console.log(`${(bytes / COUNT).toFixed(0)} bytes a cgroup, ${(names / COUNT).toFixed(0)} of them its name`);
  expect(bytes).toBeLessThan((names + COUNT * 100) * 1.07 + (4 << 20));
}, 600_000);
