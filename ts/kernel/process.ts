// A process (thread group): its threads, its family and its open files. What forks and ends it is in
// fork.ts and exit.ts.

import type { Bytes } from "./bytes.ts";
import type { OpenFile } from "./open-file.ts";
import type { Task } from "./task.ts";
import type { UserNamespace } from "./user-namespace.ts";

export class Process {
  leader!: Task;
  /** Live threads. */
  readonly threads: Set<Task> = new Set<Task>();
  parent: Process | null;
  readonly children: Set<Process> = new Set<Process>();
  readonly files: Map<number, OpenFile> = new Map<number, OpenFile>();
  /** May others with its ids look into it (prctl PR_SET_DUMPABLE)? */
  dumpable: boolean;
  /** The user namespace its memory belongs to. */
  memoryNamespace: UserNamespace;
  command: Bytes;
  stopped = false;

  constructor(of: {
    parent: Process | null; dumpable: boolean; memoryNamespace: UserNamespace; command: Bytes;
  }) {
    this.parent = of.parent;
    this.dumpable = of.dumpable;
    this.memoryNamespace = of.memoryNamespace;
    this.command = of.command;
  }

  get isDead(): boolean {
    return this.threads.size === 0;
  }

  /** The lowest free descriptor gets the file. */
  install(file: OpenFile): number {
    let fd = 3;
    while (this.files.has(fd)) fd++;
    this.files.set(fd, file);
    return fd;
  }
}
