// What one does on /proc and /sys/fs/cgroup, shaped like node:fs, as one task of the model.

import type { Task } from "../task.ts";

export class TaskFs {
  readonly task: Task;

  constructor(task: Task) {
    this.task = task;
  }
}
