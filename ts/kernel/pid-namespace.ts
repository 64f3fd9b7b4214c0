// Pid namespaces: which number a task has where. Numbers go up and come round, as the kernel's cyclic allocator has them.

import type { Process } from "./process.ts";
import type { Task } from "./task.ts";
import type { UserNamespace } from "./user-namespace.ts";

const PID_MAX = 32768;
/** Where numbers start again after the highest. */
const RESERVED = 300;

export class PidNs {
  readonly kind = "pid";
  readonly parent: PidNs | null;
  readonly level: number;
  readonly inode: number;
  readonly userNamespace: UserNamespace;
  readonly tasks: Map<number, Task> = new Map<number, Task>();
  /** Its init, whose end is the end of all of it. */
  reaper: Process | null = null;
  ended = false;
  last = 0;

  constructor(parent: PidNs | null, inode: number, userNamespace: UserNamespace) {
    this.parent = parent;
    this.level = parent === null ? 0 : parent.level + 1;
    this.inode = inode;
    this.userNamespace = userNamespace;
  }

  /** The next free number: a fork that fails later has used it up all the same. */
  take(): number {
    do this.last = this.last + 1 >= PID_MAX ? RESERVED : this.last + 1;
    while (this.tasks.has(this.last));
    return this.last;
  }

  isDescendantOf(other: PidNs): boolean {
    let at: PidNs | null = this;
    while (at !== null && at.level > other.level) at = at.parent;
    return at === other;
  }
}
