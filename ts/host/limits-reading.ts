// One process's LimitsReading from a live machine: its places in /proc/PID/cgroup, the levels above each that a mount
// shows, their limit files, and what the machine has. Whatever cannot be had becomes a reason.

import { existsSync } from "node:fs";
import { CgroupError } from "../errors.ts";
import type { CgroupReading, HierarchyReading, LimitsReading } from "../limits/reading.ts";
import { parseCpuList } from "../limits/value.ts";
import { type Asked, levelsOf } from "./levels.ts";
import { readLimitFiles } from "./limit-files.ts";
import { type Line, linesOf } from "./lines.ts";
import { isGone, Machine } from "./machine.ts";
import { readMachineLimits } from "./machine-limits.ts";
import type { CgroupMount } from "./mounts.ts";
import { isUsable, readMounts } from "./read.ts";
import { INITIAL_NAMESPACE } from "./snapshot.ts";

/** The controllers that limit what is reported. */
const CONTROLLERS = ["memory", "cpu", "cpuset", "pids", "hugetlb"];

/** `task`: what stands behind /proc/. @throws CgroupError ESRCH: there is no such task */
export function readLimits(machine: Machine, task: string): LimitsReading<Uint8Array> {
  const status = machine.readIfAny(`/proc/${task}/status`)?.toString("latin1") ?? "";
  const allowed = parseCpuList(/^Cpus_allowed_list:\t(.+)$/m.exec(status)?.[1] ?? "none") ?? null;
  return { hierarchies: readHierarchies(machine, task, /^State:\t[ZX]/m.test(status)), machine: { ...readMachineLimits(machine), allowed } };
}

function readHierarchies(machine: Machine, task: string, exiting: boolean): HierarchyReading<Uint8Array>[] {
  try {
    const lines = linesOf(machine.read(`/proc/${task}/cgroup`), exiting);
    const mounts = readMounts(machine, lines).filter(isUsable);
    const asked = { initial: isInitial(), tid: tidOf(machine, task) };
    return lines.filter(isOfInterest).map((line) => readHierarchy(line, mounts, exiting, asked));
  } catch (error) {
    const path = machine.path(`/proc/${task}/cgroup`);
    if (isGone(error) && task !== "self" && !existsSync(machine.path(`/proc/${task}`))) throw new CgroupError("ESRCH", { syscall: "open", path });
    const why = isGone(error) ? "this machine shows no cgroups: not Linux, or no /proc here" : (error as Error).message;
    return CONTROLLERS.map((controller) => unseen({ version: 1, controllers: [controller] }, why));
  }
}

const isOfInterest = ({ hierarchyId, controllers }: Line): boolean =>
  hierarchyId === 0 || controllers.some((controller) => CONTROLLERS.includes(controller));

function readHierarchy(line: Line, mounts: readonly CgroupMount[], exiting: boolean, asked: Asked): HierarchyReading<Uint8Array> {
  const { hierarchyId, path, deleted, truncated } = line;
  const kind = { version: hierarchyId === 0 ? (2 as const) : (1 as const), controllers: hierarchyId === 0 ? [] : line.controllers };
  if (deleted) return unseen(kind, "its cgroup was removed");
  // An exiting task's v1 lines are the character `/`, wherever it was (rule 1.6).
  if (exiting && kind.version === 1) return unseen(kind, "it has exited: where it was is not known any more");
  if (truncated !== undefined) return unseen(kind, "its path may be cut");
  const own = mounts.filter(({ hierarchy }) => hierarchy.hierarchyId === hierarchyId);
  const found = levelsOf(own, path, asked);
  const name = hierarchyId === 0 ? "v2" : line.controllers.join(",");
  if (found === undefined) {
    const nowhere = own.length === 0;
    return unseen(kind, nowhere ? `the ${name} hierarchy is mounted nowhere here` : `no mount of the ${name} hierarchy shows its cgroup`);
  }
  const { levels, edge, above } = found;
  const last = levels.length - 1;
  const cgroups = levels.map(({ path, directory }, n): CgroupReading<Uint8Array> => ({ path, ...readLimitFiles(directory, kind.version, n === last) }));
  return { ...kind, cgroups, edge, above, reason: null };
}

function unseen(kind: Pick<HierarchyReading, "version" | "controllers">, reason: string): HierarchyReading<Uint8Array> {
  return { ...kind, cgroups: [], edge: "mount", above: null, reason };
}

function isInitial(): boolean {
  try {
    return new Machine().namespace("/proc/self/ns/cgroup") === INITIAL_NAMESPACE;
  } catch {
    return false;
  }
}

// Another /proc may number tasks otherwise than the reader's cgroup files do.
function tidOf({ root }: Machine, task: string): number | null {
  if (task === "self") return process.pid;
  return root === "" ? Number(task.split("/").at(-1)) : null;
}
