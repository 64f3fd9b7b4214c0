// The public menu of `cgroupns`: runs anywhere, imports no node: module.

export { Cgroup, type Viewer } from "./cgroup.ts";
export type { Encoding, Text } from "./core/text.ts";
export { CgroupError, type ErrnoCode, type ErrorDetails } from "./errors.ts";
export { type CoreStatistics, Hierarchy, type HierarchyOptions, type Nodes } from "./hierarchy.ts";
export { CgroupNamespace, type NamespaceOptions } from "./namespace.ts";
export * from "./proc/index.ts";
