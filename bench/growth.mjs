// Batches while the table grows: each adds cgroups and looks others up, ours and a Map side by side. A Map rehashes all at
// once, in one batch; ours a little with each cgroup, in all the batches of a rehash. What a pipeline feels of it is the
// 99th percentile of a batch's time, and the longest one.

import { Hierarchy } from "../dist/ts/index.js";
import { batches, cycle } from "./queries.mjs";
import { each, mapOf } from "./maps.mjs";
import { fill } from "./ours.mjs";
import { widePaths } from "./shapes.mjs";

const ADDED = 128;

/** Milliseconds of a batch: p50, p99, and the longest, of ours while a rehash was in flight, ours else, and the Map. */
export function growth(paths) {
  const tree = new Hierarchy();
  fill(tree, paths);
  const map = mapOf(paths);
  const more = widePaths(Math.max(20_000, paths.length), 5, paths.length + 2);
  const stream = cycle(batches(paths));
  const times = { "ours, rehash in flight": [], "ours, else": [], "Map": [] };
  fill(tree, more, 0, 1);
  for (let at = 1; at + ADDED <= more.length; at += ADDED) {
    const { bytes } = stream();
    const start = performance.now();
    fill(tree, more, at, at + ADDED);
    tree.resolveMany(bytes);
    const middle = performance.now();
    for (let i = at; i < at + ADDED; i++) map.set(more.path(i), i);
    each(bytes, (from, to) => map.get(bytes.latin1Slice(from, to)));
    times.Map.push(performance.now() - middle);
    times[tree.stats().bucketsToMove > 0 ? "ours, rehash in flight" : "ours, else"].push(middle - start);
  }
  return Object.entries(times).map(([name, all]) => [name, all.length, ...percentiles(all)]);
}

function percentiles(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return [0.5, 0.99, 1].map((part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN);
}
