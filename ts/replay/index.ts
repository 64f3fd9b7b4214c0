// The menu of `cgroupns/replay`: exports, nothing else. Imports no node: module.

export { isHugePageSize } from "../kernel/files/hugetlb.ts";
export { RELEASE } from "../kernel/release.ts";
export { formatResults } from "./format.ts";
export type { Operation, ReplayOptions, Result } from "./operation.ts";
export { OPERATIONS, Replay } from "./replay.ts";
