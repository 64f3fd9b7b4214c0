// Cgroups a second into a new tree: in bulk from bytes, one at a time, from an image; and into a Map of paths. A few times
// each, small ones so often that the engine has compiled what it will; by turns; in a process of its own, where no other
// lane's heap is collected at each growth of ours.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Hierarchy } from "../dist/ts/index.js";
import { mapOf } from "./maps.mjs";
import { countOf } from "./options.mjs";
import { fill } from "./ours.mjs";
import { median } from "./rounds.mjs";
import { hostPaths } from "./shapes.mjs";

const FEW = 3;
/** Cgroups that each way makes in all its rounds, at least. */
const MANY = 400_000;

const SELF = fileURLToPath(import.meta.url);

/** Rows of a table: a name and millions a second, median, lowest and highest; or why a lane is left out. */
export function building(count) {
  return JSON.parse(execFileSync(process.execPath, [...process.execArgv, SELF, String(count)], { encoding: "utf8" }));
}

function built(paths) {
  const tree = new Hierarchy();
  fill(tree, paths);
  const image = typeof tree.toImage === "function" ? tree.toImage() : undefined;
  const left = [];
  const ways = [["one at a time, strings", () => oneByOne(paths)], ["Map of paths, strings from bytes", () => mapOf(paths)]];
  if (typeof tree.createMany === "function") ways.unshift(["in bulk, from bytes", () => fill(new Hierarchy(), paths)]);
  else left.push("building in bulk: left out, no createMany yet");
  if (image !== undefined) ways.push(["from an image", () => Hierarchy.fromImage(image)], ["to an image", () => tree.toImage()]);
  else left.push("images: left out, no toImage yet");
  const rates = ways.map(() => []);
  const rounds = Math.max(FEW, MANY / paths.length);
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, work]] of ways.entries()) {
      const start = performance.now();
      work();
      rates[i].push(paths.length / (performance.now() - start) / 1000);
    }
  }
  return { rows: ways.map(([name], i) => [name, median(rates[i]), Math.min(...rates[i]), Math.max(...rates[i])]), left };
}

function oneByOne(paths) {
  const tree = new Hierarchy();
  const made = [];
  for (let i = 0; i < paths.length; i++) {
    const parent = paths.parents[i] < 0 ? tree.root : made[paths.parents[i]];
    made.push(parent.create(paths.name(i), { id: paths.ids[i] }));
  }
  return made;
}

if (process.argv[1] === SELF) console.log(JSON.stringify(built(hostPaths(countOf(200_000, 10_000_000)))));
