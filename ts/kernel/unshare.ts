// New namespaces: unshare(2), and the part of clone(2) that makes them. In the kernel's order: the user namespace first, so
// that it owns the others (rule 3.2), then mount, pid and cgroup namespaces.

import { CAP } from "./capability.ts";
import { CgroupNs } from "./cgroup-namespace.ts";
import type { CgroupNode } from "./cgroup.ts";
import { type Credentials, inUserNamespace, isCapable } from "./credentials.ts";
import type { FsInfo } from "./fs-info.ts";
import { commit } from "./ids.ts";
import { copyMounts, type Location, type Mount, MountNs } from "./mount.ts";
import { OTHER_KINDS, type OtherKind, type OtherNamespaces, OtherNs, pinOthers, unpinOthers } from "./other-namespaces.ts";
import { PidNs } from "./pid-namespace.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";
import { chargeCgroupNamespace, fullUserNamespace, NO_ID, mapUp, unchargeCgroupNamespace, UserNamespace } from "./user-namespace.ts";

export type NamespaceFlag = "cgroup" | "user" | "mnt" | "pid" | "uts" | "ipc" | "net" | "time";
export const NAMESPACE_FLAGS: readonly NamespaceFlag[] = ["cgroup", "user", "mnt", "pid", "uts", "ipc", "net", "time"];

const MOST_LEVELS = 32;

/** What a call has made so far; it can be taken back when a later step is refused. */
export interface MadeNamespaces {
  readonly credentials: Credentials;
  readonly mountNs: MountNs | undefined;
  readonly mountCopies: Map<Mount, Mount> | undefined;
  readonly others: OtherNamespaces | undefined;
  readonly pidNs: PidNs | undefined;
  /** The inode number and owner of a cgroup namespace whose roots are not settled yet. */
  readonly cgroup: { readonly inode: number; readonly userNamespace: UserNamespace; readonly chargedTo: number } | undefined;
}

/** Other credentials at most. */
export const madeNothing = (credentials: Credentials): MadeNamespaces => ({
  credentials, mountNs: undefined, mountCopies: undefined, others: undefined, pidNs: undefined, cgroup: undefined,
});

/** May it make these? In a user namespace made by the same call it has all capabilities (rule 3.2). */
export function vetNamespaces(task: Task, flags: readonly NamespaceFlag[]): Refusal | undefined {
  const { credentials } = task;
  const { userNamespace } = credentials;
  const refusal = flags.includes("user") ? vetUserNamespace(task) : undefined;
  if (refusal !== undefined || flags.every((flag) => flag === "user")) return refusal;
  if (!flags.includes("user") && !isCapable(credentials, CAP.SYS_ADMIN, userNamespace)) {
    // rule 3.1
    return refuse("EPERM", "3.1", { credentials });
  }
  if (flags.includes("pid") && task.pidNs !== task.pidNsForChildren) return refuse("EINVAL", "pid_namespaces(7)");
  if (flags.includes("cgroup") && fullUserNamespace(userNamespace, credentials.euid) !== undefined) {
    // rule 3.3
    return refuse("ENOSPC", "3.3", { credentials });
  }
  return undefined;
}

export function makeNamespaces(task: Task, flags: readonly NamespaceFlag[]): MadeNamespaces | Refusal {
  const refusal = vetNamespaces(task, flags);
  if (refusal !== undefined) return refusal;
  // rule 3.2
  const credentials = flags.includes("user") ? newUserNamespace(task) : task.credentials;
  return flags.every((flag) => flag === "user") ? madeNothing(credentials) : makeOthers(task, flags, credentials);
}

function makeOthers(task: Task, flags: readonly NamespaceFlag[], credentials: Credentials): MadeNamespaces {
  const { kernel } = task;
  const { userNamespace } = credentials;
  const mountNs = flags.includes("mnt") ? new MountNs(kernel.inodes.take(), userNamespace) : undefined;
  const make = (kind: OtherKind): OtherNs | undefined => (flags.includes(kind) ? new OtherNs(kind, kernel.inodes.take(), userNamespace) : undefined);
  const [uts, ipc] = [make("uts"), make("ipc")];
  const pidNs = flags.includes("pid") ? new PidNs(task.pidNs, kernel.inodes.take(), userNamespace) : undefined;
  const chargedTo = task.credentials.euid;
  if (flags.includes("cgroup")) chargeCgroupNamespace(userNamespace, chargedTo);
  const cgroup = flags.includes("cgroup") ? { inode: kernel.inodes.take(), userNamespace, chargedTo } : undefined;
  const [net, children] = [make("net"), make("time")];
  const { others } = task;
  const changed = { uts: uts ?? others.uts, ipc: ipc ?? others.ipc, net: net ?? others.net, time: others.time, children: children ?? others.children };
  const lock = userNamespace !== task.mountNs.userNamespace;
  const mountCopies = mountNs === undefined ? undefined : copyMounts(task.mountNs.root, mountNs, () => kernel.nextMountId(), lock);
  const hasOthers = OTHER_KINDS.some((kind) => flags.includes(kind));
  return { credentials, mountNs, mountCopies, others: hasOthers ? changed : undefined, pidNs, cgroup };
}

function vetUserNamespace({ credentials }: Task): Refusal | undefined {
  const parent = credentials.userNamespace;
  const isMapped = mapUp(parent.uidMap, credentials.euid) !== NO_ID && mapUp(parent.gidMap, credentials.egid) !== NO_ID;
  if (parent.level >= MOST_LEVELS) return refuse("ENOSPC", "user_namespaces(7)");
  return isMapped ? undefined : refuse("EPERM", "user_namespaces(7)", { credentials });
}

function newUserNamespace({ credentials, kernel }: Task): Credentials {
  const couldSetfcap = (credentials.effective & CAP.SETFCAP) !== 0n;
  const made = new UserNamespace(credentials.userNamespace, kernel.inodes.take(), credentials.euid, credentials.egid, couldSetfcap);
  return inUserNamespace(credentials, made);
}

/** Undoes what a refused call has made. */
export function takeBack(task: Task, made: MadeNamespaces): void {
  const { inodes } = task.kernel;
  if (made.credentials !== task.credentials) inodes.free(made.credentials.userNamespace.inode);
  if (made.mountNs !== undefined) {
    made.mountNs.root.detach();
    inodes.free(made.mountNs.inode);
  }
  if (made.pidNs !== undefined) inodes.free(made.pidNs.inode);
  if (made.others !== undefined) {
    for (const kind of ["uts", "ipc", "net", "children"] as const) {
      if (made.others[kind] !== task.others[kind]) inodes.free(made.others[kind].inode);
    }
  }
  if (made.cgroup !== undefined) {
    unchargeCgroupNamespace(made.cgroup.userNamespace, made.cgroup.chargedTo);
    inodes.free(made.cgroup.inode);
  }
}

/** rule 3.4: the roots are where its creator is, in every hierarchy. */
export function cgroupNsOf(made: NonNullable<MadeNamespaces["cgroup"]>, cgroups: readonly CgroupNode[]): CgroupNs {
  // rule 3.4
  return new CgroupNs(made.inode, made.userNamespace, made.chargedTo, [...cgroups]);
}

/** A copy for somebody who sees the same tree through copies of its mounts. */
export function relocated(fsInfo: FsInfo, copies: Map<Mount, Mount> | undefined): FsInfo {
  const copy = fsInfo.copy();
  const mount = copies?.get(copy.workingDirectory.mount);
  if (mount !== undefined) copy.workingDirectory = { mount, node: copy.workingDirectory.node };
  return copy;
}

function ownFsInfo(task: Task): void {
  if (task.fsInfo.sharers === 1) return;
  task.fsInfo.sharers--;
  task.fsInfo = task.fsInfo.copy();
  task.fsInfo.sharers = 1;
}

/** Is it a leader without other threads? */
export const isAlone = (task: Task): boolean => task.process.threads.size === 1 && task.isLeader;

/** unshare(2): of the calling thread only (rule 3.6). */
export function unshare(task: Task, flags: readonly NamespaceFlag[]): Refusal | undefined {
  const refusal = vetUnshare(task, flags);
  if (refusal !== undefined) return refusal;
  const made = makeNamespaces(task, flags);
  if (isRefusal(made)) return made;
  if (made.credentials !== task.credentials) commit(task, made.credentials);
  if (made.mountNs !== undefined) {
    ownFsInfo(task);
    enterMountNs(task, made.mountNs, relocated(task.fsInfo, made.mountCopies).workingDirectory);
  }
  if (made.pidNs !== undefined) task.pidNsForChildren = made.pidNs;
  if (made.others !== undefined) enterOthers(task, made.others);
  // rule 3.5
  if (made.cgroup !== undefined) enterCgroupNs(task, cgroupNsOf(made.cgroup, task.cgroups));
  return undefined;
}

/** What is refused before anything is made. */
export function vetUnshare(task: Task, flags: readonly NamespaceFlag[]): Refusal | undefined {
  if (flags.some((flag) => !NAMESPACE_FLAGS.includes(flag))) {
    // rule 3.8
    return refuse("EINVAL", "3.8");
  }
  // rule 3.6
  if (flags.includes("user") && !isAlone(task)) return refuse("EINVAL", "3.6");
  return undefined;
}

export function enterCgroupNs(task: Task, namespace: CgroupNs): void {
  namespace.pin();
  task.cgroupNs.unpin(task.kernel.inodes);
  task.cgroupNs = namespace;
}

export function enterOthers(task: Task, namespaces: OtherNamespaces): void {
  pinOthers(namespaces);
  unpinOthers(task.others, task.kernel.inodes);
  task.others = namespaces;
}

export function enterMountNs(task: Task, namespace: MountNs, workingDirectory?: Location): void {
  const { kernel, fsInfo } = task;
  namespace.pins++;
  kernel.enterMountNs(namespace);
  fsInfo.workingDirectory = workingDirectory ?? { mount: namespace.root, node: namespace.root.root };
  kernel.leaveMountNs(task.mountNs);
  task.mountNs = namespace;
}
