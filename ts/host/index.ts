// The public menu of `cgroupns/host`: what reads a machine, in Node, Deno and Bun.

export type { HostLimits } from "./captured-limits.ts";
export {
  type Capture, Host, type HostCgroup, type HostHierarchy, type HostNamespace, type HostOptions, type HostRoot, type HostTask, type How, type View,
} from "./host.ts";
export { identify, type IdentifyOptions, type ProcessIdentity } from "./identify.ts";
export { type HostKernel, kernelOf, type KernelOfOptions } from "./kernel-of.ts";
export { limits, type LimitsOptions, type TaskLimits, WATCH_INTERVAL } from "./limits.ts";
export type { ReadOptions } from "./read.ts";
export { INITIAL_NAMESPACE } from "./snapshot.ts";
export type { Target } from "./target.ts";
export { readImage, writeCapture, writeImage } from "./whole-file.ts";
