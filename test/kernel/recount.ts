// Everything a kernel counts or keeps twice, counted again from its holders: tasks, cgroups, namespaces, mounts, open files.
// Says what is not as it should be, in a line each; nothing for a kernel in order.

import type { CgroupNode } from "../../ts/kernel/cgroup.ts";
import { CgroupNs } from "../../ts/kernel/cgroup-namespace.ts";
import { ControlFile } from "../../ts/kernel/cgroupfs.ts";
import { chargedTo, PIDS } from "../../ts/kernel/files/pids.ts";
import { fileCount } from "../../ts/kernel/files/table.ts";
import type { KernelHierarchy } from "../../ts/kernel/hierarchy.ts";
import type { Kernel } from "../../ts/kernel/kernel.ts";
import type { Mount, MountNs } from "../../ts/kernel/mount.ts";
import type { OpenFile } from "../../ts/kernel/open-file.ts";
import type { OtherNs } from "../../ts/kernel/other-namespaces.ts";
import type { PidNs } from "../../ts/kernel/pid-namespace.ts";
import type { Process } from "../../ts/kernel/process.ts";
import { NsNode } from "../../ts/kernel/procfs.ts";
import type { Task } from "../../ts/kernel/task.ts";
import type { UserNamespace } from "../../ts/kernel/user-namespace.ts";

/** How often each was met. */
class Tally<T> {
  readonly counts = new Map<T, number>();

  add(one: T, times = 1): void {
    this.counts.set(one, this.of(one) + times);
  }

  of(one: T): number {
    return this.counts.get(one) ?? 0;
  }
}

export function recount(kernel: Kernel): string[] {
  const world = new World(kernel);
  for (const hierarchy of kernel.hierarchies) world.checkHierarchy(hierarchy);
  world.checkTasks();
  world.checkNamespaces();
  world.checkMounts();
  world.checkFiles();
  return world.complaints;
}

class World {
  readonly complaints: string[] = [];
  readonly kernel: Kernel;
  /** Everyone who has a number: running, or dead and not waited for. */
  readonly tasks: ReadonlySet<Task>;
  readonly processes: ReadonlySet<Process>;
  readonly running: readonly Task[];
  /** Open files with the descriptors that lead to each. */
  readonly files = new Tally<OpenFile>();
  /** Live cgroup namespaces with what pins each. */
  readonly views = new Tally<CgroupNs>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.tasks = new Set(kernel.tasks());
    this.running = [...this.tasks].filter(({ state }) => state === "running");
    this.processes = new Set([...this.tasks].map(({ process }) => process));
    for (const { files } of this.processes) for (const file of files.values()) this.files.add(file);
    for (const { cgroupNs } of this.running) this.views.add(cgroupNs);
    for (const file of this.files.counts.keys()) {
      const { node } = file.place;
      if (file.mode.pathOnly) continue;
      if (node instanceof NsNode && node.namespace instanceof CgroupNs) this.views.add(node.namespace);
      if (node instanceof ControlFile && node.cgroup.openFiles.has(file)) this.views.add(file.cgroupNs);
    }
  }

  same(what: string, counted: unknown, kept: unknown): void {
    if (counted !== kept) this.complaints.push(`${what}: ${counted} counted, ${kept} kept`);
  }

  // ---- cgroups

  checkHierarchy(hierarchy: KernelHierarchy): void {
    const live = [...hierarchy.root.subtree()];
    const dying = this.dying(hierarchy);
    const all = [...live, ...dying];
    const ids = new Tally<number>();
    for (const cgroup of all) for (let id = cgroup.id; id <= cgroup.id + (cgroup.dead ? 0 : fileCount(cgroup) - cgroup.laterFiles.size); id++) ids.add(id);
    this.same(`ids of hierarchy ${hierarchy.id} that are used twice`, [...ids.counts.values()].filter((times) => times > 1).length, 0);
    const tasks = new Tally<Task>();
    for (const cgroup of all) {
      this.checkCgroup(cgroup, all);
      for (const task of cgroup.tasks) tasks.add(task);
    }
    for (const task of this.running) {
      this.same(`cgroups of hierarchy ${hierarchy.id} that task ${task.tid} is in`, tasks.of(task), 1);
      if (!task.cgroupIn(hierarchy).tasks.has(task)) this.complaints.push(`task ${task.tid} is elsewhere in hierarchy ${hierarchy.id}`);
    }
    this.same(`tasks in hierarchy ${hierarchy.id}`, this.running.length, tasks.counts.size);
  }

  /** Removed cgroups that somebody still holds, and those above them. */
  dying(hierarchy: KernelHierarchy): Set<CgroupNode> {
    const found = new Set<CgroupNode>();
    const holders = [...[...this.tasks].map((task) => task.cgroupIn(hierarchy)), ...[...this.views.counts.keys()].map((view) => view.rootIn(hierarchy))];
    for (const cgroup of holders) for (let at: CgroupNode | null = cgroup; at?.dead; at = at.parent) found.add(at);
    return found;
  }

  checkCgroup(cgroup: CgroupNode, all: readonly CgroupNode[]): void {
    const { hierarchy, children, dead } = cgroup;
    const name = `${hierarchy.id}:${pathOf(cgroup)}${dead ? " (deleted)" : ""}`;
    const below = all.filter((other) => other !== cgroup && other.isDescendantOf(cgroup));
    const living = [...children.values()];
    const populated = living.filter((child) => [...child.subtree()].some(({ tasks }) => tasks.size > 0));
    this.same(`${name}: descendants`, below.filter((one) => !one.dead).length, cgroup.descendants);
    this.same(`${name}: dying descendants`, below.filter((one) => one.dead).length, cgroup.dyingDescendants);
    this.same(`${name}: threaded children`, living.filter(({ isThreaded }) => isThreaded).length, cgroup.threadedChildren);
    this.same(`${name}: populated domains`, populated.filter(({ isThreaded }) => !isThreaded).length, cgroup.populatedDomainChildren);
    this.same(`${name}: populated threaded`, populated.filter(({ isThreaded }) => isThreaded).length, cgroup.populatedThreadedChildren);
    const zombies = [...this.tasks].filter((task) => task.state === "zombie" && task.cgroupIn(hierarchy) === cgroup);
    this.same(`${name}: zombies`, zombies.length, cgroup.exited.size);
    this.same(`${name}: holders`, zombies.length + this.rootedIn(cgroup) + below.filter((one) => one.dead && one.parent === cgroup).length, cgroup.held);
    if (dead) this.same(`${name}: live tasks and children`, 0, cgroup.tasks.size + children.size);
    if ((hierarchy.controllers & PIDS) !== 0) {
      const charged = [...this.tasks].filter((task) => task.cgroupIn(hierarchy).isDescendantOf(cgroup));
      this.same(`${name}: pids charged`, charged.length, chargedTo(cgroup));
    }
  }

  rootedIn(cgroup: CgroupNode): number {
    return [...this.views.counts.keys()].filter(({ roots }) => roots[cgroup.hierarchy.slot] === cgroup).length;
  }

  // ---- tasks

  checkTasks(): void {
    for (const task of this.tasks) {
      if (task.state === "reaped") this.complaints.push(`task ${task.tid} was reaped and has a number`);
      this.same(`task ${task.tid}: is one of its process's threads`, task.state === "running", task.process.threads.has(task));
      for (let at: PidNs | null = task.pidNs, level = task.numbers.length - 1; at !== null; at = at.parent, level--) {
        this.same(`task ${task.tid}: found by its number`, at.tasks.get(task.numbers[level]!) === task, true);
      }
      if (task.state === "zombie") this.same(`zombie ${task.tid}: leads its process`, task.isLeader, true);
    }
    for (const process of this.processes) {
      const { parent, children, leader } = process;
      this.same(`process ${leader.tid}: its parent knows it`, parent === null || parent.children.has(process), true);
      this.same(`process ${leader.tid}: it knows its parent's death`, parent === null || this.processes.has(parent), true);
      for (const child of children) this.same(`process ${child.leader.tid}: knows its parent`, child.parent === process, true);
    }
  }

  // ---- namespaces

  checkNamespaces(): void {
    const { kernel } = this;
    const charged = new Map<UserNamespace, Tally<number>>();
    for (const [view, pins] of this.views.counts) {
      this.same(`cgroup namespace ${view.inode}: pins`, pins, view.pins);
      if (view.chargedTo === null) continue;
      for (let at: UserNamespace | null = view.userNamespace, who = view.chargedTo; at !== null; who = at.owner, at = at.parent) {
        if (!charged.has(at)) charged.set(at, new Tally());
        charged.get(at)!.add(who);
      }
    }
    const users = this.userNamespaces();
    for (const user of users) {
      const counted = charged.get(user)?.counts ?? new Map<number, number>();
      this.same(`user namespace ${user.inode}: charged`, sortedText(counted), sortedText(user.charged));
    }
    const others = new Tally<OtherNs>();
    for (const { others: own } of this.running) for (const one of [own.uts, own.ipc, own.net, own.time, own.children]) others.add(one);
    for (const [other, pins] of others.counts) this.same(`${other.kind} namespace ${other.inode}: pins`, pins, other.pins);
    const pids = new Set(this.running.flatMap(({ pidNs, pidNsForChildren }) => [pidNs, pidNsForChildren]));
    const live = [...this.views.counts.keys(), ...users, ...others.counts.keys(), ...pids, ...kernel.mountNamespaces].map(({ inode }) => inode);
    this.same("inode numbers of namespaces that are used twice", live.length - new Set(live).size, 0);
    this.same("inode numbers that are used and free", live.filter((inode) => kernel.inodes.freed.includes(inode)).length, 0);
    this.same("inode numbers that are free twice", kernel.inodes.freed.length - new Set(kernel.inodes.freed).size, 0);
  }

  /** Those somebody is in, that own something, or lie above those. */
  userNamespaces(): Set<UserNamespace> {
    const found = new Set<UserNamespace>([this.kernel.initialUserNs]);
    const used = [...this.running.map(({ credentials }) => credentials.userNamespace), ...[...this.views.counts.keys()].map(({ userNamespace }) => userNamespace)];
    for (const user of used) for (let at: UserNamespace | null = user; at !== null; at = at.parent) found.add(at);
    return found;
  }

  // ---- mounts and files

  checkMounts(): void {
    const { kernel } = this;
    const inhabited = new Tally<MountNs>();
    for (const { mountNs } of this.running) inhabited.add(mountNs);
    this.same("mount namespaces", inhabited.counts.size, kernel.mountNamespaces.size);
    const users = new Tally<Mount>();
    for (const { place } of this.files.counts.keys()) users.add(place.mount);
    const mounted = new Tally<unknown>();
    for (const [namespace, pins] of inhabited.counts) {
      this.same(`mount namespace ${namespace.inode}: pins`, pins, namespace.pins);
      const reached = reachedFrom(namespace.root);
      this.same(`mount namespace ${namespace.inode}: mounts`, reached.size, namespace.mounts.length);
      for (const mount of reached) {
        this.same(`mount ${mount.id}: is in its namespace, once`, namespace.mounts.filter((one) => one === mount).length, 1);
        this.same(`mount ${mount.id}: knows its namespace`, mount.namespace === namespace && mount.attached, true);
        this.same(`mount ${mount.id}: users`, users.of(mount), mount.users);
        mounted.add(mount.filesystem);
      }
    }
    // Taken off, but there for as long as somebody has a file of it open.
    for (const mount of users.counts.keys()) if (!mount.attached) mounted.add(mount.filesystem);
    for (const hierarchy of kernel.hierarchies) this.same(`mounts of hierarchy ${hierarchy.id}`, mounted.of(kernel.filesystemOf(hierarchy)), hierarchy.mounts);
  }

  checkFiles(): void {
    for (const [file, descriptors] of this.files.counts) this.same("descriptors of an open file", descriptors, file.shares);
    for (const hierarchy of this.kernel.hierarchies) {
      for (const cgroup of hierarchy.root.subtree()) {
        for (const file of cgroup.openFiles) if (!this.files.counts.has(file)) this.complaints.push(`${pathOf(cgroup)}: an open file that nobody has`);
      }
    }
  }
}

function reachedFrom(root: Mount): Set<Mount> {
  const reached = new Set([root]);
  for (const mount of reached) for (const child of mount.children.values()) reached.add(child);
  return reached;
}

function pathOf(cgroup: CgroupNode): string {
  const names: string[] = [];
  for (let at: CgroupNode | null = cgroup; at !== null && at.parent !== null; at = at.parent) names.unshift(at.name);
  return `/${names.join("/")}`;
}

const sortedText = (counts: ReadonlyMap<number, number>): string => JSON.stringify([...counts].sort(([a], [b]) => a - b));
