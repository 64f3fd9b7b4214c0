// A host of the presets: a kernel whose init is systemd, and services in cgroups of their own, in every hierarchy it has
// mounted. It works through system calls, as a real one does.

import type { Kernel, KernelOptions, LegacyHierarchy } from "../kernel.ts";
import type { MountFlags } from "../mount.ts";
import type { Task } from "../task.ts";

export const TOP = "/sys/fs/cgroup";
const GIVEN_DOWN = "+cpuset +cpu +io +memory +hugetlb +pids";
export const QUIET: Partial<MountFlags> = { nosuid: true, nodev: true, noexec: true };
export const READ_ONLY: Partial<MountFlags> = { ...QUIET, readOnly: true };

/** v1 as systemd mounts it, oldest first. */
export const LEGACY: readonly LegacyHierarchy[] = [
  { name: "systemd" }, { controllers: ["cpuset"] }, { controllers: ["cpu", "cpuacct"] }, { controllers: ["blkio"] }, { controllers: ["memory"] },
  { controllers: ["devices"] }, { controllers: ["freezer"] }, { controllers: ["net_cls", "net_prio"] }, { controllers: ["perf_event"] },
  { controllers: ["hugetlb"] }, { controllers: ["pids"] },
];

/** Those in which systemd makes no cgroups of its own: runtimes do. */
const LEFT_ALONE = /\/(?:cpuset|freezer|net_cls,net_prio|perf_event|hugetlb)$/;

/** Boots a machine. */
export type Boot = (options: KernelOptions) => Kernel;

export class PresetHost {
  readonly kernel: Kernel;
  readonly init: Task;
  /** Where the hierarchies are mounted. */
  readonly tops: readonly string[];

  constructor(boot: Boot, options: KernelOptions = { options: ["nsdelegate", "memory_recursiveprot"] }) {
    this.kernel = boot(options);
    this.init = this.kernel.init;
    this.init.exec("systemd");
    const mounts = this.init.mountNs.mounts.filter(({ filesystem: { type } }) => type === "cgroup" || type === "cgroup2");
    this.tops = mounts.map((_, i) => this.#mountedAt(i));
    for (const at of this.tops) this.init.mount({ at, remount: true, bind: true, flags: QUIET });
    this.move(this.init, "/init.scope");
    this.file("/etc/hostname", "host\n");
  }

  /** Makes a cgroup with those above it. */
  cgroup(path: string, tops: readonly string[] = this.tops): void {
    for (const top of tops) {
      for (let end = path.indexOf("/", 1); ; end = path.indexOf("/", end + 1)) {
        this.#make(top, end === -1 ? path : path.slice(0, end));
        if (end === -1) break;
      }
    }
  }

  /** A cgroup below one that is there; it gets what a process there needs. */
  #make(top: string, path: string): void {
    const { fs } = this.init;
    const above = top + path.slice(0, path.lastIndexOf("/"));
    if (this.#isUnifiedOnly) fs.writeFileSync(`${above}/cgroup.subtree_control`, GIVEN_DOWN);
    if (fs.existsSync(top + path)) return;
    fs.mkdirSync(top + path);
    if (!top.endsWith("/cpuset")) return;
    for (const file of ["cpuset.cpus", "cpuset.mems"]) fs.writeFileSync(`${top}${path}/${file}`, fs.readFileSync(`${above}/${file}`));
  }

  get #isUnifiedOnly(): boolean {
    return this.tops.length === 1;
  }

  /** Puts a process there, in the hierarchies that its manager uses. */
  move(task: Task, path: string, by: "systemd" | "runtime" = "systemd"): void {
    const tops = by === "runtime" ? this.tops : this.tops.filter((top) => !LEFT_ALONE.test(top));
    this.cgroup(path, tops);
    for (const top of tops) this.init.fs.writeFileSync(`${top}${path}/cgroup.procs`, String(task.numbers[0]));
  }

  /** A process of its own cgroup. */
  service(path: string, command: string, parent: Task = this.init): Task {
    const task = parent.fork({ command });
    this.move(task, path);
    return task;
  }

  /** A process of a user's. */
  user(path: string, command: string, uid: number, parent: Task = this.init): Task {
    const task = this.service(path, command, parent);
    if (task.credentials.uid !== uid) task.setIds({ gid: uid, uid, groups: [uid] });
    task.exec(command);
    return task;
  }

  /** A setting of a cgroup, wherever its controller is. */
  set(path: string, file: string, value: string): void {
    const { fs } = this.init;
    for (const top of this.tops) if (fs.existsSync(`${top}${path}/${file}`)) fs.writeFileSync(`${top}${path}/${file}`, value);
  }

  /** Hands a cgroup to a user, as systemd's Delegate= does. */
  delegate(path: string, uid: number): void {
    for (const name of ["", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control"]) this.init.fs.chownSync(TOP + path + name, uid, uid);
  }

  /** A file of the host, with the directories above it. */
  file(path: string, text: string): void {
    this.init.fs.mkdirSync(path.slice(0, path.lastIndexOf("/")) || "/", { recursive: true });
    this.init.fs.writeFileSync(path, text);
  }

  #mountedAt(which: number): string {
    const lines = this.init.fs.readFileSync("/proc/self/mountinfo", "utf8").split("\n").filter((line) => / - cgroup2? /.test(line));
    return lines[which]!.split(" ")[4]!;
  }
}
