// What may be said of namespaces whose links the kernel does not show to this reader.

import type { Task } from "./processes.ts";
import type { Reading } from "./roots.ts";
import type { NamespaceRecord } from "./snapshot.ts";

/** For each task without a known namespace: the index of one appended to `namespaces`, or the reason there is none. */
export function inferNamespaces(reading: Reading, _namespaces: NamespaceRecord[]): Map<Task, number | string> {
  const answers = new Map<Task, number | string>();
  for (const task of reading.tasks) {
    if (task.ns !== null) continue;
    answers.set(task, task.exiting ? "it has exited: no namespace any more" : `its namespace may not be read (${task.denied})`);
  }
  return answers;
}
