// Threaded cgroups: what is a valid domain, a thread root, and what can become one. Pure questions about the tree's state.

import type { CgroupNode } from "./cgroup.ts";
import { THREADED } from "./controller.ts";

/** The hierarchy's root takes both domain and threaded children, whatever it holds. */
const isMixable = (cgroup: CgroupNode): boolean => cgroup.isRoot;

/** rule 8.3 */
export function isThreadRoot(cgroup: CgroupNode): boolean {
  if (cgroup.isThreaded) return false;
  if (cgroup.threadedChildren > 0) return true;
  return cgroup.tasks.size > 0 && (cgroup.subtreeControl & THREADED) !== 0;
}

/** rule 8.2 */
export function isValidDomain(cgroup: CgroupNode): boolean {
  if (cgroup.isThreaded) return false;
  for (let at = cgroup.parent; at !== null; at = at.parent) {
    if (at.isThreaded || (!isMixable(at) && isThreadRoot(at))) return false;
  }
  return true;
}

/** rule 8.4: threaded children could be put below it. */
export function canBeThreadRoot(cgroup: CgroupNode): boolean {
  if (isMixable(cgroup)) return true;
  if (cgroup.isThreaded || cgroup.populatedDomainChildren > 0) return false;
  return (cgroup.subtreeControl & ~THREADED) === 0;
}

/** rule 8.1 */
export function typeOf(cgroup: CgroupNode): "threaded" | "domain invalid" | "domain threaded" | "domain" {
  // rule 8.1
  if (cgroup.isThreaded) return "threaded";
  if (!isValidDomain(cgroup)) return "domain invalid";
  return isThreadRoot(cgroup) ? "domain threaded" : "domain";
}

/** May tasks be put there as far as domains and controllers go? The errno if not. */
export function hostRefusal(cgroup: CgroupNode): { code: "EOPNOTSUPP" | "EBUSY"; rule: "8.6" | "5.1.10" } | undefined {
  if (!cgroup.hierarchy.isUnified) return undefined;
  if (!isValidDomain(cgroup.domain)) {
    // rule 8.6
    return { code: "EOPNOTSUPP", rule: "8.6" };
  }
  if (cgroup.isThreaded || canBeThreadRoot(cgroup)) return undefined;
  if (cgroup.subtreeControl === 0) return undefined;
  // rule 5.1.10
  return { code: "EBUSY", rule: "5.1.10" };
}
