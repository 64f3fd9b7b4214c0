// One million cgroups in one instance: built, looked up and walked; bytes a cgroup. And the size of the release Wasm.

import { readFileSync } from "node:fs";
import { Hierarchy } from "../dist/ts/index.js";
import { fieldPaths } from "./field.mjs";

const COUNT = 1_000_000;
const paths = fieldPaths(COUNT);
const names = paths.reduce((sum, path) => sum + path.length - path.lastIndexOf("/") - 1, 0);
const bytes = Buffer.from(`${paths.join("\n")}\n`);
const tree = new Hierarchy();

const timed = (work) => {
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
};

const [building] = timed(() => {
  let parent = tree.root;
  let above = "";
  for (const path of paths) {
    const slash = path.lastIndexOf("/");
    const wanted = path.slice(0, slash);
    if (wanted !== above) parent = wanted === "" ? tree.root : tree.get(wanted);
    above = wanted;
    parent.create(path.slice(slash + 1));
  }
});
const [looking, { numbers }] = timed(() => tree.resolveMany(bytes));
if (numbers.includes(0)) throw new Error("a path was not found");
const [walking, walked] = timed(() => {
  let count = 0;
  for (const _ of tree.walk()) count++;
  return count;
});
if (walked !== COUNT + 1) throw new Error(`${walked} cgroups were walked`);
const { bytes: memory, loadFactor, longestProbe } = tree.stats();
console.log(`built ${(building / 1e3).toFixed(2)} s, looked up ${(looking / 1e3).toFixed(2)} s, walked ${(walking / 1e3).toFixed(2)} s`);
console.log(`${(memory / COUNT).toFixed(0)} bytes a cgroup, ${(names / COUNT).toFixed(0)} of them its name; load ${loadFactor.toFixed(2)}, longest probe ${longestProbe} buckets`);
const wasm = readFileSync(new URL("../build/core.wasm", import.meta.url));
console.log(`release Wasm: ${wasm.length} bytes, ${WebAssembly.Module.imports(new WebAssembly.Module(wasm)).length} imports`);
