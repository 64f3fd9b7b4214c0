// `npm run bench`: our lanes beside what one would write instead, on the same bytes, round by round in one process. Prints
// a table for each race, writes results.json and curves.svg. Ratios travel between machines, nanoseconds do not.
//
//   --quick   5,000 cgroups only        --ten-million   10 M cgroups as well (give node a heap of 16 GB)
//   --sizes 5000,200000                 the sizes to run; results.json and curves.svg are written when it ran them all

import { writeFileSync } from "node:fs";
import { building } from "./building.mjs";
import { judge, losses } from "./claims.mjs";
import { drawCurves } from "./curves.mjs";
import { growth } from "./growth.mjs";
import { KernelLanes } from "./kernel.mjs";
import { LIMIT } from "./limit.mjs";
import { misuse, optionsOf } from "./options.mjs";
import { COPIED, IN_PLACE } from "./ours.mjs";
import { KINDS } from "./queries.mjs";
import { scale } from "./scale.mjs";
import { deepPaths, hostPaths, widePaths } from "./shapes.mjs";
import { Size, TYPED } from "./sizes.mjs";
import { plain, raceTable } from "./tables.mjs";

const flags = optionsOf({ quick: { type: "boolean" }, "ten-million": { type: "boolean" }, sizes: { type: "string" } });
const ALL = [5_000, 200_000, 1_000_000];
const HUGE = 10_000_000;
const EXTREME = 200_000;
const CURVES = [IN_PLACE, COPIED, LIMIT, TYPED, "Map", "ours, one string at a time"];

// Whoever is interrupted still removes what was made.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const results = { node: process.version, machine: `${process.platform} ${process.arch}`, sizes: {} };

for (const size of wantedSizes()) results.sizes[size] = await runSize(size);
if (flags.sizes === undefined && !flags.quick) {
  console.log(plain(["a path in a larger tree, in place", "ns in the one", "ns in the other", "times", "at most", ""], [await scale()]));
  await runShape("wide: one parent of all", widePaths(EXTREME));
  await runShape("deep: chains of 64 levels", deepPaths(EXTREME));
  writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(new URL("curves.svg", import.meta.url), drawCurves("bytes → nodes, uniform: nanoseconds a path", curves()));
}

function wantedSizes() {
  if (flags.sizes !== undefined) return flags.sizes.split(",").map(asSize);
  if (flags.quick) return ALL.slice(0, 1);
  return flags["ten-million"] ? [...ALL, HUGE] : ALL;
}

function asSize(text) {
  const size = Number(text);
  return Number.isInteger(size) && size > 0 && size <= HUGE ? size : misuse(`--sizes takes numbers of cgroups up to ${HUGE}, with commas between: '${text}' is none`);
}

async function runSize(count) {
  // First, while this process is small: pages that nobody had before are slow to come by where the machine is a virtual one.
  const made = building(count);
  const paths = hostPaths(count);
  const heading = `${count.toLocaleString("en")} cgroups`;
  console.log(`\n${heading}, ${paths.average.toFixed(0)} bytes a path on average`);
  const size = new Size(paths);
  const groups = [];
  const add = async (group) => {
    groups.push(await group);
    console.log(raceTable(heading, groups.at(-1)));
  };
  try {
    for (const kind of KINDS) await add(size.lookUps(kind));
    await add(size.single());
    await add(size.strings());
    if (count < HUGE) await add(size.views());
    await add(size.ids());
    await add(size.ancestry());
    await add(size.rollUps());
    if (KernelLanes.isHere) await add(size.kernel());
  } finally {
    size.close();
  }
  const memory = [...size.memory].map(([name, bytes]) => [name, bytes]);
  console.log(plain([`${heading}: memory`, "bytes a cgroup"], memory));
  console.log([plain([`${heading}: building`, "M a second", "lowest", "highest"], made.rows), ...made.left].join("\n"));
  if (count < HUGE) console.log(plain([`${heading}: batches while it grows, ms`, "batches", "p50", "p99", "longest"], growth(paths)));
  console.log(plain([`${heading}: claims`, "measured", "asked", ""], judge(count, groups)));
  for (const loss of losses(groups)) console.log(`we lose: ${loss}`);
  return { bytesAPath: paths.average, races: groups.map(asData), memory: Object.fromEntries(memory), building: made.rows };
}

async function runShape(name, paths) {
  const size = new Size(paths);
  try {
    const group = await size.lookUps(KINDS[0]);
    console.log(raceTable(`${name}, ${paths.average.toFixed(0)} bytes a path`, group));
    results[name] = asData(group);
  } finally {
    size.close();
  }
}

function asData({ title, rounds, base }) {
  const lanes = {};
  for (const name of rounds.times.keys()) {
    const [low, high] = rounds.spread(name);
    lanes[name] = { ns: rounds.middle(name), low, high, ...(base === undefined ? {} : { ratio: rounds.ratio(name, base) }) };
  }
  return { title, base, lanes };
}

// Of the Map lanes the fastest of each size.
function curves() {
  return CURVES.flatMap((name) => {
    const points = Object.entries(results.sizes).map(([count, { races }]) => [Number(count), laneOf(races, name === "Map" ? races[0].base : name)?.ns]);
    return points.some(([, ns]) => ns === undefined) ? [] : [{ name: name === "Map" ? "Map, from the same bytes" : name, points }];
  });
}

function laneOf(races, name) {
  return races.find(({ lanes }) => name in lanes)?.lanes[name];
}
