// A task: one thread, with its own credentials, namespaces and cgroups. Its methods are system calls: each asks the rules
// first and throws what they refuse as a CgroupError, so that asking (`kernel.may…`) and acting never differ.

import { expected } from "../errors.ts";
import { fromText } from "./bytes.ts";
import type { CgroupNs } from "./cgroup-namespace.ts";
import type { CgroupNode } from "./cgroup.ts";
import { type Capabilities, capabilityNames, type CapabilityName, capabilitySet } from "./capability.ts";
import type { Credentials } from "./credentials.ts";
import { exitProcess, exitThread, reap } from "./exit.ts";
import { exec, type ForkOptions, fork, thread } from "./fork.ts";
import type { FsInfo } from "./fs-info.ts";
import { TaskFs } from "./fs/index.ts";
import type { KernelHierarchy } from "./hierarchy.ts";
import { setCapabilities, setIds, type IdChanges } from "./ids.ts";
import type { Kernel } from "./kernel.ts";
import type { MountNs } from "./mount.ts";
import { inBytes, mount, type MountRequest, umount } from "./mounting.ts";
import type { OtherNamespaces } from "./other-namespaces.ts";
import type { PidNs } from "./pid-namespace.ts";
import type { Process } from "./process.ts";
import { isRefusal, type Refusal } from "./refusal.ts";
import { setns, type SetnsTarget } from "./setns.ts";
import { sendSignal, type Signal } from "./signal.ts";
import { asError } from "./throwing.ts";
import { type NamespaceFlag, unshare } from "./unshare.ts";

/** What a task is made of. */
export interface TaskParts {
  readonly kernel: Kernel;
  readonly process: Process;
  readonly numbers: readonly number[];
  readonly pidNs: PidNs;
  readonly pidNsForChildren: PidNs;
  readonly credentials: Credentials;
  readonly cgroupNs: CgroupNs;
  readonly mountNs: MountNs;
  readonly others: OtherNamespaces;
  readonly fsInfo: FsInfo;
  readonly cgroups: CgroupNode[];
  readonly kernelThread?: boolean;
}

export type TaskState = "running" | "zombie" | "reaped";

export class Task {
  readonly kernel: Kernel;
  /** @internal */
  readonly process: Process;
  /** Its number in each pid namespace from the initial one down to its own. */
  readonly numbers: readonly number[];
  /** @internal */
  readonly pidNs: PidNs;
  /** @internal */
  pidNsForChildren: PidNs;
  /** @internal */
  credentials: Credentials;
  /** @internal */
  cgroupNs: CgroupNs;
  /** @internal */
  mountNs: MountNs;
  /** @internal */
  others: OtherNamespaces;
  /** @internal */
  fsInfo: FsInfo;
  /** Its cgroup in each hierarchy, by slot. A zombie keeps them (rule 1.6). @internal */
  readonly cgroups: CgroupNode[];
  state: TaskState = "running";
  /** A kernel thread that may not be moved (rule 5.1.7). @internal */
  readonly kernelThread: boolean;
  /** Killed while a v1 freezer holds it. @internal */
  killPending = false;
  /** Could it be looked into at its end? @internal */
  diedDumpable = true;
  /** The domain it was in at its end. @internal */
  diedIn: CgroupNode | null = null;
  #fs: TaskFs | undefined;

  /** @internal */
  constructor(of: TaskParts) {
    this.kernel = of.kernel;
    this.process = of.process;
    this.numbers = of.numbers;
    this.pidNs = of.pidNs;
    this.pidNsForChildren = of.pidNsForChildren;
    this.credentials = of.credentials;
    this.cgroupNs = of.cgroupNs;
    this.mountNs = of.mountNs;
    this.others = of.others;
    this.fsInfo = of.fsInfo;
    this.cgroups = of.cgroups;
    this.kernelThread = of.kernelThread ?? false;
  }

  /** Its thread id in its own pid namespace. */
  get tid(): number {
    return this.numbers[this.numbers.length - 1]!;
  }

  /** Its process id in its own pid namespace. */
  get pid(): number {
    return this.process.leader.tid;
  }

  get isLeader(): boolean {
    return this.process.leader === this;
  }

  /** @internal Another task, for those that make one out of this. */
  sibling(of: TaskParts): Task {
    return new Task(of);
  }

  /** Its number for an observer in that pid namespace, 0 where it is not visible. @internal */
  numberIn(pidNs: PidNs): number {
    return this.pidNs.isDescendantOf(pidNs) ? this.numbers[pidNs.level]! : 0;
  }

  /** @internal */
  cgroupIn(hierarchy: KernelHierarchy): CgroupNode {
    return this.cgroups[hierarchy.slot]!;
  }

  /** Stopped by a freezer, of either version. */
  get isFrozen(): boolean {
    return this.kernel.isFrozen(this);
  }

  /** What one does on /proc and /sys/fs/cgroup, shaped like node:fs. */
  get fs(): TaskFs {
    this.#fs ??= new TaskFs(this);
    return this.#fs;
  }

  /**
   * A new process, as fork(2), or clone3(2) with namespaces to unshare and a cgroup to start in.
   * @throws CgroupError EPERM, ENOSPC (namespaces), EACCES, ENOENT, EBADF, EBUSY, EOPNOTSUPP (`into`), EAGAIN (pids.max)
   */
  fork(options: ForkOptions = {}): Task {
    return this.#did("clone", fork(this, options));
  }

  /** Another thread of this process. */
  thread(): Task {
    return this.#did("clone", thread(this));
  }

  /** execve(2): other threads end, credentials are worked out again, close-on-exec files close. Cgroups and namespaces stay. */
  exec(command?: string): void {
    exec(this, command);
  }

  /** The whole process ends and stays a zombie until its parent waits for it. */
  exit(): void {
    exitProcess(this.process);
  }

  /** Only this thread ends; a leader without its threads stays as long as they live. */
  exitThread(): void {
    exitThread(this);
  }

  /** Waits for a dead child. @returns whether it was there to be reaped */
  wait(child: Task): boolean {
    return child.process.parent === this.process && reap(child.process);
  }

  /** @throws CgroupError EPERM, ESRCH */
  kill(target: Task, signal: Signal = "SIGKILL"): void {
    this.#did("kill", sendSignal(this, target, signal));
  }

  /** unshare(2). @throws CgroupError EPERM, ENOSPC, EINVAL */
  unshare(...flags: NamespaceFlag[]): void {
    this.#did("unshare", unshare(this, flags));
  }

  /** setns(2): by a link of /proc, by pidfd, or by an open descriptor. @throws CgroupError EPERM, EINVAL, EACCES, ENOENT, ESRCH, EBADF */
  setns(target: SetnsTarget): void {
    this.#did("setns", setns(this, target));
  }

  /** setresuid(2), setresgid(2) and setgroups(2), with ids of its own user namespace. @throws CgroupError EPERM, EINVAL */
  setIds(changes: IdChanges): void {
    this.#did("setresuid", setIds(this, changes));
  }

  /** capset(2): what is given up is gone, except that only effective ones come back from permitted. @throws CgroupError EPERM */
  setCapabilities(wanted: { readonly permitted?: readonly CapabilityName[]; readonly effective?: readonly CapabilityName[] }): void {
    const set = (names: readonly CapabilityName[] | undefined, otherwise: Capabilities): Capabilities => {
      if (names === undefined) return otherwise;
      const known = capabilitySet(names);
      if (known === undefined) throw expected("capabilities", "names as in capabilities(7)", names);
      return known;
    };
    const permitted = set(wanted.permitted, this.credentials.permitted);
    this.#did("capset", setCapabilities(this, { permitted, effective: set(wanted.effective, this.credentials.effective & permitted) }));
  }

  get capabilities(): CapabilityName[] {
    return capabilityNames(this.credentials.effective);
  }

  /** mount(2). @throws CgroupError EPERM, EINVAL, EBUSY, ENOENT, ENODEV, ENOTDIR */
  mount(request: MountRequest): void {
    this.#did("mount", mount(this, inBytes(request)), request.at);
  }

  /** umount2(2). @throws CgroupError EPERM, EINVAL, EBUSY, ENOENT */
  umount(at: string, options: { readonly detach?: boolean } = {}): void {
    this.#did("umount", umount(this, fromText(at), options.detach ?? false), at);
  }

  #did<T>(syscall: string, answer: T | Refusal, path?: string): T {
    if (isRefusal(answer)) throw asError(answer, syscall, path);
    return answer;
  }
}
