// A kernel of the model in the state of a live machine, as far as certain tasks and cgroups go: enough to ask it `may…`.
// What could not be read or had to be guessed is noted.

import { readFileSync } from "node:fs";
import type { Cgroup } from "../cgroup.ts";
import { CONTROLLERS, namesOf } from "../kernel/controller.ts";
import { V2_OPTIONS, type V2Option } from "../kernel/hierarchy.ts";
import { Kernel } from "../kernel/kernel.ts";
import type { Task } from "../kernel/task.ts";
import { parseMountinfo } from "../proc/mountinfo.ts";
import type { Host } from "./host.ts";
import { addDirectory, addMounts } from "./kernel-mounts.ts";
import { KernelTasks } from "./kernel-tasks.ts";
import { type KernelTree, kernelTrees } from "./kernel-tree.ts";
import { latin1 } from "./relative.ts";

export interface KernelOfOptions {
  /** Tasks that are asked about or ask, by number. */
  readonly tasks?: readonly number[];
  /** Cgroups or files of cgroups that are asked about: as paths in the unified hierarchy, or as directories. */
  readonly paths?: readonly string[];
  /** Other directories that are asked about: where to mount. */
  readonly directories?: readonly string[];
}

/** The model of a live machine. */
export interface HostKernel {
  readonly kernel: Kernel;
  /** What is not certain. */
  readonly notes: readonly string[];
  /** @throws CgroupError ESRCH */
  task(tid: number): Task;
  /**
   * A new process in the reader's place, or in the cgroup of the unified hierarchy `at`: with the reader's ids and
   * capabilities, or those of that user: without capabilities, unless it is root.
   */
  process(as?: { readonly uid?: number; readonly gid?: number; readonly groups?: readonly number[]; readonly at?: string }): Task;
}

/**
 * Reads what `host` did not: owners, modes, controllers and limits of the cgroups on the way to `paths` and to the tasks'
 * own, ids and namespaces of `tasks`. `host` has to be live, with the roots of the tasks' namespaces.
 * @throws CgroupError ESRCH for a task that is gone
 */
export function kernelOf(host: Host, { tasks = [], paths = [], directories = [] }: KernelOfOptions = {}): HostKernel {
  const notes: string[] = [];
  const kernel = bare(host);
  const trees = kernelTrees(host, kernel, notes);
  addMounts(kernel.init.mountNs, readFileSync("/proc/self/mountinfo"), trees, "");
  const mentioned = paths.map((path) => deepestOn(trees, path));
  for (const [i, [tree, cgroup]] of mentioned.entries()) {
    tree?.detail(cgroup!);
    if (paths[i]!.endsWith("/cgroup.subtree_control")) tree?.controlsBelow(cgroup!);
  }
  const self = host.snapshot.reader.pid;
  detailAround(host, trees, new Set([...tasks, ...(self === null ? [] : [self])]));
  // Only now: whether a cgroup is threaded decides how its tasks are counted.
  const all = new KernelTasks(host, kernel, trees, notes);
  for (const [tree, cgroup] of mentioned) if (tree !== undefined) populate(all, tree, cgroup!);
  addDirectories(kernel, tasks.map((tid) => [all.task(tid), tid]), directories);
  const reader = self === null ? kernel.init : all.task(self);
  const cgroupsAt = (at: string): Task["cgroups"] => {
    const [tree, cgroup] = deepestOn(trees, at);
    return kernel.hierarchies.map((one, slot) => (one === tree?.model ? tree.node(cgroup!) : reader.cgroups[slot]!));
  };
  return {
    kernel, notes, task: (tid) => all.task(tid),
    process: ({ at, ...ids } = {}) => all.like(reader, { ...ids, ...(at === undefined ? {} : { cgroups: cgroupsAt(at) }) }),
  };
}

/** Its hierarchies, controllers and options, without mounts and without kthreadd, which comes with the other tasks. */
function bare(host: Host): Kernel {
  const hierarchies = host.snapshot.hierarchies.filter(({ id }) => id !== 0).sort((a, b) => a.id - b.id);
  const known = (names: readonly string[]): string[] => names.filter((name) => CONTROLLERS.some((one) => one.name === name || one.legacyName === name));
  const legacy = hierarchies.map(({ controllers, name }) => ({ controllers: known(controllers), at: null, ...(name === null ? {} : { name }) }));
  const table = readFileSync("/proc/cgroups", "latin1").split("\n").map((line) => line.split("\t"));
  const enabled = known(table.filter(([, , , on]) => on === "1").map(([name]) => name!));
  const controllers = [...new Set([...enabled, ...legacy.flatMap((one) => one.controllers)])];
  const limit = Number(readFileSync("/proc/sys/user/max_cgroup_namespaces", "latin1"));
  const kernel = new Kernel({ controllers, legacy, unifiedAt: null, options: optionsNow(), maxCgroupNamespaces: limit });
  const kthreadd = kernel.initialPidNs.tasks.get(2);
  if (kthreadd !== undefined) {
    for (const cgroup of kthreadd.cgroups) cgroup.removeTask(kthreadd);
    kernel.initialPidNs.tasks.delete(2);
  }
  kernel.initialPidNs.last = Math.max(...host.snapshot.tasks.map(({ tid }) => tid), 300) % 32768;
  return kernel;
}

function optionsNow(): V2Option[] {
  const mount = parseMountinfo(readFileSync("/proc/self/mountinfo"), { encoding: "buffer" }).find(({ fsType }) => fsType === "cgroup2");
  return V2_OPTIONS.filter((option) => mount?.superOptions.includes(option) === true);
}

/** The deepest cgroup on a path: a directory below a mount, `CONTROLLERS:/path`, or a path in the unified hierarchy. */
function deepestOn(trees: readonly KernelTree[], path: string): [KernelTree, Cgroup] | [undefined, undefined] {
  const bytes = latin1(Buffer.from(path));
  for (const tree of trees) {
    for (const { hidden, mountPoint, root } of tree.record.mounts) {
      const top = latin1(mountPoint);
      if (hidden || latin1(root) !== "/" || (bytes !== top && !bytes.startsWith(`${top}/`))) continue;
      return [tree, tree.deepest(namesIn(bytes.slice(top.length))).cgroup];
    }
  }
  const [, key, rest = bytes] = /^([^/:]+):(\/.*)$/s.exec(bytes) ?? [];
  const tree = trees.find(({ model }) => (key === undefined ? model.isUnified : namesOf(model.controllers, "legacyName").join(",") === key));
  return tree === undefined ? [undefined, undefined] : [tree, tree.deepest(namesIn(rest)).cgroup];
}

const namesIn = (path: string): string[] => path.split("/").filter((name) => name !== "" && name !== ".");

/** In the mount namespaces of the reader and of these tasks. */
function addDirectories(kernel: Kernel, tasks: readonly (readonly [Task, number])[], directories: readonly string[]): void {
  const tops = new Map([[kernel.init.mountNs, ""]]);
  for (const [{ mountNs }, tid] of tasks) if (!tops.has(mountNs)) tops.set(mountNs, `/proc/${tid}/root`);
  for (const path of directories) for (const [namespace, top] of tops) addDirectory(namespace, latin1(Buffer.from(path)), top);
}

/** The cgroups that tasks are in, and all above. */
function detailAround(host: Host, trees: readonly KernelTree[], tids: ReadonlySet<number>): void {
  for (const tree of trees) {
    for (const [cgroup] of tree.cgroups()) if (host.tasksIn(cgroup).some(({ tid }) => tids.has(tid))) tree.detail(cgroup);
  }
}

/** Threads and tasks that were not read, where the kernel says that there are some. */
function populate(all: KernelTasks, tree: KernelTree, cgroup: Cgroup): void {
  const node = tree.node(cgroup);
  if (node.isRoot) return;
  const { threads, populated } = tree.population(cgroup);
  if (node.tasks.size === 0) for (const tid of threads) all.ghost(tid, tree, node);
  if (populated && !node.isPopulated) all.ghost(0, tree, node);
}
