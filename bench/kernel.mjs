// The kernel's own answers (Linux): /proc/PID/cgroup opened and read, held open and read again, and stat of the directory.
// As root with a cgroup2 mount the process lies in a cgroup of the field's shape, which is removed again; otherwise it is
// this process where it is.

import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, readSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { hostPaths } from "./shapes.mjs";

const REPEATS = 256;

export class KernelLanes {
  #made = [];
  #child;
  #held;
  #isClosed = false;
  #file = "/proc/self/cgroup";
  #directory = "/proc/self";

  constructor() {
    const mount = unifiedMount();
    if (mount !== undefined && process.getuid?.() === 0) this.#moveIn(mount);
    this.#held = openSync(this.#file, "r");
    process.once("exit", () => this.close());
  }

  static get isHere() {
    return process.platform === "linux";
  }

  /** The lines the kernel prints: one for each hierarchy. */
  get lines() {
    return readFileSync(this.#file, "utf8").split("\n").length - 1;
  }

  lanes() {
    const buffer = Buffer.alloc(1 << 16);
    const lane = (name, work) => ({ name, count: REPEATS, hits: () => REPEATS, run: () => times(work) });
    return [
      lane("kernel, /proc/PID/cgroup opened and read", () => {
        const fd = openSync(this.#file, "r");
        const length = readSync(fd, buffer, 0, buffer.length, 0);
        closeSync(fd);
        return length;
      }),
      lane("kernel, held open and read again", () => readSync(this.#held, buffer, 0, buffer.length, 0)),
      lane("kernel, stat of the directory", () => statSync(this.#directory).ino),
    ];
  }

  close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#held);
    if (this.#child === undefined) return;
    writeFileSync(`${this.#made[0]}/../cgroup.procs`, String(this.#child.pid));
    this.#child.kill("SIGKILL");
    for (const path of this.#made.reverse()) rmdirSync(path);
  }

  // A pod's first container, below a directory of our own.
  #moveIn(mount) {
    const names = hostPaths(6).path(5).slice(1).split("/");
    let path = `${mount}/cgroupns-bench-${process.pid}`;
    for (const name of ["", ...names]) {
      if (name !== "") path += `/${name}`;
      mkdirSync(path);
      this.#made.push(path);
    }
    this.#child = spawn("sleep", ["10000"], { stdio: "ignore" });
    writeFileSync(`${path}/cgroup.procs`, String(this.#child.pid));
    this.#file = `/proc/${this.#child.pid}/cgroup`;
    this.#directory = path;
  }
}

function unifiedMount() {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8").split("\n").find((line) => line.includes(" - cgroup2 "))?.split(" ")[4];
  } catch {
    return undefined;
  }
}

function times(work) {
  let count = 0;
  for (let i = 0; i < REPEATS; i++) if (work() > 0) count++;
  return count;
}
