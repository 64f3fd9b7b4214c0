// Operations a second of the model, in process: recorded scripts of every family, 150 operations each, every batch on a fresh
// machine, results built; read anew before each time, as whoever serves them does; with the results as text too; and the live
// oracle on the same scripts, where it is at hand.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { formatResults, Replay } from "../dist/ts/replay/index.js";

const ROUNDS = 25;
const WARM_UP_MS = 3000;
const folder = new URL("../test/kernel/goldens/", import.meta.url);
const scripts = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")).map((script) => ({ family: file.slice(0, -5), ...script })))
  .filter(({ ops }) => ops.length >= 100);

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const count = (list) => list.reduce((sum, { ops }) => sum + ops.length, 0);
const thousands = (value) => Math.round(value).toLocaleString("en");

function answers({ options, base, ops }) {
  const replay = new Replay({ ...options, base });
  return ops.map((op) => replay.run(op));
}

const texts = new Map(scripts.map((script) => [script, JSON.stringify({ ...script, results: undefined })]));

/** What is timed, and of what. */
const lanes = [
  ["the model, results built", answers],
  ["  each batch read anew before", answers, (script) => JSON.parse(texts.get(script))],
  ["the model, results as text", (script) => formatResults(answers(script))],
  ["a fresh machine alone", ({ options, base }) => new Replay({ ...options, base })],
];

function timed(act, script, read = (same) => same) {
  const given = read(script);
  const start = performance.now();
  act(given);
  return performance.now() - start;
}

for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) for (const [, act] of lanes) for (const script of scripts) act(script);
const times = lanes.map(() => scripts.map(() => []));
for (let round = 0; round < ROUNDS; round++) {
  for (const [lane, [, act, read]] of lanes.entries()) for (const [n, script] of scripts.entries()) times[lane][n].push(timed(act, script, read));
}

/** Operations a second, from one figure of each batch's rounds. */
function rate(lane, figure, wanted = () => true) {
  const chosen = scripts.map((script, n) => [script, times[lane][n]]).filter(([script]) => wanted(script));
  return (count(chosen.map(([script]) => script)) / chosen.reduce((sum, [, rounds]) => sum + figure([...rounds]), 0)) * 1000;
}

const quickest = (values) => Math.min(...values);
const row = (name, one, other) => console.log(`  ${name.padEnd(30)} ${thousands(one).padStart(10)} ${thousands(other).padStart(12)}`);
const built = rate(0, median);
console.log(`${scripts.length} batches, ${thousands(count(scripts))} operations, ${ROUNDS} rounds; operations a second`);
console.log(`  ${"each batch's".padEnd(30)} ${"median".padStart(10)} ${"quickest".padStart(12)}`);
for (const [lane, [name]] of lanes.slice(0, -1).entries()) row(name, rate(lane, median), rate(lane, quickest));
for (const family of new Set(scripts.map((script) => script.family))) {
  const own = (script) => script.family === family;
  row(`  ${family}`, rate(0, median, own), rate(0, quickest, own));
}
console.log(`  a fresh machine takes ${((1000 * count(scripts)) / scripts.length / rate(lanes.length - 1, median)).toFixed(2)} ms of each batch`);

const oracle = fileURLToPath(new URL("../../shared/oracle/oracle.py", import.meta.url));
const why = process.getuid?.() !== 0 ? "not root" : existsSync(oracle) ? "" : "it is not here";
if (why !== "") console.log(`  the oracle: skipped, ${why}`);
else await raceOracle();

/** Batch after batch; scripts in which somebody is frozen or waited for would only show how long they wait. */
async function raceOracle() {
  const plain = scripts.filter(({ options, ops, results }) => {
    const isWaiting = ops.some(({ op }) => op === "sleep" || op === "wait_file") || results.some(({ err }) => err === "TIMEOUT");
    return !isWaiting && !options.exclusive && String(options.v1 ?? "pids") === "pids";
  });
  const child = spawn("python3", [oracle, "--serve", "--base", `cgns-bench-${process.pid}`], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const each = [];
  for (const script of [plain[0], ...plain]) {
    const start = performance.now();
    child.stdin.write(`${JSON.stringify(script.ops)}\n`);
    await lines.next();
    each.push((script.ops.length / (performance.now() - start)) * 1000);
  }
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.stdin.end();
  await ended;
  const live = median(each.slice(1));
  console.log(`  the oracle, ${plain.length} of them        ${thousands(live).padStart(10)}, median of batches; the model is ${thousands(built / live)} times as fast`);
}
