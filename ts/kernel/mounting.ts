// mount(2) and umount2(2): who may, which root a new mount of a hierarchy gets, and the options that are global (section 10).

import { type Bytes, fromText } from "./bytes.ts";
import { CAP } from "./capability.ts";
import { type ControllerSet, controllerSet } from "./controller.ts";
import { isCapable } from "./credentials.ts";
import type { Filesystem, Inode } from "./filesystem.ts";
import { type KernelHierarchy, V2_OPTIONS, type V2Option } from "./hierarchy.ts";
import { type Location, Mount, type MountFlags, NO_FLAGS } from "./mount.ts";
import { resolvePath } from "./path-walk.ts";
import { namesTo } from "./place.ts";
import { ProcFs } from "./procfs.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Path } from "./split.ts";
import type { Task } from "./task.ts";
import { TmpFs } from "./tmpfs.ts";

/** Paths and options as byte strings inside the model, as text for its callers. */
export interface MountRequest {
  /** `cgroup2`, `cgroup`, `tmpfs` or `proc`; none for bind and remount. */
  readonly type?: string;
  readonly at: string;
  /** What to bind, or the name a filesystem is shown with. */
  readonly source?: string;
  /** As mount(2)'s data: comma-separated. */
  readonly options?: string;
  readonly flags?: Partial<MountFlags>;
  readonly bind?: boolean;
  readonly remount?: boolean;
  /** Only changes propagation, which the model does not have. */
  readonly propagation?: boolean;
}

/** A caller's text as bytes. */
export function inBytes(request: MountRequest): MountRequest {
  const { at, source, options } = request;
  const text = { ...(source === undefined ? {} : { source: fromText(source) }), ...(options === undefined ? {} : { options: fromText(options) }) };
  return { ...request, at: fromText(at), ...text };
}

type Act = () => void;

/** A name for the kernel to copy, its NUL included. */
const PATH_MAX = 4096;

export function mount(task: Task, request: MountRequest): Refusal | undefined {
  const settled = vetMount(task, request);
  if (isRefusal(settled)) {
    settled.done?.();
    return settled;
  }
  settled();
  return undefined;
}

/** What would be done, or why not. */
export function vetMount(task: Task, request: MountRequest): Act | Refusal {
  if ((request.source ?? "").length >= PATH_MAX) return refuse("EINVAL", "mount(2)");
  const at = resolvePath(task, request.at);
  if (isRefusal(at)) return at;
  if (!isCapable(task.credentials, CAP.SYS_ADMIN, task.mountNs.userNamespace)) {
    // rule 10.1
    return refuse("EPERM", "10.1", { credentials: task.credentials });
  }
  if (request.remount === true) return request.bind === true ? remountFlags(at, request) : remount(task, at, request);
  if (request.bind === true) return bind(task, at, request);
  if (request.propagation === true) return isMountRoot(at) ? () => {} : refuse("EINVAL", "mount(2)");
  return vetNew(task, at, request);
}

const isMountRoot = ({ mount, node }: Location): boolean => mount.root === node;
const flagsOf = (request: MountRequest): MountFlags => ({ ...NO_FLAGS, ...request.flags });

function vetNew(task: Task, at: Location, request: MountRequest): Act | Refusal {
  const { type = "" } = request;
  if (type === "") return refuse("EINVAL", "mount(2)");
  if (!["cgroup2", "cgroup", "tmpfs", "proc"].includes(type)) return refuse("ENODEV", "mount(2)");
  const options = words(request.options);
  const asked = type === "cgroup2" ? parseUnified(options) : type === "cgroup" ? parseLegacy(options) : undefined;
  if (isRefusal(asked)) return asked;
  const owner = type === "tmpfs" || type === "proc" ? task.mountNs.userNamespace : task.cgroupNs.userNamespace;
  if (!isCapable(task.credentials, CAP.SYS_ADMIN, owner)) {
    // rule 10.1
    return refuse("EPERM", "10.1", { credentials: task.credentials });
  }
  if (asked === undefined) return plain(task, at, request, type);
  return asked instanceof Set ? unified(task, at, request, asked as Set<V2Option>) : legacy(task, at, request, asked as LegacyOptions);
}

const words = (options: string | undefined): Bytes[] => (options === undefined ? [] : options.split(",").filter((word) => word !== ""));
/** Options of every filesystem; for one that is mounted already they change nothing (rule 10.3). */
const GENERIC = ["ro", "rw", "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand"];

function plain(task: Task, at: Location, request: MountRequest, type: string): Act | Refusal {
  const { kernel } = task;
  return vetAttach(at) ?? (() => {
    const filesystem = type === "proc" ? new ProcFs(kernel, task.pidNs, kernel.nextDevice()) : new TmpFs(kernel.nextDevice(), "tmpfs", { uid: task.credentials.fsuid, gid: task.credentials.fsgid, mode: modeOf(request) });
    attach(task, at, request, filesystem, filesystem.root);
  });
}

/** `mode=` of a tmpfs. */
const modeOf = ({ options = "" }: MountRequest): number => Number.parseInt(/(?:^|,)mode=([0-7]{1,4})(?:,|$)/.exec(options)?.[1] ?? "1777", 8);

function attach(task: Task, at: Location, request: MountRequest, filesystem: Filesystem, root: Inode): void {
  const source = request.source ?? filesystem.type;
  const made = new Mount({ id: task.kernel.nextMountId(), namespace: at.mount.namespace, filesystem, root, source, flags: flagsOf(request) });
  made.attachAt(at.mount, at.node);
}

const DIRECTORY = { kind: "directory" } as const;

/** A file is not mounted on a directory, nor a directory on a file. */
function vetAttach(at: Location, root: Pick<Inode, "kind"> = DIRECTORY): Refusal | undefined {
  // rule 10.7
  if (isRemoved(at.node)) return refuse("ENOENT", "10.7");
  return (at.node.kind === "directory") === (root.kind === "directory") ? undefined : refuse("ENOTDIR", "mount(2)");
}

const isRemoved = (node: Inode): boolean => ("dead" in node && node.dead) || ("removed" in node && node.removed);

// ---- cgroup2

function parseUnified(options: readonly Bytes[]): Set<V2Option> | Refusal {
  const set = new Set<V2Option>();
  for (const option of options) {
    if ((V2_OPTIONS as readonly string[]).includes(option)) set.add(option as V2Option);
    // rule 10.3
    else if (!GENERIC.includes(option)) return refuse("EINVAL", "10.3", { needs: option });
  }
  return set;
}

function unified(task: Task, at: Location, request: MountRequest, options: Set<V2Option>): Act | Refusal {
  const { kernel } = task;
  const hierarchy = kernel.hierarchies[0]!;
  const root = mountedRoot(task, hierarchy);
  if (isRefusal(root)) return root;
  const filesystem = kernel.filesystemOf(hierarchy);
  const setUp = (): void => {
    kernel.isUnifiedVisible = true;
    setOptions(task, hierarchy, options);
  };
  const refusal = vetAttach(at, root) ?? vetSame(at, filesystem);
  if (refusal !== undefined) {
    // rule 10.6: the place is looked at last
    refusal.done = setUp;
    return refusal;
  }
  return () => {
    setUp();
    attach(task, at, request, filesystem, root);
  };
}

const vetSame = (at: Location, filesystem: Filesystem): Refusal | undefined =>
  isMountRoot(at) && at.mount.filesystem === filesystem ? refuse("EBUSY", "mount(2)") : undefined;

/** rule 10.6: global, set and cleared by every mount from the initial namespace, left alone by others. */
function setOptions(task: Task, hierarchy: KernelHierarchy, options: ReadonlySet<V2Option>): void {
  // rule 10.6
  if (task.cgroupNs.isInitial) hierarchy.options = new Set(options);
}

/**
 * rule 10.2: the mounter's namespace root, found by walking names: a removed one is missing, one made again is another, and a
 * control file may have its name by now. On a way through a file 6.18 itself falls (kernfs_node_dentry follows a null pointer).
 */
function mountedRoot(task: Task, hierarchy: KernelHierarchy): Inode | Refusal {
  const root = task.cgroupNs.rootIn(hierarchy);
  const filesystem = task.kernel.filesystemOf(hierarchy);
  let found: Inode | undefined = hierarchy.root;
  for (const name of namesTo(root)) {
    if (found === undefined) break;
    if (found.kind !== "directory") return refuse("ENOTDIR", "10.2", { cgroup: root });
    found = filesystem.lookup(found, name);
  }
  // rule 10.2
  return found ?? refuse("ENOENT", "10.2", { cgroup: root });
}

// ---- cgroup (v1), rule 10.5

interface LegacyOptions {
  readonly controllers: ControllerSet;
  readonly name: Bytes | null;
  readonly none: boolean;
  readonly all: boolean;
  readonly flags: readonly Bytes[];
}

const LEGACY_FLAGS = ["noprefix", "xattr", "clone_children", "cpuset_v2_mode", "favordynmods"];
const NAME = /^[A-Za-z0-9._-]{1,63}$/;

function parseLegacy(options: readonly Bytes[]): LegacyOptions | Refusal {
  const invalid = refuse("EINVAL", "10.5");
  let controllers = 0;
  let name: Bytes | null = null;
  const flags: Bytes[] = [];
  for (const option of options) {
    if (GENERIC.includes(option) || option === "none" || option === "all") continue;
    if (LEGACY_FLAGS.includes(option)) flags.push(option);
    else if (option.startsWith("name=")) {
      if (name !== null || !NAME.test(option.slice(5))) return invalid;
      name = option.slice(5);
    } else if (!option.startsWith("release_agent=")) {
      const one = controllerSet([option === "io" ? "?" : option]);
      if (one === undefined) return invalid;
      controllers |= one;
    }
  }
  return { controllers, name, flags, none: options.includes("none"), all: options.includes("all") };
}

function legacy(task: Task, at: Location, request: MountRequest, options: LegacyOptions): Act | Refusal {
  const found = findLegacy(task, options);
  if (isRefusal(found)) return found;
  if ("newWith" in found) return vetAttach(at) ?? (() => mountNew(task, at, request, found.newWith, options));
  const root = mountedRoot(task, found);
  if (isRefusal(root)) return root;
  const filesystem = task.kernel.filesystemOf(found);
  const refusal = vetAttach(at, root) ?? vetSame(at, filesystem);
  return refusal ?? (() => attach(task, at, request, filesystem, root));
}

function mountNew(task: Task, at: Location, request: MountRequest, controllers: ControllerSet, { name, flags }: LegacyOptions): void {
  const hierarchy = task.kernel.createHierarchy(controllers, name, flags);
  attach(task, at, request, task.kernel.filesystemOf(hierarchy), hierarchy.root);
}

/** The hierarchy these options mean, or what a new one would have. */
function findLegacy({ kernel, cgroupNs }: Task, options: LegacyOptions): KernelHierarchy | { newWith: ControllerSet } | Refusal {
  const { name, none } = options;
  const all = options.all || (options.controllers === 0 && !none && name === null);
  if (all && options.controllers !== 0) return refuse("EINVAL", "10.5");
  const controllers = all ? kernel.builtIn : options.controllers;
  const unnamed = controllers === 0 && name === null;
  if (unnamed || (none && controllers !== 0) || (options.flags.includes("noprefix") && controllers !== CPUSET)) return refuse("EINVAL", "10.5");
  for (const hierarchy of kernel.hierarchies.slice(1)) {
    if (name !== null && hierarchy.name !== name) continue;
    if ((controllers === 0 && !none) || controllers === hierarchy.controllers) return hierarchy;
    // rule 10.5
    if (name !== null) return refuse("EBUSY", "10.5");
  }
  if (controllers === 0 && !none) return refuse("EINVAL", "10.5");
  // rule 10.5
  if (!cgroupNs.isInitial) return refuse("EPERM", "10.5");
  return kernel.mayRebind(controllers) ? { newWith: controllers } : refuse("EBUSY", "10.5");
}

const CPUSET = controllerSet(["cpuset"])!;

// ---- bind, remount, umount

/** rule 10.7 */
function bind(task: Task, at: Location, request: MountRequest): Act | Refusal {
  const from = resolvePath(task, request.source ?? "");
  if (isRefusal(from)) return from.code === "ENOENT" && (request.source ?? "") === "" ? refuse("EINVAL", "mount(2)") : from;
  if ([...from.mount.children.values()].some(({ locked }) => locked)) return refuse("EINVAL", "mount(2)");
  const { filesystem, source, flags, lockedFlags } = from.mount;
  const refusal = vetAttach(at, from.node);
  if (refusal !== undefined) return refusal;
  return () => {
    const made = new Mount({ id: task.kernel.nextMountId(), namespace: at.mount.namespace, filesystem, root: from.node, source, flags, lockedFlags });
    made.attachAt(at.mount, at.node);
  };
}

function vetLockedFlags({ mount }: Location, flags: MountFlags): Refusal | undefined {
  const cleared = (Object.keys(NO_FLAGS) as (keyof MountFlags)[]).some((flag) => mount.lockedFlags[flag] && !flags[flag]);
  return cleared ? refuse("EPERM", "mount(2)") : undefined;
}

function remountFlags(at: Location, request: MountRequest): Act | Refusal {
  if (!isMountRoot(at)) return refuse("EINVAL", "mount(2)");
  return (
    vetLockedFlags(at, flagsOf(request)) ??
    (() => {
      // rule 10.3
      at.mount.flags = flagsOf(request);
    })
  );
}

/** The whole filesystem: flags of the superblock, and the unified hierarchy's options. */
function remount(task: Task, at: Location, request: MountRequest): Act | Refusal {
  if (!isMountRoot(at)) return refuse("EINVAL", "mount(2)");
  const { filesystem } = at.mount;
  const options = words(request.options);
  const hierarchy = task.kernel.hierarchyOf(filesystem);
  const asked = hierarchy?.isUnified === true ? parseUnified(options) : hierarchy === undefined ? undefined : parseLegacy(options);
  const refusal = vetLockedFlags(at, flagsOf(request)) ?? (isRefusal(asked) ? asked : undefined);
  if (refusal !== undefined) return refusal;
  if (!isCapable(task.credentials, CAP.SYS_ADMIN, task.kernel.initialUserNs)) return refuse("EPERM", "10.1", { credentials: task.credentials });
  return () => {
    if (hierarchy !== undefined) hierarchy.readOnly = request.flags?.readOnly === true;
    if (asked instanceof Set) setOptions(task, hierarchy!, asked);
    at.mount.flags = flagsOf(request);
  };
}

export function umount(task: Task, path: Path, detach: boolean): Refusal | undefined {
  const at = resolvePath(task, path);
  if (isRefusal(at)) return at;
  const { mount } = at;
  if (!isCapable(task.credentials, CAP.SYS_ADMIN, task.mountNs.userNamespace)) return refuse("EPERM", "10.1", { credentials: task.credentials });
  if (!isMountRoot(at) || mount.locked || mount.parent === null) return refuse("EINVAL", "umount(2)");
  if (!detach && isBusy(mount)) return refuse("EBUSY", "umount(2)");
  mount.detach();
  return undefined;
}

const isBusy = (mount: Mount): boolean => mount.users > 0 || mount.children.size > 0;
