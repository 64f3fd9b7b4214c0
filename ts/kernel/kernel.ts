// A kernel of the model: its hierarchies, namespaces, tasks and mounts, and the bookkeeping between them. It boots into one
// task, `init`; everything else comes from that by system calls.

import { expected } from "../errors.ts";
import { startInit } from "./boot.ts";
import { type Bytes, fromText } from "./bytes.ts";
import { CgroupFs } from "./cgroupfs.ts";
import { CgroupNs } from "./cgroup-namespace.ts";
import type { CgroupNode } from "./cgroup.ts";
import { type ControllerSet, controllerSet } from "./controller.ts";
import type { Filesystem, Inode } from "./filesystem.ts";
import { isHugePageSize } from "./files/hugetlb.ts";
import { charge, PIDS } from "./files/pids.ts";
import { FREEZER, isFrozenByFreezer } from "./freezer.ts";
import { KernelHierarchy, V2_OPTIONS, type V2Option } from "./hierarchy.ts";
import { INITIAL_INODE, NamespaceInodes } from "./inodes.ts";
import type { MountNs } from "./mount.ts";
import { initialOthers, type OtherNamespaces } from "./other-namespaces.ts";
import type { Unit } from "./migrate.ts";
import type { MountRequest } from "./mounting.ts";
import { PidNs } from "./pid-namespace.ts";
import { type PresetName, preset } from "./presets.ts";
import * as ask from "./question.ts";
import type { Asking, PathLike } from "./question.ts";
import { RELEASE } from "./release.ts";
import type { SetnsTarget } from "./setns.ts";
import { type KernelJson, readKernel, writeKernel } from "./snapshot.ts";
import type { Task } from "./task.ts";
import type { NamespaceFlag } from "./unshare.ts";
import { UserNamespace } from "./user-namespace.ts";
import { judge, type Verdict } from "./verdict.ts";

/** A v1 hierarchy: its controllers, or a name alone. */
export interface LegacyHierarchy {
  readonly controllers?: readonly string[];
  readonly name?: string;
  /** Where it is mounted; below /sys/fs/cgroup, after its controllers or name, unless given. Null: nowhere. */
  readonly at?: string | null;
}

export interface KernelOptions {
  /** Controllers the kernel has; all it knows unless given. */
  readonly controllers?: readonly string[];
  /** v1 hierarchies, oldest first. */
  readonly legacy?: readonly LegacyHierarchy[];
  /** Where cgroup2 is mounted: /sys/fs/cgroup, or its `unified` directory beside v1. Null: not mounted yet. */
  readonly unifiedAt?: string | null;
  /** Mount options of the unified hierarchy. */
  readonly options?: readonly V2Option[];
  /** Sizes of huge pages as file names have them, such as "2MB" and "1GB". @defaultValue ["2MB"] */
  readonly hugePages?: readonly string[];
  /** user.max_cgroup_namespaces of the initial user namespace. */
  readonly maxCgroupNamespaces?: number;
  /** What root may have at most (its bounding set). */
  readonly capabilities?: readonly string[];
}

const BUILT_IN = ["cpuset", "cpu", "cpuacct", "io", "memory", "devices", "freezer", "net_cls", "perf_event", "net_prio", "hugetlb", "pids"];

export class Kernel {
  readonly release: string = RELEASE;
  /** By slot: the unified hierarchy first, then v1 ones in order of creation. @internal */
  readonly hierarchies: KernelHierarchy[] = [];
  /** @internal */
  readonly builtIn: ControllerSet;
  /** @internal */
  readonly hugePages: Bytes;
  /** @internal */
  readonly inodes: NamespaceInodes = new NamespaceInodes();
  /** @internal */
  readonly initialUserNs: UserNamespace;
  /** @internal */
  readonly initialCgroupNs: CgroupNs;
  /** @internal */
  readonly initialPidNs: PidNs;
  /** The first process. */
  readonly init: Task;
  /** Milliseconds since boot: they pass only when somebody says so. */
  now = 0;
  /** Has cgroup2 been mounted since boot? @internal */
  isUnifiedVisible = false;
  private readonly filesystems: Map<KernelHierarchy, CgroupFs> = new Map<KernelHierarchy, CgroupFs>();
  private readonly inhabited: Set<MountNs> = new Set<MountNs>();
  private readonly others: OtherNamespaces;
  private lastHierarchyId = 0;
  private lastMountId = 20;
  private lastDevice = 20;

  constructor(options: KernelOptions = {}) {
    this.builtIn = known(options.controllers ?? BUILT_IN);
    this.hugePages = sizes(options.hugePages ?? ["2MB"]);
    this.initialUserNs = new UserNamespace(null, INITIAL_INODE.user);
    this.initialUserNs.maxCgroupNamespaces = options.maxCgroupNamespaces ?? 0x7fffffff;
    this.others = initialOthers(this.initialUserNs);
    this.#boot(options);
    this.initialCgroupNs = new CgroupNs(INITIAL_INODE.cgroup, this.initialUserNs, null, this.hierarchies.map(({ root }) => root));
    this.initialPidNs = new PidNs(null, INITIAL_INODE.pid, this.initialUserNs);
    this.init = startInit(this, options, this.others);
  }

  /** Everything there is, as JSON: for `fromJSON`, and for `JSON.stringify`. */
  toJSON(): KernelJson {
    return writeKernel(this);
  }

  /**
   * A kernel that was written down: from then on it answers as the other one would have.
   * @throws TypeError for anything else, whole or damaged
   */
  static fromJSON(json: unknown): Kernel {
    return readKernel(json, Kernel);
  }

  /**
   * A machine that people know, such as "docker-v2-private"; `find("app")` is the process inside.
   * @throws TypeError for a name there is none for
   */
  static preset(name: PresetName): Kernel {
    return preset(name, (options) => new Kernel(options));
  }

  /** The process with that number in the initial pid namespace. */
  task(pid: number): Task | undefined {
    return this.initialPidNs.tasks.get(pid);
  }

  /** The first live process with that command, as in /proc/PID/comm. */
  find(command: string): Task | undefined {
    const name = fromText(command);
    for (const task of this.tasks()) if (task.isLeader && task.state === "running" && task.process.command === name) return task;
    return undefined;
  }

  /** The unified hierarchy. @internal */
  get unified(): KernelHierarchy {
    return this.hierarchies[0]!;
  }

  /** @internal */
  nextMountId(): number {
    return ++this.lastMountId;
  }

  /** @internal */
  nextDevice(): number {
    return ++this.lastDevice;
  }

  /** @internal */
  filesystemOf(hierarchy: KernelHierarchy): CgroupFs {
    return this.filesystems.get(hierarchy)!;
  }

  /** @internal */
  hierarchyOf(filesystem: Filesystem): KernelHierarchy | undefined {
    return filesystem instanceof CgroupFs ? filesystem.hierarchy : undefined;
  }

  /** May these controllers leave the unified hierarchy? Not while cgroups there have them. @internal */
  mayRebind(controllers: ControllerSet): boolean {
    return (this.unified.controllers & controllers) === controllers && (this.unified.root.subtreeControl & controllers) === 0;
  }

  /** A new v1 hierarchy takes its controllers from the unified one (rule 7.1); every task is at its root. @internal */
  createHierarchy(controllers: ControllerSet, name: Bytes | null, flags: readonly Bytes[] = []): KernelHierarchy {
    const slot = this.hierarchies.length;
    if (slot > 0) this.unified.controllers &= ~controllers;
    const id = slot === 0 ? 0 : ++this.lastHierarchyId;
    const made = new KernelHierarchy({ id, slot, name, controllers, builtIn: this.builtIn, device: this.nextDevice(), hugePages: this.hugePages, flags });
    this.hierarchies.push(made);
    this.filesystems.set(made, new CgroupFs(made, this));
    for (const task of this.tasks()) {
      task.cgroups.push(made.root);
      if (task.state === "running") made.root.addTask(task);
    }
    return made;
  }

  /** A v1 hierarchy that nobody mounts ends with its last child; its controllers go back (rule 7.1). @internal */
  unmounted(hierarchy: KernelHierarchy): void {
    if (hierarchy.isUnified || hierarchy.root.children.size > 0) return;
    this.unified.controllers |= hierarchy.controllers;
    this.hierarchies.splice(hierarchy.slot, 1);
    this.filesystems.delete(hierarchy);
    for (const task of this.tasks()) task.cgroups.splice(hierarchy.slot, 1);
    for (const later of this.hierarchies.slice(hierarchy.slot)) later.slot--;
  }

  /** Every task there is, the dead that nobody has waited for among them. */
  *tasks(): Generator<Task, void, undefined> {
    if (this.initialPidNs !== undefined) yield* this.initialPidNs.tasks.values();
  }

  // ---- what calls would come to: verdicts, by the checks that the calls make. `by` asks, `init` unless given. A path is a
  // directory or file as `by` walks it, or a cgroup's in the unified hierarchy (behind `CONTROLLERS:` in a v1 one).

  /** A write of its pid to cgroup.procs, or of its tid (`unit: "thread"`) to cgroup.threads or v1's tasks. */
  mayMigrate(task: Task, to: PathLike, options: Asking & { readonly unit?: Unit } = {}): Verdict {
    return judge(ask.migration(this, task, to, options));
  }

  mayCreate(path: PathLike, options: Asking = {}): Verdict {
    return judge(ask.creation(this, path, options));
  }

  mayRemove(path: PathLike, options: Asking = {}): Verdict {
    return judge(ask.removal(this, path, options));
  }

  mayUnshare(flags: readonly NamespaceFlag[], options: Asking = {}): Verdict {
    return judge(ask.unsharing(this, flags, options));
  }

  maySetns(target: SetnsTarget, options: Asking = {}): Verdict {
    return judge(ask.entering(this, target, options));
  }

  mayMount(request: MountRequest, options: Asking = {}): Verdict {
    return judge(ask.mounting(this, request, options));
  }

  /** A write of this text to a control file. */
  mayWrite(path: PathLike, data: PathLike, options: Asking = {}): Verdict {
    return judge(ask.writing(this, path, data, options));
  }

  // ---- bookkeeping for the calls

  /** @internal */
  started(task: Task): void {
    let at: PidNs | null = task.pidNs;
    for (let level = task.numbers.length - 1; at !== null; at = at.parent, level--) at.tasks.set(task.numbers[level]!, task);
    task.process.threads.add(task);
    task.fsInfo.sharers++;
    for (const cgroup of task.cgroups) {
      cgroup.addTask(task);
      if (hasPids(cgroup)) charge(cgroup, 1);
    }
    this.inhabited.add(task.mountNs);
  }

  /** @internal */
  moved(_task: Task, from: CgroupNode, to: CgroupNode): void {
    if (!hasPids(to)) return;
    charge(from, -1);
    charge(to, 1);
  }

  /** @internal */
  released(cgroup: CgroupNode): void {
    if (hasPids(cgroup)) charge(cgroup, -1);
  }

  /** Its cgroup of the v1 freezer, where there is one. @internal */
  freezerCgroup(task: Task): CgroupNode | undefined {
    for (let slot = 1; slot < this.hierarchies.length; slot++) {
      if ((this.hierarchies[slot]!.controllers & FREEZER) !== 0) return task.cgroups[slot];
    }
    return undefined;
  }

  /** @internal */
  isHeldByFreezer(task: Task): boolean {
    const cgroup = this.freezerCgroup(task);
    return cgroup !== undefined && isFrozenByFreezer(cgroup);
  }

  /** @internal */
  isFrozen(task: Task): boolean {
    return task.cgroups[0]!.isFrozen || this.isHeldByFreezer(task);
  }

  /** @internal */
  enterMountNs(namespace: MountNs): void {
    this.inhabited.add(namespace);
  }

  /** @internal */
  leaveMountNs(namespace: MountNs): void {
    namespace.pins--;
    if (namespace.pins > 0) return;
    for (const mount of [...namespace.mounts]) mount.detach();
    this.inhabited.delete(namespace);
    this.inodes.free(namespace.inode);
  }

  /** @internal */
  get mountNamespaces(): ReadonlySet<MountNs> {
    return this.inhabited;
  }

  /** A removed directory takes off what other namespaces have mounted on it. @internal */
  unmountFrom(node: Inode): void {
    for (const { mounts } of this.inhabited) {
      for (const mount of [...mounts]) if (mount.point === node) mount.detach();
    }
  }

  /** A thread that executes a program becomes its process's leader, under the leader's number. @internal */
  promote(task: Task): void {
    const { leader } = task.process;
    for (let at: PidNs | null = task.pidNs, level = task.numbers.length - 1; at !== null; at = at.parent, level--) {
      at.tasks.delete(task.numbers[level]!);
      at.tasks.set(leader.numbers[level]!, task);
    }
    (task as { numbers: readonly number[] }).numbers = leader.numbers;
    leader.diedIn?.deadLeaders.delete(leader);
    for (const cgroup of leader.cgroups) {
      cgroup.exited.delete(leader);
      this.released(cgroup);
      cgroup.release();
    }
    leader.state = "reaped";
    task.process.leader = task;
  }

  #boot({ legacy = [], options = [] }: KernelOptions): void {
    const bound = legacy.map(({ controllers = [] }) => known(controllers));
    let taken = 0;
    for (const [i, one] of bound.entries()) {
      const isOne = (one !== 0 || legacy[i]!.name !== undefined) && (one & ~this.builtIn) === 0 && (one & taken) === 0;
      if (!isOne) throw expected("legacy", "hierarchies with a name or with controllers of the kernel, each bound once", legacy);
      taken |= one;
    }
    this.createHierarchy(this.builtIn & ~taken, null);
    for (const option of options) if (!V2_OPTIONS.includes(option)) throw expected("options", `some of ${V2_OPTIONS.join(", ")}`, option);
    this.unified.options = new Set(options);
    for (const [i, { name }] of legacy.entries()) this.createHierarchy(bound[i]!, name === undefined ? null : fromText(name));
  }
}

const hasPids = (cgroup: CgroupNode): boolean => (cgroup.hierarchy.controllers & PIDS) !== 0;

function known(names: readonly string[]): ControllerSet {
  const set = controllerSet(names);
  if (set === undefined) throw expected("controllers", "names of controllers", names);
  return set;
}

function sizes(hugePages: readonly string[]): Bytes {
  if (!Array.isArray(hugePages) || !hugePages.every(isHugePageSize)) throw expected("hugePages", 'sizes of huge pages, such as "2MB"', hugePages);
  return [...new Set(hugePages)].join(",");
}
