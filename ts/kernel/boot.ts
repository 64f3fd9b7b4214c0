// The first moments of a kernel: the root filesystem with /proc and the hierarchies mounted in it, init, and kthreadd beside it.

import { expected } from "../errors.ts";
import { type Bytes, fromText } from "./bytes.ts";
import { ALL, capabilitySet } from "./capability.ts";
import { type Credentials, rootCredentials } from "./credentials.ts";
import type { Filesystem, Inode } from "./filesystem.ts";
import { FsInfo } from "./fs-info.ts";
import type { KernelHierarchy } from "./hierarchy.ts";
import { INITIAL_INODE } from "./inodes.ts";
import type { Kernel, KernelOptions, LegacyHierarchy } from "./kernel.ts";
import { type Location, Mount, MountNs, NO_FLAGS, topmost } from "./mount.ts";
import { type OtherNamespaces, pinOthers } from "./other-namespaces.ts";
import { Process } from "./process.ts";
import { ProcFs } from "./procfs.ts";
import { split } from "./split.ts";
import { Task } from "./task.ts";
import { TmpFs, type TmpNode } from "./tmpfs.ts";

/** The first process, once there is something to live in. */
export function startInit(kernel: Kernel, options: KernelOptions, others: OtherNamespaces): Task {
  const { legacy = [], unifiedAt, capabilities } = options;
  const bounding = capabilities === undefined ? ALL : capabilitySet(capabilities);
  if (bounding === undefined) throw expected("capabilities", "names as in capabilities(7)", capabilities);
  const mountNs = new MountNs(INITIAL_INODE.mnt, kernel.initialUserNs);
  const rootFs = new TmpFs(kernel.nextDevice());
  mountRoot(kernel, mountNs, rootFs);
  const procFs = new ProcFs(kernel, kernel.initialPidNs, kernel.nextDevice());
  mountAt(kernel, mountNs, procFs, procFs.root, "/proc");
  rootFs.setOwned(directory(mountNs, "/tmp").node, { uid: 0, gid: 0, mode: 0o1777 });
  mountHierarchies(kernel, mountNs, legacy, unifiedAt);
  const init = firstTask(kernel, mountNs, "init", rootCredentials(kernel.initialUserNs, bounding), others);
  kernel.initialPidNs.reaper = init.process;
  // rule 5.1.7
  firstTask(kernel, mountNs, "kthreadd", rootCredentials(kernel.initialUserNs), others, true);
  return init;
}

function firstTask(
  kernel: Kernel, mountNs: MountNs, command: Bytes, credentials: Credentials, others: OtherNamespaces, kernelThread = false,
): Task {
  const process = new Process({
    parent: null, dumpable: true, memoryNamespace: kernel.initialUserNs, command,
  });
  const { initialPidNs: pidNs, hierarchies } = kernel;
  const task = new Task({
    kernel, process, numbers: [pidNs.take()], pidNs, pidNsForChildren: pidNs, credentials, cgroupNs: kernel.initialCgroupNs.pin(), mountNs,
    others: pinOthers(others), fsInfo: new FsInfo({ mount: mountNs.root, node: mountNs.root.root }, 0o022), cgroups: hierarchies.map(({ root }) => root), kernelThread,
  });
  mountNs.pins++;
  process.leader = task;
  kernel.started(task);
  return task;
}

const TOP = "/sys/fs/cgroup";

function mountHierarchies(kernel: Kernel, mountNs: MountNs, legacy: readonly LegacyHierarchy[], unifiedAt: string | null | undefined): void {
  if (legacy.length > 0) {
    const tmpfs = new TmpFs(kernel.nextDevice());
    mountAt(kernel, mountNs, tmpfs, tmpfs.root, TOP);
  }
  const top = directory(mountNs, TOP);
  const mountOne = (hierarchy: KernelHierarchy, at: string, from?: Location): void =>
    mountAt(kernel, mountNs, kernel.filesystemOf(hierarchy), hierarchy.root, at, from);
  for (const [i, { controllers = [], name, at }] of legacy.entries()) {
    const hierarchy = kernel.hierarchies[i + 1]!;
    if (at === undefined) mountOne(hierarchy, controllers.length > 0 ? controllers.join(",") : name!, top);
    else if (at !== null) mountOne(hierarchy, at);
  }
  if (unifiedAt === null) return;
  kernel.isUnifiedVisible = true;
  if (unifiedAt === undefined) mountOne(kernel.unified, legacy.length > 0 ? "unified" : "", top);
  else mountOne(kernel.unified, unifiedAt);
}

function mountRoot(kernel: Kernel, namespace: MountNs, filesystem: TmpFs): void {
  namespace.root = newMount(kernel, namespace, filesystem, filesystem.root);
  namespace.mounts.push(namespace.root);
}

function mountAt(kernel: Kernel, namespace: MountNs, filesystem: Filesystem, root: Inode, at: string, from?: Location): void {
  const made = newMount(kernel, namespace, filesystem, root);
  const place = directory(namespace, at, from);
  made.attachAt(place.mount, place.node);
}

const newMount = (kernel: Kernel, namespace: MountNs, filesystem: Filesystem, root: Inode): Mount =>
  new Mount({ id: kernel.nextMountId(), namespace, filesystem, root, source: filesystem.type, flags: NO_FLAGS });

/** A directory of the files around, made with those above it; from the root unless told. */
function directory(namespace: MountNs, path: string, from: Location = { mount: namespace.root, node: namespace.root.root }): Location {
  let place = from;
  for (const name of split(fromText(path)).names) {
    const tmpfs = place.mount.filesystem as TmpFs;
    const node = (tmpfs.lookup(place.node, name) ?? tmpfs.mkdir(place.node, name, { uid: 0, gid: 0, mode: 0o755 })) as TmpNode;
    place = topmost({ mount: place.mount, node });
  }
  return place;
}
