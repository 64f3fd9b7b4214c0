// The public menu of `cgroupns`: runs anywhere, imports no node: module.

export { CgroupError, type ErrnoCode, type ErrorDetails } from "./errors.ts";
export {
  Cgroup, type CoreStatistics, type Encoding, Hierarchy, type HierarchyOptions, type Nodes, type Text, type Viewer,
} from "./hierarchy.ts";
export { CgroupNamespace, type NamespaceOptions } from "./namespace.ts";
export * from "./proc/index.ts";
