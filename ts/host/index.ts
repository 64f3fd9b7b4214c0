// The public menu of `cgroupns/host`: what reads a machine, in Node, Deno and Bun.

export {
  type Capture, Host, type HostHierarchy, type HostNamespace, type HostOptions, type HostRoot, type HostTask, type How,
  type Target, type View,
} from "./host.ts";
export { type HostKernel, kernelOf, type KernelOfOptions } from "./kernel-of.ts";
export type { ReadOptions } from "./read.ts";
export { INITIAL_NAMESPACE } from "./snapshot.ts";
