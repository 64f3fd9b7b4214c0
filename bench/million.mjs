// One million cgroups in one instance: built, looked up and walked; bytes a cgroup. And the size of the release Wasm.
// With --ten-million ten of them. Paths are made and thrown away in parts, so that they do not need the memory.

import { readFileSync } from "node:fs";
import { Hierarchy } from "../dist/ts/index.js";
import { optionsOf } from "./options.mjs";
import { fill, nonZero } from "./ours.mjs";
import { hostPaths } from "./shapes.mjs";

const flags = optionsOf({ "ten-million": { type: "boolean" } });
const COUNT = flags["ten-million"] ? 10_000_000 : 1_000_000;
const PART = 100_000;

const paths = hostPaths(COUNT);
const tree = new Hierarchy();

const timed = (work) => {
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
};

function inParts(work) {
  let sum = 0;
  for (let from = 0; from < COUNT; from += PART) sum += work(from, Math.min(COUNT, from + PART)) ?? 0;
  return sum;
}

/** How many cgroups a walk comes by: in one list where the library has it. */
function walk() {
  if (typeof tree.subtree === "function") return tree.subtree().numbers.length;
  let count = 0;
  for (const _ of tree.walk()) count++;
  return count;
}

const [building] = timed(() => inParts((from, to) => fill(tree, paths, from, to)));
const [looking, found] = timed(() => inParts((from, to) => nonZero(tree.resolveMany(paths.lines(from, to)).numbers)));
if (found !== COUNT) throw new Error(`${found} paths were found`);
const [walking, walked] = timed(walk);
if (walked !== COUNT + 1) throw new Error(`${walked} cgroups were walked`);

const { bytes: memory, loadFactor, longestProbe } = tree.stats();
const each = (milliseconds) => `${(milliseconds / 1e3).toFixed(2)} s (${((milliseconds * 1e6) / COUNT).toFixed(0)} ns each)`;
console.log(`${COUNT.toLocaleString("en")} cgroups: built ${each(building)}, looked up ${each(looking)}, walked ${each(walking)}`);
console.log(`${(memory / COUNT).toFixed(0)} bytes a cgroup, ${(paths.nameBytes / COUNT).toFixed(0)} of them its name; load ${loadFactor.toFixed(2)}, longest probe ${longestProbe} buckets`);
const wasm = readFileSync(new URL("../build/core.wasm", import.meta.url));
console.log(`release Wasm: ${wasm.length} bytes, ${WebAssembly.Module.imports(new WebAssembly.Module(wasm)).length} imports`);
