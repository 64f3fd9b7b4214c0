// Entering namespaces: setns(2) by an open link of /proc or by pidfd, which fail differently (rules 4.1 to 4.7).

import { fromText } from "./bytes.ts";
import { CAP } from "./capability.ts";
import { CgroupNs } from "./cgroup-namespace.ts";
import { type Credentials, inUserNamespace, isCapable } from "./credentials.ts";
import { commit } from "./ids.ts";
import { MountNs } from "./mount.ts";
import { openFile, opening } from "./open.ts";
import { PidNs } from "./pid-namespace.ts";
import { NsNode, type NamespaceObject } from "./procfs.ts";
import { mayInspect } from "./ptrace.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";
import { enterCgroupNs, enterMountNs, enterOthers, isAlone, NAMESPACE_FLAGS, type NamespaceFlag } from "./unshare.ts";
import { UserNamespace } from "./user-namespace.ts";

/** What to enter: a path such as /proc/4/ns/cgroup, an open descriptor, or a process and which of its namespaces (a pidfd). */
export type SetnsTarget =
  | { readonly path: string; readonly type?: NamespaceFlag }
  | { readonly fd: number; readonly type?: NamespaceFlag }
  | { readonly pidfd: Task; readonly types: readonly NamespaceFlag[] };

export function setns(task: Task, target: SetnsTarget): Refusal | undefined {
  const settled = vetSetns(task, target);
  if (isRefusal(settled)) return settled;
  settled();
  return undefined;
}

/** What would be done, or why not. */
export function vetSetns(task: Task, target: SetnsTarget): (() => void) | Refusal {
  if ("pidfd" in target) return byPidfd(task, target.pidfd, target.types);
  const file = "fd" in target ? task.process.files.get(target.fd) : openFile(task, fromText(target.path), opening({ read: true }));
  if (file === undefined) return refuse("EBADF", "4.4");
  if (isRefusal(file)) return file;
  const { node } = file.place;
  // rule 4.4
  if (!(node instanceof NsNode)) return refuse("EINVAL", "4.4");
  return enter(task, node.namespace, target.type);
}

export function enter(task: Task, namespace: NamespaceObject, type?: NamespaceFlag): (() => void) | Refusal {
  // rule 4.4
  if (type !== undefined && type !== namespace.kind) return refuse("EINVAL", "4.4");
  const refusal = vetInstall(task, namespace, task.credentials);
  return refusal ?? (() => install(task, namespace));
}

/** Several at once: the user namespace first, and the others are judged from inside it (rule 4.5). */
export function byPidfd(task: Task, target: Task, types: readonly NamespaceFlag[]): (() => void) | Refusal {
  if (types.length === 0 || types.some((type) => !NAMESPACE_FLAGS.includes(type))) return refuse("EINVAL", "4.4");
  if (target.state === "reaped") return refuse("ESRCH", "4.4");
  if (!mayInspect(task, target, "real")) {
    // rule 4.4
    return refuse("EPERM", "4.4", { credentials: task.credentials });
  }
  if (target.state !== "running") {
    // rule 4.4
    return refuse("ESRCH", "4.4");
  }
  const wanted: NamespaceObject[] = [];
  if (types.includes("user")) wanted.push(target.credentials.userNamespace);
  if (types.includes("mnt")) wanted.push(target.mountNs);
  if (types.includes("uts")) wanted.push(target.others.uts);
  if (types.includes("ipc")) wanted.push(target.others.ipc);
  if (types.includes("pid")) wanted.push(target.pidNs);
  if (types.includes("cgroup")) wanted.push(target.cgroupNs);
  if (types.includes("net")) wanted.push(target.others.net);
  if (types.includes("time")) wanted.push(target.others.time);
  let credentials = task.credentials;
  for (const namespace of wanted) {
    const refusal = vetInstall(task, namespace, credentials, types.length > 1);
    if (refusal !== undefined) return refusal;
    if (namespace instanceof UserNamespace) credentials = inUserNamespace(credentials, namespace);
  }
  return () => {
    for (const namespace of wanted) install(task, namespace);
  };
}

/** `joining` are the credentials it would have by then; capabilities count as they are now. */
function vetInstall(task: Task, namespace: NamespaceObject, joining: Credentials, severalAtOnce = false): Refusal | undefined {
  const own = task.credentials;
  if (namespace instanceof UserNamespace) {
    if (namespace === own.userNamespace || !isAlone(task)) return refuse("EINVAL", "user_namespaces(7)");
    return isCapable(own, CAP.SYS_ADMIN, namespace) ? undefined : refuse("EPERM", "user_namespaces(7)", { credentials: own });
  }
  const owner = namespace.userNamespace;
  if (!isCapable(own, CAP.SYS_ADMIN, joining.userNamespace) || !isCapable(own, CAP.SYS_ADMIN, owner)) {
    // rule 4.2, 4.5
    return refuse("EPERM", "4.2", { credentials: own });
  }
  if (namespace instanceof MountNs) {
    if (!isCapable(own, CAP.SYS_CHROOT, joining.userNamespace)) return refuse("EPERM", "setns(2)", { credentials: own });
    // Its root and working directory change: alone they may not be shared with others.
    return severalAtOnce || task.fsInfo.sharers === 1 ? undefined : refuse("EINVAL", "setns(2)");
  }
  if (namespace.kind === "time" && !isAlone(task)) return refuse("EUSERS", "setns(2)");
  if (namespace instanceof PidNs && !namespace.isDescendantOf(task.pidNs)) return refuse("EINVAL", "setns(2)");
  return undefined;
}

function install(task: Task, namespace: NamespaceObject): void {
  if (namespace instanceof UserNamespace) commit(task, inUserNamespace(task.credentials, namespace));
  else if (namespace instanceof MountNs) enterMountNs(task, namespace);
  else if (namespace instanceof PidNs) task.pidNsForChildren = namespace;
  // rule 4.3
  else if (namespace instanceof CgroupNs) enterCgroupNs(task, namespace);
  else if (namespace.kind === "time") enterOthers(task, { ...task.others, time: namespace, children: namespace });
  else enterOthers(task, { ...task.others, [namespace.kind]: namespace });
}
