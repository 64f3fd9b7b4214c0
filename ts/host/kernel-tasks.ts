// Tasks of a machine put into a kernel of the model: all by number and place, those that a question is about with their
// ids, capabilities and namespaces, as /proc says now. What the kernel does not tell is guessed and noted.

import { readFileSync } from "node:fs";
import { CgroupError } from "../errors.ts";
import { ALL, NONE } from "../kernel/capability.ts";
import type { CgroupNode } from "../kernel/cgroup.ts";
import { CgroupNs } from "../kernel/cgroup-namespace.ts";
import { Credentials, rootCredentials } from "../kernel/credentials.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { PidNs } from "../kernel/pid-namespace.ts";
import { FsInfo } from "../kernel/fs-info.ts";
import { Process } from "../kernel/process.ts";
import { Task } from "../kernel/task.ts";
import type { UserNamespace } from "../kernel/user-namespace.ts";
import type { Host, HostRoot } from "./host.ts";
import type { KernelTree } from "./kernel-tree.ts";
import { linkOf, Namespaces } from "./kernel-namespaces.ts";
import { relative } from "./relative.ts";

const PF_NO_SETAFFINITY = 0x04000000;

export class KernelTasks {
  readonly #host: Host;
  readonly #kernel: Kernel;
  readonly #trees: readonly KernelTree[];
  readonly #notes: string[];
  readonly #detailed = new Set<Task>();
  readonly #places = new Map<number, CgroupNode[]>();
  readonly #namespaces: Namespaces;
  readonly #cgroupNs = new Map<string, CgroupNs>();
  readonly #pidNs = new Map<string, PidNs>();

  constructor(host: Host, kernel: Kernel, trees: readonly KernelTree[], notes: string[]) {
    this.#host = host;
    this.#kernel = kernel;
    this.#trees = trees;
    this.#notes = notes;
    this.#namespaces = new Namespaces(kernel, trees, notes);
    this.#read();
  }

  /** A task with all that is known of it. @throws CgroupError ESRCH */
  task(tid: number): Task {
    const known = this.#kernel.initialPidNs.tasks.get(tid);
    if (known === undefined || !this.#places.has(tid)) throw new CgroupError("ESRCH", { syscall: "open", path: `/proc/${tid}/status` });
    if (known.state === "running" && !this.#detailed.has(known)) this.#detail(known, tid);
    this.#detailed.add(known);
    return known;
  }

  /** A new process like that one, with one thread. */
  like(task: Task, changes: { uid?: number; gid?: number; groups?: readonly number[]; cgroups?: readonly CgroupNode[] } = {}): Task {
    const { credentials: old, pidNs } = task;
    const { uid, gid = uid, groups = [] } = changes;
    const ids = uid === undefined ? {} : { uid, euid: uid, suid: uid, fsuid: uid, gid: gid!, egid: gid!, sgid: gid!, fsgid: gid!, groups };
    const bare = uid === undefined || uid === 0 ? {} : { permitted: NONE, effective: NONE, inheritable: NONE };
    const cgroups = task.cgroups.map((cgroup, slot) => changes.cgroups?.[slot] ?? cgroup);
    const numbers: number[] = [];
    for (let at: PidNs | null = pidNs; at !== null; at = at.parent) numbers.unshift(at.take());
    return this.#start({ numbers, cgroups, credentials: old.with({ ...ids, ...bare }), like: task });
  }

  /** Tasks that nobody read, threads or others, only there to be counted. */
  ghost(tid: number, hierarchy: KernelTree, cgroup: CgroupNode): void {
    const cgroups = this.#kernel.hierarchies.map((one) => (one === hierarchy.model ? cgroup : one.root));
    this.#start({ numbers: [this.#kernel.initialPidNs.tasks.has(tid) ? this.#kernel.initialPidNs.take() : tid], cgroups, credentials: this.#kernel.init.credentials });
  }

  #read(): void {
    const kernel = this.#kernel;
    for (const tree of this.#trees) {
      for (const [cgroup, node] of tree.cgroups()) {
        for (const { tid } of this.#host.tasksIn(cgroup)) {
          const places = this.#places.get(tid) ?? kernel.hierarchies.map(({ root }) => root);
          places[tree.model.slot] = node;
          this.#places.set(tid, places);
        }
      }
    }
    for (const { pid, tid, exiting, uid } of this.#host.snapshot.tasks) this.#place(pid, tid, exiting, uid);
  }

  #place(pid: number, tid: number, exiting: boolean, uid: number): void {
    const kernel = this.#kernel;
    const cgroups = this.#places.get(tid) ?? kernel.hierarchies.map(({ root }) => root);
    this.#places.set(tid, cgroups);
    if (tid === 1) {
      for (const [slot, cgroup] of cgroups.entries()) {
        kernel.init.cgroups[slot]!.removeTask(kernel.init);
        cgroup.addTask(kernel.init);
        kernel.init.cgroups[slot] = cgroup;
      }
      return;
    }
    const leader = tid === pid ? undefined : kernel.initialPidNs.tasks.get(pid);
    const credentials = rootCredentials(kernel.initialUserNs).with({ uid, euid: uid, suid: uid, fsuid: uid });
    const task = this.#start({ numbers: [tid], cgroups, credentials, ...(leader === undefined ? {} : { leader }) });
    if (exiting) task.exitThread();
  }

  #start(of: { numbers: number[]; cgroups: readonly CgroupNode[]; credentials: Credentials; like?: Task; leader?: Task }): Task {
    const { numbers, cgroups, credentials, like = this.#kernel.init, leader } = of;
    const { memoryNamespace, command } = like.process;
    const process = leader?.process ?? new Process({ parent: this.#kernel.init.process, dumpable: true, memoryNamespace, command });
    const fsInfo = leader?.fsInfo ?? new FsInfo({ mount: like.mountNs.root, node: like.mountNs.root.root }, 0o022);
    const task = new Task({
      kernel: this.#kernel, process, numbers, pidNs: like.pidNs, pidNsForChildren: like.pidNs, credentials, cgroups: [...cgroups],
      cgroupNs: like.cgroupNs.pin(), mountNs: like.mountNs, others: like.others, fsInfo,
    });
    like.mountNs.pins++;
    if (leader === undefined) process.leader = task;
    this.#kernel.started(task);
    return task;
  }

  #detail(task: Task, tid: number): void {
    const status = readFileSync(`/proc/${tid}/status`, "latin1");
    const numbers = (name: string): number[] => field(status, name).split(/\s+/).filter(Boolean).map(Number);
    const bits = (name: string): bigint => BigInt(`0x${field(status, name) || "0"}`) & ALL;
    const [uid = 0, euid = 0, suid = 0, fsuid = 0] = numbers("Uid");
    const [gid = 0, egid = 0, sgid = 0, fsgid = 0] = numbers("Gid");
    const userNamespace = this.#namespaces.user(tid);
    task.credentials = new Credentials({
      uid, euid, suid, fsuid, gid, egid, sgid, fsgid, groups: numbers("Groups"), userNamespace,
      inheritable: bits("CapInh"), permitted: bits("CapPrm"), effective: bits("CapEff"), bounding: bits("CapBnd"),
    });
    task.process.memoryNamespace = userNamespace;
    this.#enter(task, tid, userNamespace, numbers("NSpid"));
    if (isBound(tid)) (task as { kernelThread: boolean }).kernelThread = true;
    for (let more = Number(field(status, "Threads")) - task.process.threads.size; more > 0 && task.isLeader; more--) this.#thread(task);
  }

  #enter(task: Task, tid: number, userNamespace: UserNamespace, levels: readonly number[]): void {
    task.cgroupNs = this.#cgroupNamespace(tid, userNamespace).pin();
    const mountNs = this.#namespaces.mount(tid, userNamespace);
    if (mountNs !== task.mountNs) {
      task.mountNs = mountNs;
      mountNs.pins++;
      this.#kernel.enterMountNs(mountNs);
      task.fsInfo.workingDirectory = { mount: mountNs.root, node: mountNs.root.root };
    }
    if (levels.length < 2) return;
    const pidNs = this.#pidNamespace(linkOf(tid, "pid", this.#notes), levels.length - 1, userNamespace);
    (task as { pidNs: PidNs }).pidNs = task.pidNsForChildren = pidNs;
    (task as { numbers: readonly number[] }).numbers = levels;
    pidNs.tasks.set(levels.at(-1)!, task);
  }

  /** Its other threads, in the same places. */
  #thread(leader: Task): void {
    this.#start({ numbers: [this.#kernel.initialPidNs.take()], cgroups: leader.cgroups, credentials: leader.credentials, leader });
  }

  #pidNamespace(inode: string, level: number, owner: UserNamespace): PidNs {
    const key = `${inode} ${level}`;
    const parent = level === 1 ? this.#kernel.initialPidNs : this.#pidNamespace(`above ${inode}`, level - 1, owner);
    const found = this.#pidNs.get(key) ?? new PidNs(parent, Number(inode) || 0, owner);
    this.#pidNs.set(key, found);
    return found;
  }

  #cgroupNamespace(tid: number, userNamespace: UserNamespace): CgroupNs {
    const inode = linkOf(tid, "cgroup", this.#notes);
    if (inode === this.#host.snapshot.reader.ns) return this.#kernel.initialCgroupNs;
    const known = this.#cgroupNs.get(inode);
    if (known !== undefined) return known;
    const roots = this.#trees.map((tree) => ({ tree, root: this.#rootIn(tree, tid) }));
    const bySlot = this.#kernel.hierarchies.map((hierarchy) => roots.find(({ tree }) => tree.model === hierarchy)?.root ?? hierarchy.root);
    const made = new CgroupNs(Number(inode), this.#namespaces.ownerOf(inode, userNamespace), userNamespace.owner, bySlot);
    this.#cgroupNs.set(inode, made.pin());
    return made;
  }

  #rootsOf(tid: number): readonly HostRoot[] {
    try {
      return this.#host.rootsOf(tid);
    } catch (error) {
      if (error instanceof CgroupError) return [];
      throw error;
    }
  }

  #rootIn(tree: KernelTree, tid: number): CgroupNode {
    const { id, controllers, name } = tree.record;
    const key = id === 0 ? "" : [...controllers, ...(name === null ? [] : [`name=${name}`])].join(",");
    const found = this.#rootsOf(tid).find(({ hierarchy }) => hierarchy === key);
    if (found?.path != null) return tree.at(relative(found.path), found.below);
    if (id === 0) this.#notes.push(`the root of the cgroup namespace of ${tid} is not known: ${found?.reason ?? "not read"}`);
    return tree.model.root;
  }
}

/** A kernel thread that may not be moved (rule 5.1.7). */
function isBound(tid: number): boolean {
  const stat = readFileSync(`/proc/${tid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[6]) & PF_NO_SETAFFINITY) !== 0 || (tid === 2 && stat.includes("(kthreadd)"));
}

function field(status: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(status)?.[1]?.trim() ?? "";
}
