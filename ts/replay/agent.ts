// An agent of a replay: a name for a task, the number its maker knows it by, and its named descriptors. An agent that is
// frozen or stopped does not answer; what it was told waits until it goes on.

import type { Task } from "../kernel/task.ts";

export class Agent {
  readonly name: string;
  task: Task;
  /** Its number for whoever made it. */
  readonly pid: number;
  /** The number of its process. */
  readonly process: number;
  readonly parent: string | null;
  /** Known to be dead, known to be reaped. */
  dead = false;
  reaped = false;
  readonly descriptors: Map<string, number> = new Map<string, number>();
  /** It did not answer the last time. */
  silent = false;
  readonly waiting: (() => void)[] = [];

  constructor(name: string, task: Task, pid: number, process: number, parent: string | null) {
    this.name = name;
    this.task = task;
    this.pid = pid;
    this.process = process;
    this.parent = parent;
  }

  get isBlocked(): boolean {
    return this.task.state === "running" && (this.task.isFrozen || this.task.process.stopped);
  }
}
