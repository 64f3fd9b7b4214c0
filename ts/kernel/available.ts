// Which controllers a cgroup can hand to its children.

import type { CgroupNode } from "./cgroup.ts";
import { type ControllerSet, IMPLICIT, INHIBITED, THREADED } from "./controller.ts";

/** rule 7.2: the controllers a cgroup can hand to its children. */
export function availableIn(cgroup: CgroupNode): ControllerSet {
  // rule 7.2
  const { hierarchy, parent } = cgroup;
  if (parent === null) return hierarchy.isUnified ? hierarchy.controllers & ~(INHIBITED | IMPLICIT) : hierarchy.controllers;
  if (!hierarchy.isUnified) return hierarchy.controllers;
  return cgroup.isThreaded ? parent.subtreeControl & THREADED : parent.subtreeControl;
}
