// The public menu of `cgroupns`: runs anywhere, imports no node: module.

export { Cgroup, type Viewer } from "./cgroup.ts";
export type { Encoding, Text } from "./core/text.ts";
export { CgroupError, type ErrnoCode, type ErrorDetails } from "./errors.ts";
export { type CoreStatistics, Hierarchy, type HierarchyOptions, type Made, type Nodes, type Paths, type Source, type ViewManyOptions } from "./hierarchy.ts";
export type { CapabilityName } from "./kernel/capability.ts";
export type { ForkOptions } from "./kernel/fork.ts";
export type { TaskFs, TaskFsPromises } from "./kernel/fs/index.ts";
export type { V2Option } from "./kernel/hierarchy.ts";
export type { IdChanges, IdTriple } from "./kernel/ids.ts";
export { Kernel, type KernelOptions, type LegacyHierarchy } from "./kernel/kernel.ts";
export type { MountFlags } from "./kernel/mount.ts";
export type { MountRequest } from "./kernel/mounting.ts";
export type { PresetName } from "./kernel/presets.ts";
export type { Asking, PathLike } from "./kernel/question.ts";
export type { SetnsTarget } from "./kernel/setns.ts";
export type { Signal } from "./kernel/signal.ts";
export type { KernelJson } from "./kernel/snapshot.ts";
export { Task, type TaskState } from "./kernel/task.ts";
export type { NamespaceFlag } from "./kernel/unshare.ts";
export type { Verdict } from "./kernel/verdict.ts";
export * from "./limits/index.ts";
export { CgroupNamespace, type NamespaceOptions } from "./namespace.ts";
export * from "./identity/index.ts";
export { PidTable } from "./pid-table.ts";
export * from "./proc/index.ts";
