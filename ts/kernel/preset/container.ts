// A container of the presets, made as a runtime makes one: a process in new namespaces, moved to its cgroup, with a root of its
// own, mounts in it, and few capabilities.

import { fromText } from "../bytes.ts";
import { type CapabilityName, capabilitySet } from "../capability.ts";
import { type Location, Mount, type MountFlags, NO_FLAGS, placesChanged } from "../mount.ts";
import { resolvePath } from "../path-walk.ts";
import { isRefusal } from "../refusal.ts";
import type { Task } from "../task.ts";
import { asError } from "../throwing.ts";
import { TmpFs } from "../tmpfs.ts";
import { type PresetHost, QUIET, READ_ONLY } from "./host.ts";

export interface ContainerShape {
  /** Who starts it: a shim, a monitor. */
  readonly parent: Task;
  readonly cgroup: string;
  /** Where on the host its root is put together. */
  readonly rootfs: string;
  /** Its cgroup namespace is its own; the machine's otherwise. */
  readonly ownCgroupNs: boolean;
  /** Files of the host seen inside: source, place. */
  readonly binds?: readonly (readonly [from: string, at: string])[];
  /** Files of its own. */
  readonly files?: Readonly<Record<string, string>>;
  /** Its cgroups are not to be changed from inside, as in most containers. */
  readonly readOnlyCgroups?: boolean;
  readonly command?: string;
}

/** What Docker, containerd and podman leave. */
const FEW: readonly CapabilityName[] = [
  "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "SETFCAP",
];

/** @returns its first process, which has executed its program */
export function startContainer(host: PresetHost, shape: ContainerShape): Task {
  const { parent, cgroup, rootfs, ownCgroupNs, command = "app" } = shape;
  host.init.fs.mkdirSync(rootfs, { recursive: true });
  const task = parent.fork({ namespaces: ["mnt", "pid", "uts", "ipc", "net"], command: "runc:[2:INIT]" });
  host.move(task, cgroup, "runtime");
  if (ownCgroupNs) task.unshare("cgroup");
  attach(task, overlay(task), "overlay", rootfs);
  furnish(host, task, shape);
  pivotRoot(task, rootfs);
  task.credentials = task.credentials.with({ bounding: capabilitySet(FEW)! });
  task.exec(command);
  return task;
}

function overlay({ kernel, credentials: { fsuid, fsgid } }: Task): TmpFs {
  return new TmpFs(kernel.nextDevice(), "overlay", { uid: fsuid, gid: fsgid, mode: 0o755 });
}

function furnish(host: PresetHost, task: Task, { rootfs, cgroup, binds = [], files = {}, readOnlyCgroups = true }: ContainerShape): void {
  for (const name of ["/proc", "/sys/fs/cgroup", "/dev", "/etc", "/run", "/tmp"]) task.fs.mkdirSync(rootfs + name, { recursive: true });
  for (const [path, text] of Object.entries(files)) write(task, rootfs + path, text);
  task.mount({ type: "proc", at: `${rootfs}/proc`, flags: QUIET });
  task.mount({ type: "tmpfs", at: `${rootfs}/dev`, options: "mode=755", flags: { nosuid: true } });
  const flags = readOnlyCgroups ? READ_ONLY : QUIET;
  if (host.tops.length === 1) task.mount({ type: "cgroup2", source: "cgroup", at: `${rootfs}/sys/fs/cgroup`, flags });
  else legacyCgroups(host, task, `${rootfs}/sys/fs/cgroup`, cgroup);
  for (const [from, at] of binds) bind(task, from, rootfs + at);
}

/** Each hierarchy in its place, from its own cgroup on: the namespace is the machine's. */
function legacyCgroups(host: PresetHost, task: Task, top: string, cgroup: string): void {
  task.mount({ type: "tmpfs", at: top, options: "mode=755", flags: QUIET });
  for (const from of host.tops) {
    const at = top + from.slice(from.lastIndexOf("/"));
    task.fs.mkdirSync(at);
    bind(task, from + cgroup, at, READ_ONLY);
  }
}

function write(task: Task, path: string, text: string): void {
  task.fs.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  task.fs.writeFileSync(path, text);
}

function place(task: Task, path: string): Location {
  const found = resolvePath(task, fromText(path));
  if (isRefusal(found)) throw asError(found, "mount", path);
  return found;
}

function attach(task: Task, filesystem: TmpFs, source: string, path: string): void {
  const at = place(task, path);
  const made = new Mount({ id: task.kernel.nextMountId(), namespace: task.mountNs, filesystem, root: filesystem.root, source, flags: NO_FLAGS });
  made.attachAt(at.mount, at.node);
}

/** A runtime binds by descriptors it has opened outside: no namespace is in its way. */
function bind(task: Task, from: string, path: string, flags: Partial<MountFlags> = {}): void {
  const source = place(task, from);
  if (source.node.kind === "file") write(task, path, "");
  const at = place(task, path);
  const { filesystem } = source.mount;
  const made = new Mount({ id: task.kernel.nextMountId(), namespace: task.mountNs, filesystem, root: source.node, source: source.mount.source, flags: { ...NO_FLAGS, ...flags } });
  made.attachAt(at.mount, at.node);
}

/** pivot_root(2), and the old root taken off. */
function pivotRoot(task: Task, path: string): void {
  const { mount } = place(task, path);
  const { mountNs } = task;
  const old = mountNs.root;
  mount.leaveParent();
  mount.parent = mount.point = null;
  mountNs.root = mount;
  old.detach();
  placesChanged();
  task.fsInfo.workingDirectory = { mount, node: mount.root };
}
