// /proc: tasks by number as one pid namespace has them, their files and namespace links, and the few files about the machine
// that programs read next to them. What the files say is in proc-text.ts.

import type { Bytes } from "./bytes.ts";
import { CAP } from "./capability.ts";
import type { CgroupNs } from "./cgroup-namespace.ts";
import { isCapable, type Owned } from "./credentials.ts";
import type { Filesystem, Inode, LinkTarget, NodeStatistics } from "./filesystem.ts";
import { GID_MAP, UID_MAP, writeIdMap, writeSetgroups } from "./id-map.ts";
import type { Kernel } from "./kernel.ts";
import type { MountNs } from "./mount.ts";
import { unsigned64 } from "./number.ts";
import type { OpenFile } from "./open-file.ts";
import type { OtherNs } from "./other-namespaces.ts";
import type { PidNs } from "./pid-namespace.ts";
import { cgroupText, controllersTable, mountinfoText, mountsText, statText, statusText } from "./proc-text.ts";
import { mayInspect } from "./ptrace.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";
import { formatMap, type UserNamespace } from "./user-namespace.ts";

export type NamespaceObject = CgroupNs | MountNs | PidNs | UserNamespace | OtherNs;

/** A namespace as a file: what an open link of /proc/PID/ns leads to. */
export class NsNode {
  readonly kind = "file";
  readonly namespace: NamespaceObject;

  constructor(namespace: NamespaceObject) {
    this.namespace = namespace;
  }
}

/** A file, directory or link of /proc. */
export class ProcNode {
  readonly kind: "directory" | "file" | "link";
  readonly name: Bytes;
  readonly task: Task | null;
  readonly parent: ProcNode | null;

  constructor(kind: "directory" | "file" | "link", name: Bytes, parent: ProcNode | null, task: Task | null) {
    this.kind = kind;
    this.name = name;
    this.parent = parent;
    this.task = task;
  }
}

interface FileKind {
  readonly mode: number;
  show?(task: Task, reader: Task, seenIn: PidNs): Bytes | Refusal;
  write?(task: Task, data: Bytes, file: OpenFile, by: Task): Refusal | undefined;
}

const mapFile = (kind: typeof UID_MAP): FileKind => ({
  mode: 0o644,
  show: ({ credentials }, reader) => {
    const { userNamespace } = credentials;
    return formatMap(userNamespace[kind.map], userNamespace, reader.credentials.userNamespace, kind.map);
  },
  write: ({ credentials }, data, file, by) => writeIdMap(credentials.userNamespace, kind, data, file.credentials, by),
});

/** Files of /proc/PID and /proc/PID/task/TID. */
const TASK_FILES: ReadonlyMap<Bytes, FileKind> = new Map(Object.entries<FileKind>({
  // rule 1.8
  cgroup: { mode: 0o444, show: (task, reader) => cgroupText(task, reader) },
  mountinfo: { mode: 0o444, show: (task, reader) => mountinfoText(task, reader) },
  mounts: { mode: 0o444, show: (task) => mountsText(task) },
  status: { mode: 0o444, show: statusText },
  stat: { mode: 0o444, show: (task, _, seenIn) => statText(task, seenIn) },
  comm: { mode: 0o644, show: (task) => `${task.process.command}\n` },
  cmdline: { mode: 0o444, show: (task) => (task.state === "running" ? `${task.process.command}\0` : "") },
  uid_map: mapFile(UID_MAP),
  gid_map: mapFile(GID_MAP),
  setgroups: {
    mode: 0o644,
    show: ({ credentials }) => (credentials.userNamespace.setgroupsAllowed ? "allow\n" : "deny\n"),
    write: ({ credentials }, data, file) => writeSetgroups(credentials.userNamespace, data, file.credentials),
  },
}));

/** Undefined: there is none to show. A pid namespace is none before its first process. */
const LINKED: ReadonlyMap<Bytes, (task: Task) => NamespaceObject | undefined> = new Map(Object.entries<(task: Task) => NamespaceObject | undefined>({
  cgroup: ({ cgroupNs }) => cgroupNs,
  mnt: ({ mountNs }) => mountNs,
  pid: ({ pidNs }) => pidNs,
  pid_for_children: ({ pidNsForChildren: { reaper }, pidNsForChildren }) => (reaper === null ? undefined : pidNsForChildren),
  user: ({ credentials }) => credentials.userNamespace,
  uts: ({ others }) => others.uts,
  ipc: ({ others }) => others.ipc,
  net: ({ others }) => others.net,
  time: ({ others }) => others.time,
  time_for_children: ({ others }) => others.children,
}));

const EVERYBODY: Owned = { uid: 0, gid: 0, mode: 0o444 };

export class ProcFs implements Filesystem {
  readonly type: Bytes = "proc";
  readonly readOnly: boolean = false;
  readonly longestName: number = 255;
  readonly device: number;
  readonly kernel: Kernel;
  readonly pidNs: PidNs;
  readonly root: ProcNode = new ProcNode("directory", "", null, null);

  constructor(kernel: Kernel, pidNs: PidNs, device: number) {
    this.kernel = kernel;
    this.pidNs = pidNs;
    this.device = device;
  }

  mounted(): void {}

  superOptions(): Bytes {
    return "rw";
  }

  shownRoot(): Bytes {
    return "/";
  }

  lookup(directory: Inode, name: Bytes): Inode | undefined {
    const at = directory as ProcNode;
    if (at === this.root) return this.#inRoot(name);
    if (at.task === null) return inSystem(at, name);
    if (at.task.state === "reaped") return undefined;
    if (at.name === "ns") return LINKED.has(name) ? new ProcNode("link", name, at, at.task) : undefined;
    if (at.name === "task") return this.#threadOf(at, name);
    if (name === "ns" || (name === "task" && at.parent === this.root)) return new ProcNode("directory", name, at, at.task);
    return TASK_FILES.has(name) ? new ProcNode("file", name, at, at.task) : undefined;
  }

  parentOf(node: Inode): Inode | null {
    return (node as ProcNode).parent;
  }

  owned(node: Inode): Owned {
    if (node instanceof NsNode) return EVERYBODY;
    const { kind, name, task } = node as ProcNode;
    if (task === null) return { uid: 0, gid: 0, mode: kind === "directory" ? 0o555 : kind === "link" ? 0o777 : name.startsWith("max_") ? 0o666 : 0o444 };
    const mode = kind === "link" ? 0o777 : kind === "directory" ? (name === "ns" ? 0o511 : 0o555) : TASK_FILES.get(name)!.mode;
    return ownerOf(task, mode);
  }

  setOwned(): Refusal {
    return refuse("EPERM", "proc(5)");
  }

  statistics(node: Inode): NodeStatistics {
    if (node instanceof NsNode) return { inode: node.namespace.inode, links: 1, size: 0 };
    const { kind, task } = node as ProcNode;
    return { inode: 1 + (task?.numberIn(this.pidNs) ?? 0), links: kind === "directory" ? 2 : 1, size: 0 };
  }

  list(directory: Inode): Bytes[] {
    const at = directory as ProcNode;
    if (at === this.root) return [...this.#leaders(), ...Object.keys(ROOT_FILES), "self", "sys", "thread-self", "mounts"];
    if (at.task === null) return Object.keys(SYSTEM[at.name] ?? {});
    if (at.name === "ns") return [...LINKED.keys()];
    if (at.name === "task") return [...at.task.process.threads].map((task) => String(task.numberIn(this.pidNs)));
    return [...TASK_FILES.keys(), "ns", ...(at.parent === this.root ? ["task"] : [])];
  }

  isImmutable(node: Inode): boolean {
    return node instanceof NsNode;
  }

  mayOpen(node: Inode, by: Task, writing: boolean): Refusal | undefined {
    if (node instanceof NsNode) return undefined;
    const { name, task } = node as ProcNode;
    const { credentials } = by;
    if (task === null) {
      const limit = name === "max_cgroup_namespaces" && isCapable(credentials, CAP.SYS_RESOURCE, credentials.userNamespace);
      return writing && !limit && Object.hasOwn(SYSTEM_FILES, name) ? refuse("EACCES", "3.3", { credentials }) : undefined;
    }
    if (name === "mountinfo" && task.state !== "running") return refuse("EINVAL", "proc(5)");
    const guarded = name === "setgroups" && writing && !isCapable(credentials, CAP.SYS_ADMIN, task.credentials.userNamespace);
    return guarded ? refuse("EACCES", "user_namespaces(7)", { credentials }) : undefined;
  }

  /** The magic links need access to the task, and a task that still has namespaces (rule 3.11). */
  readlink(node: Inode, by: Task): LinkTarget | Refusal {
    const { kind, name, task } = node as ProcNode;
    if (kind !== "link") return refuse("EINVAL", "readlink(2)");
    if (task === null) return this.#plainLink(name, by);
    if (task.state === "reaped") return refuse("EACCES", "3.11");
    // rule 3.11
    if (!mayInspect(by, task, "fs")) return refuse("EACCES", "3.11", { credentials: by.credentials });
    // rule 3.11
    if (task.state !== "running" && name !== "user") return refuse("ENOENT", "3.11");
    const linked = LINKED.get(name)!(task);
    // rule 3.11
    return linked === undefined ? refuse("ENOENT", "3.11") : new NsNode(linked);
  }

  create(): Refusal {
    return refuse("ENOENT", "proc(5)");
  }

  mkdir(): Refusal {
    return refuse("ENOENT", "proc(5)");
  }

  rmdir(): Refusal {
    return refuse("EPERM", "proc(5)");
  }

  unlink(): Refusal {
    return refuse("EPERM", "proc(5)");
  }

  symlink(): Refusal {
    return refuse("ENOENT", "proc(5)");
  }

  rename(): Refusal {
    return refuse("EPERM", "proc(5)");
  }

  opened({ place: { node } }: OpenFile): void {
    if (node instanceof NsNode && node.namespace.kind === "cgroup") node.namespace.pin();
  }

  closed(file: OpenFile): void {
    const { node } = file.place;
    if (node instanceof NsNode && node.namespace.kind === "cgroup") node.namespace.unpin(file.inodes);
  }

  alive(): undefined {}

  seekable(node: Inode): boolean {
    return !(node instanceof NsNode);
  }

  content({ place: { node } }: OpenFile, by: Task): Bytes | Refusal {
    if (node instanceof NsNode) return refuse("EINVAL", "read(2)");
    const { name, task } = node as ProcNode;
    if (task === null) return (ROOT_FILES[name] ?? SYSTEM_FILES[name]!)(this.kernel, by);
    if (task.state === "reaped") {
      // rule 1.7
      return refuse("ESRCH", "1.7");
    }
    return TASK_FILES.get(name)!.show!(task, by, this.pidNs);
  }

  write(file: OpenFile, data: Bytes, by: Task): number | Refusal {
    const { node } = file.place;
    if (node instanceof NsNode) return refuse("EINVAL", "write(2)");
    const { name, task } = node as ProcNode;
    const refusal = task === null ? writeLimit(name, data, by) : writeTaskFile(TASK_FILES.get(name)!, task, data, file, by);
    return isRefusal(refusal) ? refusal : data.length;
  }

  truncate(): undefined {}

  #inRoot(name: Bytes): Inode | undefined {
    if (/^[1-9][0-9]*$/.test(name)) {
      const task = this.pidNs.tasks.get(Number(name));
      return task === undefined ? undefined : new ProcNode("directory", name, this.root, task);
    }
    if (name === "self" || name === "thread-self" || name === "mounts") return new ProcNode("link", name, this.root, null);
    if (name === "sys") return new ProcNode("directory", name, this.root, null);
    return Object.hasOwn(ROOT_FILES, name) ? new ProcNode("file", name, this.root, null) : undefined;
  }

  #threadOf(at: ProcNode, name: Bytes): Inode | undefined {
    const task = this.pidNs.tasks.get(Number(name));
    return task !== undefined && task.process === at.task!.process ? new ProcNode("directory", name, at, task) : undefined;
  }

  #plainLink(name: Bytes, by: Task): Bytes | Refusal {
    if (name === "mounts") return "self/mounts";
    const pid = by.process.leader.numberIn(this.pidNs);
    const tid = by.numberIn(this.pidNs);
    if (tid === 0) return refuse("ENOENT", "proc(5)");
    return name === "self" ? String(pid) : `${pid}/task/${tid}`;
  }

  #leaders(): Bytes[] {
    return [...this.pidNs.tasks].filter(([, task]) => task.isLeader).map(([number]) => String(number));
  }
}

/** A task's files are its own, root's when it may not be inspected, and root's when it is dead. */
function ownerOf(task: Task, mode: number): Owned {
  const { euid, egid } = task.credentials;
  if (mode === 0o555) return { uid: euid, gid: egid, mode };
  if (task.state !== "running") return { uid: 0, gid: 0, mode };
  if (task.process.dumpable) return { uid: euid, gid: egid, mode };
  const space = task.process.memoryNamespace;
  return { uid: Math.max(0, space.uid(0)), gid: Math.max(0, space.gid(0)), mode };
}

type Show = (kernel: Kernel, by: Task) => Bytes;

const ROOT_FILES: Readonly<Record<Bytes, Show>> = {
  cgroups: controllersTable,
  filesystems: () => "nodev\tproc\nnodev\ttmpfs\nnodev\tcgroup\nnodev\tcgroup2\n",
  version: ({ release }) => `Linux version ${release}\n`,
};

const SYSTEM_FILES: Readonly<Record<Bytes, Show>> = {
  max_cgroup_namespaces: (_, by) => `${by.credentials.userNamespace.maxCgroupNamespaces}\n`,
  osrelease: ({ release }) => `${release}\n`,
};

/** The directories below /proc/sys that there are. */
const SYSTEM: Readonly<Record<Bytes, Readonly<Record<Bytes, "directory" | "file">>>> = {
  sys: { user: "directory", kernel: "directory" },
  user: { max_cgroup_namespaces: "file" },
  kernel: { osrelease: "file" },
};

function inSystem(at: ProcNode, name: Bytes): Inode | undefined {
  const inside = Object.hasOwn(SYSTEM, at.name) ? SYSTEM[at.name]! : {};
  const kind = Object.hasOwn(inside, name) ? inside[name] : undefined;
  return kind === undefined ? undefined : new ProcNode(kind, name, at, null);
}

const writeTaskFile = ({ write }: FileKind, task: Task, data: Bytes, file: OpenFile, by: Task): Refusal | undefined =>
  write === undefined ? refuse("EINVAL", "proc(5)") : write(task, data, file, by);

/** rule 3.3: user.max_cgroup_namespaces of the writer's own user namespace. */
function writeLimit(name: Bytes, data: Bytes, by: Task): Refusal | undefined {
  if (name !== "max_cgroup_namespaces") return refuse("EIO", "proc(5)");
  if (data === "") return undefined;
  const value = unsigned64(data.trim() === "" ? "x" : data.trim().replace(/^0+(?=\d)/, ""));
  // rule 3.3
  if (typeof value === "string" || value > 0x7fffffffn) return refuse("EINVAL", "3.3");
  by.credentials.userNamespace.maxCgroupNamespaces = Number(value);
  return undefined;
}
