// Ways to controllers and to threaded cgroups: enabling from the root down, disabling from the leaves up, and making room
// for either (rules 5.1.10, 7.4, 8.4, 8.6).

import type { CgroupNode } from "../cgroup.ts";
import { bitOf, type ControllerSet, namesOf, THREADED } from "../controller.ts";
import { canBeThreadRoot, hostRefusal, isThreadRoot, isValidDomain } from "../domain.ts";
import { availableIn } from "../available.ts";
import type { Process } from "../process.ts";
import { write } from "./as-root.ts";
import { type Case, inTurn } from "./case.ts";
import type { WayOut } from "./index.ts";

const CONTROL = "cgroup.subtree_control";

/** A controller available in a cgroup: given by the one above. */
export function enable(from: Case, cgroup: CgroupNode, controller: string): WayOut {
  if (cgroup.parent === null) return `the controller ${controller} is not on the unified hierarchy: a v1 hierarchy has it, or the kernel lacks it`;
  if ((availableIn(cgroup) & (1 << bitOf(controller))) !== 0) return `a cgroup of its kind has no controller ${controller}`;
  if (cgroup.isThreaded && (THREADED & (1 << bitOf(controller))) === 0) return `${controller} does not work for threads, and a threaded cgroup stays so`;
  return write(from, cgroup.parent, CONTROL, `+${controller}`);
}

export function disable(from: Case, cgroup: CgroupNode, controllers: ControllerSet): WayOut {
  return write(from, cgroup, CONTROL, namesOf(controllers).map((name) => `-${name}`).join(" "));
}

/** rule 7.4 */
export function control(from: Case): WayOut {
  const { code, blame } = from.refusal;
  const cgroup = blame.cgroup!;
  const bit = bitOf(blame.needs ?? "");
  if (code === "ENOENT") return enable(from, cgroup, blame.needs!);
  if (code === "EOPNOTSUPP") return settleDomain(from, cgroup);
  if (bit === -1) return evict(from, cgroup, false);
  const child = [...cgroup.children.values()].find(({ subtreeControl }) => (subtreeControl & (1 << bit)) !== 0);
  return child === undefined ? "no child has it any more" : disable(from, child, 1 << bit);
}

const STAYS = "a threaded cgroup never becomes a domain again: make another one";

/** It is a thread root, or below one; that passes only where its own tasks make it one. */
function settleDomain(from: Case, cgroup: CgroupNode): WayOut {
  if (cgroup.isThreaded && isValidDomain(cgroup.domain)) return STAYS;
  for (let at: CgroupNode | null = cgroup; at !== null; at = at.parent) {
    if (!at.isRoot && isThreadRoot(at)) return at.threadedChildren === 0 ? evict(from, at, false) : STAYS;
  }
  return STAYS;
}

/** rule 8.6: it holds tasks again as a threaded cgroup. */
export function invalidDomain(from: Case, cgroup: CgroupNode): WayOut {
  return cgroup.isThreaded ? settleDomain(from, cgroup) : write(from, cgroup, "cgroup.type", "threaded");
}

/** rule 8.4 */
export function becomeThreaded(from: Case, cgroup: CgroupNode): WayOut {
  if (cgroup.isPopulated) return evict(from, cgroup, true);
  const own = cgroup.subtreeControl & ~THREADED;
  if (own !== 0) return disable(from, cgroup, own);
  const { parent } = cgroup;
  const { domain } = parent!;
  if (!isValidDomain(domain)) return parent!.isThreaded ? settleDomain(from, parent!) : write(from, parent!, "cgroup.type", "threaded");
  if (canBeThreadRoot(domain)) return "it may become threaded now";
  if (domain.populatedDomainChildren === 0) return disable(from, domain, domain.subtreeControl & ~THREADED);
  const crowded = [...domain.children.values()].filter((child) => !child.isThreaded && child.isPopulated);
  return inTurn(...crowded.map((child) => evict(from, child, true)));
}

/** Its processes, those of all below too if asked, to the nearest cgroup above that takes them. */
export function evict(from: Case, cgroup: CgroupNode, below: boolean): WayOut {
  let to = cgroup.parent;
  while (to !== null && hostRefusal(to) !== undefined) to = to.parent;
  if (to === null) return "the hierarchy's root has nowhere to send its processes to";
  const processes = new Set<Process>();
  for (const at of below ? cgroup.subtree() : [cgroup]) for (const { process } of at.tasks) processes.add(process);
  const { kernel } = from.question;
  const moves = [...processes].map(({ leader }) => write(from, to, "cgroup.procs", String(leader.numberIn(kernel.initialPidNs))));
  return inTurn(...moves);
}
