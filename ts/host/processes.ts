// The tasks of a machine from /proc: four reads or links for each process, two for each further thread.

import { readdirSync } from "node:fs";
import { errnoOf, isGone, type Machine } from "./machine.ts";
import type { Steps } from "./steps.ts";

/** A task as read; `ns` is null where it has none any more (exiting) or where the kernel would not say (`denied`). */
export interface Task {
  readonly pid: number;
  readonly tid: number;
  readonly ns: string | null;
  readonly denied: string | null;
  readonly exiting: boolean;
  readonly uid: number;
  readonly user: string;
  readonly command: string;
  /** What the kernel calls it: the comm. */
  readonly name: string;
  readonly cgroup: Uint8Array;
  /** Its pid in its own pid namespace, the last of NSpid. */
  readonly innerPid: number;
  readonly parent: number;
  /** Does its capability bounding set leave it CAP_SYS_ADMIN, which a new namespace takes? */
  readonly mayUnshare: boolean;
  /** How many pid namespaces it is in. */
  readonly pidLevels: number;
}

export interface TaskReport {
  skipped: number;
  readonly refused: string[];
}

const CAP_SYS_ADMIN = 21;

/** `threads`: read all threads, or those of these processes, besides the leaders. */
export function* readTasks(
  machine: Machine,
  threads: boolean | readonly number[],
  report: TaskReport,
): Steps<Task[]> {
  const users = new Users(machine);
  const tasks: Task[] = [];
  for (const entry of readdirSync(machine.path("/proc"))) {
    const pid = numberOf(entry);
    if (pid === undefined) continue;
    attempt(report, () => {
      const leader = readProcess(machine, pid, users);
      tasks.push(leader);
      if (threads === true || (threads !== false && threads.includes(pid))) {
        tasks.push(...readThreads(machine, leader, report));
      }
    });
    yield;
  }
  return tasks;
}

function readProcess(machine: Machine, pid: number, users: Users): Task {
  const at = `/proc/${pid}`;
  const cgroup = machine.read(`${at}/cgroup`);
  const { ns, denied } = readNamespace(machine, at);
  const status = machine.read(`${at}/status`).toString("latin1");
  const uid = Number(field(status, "Uid").split("\t", 2)[1]);
  const nsPids = field(status, "NSpid").split("\t");
  const name = field(status, "Name");
  return {
    pid,
    tid: pid,
    ns,
    denied,
    exiting: (ns === null && denied === null) || /^[ZX]/.test(field(status, "State")),
    uid,
    user: users.nameOf(uid),
    name,
    command: readCommand(machine, at) || `[${name}]`,
    cgroup,
    innerPid: Number(nsPids.at(-1)),
    parent: Number(field(status, "PPid")),
    mayUnshare: ((Number.parseInt(field(status, "CapBnd"), 16) / 2 ** CAP_SYS_ADMIN) & 1) === 1,
    pidLevels: nsPids.length,
  };
}

function readThreads(machine: Machine, leader: Task, report: TaskReport): Task[] {
  const found: Task[] = [];
  for (const entry of readdirSync(machine.path(`/proc/${leader.pid}/task`))) {
    const tid = Number(entry);
    if (tid === leader.pid) continue;
    attempt(report, () => {
      const at = `/proc/${leader.pid}/task/${tid}`;
      const cgroup = machine.read(`${at}/cgroup`);
      const { ns, denied } = readNamespace(machine, at);
      found.push({ ...leader, tid, cgroup, ns, denied, exiting: ns === null && denied === null });
    });
  }
  return found;
}

// A task that has gone through exit has no namespaces: the link is not there, while the rest of the task still is.
function readNamespace(machine: Machine, at: string): { ns: string | null; denied: string | null } {
  try {
    return { ns: machine.namespace(`${at}/ns/cgroup`), denied: null };
  } catch (error) {
    if (isGone(error)) return { ns: null, denied: null };
    return { ns: null, denied: errnoOf(error) ?? String(error) };
  }
}

function readCommand(machine: Machine, at: string): string {
  const text = machine.read(`${at}/cmdline`).toString("utf8");
  return text.replace(/\0+$/, "").replaceAll("\0", " ");
}

function attempt(report: TaskReport, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (isGone(error)) report.skipped++;
    else report.refused.push(error instanceof Error ? error.message : String(error));
  }
}

// The value of a `Name:\tvalue` line of /proc/PID/status.
function field(status: string, name: string): string {
  const at = status.startsWith(`${name}:`) ? 0 : status.indexOf(`\n${name}:`) + 1;
  if (at === 0 && !status.startsWith(`${name}:`)) return "";
  return status.slice(at + name.length + 2, status.indexOf("\n", at));
}

function numberOf(entry: string): number | undefined {
  const first = entry.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 ? Number(entry) : undefined;
}

// /etc/passwd, read once.
class Users {
  readonly #names = new Map<number, string>();

  constructor(machine: Machine) {
    const text = machine.readIfAny("/etc/passwd")?.toString("utf8") ?? "";
    for (const line of text.split("\n").reverse()) {
      const [name, , uid] = line.split(":");
      if (name && uid) this.#names.set(Number(uid), name);
    }
  }

  nameOf(uid: number): string {
    return this.#names.get(uid) ?? String(uid);
  }
}
