// Host.readSync() beside a bare loop that makes the same system calls and drops what they say: 5,000 own cgroups and 500
// processes (Linux, root). The time of the namespace helpers is printed apart.

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { Host } from "../dist/ts/host/index.js";

const CGROUPS = 5000;
const PROCESSES = 500;
const ROUNDS = 9;

const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n").filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(" ")[4]);
const unified = readFileSync("/proc/self/mountinfo", "utf8").split("\n").find((line) => line.includes(" - cgroup2 "))?.split(" ")[4];
if (unified === undefined || process.getuid?.() !== 0) {
  console.log("skipped: needs root and a cgroup2 mount");
  process.exit(0);
}

const base = `${unified}/cgroupns-bench-${process.pid}`;
const made = [base];
mkdirSync(base);
for (let i = 0; made.length <= CGROUPS; i++) {
  made.push(`${base}/pod${i}`);
  for (let j = 0; j < 49 && made.length <= CGROUPS; j++) made.push(`${base}/pod${i}/container-${j}.scope`);
}
for (const path of made.slice(1)) mkdirSync(path);
const children = Array.from({ length: PROCESSES }, () => spawn("sleep", ["1000"], { stdio: "ignore" }));
for (const [i, child] of children.entries()) writeFileSync(`${made[1 + i * 9]}/cgroup.procs`, String(child.pid));

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const buffer = Buffer.alloc(1 << 16);

function read(path) {
  const fd = openSync(path, "r");
  readSync(fd, buffer, 0, buffer.length, null);
  closeSync(fd);
}

function bareTree(path) {
  statSync(path, { bigint: true });
  for (const entry of readdirSync(path, { encoding: "buffer", withFileTypes: true })) {
    if (entry.isDirectory()) bareTree(`${path}/${entry.name}`);
  }
}

function bare() {
  for (const mount of mounts) bareTree(mount);
  for (const pid of readdirSync("/proc")) {
    if (!/^[0-9]/.test(pid)) continue;
    try {
      read(`/proc/${pid}/cgroup`);
      readlinkSync(`/proc/${pid}/ns/cgroup`);
      read(`/proc/${pid}/status`);
      read(`/proc/${pid}/cmdline`);
    } catch {
      // It has gone.
    }
  }
}

function timed(work) {
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
}

const ours = [];
const theirs = [];
for (let round = 0; round < ROUNDS; round++) {
  theirs.push(timed(bare)[0]);
  const [ms, host] = timed(() => Host.readSync());
  ours.push(ms);
  if (host.snapshot.tasks.length < PROCESSES) throw new Error("processes are missing");
}
const [us, them] = [median(ours), median(theirs)];
console.log(`Host.readSync()  ${us.toFixed(1)} ms   bare loop  ${them.toFixed(1)} ms   ratio ${(us / them).toFixed(2)}`);

// One namespace with a root of its own: what its helper costs.
const inside = spawn("unshare", ["--cgroup", "sleep", "1000"], { stdio: "ignore" });
await new Promise((resolve) => setTimeout(resolve, 100));
const without = median(Array.from({ length: ROUNDS }, () => timed(() => Host.readSync({ roots: false }))[0]));
const withRoots = median(Array.from({ length: ROUNDS }, () => timed(() => Host.readSync())[0]));
console.log(`one namespace's helper  ${(withRoots - without).toFixed(1)} ms`);

for (const child of [...children, inside]) child.kill("SIGKILL");
await new Promise((resolve) => setTimeout(resolve, 300));
for (const path of made.reverse()) rmdirSync(path);
