// Which machine a command reads and which tasks it is asked about, from its options and arguments.

import type { HostOptions } from "../host/index.ts";
import { type Given, Misuse } from "./command.ts";

/** A task as the user names it; `tid` may be "self". */
export interface TaskName {
  readonly pid: number | "self";
  readonly tid: number | "self";
}

export function readOptions(given: Given): HostOptions {
  const root = given.value("root");
  const file = given.value("from-file");
  if (root !== undefined && file !== undefined) throw new Misuse("--root and --from-file exclude each other");
  return { ...(root === undefined ? {} : { root }), ...(file === undefined ? {} : { file }) };
}

/** @throws Misuse for what is no pid, PID/task/TID or self */
export function taskOf(name: string): TaskName {
  if (name === "self") return { pid: "self", tid: "self" };
  const [, pid, tid] = /^([0-9]{1,10})(?:\/task\/([0-9]{1,10}))?$/.exec(name) ?? [];
  if (pid === undefined) throw new Misuse(`a pid, PID/task/TID or 'self' is expected, not '${name}'`);
  return { pid: Number(pid), tid: Number(tid ?? pid) };
}

/** The processes whose threads have to be read for these tasks. */
export function threadsOf(tasks: readonly (TaskName | undefined)[]): number[] {
  return tasks.flatMap((task) => (task === undefined || task.pid === task.tid || task.pid === "self" ? [] : [task.pid]));
}

/** The tasks whose namespace's root has to be found to look from this one; none for the initial namespace. */
export function tidsOf(viewer: TaskName | undefined): number[] {
  return viewer === undefined ? [] : [viewer.tid === "self" ? process.pid : viewer.tid];
}
