// New tasks: fork(2), clone3(2) with namespaces and into a cgroup, threads, and execve(2). In the kernel's order: namespaces,
// then the pid number (used up even if a later step is refused), then the cgroup.

import type { Bytes } from "./bytes.ts";
import { fromText } from "./bytes.ts";
import type { CgroupNode } from "./cgroup.ts";
import type { CgroupNs } from "./cgroup-namespace.ts";
import { afterExec } from "./credentials.ts";
import { exitThread, killProcess } from "./exit.ts";
import { countRefused, vetFork } from "./files/pids.ts";
import { vetCommonAncestor, vetHost, vetNamespace, vetSameDomain } from "./migrate.ts";
import { pinOthers } from "./other-namespaces.ts";
import type { OpenFile } from "./open-file.ts";
import { openFile, opening } from "./open.ts";
import type { PidNs } from "./pid-namespace.ts";
import { Process } from "./process.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";
import { cgroupNsOf, type MadeNamespaces, madeNothing, makeNamespaces, type NamespaceFlag, relocated, takeBack } from "./unshare.ts";

export interface ForkOptions {
  /** Namespaces to unshare, as CLONE_NEW… */
  readonly namespaces?: readonly NamespaceFlag[];
  /** CLONE_INTO_CGROUP: the directory's path, or an open descriptor of it. */
  readonly into?: string | number;
  /** What it is called; its parent's name otherwise. */
  readonly command?: string;
}

export function fork(parent: Task, { namespaces = [], into, command }: ForkOptions): Task | Refusal {
  const file = into === undefined ? undefined : intoFile(parent, into);
  if (isRefusal(file)) return file;
  return clone(parent, namespaces, file, command === undefined ? undefined : fromText(command));
}

function intoFile(parent: Task, into: string | number): OpenFile | Refusal {
  if (typeof into === "number") return parent.process.files.get(into) ?? refuse("EBADF", "3.9");
  return openFile(parent, fromText(into), opening({ pathOnly: true }));
}

/** clone3(2) for a new process. */
export function clone(parent: Task, namespaces: readonly NamespaceFlag[], into?: OpenFile, command?: Bytes): Task | Refusal {
  const made = makeNamespaces(parent, namespaces);
  if (isRefusal(made)) return made;
  const started = start(parent, made, into);
  if (isRefusal(started)) {
    takeBack(parent, made);
    return started;
  }
  const child = newProcess(parent, made, started, command);
  // rule 3.10
  if (started.killed) killProcess(child.process, null);
  return child;
}

interface Start {
  readonly pidNs: PidNs;
  readonly numbers: number[];
  readonly cgroups: CgroupNode[];
  readonly killed: boolean;
}

/** Its numbers and its cgroups. */
function start(parent: Task, made: MadeNamespaces, into: OpenFile | undefined): Start | Refusal {
  const pidNs = made.pidNs ?? parent.pidNsForChildren;
  if (pidNs.ended) return refuse("ENOMEM", "pid_namespaces(7)");
  const numbers: number[] = [];
  for (let at: PidNs | null = pidNs; at !== null; at = at.parent) numbers.unshift(at.take());
  const cgroups = [...parent.cgroups];
  let killed = false;
  if (into !== undefined) {
    const to = vetInto(parent, into, "process");
    if (isRefusal(to)) return to;
    killed = to.killSeq !== cgroups[0]!.killSeq;
    cgroups[0] = to;
  }
  return vetLimits(cgroups) ?? { pidNs, numbers, cgroups, killed };
}

/** rule 7.6: pids.max, wherever the pids controller is bound. */
export function vetLimits(cgroups: readonly CgroupNode[]): Refusal | undefined {
  for (const cgroup of cgroups) {
    const refusal = vetFork(cgroup);
    if (refusal === undefined) continue;
    // rule 7.6
    countRefused(cgroup, refusal.blame.cgroup!);
    return refusal;
  }
  return undefined;
}

/** rule 3.9: a live v2 cgroup's directory, that the caller may write to and move to from its own. */
export function vetInto(parent: Task, { place }: OpenFile, unit: "process" | "thread"): CgroupNode | Refusal {
  const { node } = place;
  const isCgroup = node.kind === "directory" && "hierarchy" in node;
  // rule 3.9
  if (!isCgroup) return refuse("EBADF", "3.9");
  if (node.dead) return refuse("ENOENT", "3.9", { cgroup: node });
  if (!node.hierarchy.isUnified) return refuse("EBADF", "3.9", { cgroup: node });
  const from = parent.cgroupIn(node.hierarchy);
  const { credentials, cgroupNs } = parent;
  return (
    vetCommonAncestor(node, node, { credentials }) ??
    vetCommonAncestor(from, node, { credentials }) ??
    vetNamespace(from, node, { cgroupNs }) ??
    vetHost(node) ??
    (unit === "thread" ? vetSameDomain(from, node) : undefined) ??
    node
  );
}

function newProcess(parent: Task, made: MadeNamespaces, begun: Start, command: Bytes | undefined): Task {
  const from = parent.process;
  const process = new Process({
    parent: from, dumpable: from.dumpable, memoryNamespace: from.memoryNamespace, command: command ?? from.command,
  });
  from.children.add(process);
  for (const [fd, file] of from.files) process.files.set(fd, file.share());
  const task = newTask(parent, process, made, begun);
  process.leader = task;
  if (begun.pidNs.reaper === null) begun.pidNs.reaper = process;
  return task;
}

function newTask(parent: Task, process: Process, made: MadeNamespaces, { pidNs, numbers, cgroups }: Start): Task {
  const { kernel } = parent;
  // rule 3.7, 13.1
  const cgroupNs: CgroupNs = made.cgroup === undefined ? parent.cgroupNs : cgroupNsOf(made.cgroup, cgroups);
  const given = made.others ?? parent.others;
  const others = process === parent.process ? given : { uts: given.uts, ipc: given.ipc, net: given.net, time: given.children, children: given.children };
  const task = parent.sibling({
    kernel, process, numbers, pidNs, pidNsForChildren: pidNs, credentials: made.credentials, cgroups,
    cgroupNs: cgroupNs.pin(), mountNs: made.mountNs ?? parent.mountNs, others: pinOthers(others),
    fsInfo: process === parent.process ? parent.fsInfo : relocated(parent.fsInfo, made.mountCopies),
  });
  task.mountNs.pins++;
  kernel.started(task);
  return task;
}

export function thread(of: Task): Task | Refusal {
  if (of.pidNs !== of.pidNsForChildren) return refuse("EINVAL", "pid_namespaces(7)");
  const made = madeNothing(of.credentials);
  const begun = start(of, made, undefined);
  return isRefusal(begun) ? begun : newTask(of, of.process, made, begun);
}

/** A thread that is not the leader takes the leader's place and number. */
export function exec(task: Task, command: string | undefined): void {
  const { process } = task;
  for (const other of [...process.threads]) if (other !== task) exitThread(other);
  if (!task.isLeader) task.kernel.promote(task);
  for (const file of process.files.values()) file.unshare();
  process.files.clear();
  task.credentials = afterExec(task.credentials);
  process.memoryNamespace = task.credentials.userNamespace;
  process.dumpable = task.credentials.uid === task.credentials.euid && task.credentials.gid === task.credentials.egid;
  if (command !== undefined) process.command = fromText(command);
}
