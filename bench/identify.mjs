// `node bench/identify.mjs`: identify() of a process, as a ratio to reading the same two files bare and nothing else. First
// calls in fresh programs, where nothing has been compiled yet, the two taking turns; then of many processes in one program.
// Medians, in milliseconds, and of whole programs the least too: what a machine without other work would come near.

import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "./rounds.mjs";

const library = fileURLToPath(new URL("../dist/ts/host/index.js", import.meta.url));
const PROGRAMS = 25;
const PROCESSES = 100;
const ROUNDS = 7;

const bare = "readFileSync('/proc/self/cgroup', 'utf8'); readFileSync('/proc/self/mountinfo', 'utf8')";
const program = (work) => `
  import { readFileSync } from "node:fs";
  const { identify } = await import(${JSON.stringify(library)});
  const pid = "self";
  const start = performance.now();
  ${work};
  console.log(performance.now() - start);`;

function first(work) {
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program(work)], { encoding: "utf8" });
  return Number(stdout);
}

const lanes = { ours: [], bare: [] };
for (let n = 0; n < PROGRAMS; n++) {
  lanes.ours.push(first("identify(pid)"));
  lanes.bare.push(first(bare));
}
print("first call of a program", median(lanes.ours), median(lanes.bare));
print("the same, least", Math.min(...lanes.ours), Math.min(...lanes.bare));

const { identify } = await import(library);
const { readFileSync } = await import("node:fs");
const children = Array.from({ length: PROCESSES }, () => spawn("sleep", ["1000"], { stdio: "ignore" }));
const pids = children.map(({ pid }) => pid);

function timed(work) {
  const start = performance.now();
  for (const pid of pids) work(pid);
  return (performance.now() - start) / pids.length;
}

const rounds = Array.from({ length: ROUNDS }, () => [
  timed((pid) => identify(pid)),
  timed((pid) => ["cgroup", "mountinfo"].map((name) => readFileSync(`/proc/${pid}/${name}`, "utf8"))),
]);
// The first round is each process's first; the compiler has seen one call.
print(`first call of each of ${PROCESSES} processes`, rounds[0][0], rounds[0][1]);
print("later calls", median(rounds.slice(1).map(([ours]) => ours)), median(rounds.slice(1).map(([, theirs]) => theirs)));
for (const child of children) child.kill("SIGKILL");

function print(what, ours, theirs) {
  console.log(`${what.padEnd(36)} identify() ${ours.toFixed(3)} ms   bare reads ${theirs.toFixed(3)} ms   ratio ${(ours / theirs).toFixed(1)}`);
}
