// A small world of real processes in real cgroups and cgroup namespaces, for the live suites: its own cgroups under one
// base in the unified hierarchy and in one v1 hierarchy, all gone after `stop`. Knows nothing of the library.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";

/** Where this machine has the hierarchies mounted; empty where it has not. */
export function mountPoint(kind: "v2" | "pids"): string {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const wanted = (line: string): boolean =>
    kind === "v2" ? line.includes(" - cgroup2 ") : / - cgroup /.test(line) && /[ ,]pids(,|$)/.test(line.split(" - ")[1] ?? "");
  return lines.find(wanted)?.split(" ")[4] ?? "";
}

/** Why the live suites cannot run here; empty where they can. */
export function whyNotLive(): string {
  if (process.platform !== "linux") return "not Linux";
  if (process.getuid?.() !== 0) return "not root";
  if (mountPoint("v2") === "") return "no cgroup2 mount";
  if (spawnSync("nsenter", ["--version"]).status !== 0) return "no nsenter on PATH";
  return "";
}

/** A process of the world, or one of its threads. */
export interface Person {
  readonly name: string;
  readonly pid: number;
  /** For a thread: its tid. */
  readonly tid: number;
  /** Where its namespace is rooted, below the base, for one that has its own; of a removed root the deepest live ancestor. */
  root?: { path: string; below: number };
  /** A zombie: it sees nothing any more. */
  readonly dead?: boolean;
}

const V2 = mountPoint("v2");
const V1 = mountPoint("pids");

export class World implements Disposable {
  readonly base: string;
  readonly people: Person[] = [];
  readonly #children: ChildProcess[] = [];

  constructor(base: string) {
    this.base = base;
    this.mkdir("");
  }

  /** Directories of a cgroup (relative to the base) in both hierarchies. */
  directories(path: string | Buffer): Buffer[] {
    const below = Buffer.isBuffer(path) ? path : Buffer.from(path);
    const slash = below.length === 0 ? "" : "/";
    return [V2, V1].filter((top) => top !== "").map((top) => Buffer.concat([Buffer.from(`${top}/${this.base}${slash}`), below]));
  }

  mkdir(path: string | Buffer): void {
    for (const directory of this.directories(path)) mkdirSync(directory, { recursive: true });
  }

  rmdir(path: string | Buffer): void {
    for (const directory of this.directories(path)) rmdirSync(directory);
  }

  /** Moves a process (or, with a tid, a thread's process) to a cgroup. */
  move(pid: number, path: string | Buffer): void {
    for (const directory of this.directories(path)) {
      writeFileSync(Buffer.concat([directory, Buffer.from("/cgroup.procs")]), String(pid));
    }
  }

  /** A sleeping process in a cgroup; `unshare`: its own cgroup namespace, rooted there; `from`: started in that one's namespace. */
  spawn(name: string, path: string | Buffer, { unshare = [] as string[], from, script = "exec sleep 1000", uid = 0 }: {
    unshare?: string[]; from?: Person; script?: string; uid?: number;
  } = {}): Person {
    const enter = from === undefined ? [] : ["nsenter", `--cgroup=/proc/${from.pid}/task/${from.tid}/ns/cgroup`];
    const own = unshare.length === 0 ? [] : ["unshare", ...unshare];
    const as = uid === 0 ? [] : ["setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
    // It waits until it has been put in its place; then it goes in, unshares and stays.
    const argv = [...enter, ...as, ...own, "sh", "-c", `echo here; ${script}`];
    const child = spawn("sh", ["-c", 'read go; exec "$@"', "sh", ...argv], { stdio: ["pipe", "pipe", "inherit"] });
    this.#children.push(child);
    this.move(child.pid!, path);
    child.stdin.end("go\n");
    this.#waitFor(child.pid!);
    const person: Person = { name, pid: child.pid!, tid: child.pid! };
    if (unshare.length > 0) person.root = { path: String(path), below: 0 };
    this.people.push(person);
    return person;
  }

  /** A process whose second thread has a cgroup namespace of its own. */
  spawnThread(name: string, path: string): Person | undefined {
    if (spawnSync("python3", ["--version"]).status !== 0) return undefined;
    const leader = this.spawn(`${name} leader`, path, { script: `exec python3 -c '${UNSHARE_IN_THREAD}'` });
    let tids: number[] = [];
    for (let tries = 0; tids.length === 0 && tries < 500; tries++) {
      pause(10);
      const own = namespaceOf(`/proc/${leader.pid}`);
      tids = readdirSync(`/proc/${leader.pid}/task`).map(Number).filter((tid) => namespaceOf(`/proc/${leader.pid}/task/${tid}`) !== own);
    }
    const person: Person = { name, pid: leader.pid, tid: tids[0]!, root: { path, below: 0 } };
    this.people.push(person);
    return person;
  }

  /** A dead process that nobody reaps. */
  spawnZombie(name: string, path: string): Person {
    const parent = this.spawn(`${name} parent`, path, { script: "sh -c 'exit 0' & exec sleep 1000" });
    let zombie = 0;
    for (let tries = 0; zombie === 0 && tries < 500; tries++) {
      pause(10);
      const children = readFileSync(`/proc/${parent.pid}/task/${parent.pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
      zombie = children.find((pid) => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")) ?? 0;
    }
    const person = { name, pid: zombie, tid: zombie, dead: true };
    this.people.push(person);
    return person;
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const directory of this.directories("")) remove(directory);
  }

  // Until the program it was started for runs: the shell's own exec and unshare are then behind it.
  #waitFor(pid: number): void {
    for (let tries = 0; tries < 500; tries++) {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (command.startsWith("sleep\0") || /^[^\0]*python[^\0]*\0-c\0/.test(command)) return;
      pause(4);
    }
    throw new Error(`process ${pid} did not come up`);
  }
}

const UNSHARE_IN_THREAD =
  "import ctypes,threading,time; t=threading.Thread(target=lambda: (ctypes.CDLL(None).unshare(0x02000000), time.sleep(1000)), daemon=True); t.start(); time.sleep(1000)";

const namespaceOf = (at: string): string => execFileSync("readlink", [`${at}/ns/cgroup`], { encoding: "utf8" });

export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function remove(directory: Buffer): void {
  if (!existsSync(directory)) return;
  const below = readdirSync(directory, { encoding: "buffer", withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of below) remove(Buffer.concat([directory, Buffer.from("/"), name as unknown as Buffer]));
  for (let tries = 0; tries < 500; tries++) {
    try {
      rmdirSync(directory);
      return;
    } catch {
      pause(10);
    }
  }
}

/** The truth: what a process of that namespace reads. Undefined where the kernel gives an error. */
export function truth(viewer: Person, target: Person): Buffer | undefined {
  const { stdout, status } = spawnSync("nsenter", [
    `--cgroup=/proc/${viewer.pid}/task/${viewer.tid}/ns/cgroup`, "cat", `/proc/${target.pid}/task/${target.tid}/cgroup`,
  ]);
  return status === 0 ? stdout : undefined;
}
