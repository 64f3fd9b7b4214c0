// The end of threads and processes: zombies keep their cgroups until they are reaped (rules 1.6, 6.10), namespaces go at
// once (rule 3.11), orphans get a new parent, and a pid namespace ends with its init.

import type { CgroupNode } from "./cgroup.ts";
import { isFrozenByFreezer } from "./freezer.ts";
import { unpinOthers } from "./other-namespaces.ts";
import type { Process } from "./process.ts";
import type { Task } from "./task.ts";

/** One thread ends. Others than the leader are gone at once, the leader stays for its parent. */
export function exitThread(task: Task): void {
  if (task.state !== "running") return;
  const { process, kernel } = task;
  task.state = "zombie";
  task.diedDumpable = process.dumpable;
  if (task.isLeader) {
    task.diedIn = task.cgroups[0]!.domain;
    task.diedIn.deadLeaders.add(task);
  }
  for (const cgroup of task.cgroups) {
    cgroup.hold();
    cgroup.exited.add(task);
    cgroup.removeTask(task);
  }
  // rule 13.2
  task.cgroupNs.unpin(kernel.inodes);
  kernel.leaveMountNs(task.mountNs);
  unpinOthers(task.others, kernel.inodes);
  process.threads.delete(task);
  task.fsInfo.sharers--;
  if (process.isDead) endProcess(process);
  if (!task.isLeader) release(task);
}

export function exitProcess(process: Process): void {
  for (const thread of [...process.threads]) exitThread(thread);
}

/** SIGKILL, from a sender the target can see or not: a pid namespace's init only dies by the hand of an outer one. */
export function killProcess(process: Process, sender: Task | null): void {
  const { pidNs, kernel } = process.leader;
  const isInit = pidNs.reaper === process;
  if (isInit && (pidNs.parent === null || (sender !== null && sender.numberIn(pidNs) !== 0))) return;
  for (const thread of [...process.threads]) {
    const cgroup = kernel.freezerCgroup(thread);
    if (cgroup !== undefined && isFrozenByFreezer(cgroup)) {
      // rule 9.6
      thread.killPending = true;
    } else exitThread(thread);
  }
}

/** rule 9.5: every process of the subtree, the writer's included; but a leader that has exited cannot be told, and its threads live on. */
export function killAll(top: CgroupNode, sender: Task | null): void {
  const doomed = new Set<Process>();
  for (const cgroup of top.subtree()) {
    // rule 3.10
    cgroup.killSeq++;
    for (const task of cgroup.tasks) if (task.isLeader && !task.kernelThread) doomed.add(task.process);
  }
  for (const process of doomed) killProcess(process, sender);
}

/** What a v1 freezer held back happens when it lets go. */
export function thawed(top: CgroupNode): void {
  for (const cgroup of top.subtree()) {
    if (isFrozenByFreezer(cgroup)) continue;
    for (const task of [...cgroup.tasks]) if (task.killPending) exitThread(task);
  }
}

/** The parent has waited for it. False while threads of it live. */
export function reap(process: Process): boolean {
  if (!process.isDead || process.leader.state === "reaped") return false;
  process.parent?.children.delete(process);
  release(process.leader);
  return true;
}

function endProcess(process: Process): void {
  for (const file of process.files.values()) file.unshare();
  process.files.clear();
  const { pidNs } = process.leader;
  if (pidNs.reaper === process && pidNs.parent !== null) endPidNamespace(process);
  // An init that ends takes the orphans of its namespace along.
  const heir = pidNs.reaper !== null && pidNs.reaper !== process ? pidNs.reaper : heirAbove(process);
  for (const child of process.children) {
    child.parent = heir;
    heir?.children.add(child);
  }
  process.children.clear();
}

function heirAbove(process: Process): Process | null {
  for (let at = process.leader.pidNs.parent; at !== null; at = at.parent) if (at.reaper !== null && !at.reaper.isDead) return at.reaper;
  return null;
}

/** All that live in it die, and those that nobody outside waits for are gone. */
function endPidNamespace(init: Process): void {
  const { pidNs } = init.leader;
  pidNs.ended = true;
  for (const task of [...pidNs.tasks.values()]) {
    if (task.process === init) continue;
    exitProcess(task.process);
    const { parent } = task.process;
    if (parent === null || parent === init || parent.leader.pidNs.isDescendantOf(pidNs)) reap(task.process);
  }
}

/** Its numbers are free, and what it kept of its cgroups is let go. */
function release(task: Task): void {
  task.state = "reaped";
  task.diedIn?.deadLeaders.delete(task);
  let at: Task["pidNs"] | null = task.pidNs;
  for (let level = task.numbers.length - 1; at !== null; at = at.parent, level--) at.tasks.delete(task.numbers[level]!);
  for (const cgroup of task.cgroups) {
    cgroup.exited.delete(task);
    task.kernel.released(cgroup);
    cgroup.release();
  }
}
