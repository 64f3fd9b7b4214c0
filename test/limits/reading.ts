// Readings made up for the tests of limits: a line of cgroups, outermost first, each as path and files.

import type { Edge, HierarchyReading, LimitsReading, MachineReading } from "../../ts/index.ts";

export type Files = Readonly<Record<string, string>>;
export interface Where {
  readonly edge?: Edge;
  readonly above?: number | null;
  readonly machine?: Partial<MachineReading>;
}

export const GiB = 2 ** 30;
export const MiB = 2 ** 20;
export const NO_LIMIT_V1 = "9223372036854771712\n";

export function v2(cgroups: Readonly<Record<string, Files>>, where: Where = {}): LimitsReading {
  return reading([hierarchy(2, [], cgroups, where)], where);
}

/** v1, all controllers in one hierarchy. */
export function v1(controllers: readonly string[], cgroups: Readonly<Record<string, Files>>, where: Where = {}): LimitsReading {
  return reading([hierarchy(1, controllers, cgroups, where)], where);
}

export function reading(hierarchies: readonly HierarchyReading[], { machine = {} }: Where = {}): LimitsReading {
  return { hierarchies, machine: { memory: null, online: null, allowed: null, ...machine } };
}

export function hierarchy(version: 1 | 2, controllers: readonly string[], cgroups: Readonly<Record<string, Files>>, { edge = "root", above = 0 }: Where = {}): HierarchyReading {
  return { version, controllers, cgroups: Object.entries(cgroups).map(([path, files]) => ({ path, files })), edge, above, reason: null };
}
