// The menu of limits: exports, nothing else. Imports no node: module: it runs in Node, Deno, Bun and browsers.

export type { CpuLimits, Cpuset, CpusetLevel } from "./cpu.ts";
export type { LimitName } from "./files.ts";
export { heapFlag, heapSize } from "./heap.ts";
export type { Certainty, Limit, LimitLevel } from "./limit.ts";
export { type Limits, limitsOf } from "./limits.ts";
export type { MemoryLimits } from "./memory.ts";
export type { CgroupReading, Edge, HierarchyReading, LimitsReading, MachineReading } from "./reading.ts";
export { type EffectiveLimits, effectiveLimits, parentsIn } from "./roll-up.ts";
export { formatCpuList, parseCpuList, parseCpuMax, parseLimit } from "./value.ts";
