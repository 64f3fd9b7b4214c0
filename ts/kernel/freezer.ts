// Which cgroups a v1 freezer holds. Its files are in files/freezer.ts, what it holds back in exit.ts.

import type { CgroupNode } from "./cgroup.ts";
import { type ControllerSet, controllerSet } from "./controller.ts";

export const FREEZER: ControllerSet = controllerSet(["freezer"])!;

export const freezesItself = (cgroup: CgroupNode): boolean => cgroup.setting("freezer.state") === true;

/** Frozen by itself or by an ancestor of a v1 freezer hierarchy. */
export function isFrozenByFreezer(cgroup: CgroupNode): boolean {
  for (let at: CgroupNode | null = cgroup; at !== null; at = at.parent) if (freezesItself(at)) return true;
  return false;
}
