// Moving tasks between cgroups: what a write to cgroup.procs, cgroup.threads or v1's tasks means, who may do it, and the
// move itself. Checks stand in the kernel's order; the first that fails is the answer (rules 5.1 to 5.9).

import { type Bytes, strip } from "./bytes.ts";
import type { CgroupNode } from "./cgroup.ts";
import { controllerSet } from "./controller.ts";
import { MAY_WRITE, mayAccess } from "./credentials.ts";
import { hostRefusal } from "./domain.ts";
import type { Act, Use } from "./files/file.ts";
import { fileOwned } from "./files/table.ts";
import { integer } from "./number.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";

export type Unit = "process" | "thread";

/** A write to one of these files, from its text on: the move, or why not. */
export function vetPids(cgroup: CgroupNode, text: Bytes, use: Use, unit: Unit): Act | Refusal {
  const target = targetOf(text, use.by, unit);
  if (isRefusal(target)) return target;
  return vetMigration(target, cgroup, use, unit) ?? (() => migrate(target, cgroup, unit));
}

/** Who is meant: a number in the writer's pid namespace, or 0 for the writer. */
function targetOf(text: Bytes, by: Task, unit: Unit): Task | Refusal {
  const number = integer(strip(text));
  if (typeof number === "string" || number < 0) {
    // rule 5.1.5
    return refuse("EINVAL", "5.1.5");
  }
  const found = number === 0 ? by : by.pidNs.tasks.get(number);
  if (found === undefined) {
    // rule 5.1.6
    return refuse("ESRCH", "5.1.6");
  }
  const target = unit === "process" ? found.process.leader : found;
  if (target.kernelThread) {
    // rule 5.1.7
    return refuse("EINVAL", "5.1.7");
  }
  return target;
}

/** May it be moved there, by the file's opener? */
export function vetMigration(target: Task, to: CgroupNode, use: Use, unit: Unit): Refusal | undefined {
  if (!to.hierarchy.isUnified) return vetLegacy(target, to, use);
  const from = target.cgroupIn(to.hierarchy);
  return (
    vetCommonAncestor(from, to, use) ??
    vetNamespace(from, to, use) ??
    vetHost(to) ??
    (unit === "thread" ? vetSameDomain(from, to) : undefined)
  );
}

/** rule 5.1.8: the opener's credentials against the deepest common ancestor's cgroup.procs. */
export function vetCommonAncestor(from: CgroupNode, to: CgroupNode, use: Pick<Use, "credentials">): Refusal | undefined {
  const common = from.commonAncestor(to);
  if (to.hierarchy.readOnly) return refuse("EROFS", "10.3", { cgroup: common });
  if (mayAccess(use.credentials, fileOwned(common, "cgroup.procs"), MAY_WRITE, false)) return undefined;
  // rule 5.1.8, 5.2
  return refuse("EACCES", "5.1.8", { cgroup: common, file: "cgroup.procs", credentials: use.credentials });
}

/** rule 5.1.9: with nsdelegate both ends have to lie in the opener's namespace. */
export function vetNamespace(from: CgroupNode, to: CgroupNode, use: Pick<Use, "cgroupNs">): Refusal | undefined {
  const { hierarchy } = to;
  if (!hierarchy.options.has("nsdelegate")) return undefined;
  const root = use.cgroupNs.rootIn(hierarchy);
  if (from.isDescendantOf(root) && to.isDescendantOf(root)) return undefined;
  // rule 5.1.9, 12.4
  return refuse("ENOENT", "5.1.9", { cgroup: root });
}

export function vetHost(to: CgroupNode): Refusal | undefined {
  const refusal = hostRefusal(to);
  return refusal === undefined ? undefined : refuse(refusal.code, refusal.rule, { cgroup: to });
}

export function vetSameDomain(from: CgroupNode, to: CgroupNode): Refusal | undefined {
  if (from.domain === to.domain) return undefined;
  // rule 5.1.11
  return refuse("EOPNOTSUPP", "5.1.11", { cgroup: from.domain });
}

const CPUSET = controllerSet(["cpuset"])!;

/** rule 5.6: v1 compares the opener's euid with the target's ids and knows no other rule. */
function vetLegacy(target: Task, to: CgroupNode, use: Use): Refusal | undefined {
  const { euid } = use.credentials;
  if (euid !== 0 && euid !== target.credentials.uid && euid !== target.credentials.suid) {
    // rule 5.6
    return refuse("EACCES", "5.6", { credentials: use.credentials, cgroup: to });
  }
  // rule 5.1.12
  const cpuset = (to.hierarchy.controllers & CPUSET) !== 0 && !to.isRoot;
  if (cpuset && (!to.settings.get("cpuset.cpus") || !to.settings.get("cpuset.mems"))) return refuse("ENOSPC", "5.1.12", { cgroup: to });
  return undefined;
}

/** The move: of a process all live threads (rule 5.5); what is exiting stays (rule 5.4). */
export function migrate(target: Task, to: CgroupNode, unit: Unit): void {
  // rule 5.5
  const threads = unit === "process" ? [...target.process.threads] : [target];
  for (const thread of threads) if (thread.state === "running") place(thread, to);
  // rule 5.4
}

export function place(task: Task, to: CgroupNode): void {
  const { slot } = to.hierarchy;
  const from = task.cgroups[slot]!;
  if (from === to) {
    // rule 5.3
    return;
  }
  from.removeTask(task);
  to.addTask(task);
  task.cgroups[slot] = to;
  task.kernel.moved(task, from, to);
}
