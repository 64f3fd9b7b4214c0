// `npm run bench`: look-ups of field-like paths, our lanes beside what one would write instead, on the same bytes, round
// by round in one process; medians of the rounds. Every lane starts from bytes, as a pipeline does, and its results are
// consumed. Ratios travel between machines, nanoseconds do not.

import { closeSync, existsSync, openSync, readSync } from "node:fs";
import Table from "cli-table3";
import { Volume } from "memfs";
import { Bench } from "tinybench";
import { Hierarchy } from "../dist/ts/index.js";
import { fieldPaths, queries } from "./field.mjs";

const SIZES = process.argv.includes("--quick") ? [5_000] : [5_000, 200_000];
const BATCH = 2_048;
const ROUNDS = 7;
let consumed = 0;

function trieOf(paths) {
  const root = new Map();
  for (const path of paths) {
    let at = root;
    for (const name of path.split("/").slice(1)) {
      if (!at.has(name)) at.set(name, new Map());
      at = at.get(name);
    }
  }
  return root;
}

function inTrie(root, path) {
  let at = root;
  for (const name of path.split("/").slice(1)) {
    at = at.get(name);
    if (at === undefined) return undefined;
  }
  return at;
}

function lanes(paths) {
  const tree = new Hierarchy();
  for (const path of paths) tree.create(path, { recursive: true });
  const bytes = queries(paths, BATCH);
  const map = new Map(paths.map((path, index) => [path, index]));
  const trie = trieOf(paths);
  const out = new Uint32Array(BATCH);
  // Each lane gets its strings fresh from the bytes: nothing is interned, nothing is cached in the string.
  const each = (look) => () => {
    let at = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, at)) {
      if (look(bytes.latin1Slice(at, end)) !== undefined) consumed++;
      at = end + 1;
    }
  };
  const all = {
    "ours, in bulk": () => {
      consumed += tree.resolveMany(bytes, { out }).numbers[BATCH - 1] > 0 ? BATCH : 0;
    },
    "ours, one by one": each((path) => tree.get(path)),
    "Map of paths": each((path) => map.get(path)),
    "trie of Maps": each((path) => inTrie(trie, path)),
  };
  if (paths.length <= 5_000) {
    const volume = new Volume();
    for (const path of paths) volume.mkdirSync(path, { recursive: true });
    all["memfs statSync"] = each((path) => volume.statSync(path));
    if (existsSync("/proc/self/cgroup")) Object.assign(all, kernelLanes());
  }
  return all;
}

// What the kernel itself takes to tell one process's path.
function kernelLanes() {
  const buffer = Buffer.alloc(1 << 16);
  const held = openSync("/proc/self/cgroup", "r");
  const times = (work) => () => {
    for (let i = 0; i < BATCH; i++) consumed += work() > 0 ? 1 : 0;
  };
  return {
    "kernel, /proc/PID/cgroup opened": times(() => {
      const fd = openSync("/proc/self/cgroup", "r");
      const length = readSync(fd, buffer, 0, buffer.length, 0);
      closeSync(fd);
      return length;
    }),
    "kernel, held open and read again": times(() => readSync(held, buffer, 0, buffer.length, 0)),
  };
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

async function measure(work) {
  const times = new Map(Object.keys(work).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({ time: 60, warmupTime: round === 0 ? 200 : 20, iterations: 3 });
    for (const [name, lane] of Object.entries(work)) bench.add(name, lane);
    await bench.run();
    for (const { name, result } of bench.tasks) {
      if (result.state !== "completed") throw result.error ?? new Error(`${name}: ${result.state}`);
      times.get(name).push((result.latency.p50 * 1e6) / BATCH);
    }
  }
  return times;
}

for (const size of SIZES) {
  const paths = fieldPaths(size);
  const average = paths.reduce((sum, path) => sum + path.length, 0) / paths.length;
  const times = await measure(lanes(paths));
  const base = median(times.get("Map of paths"));
  const table = new Table({ head: [`${size} cgroups, ${average.toFixed(0)} bytes a path`, "ns a path", "spread", "× Map"], colAligns: ["left", "right", "right", "right"], style: { head: [], border: [] } });
  for (const [name, values] of times) {
    const middle = median(values);
    const spread = `${values[0].toFixed(0)}–${values.at(-1).toFixed(0)}`;
    table.push([name, middle.toFixed(0), spread, (base / middle).toFixed(2)]);
  }
  console.log(table.toString());
}
console.log(`${consumed} results consumed`);
