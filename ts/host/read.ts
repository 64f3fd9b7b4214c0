// A live machine read into a Snapshot: mounts, trees, tasks, then the root of each cgroup namespace.

import { existsSync, readlinkSync } from "node:fs";
import { release } from "node:os";
import { CgroupError } from "../errors.ts";
import { parseProcCgroup, type ProcCgroupEntry } from "../proc/cgroup-file.ts";
import { readIdentities } from "./captured-identity.ts";
import { type DirectoryReport, readDirectories } from "./directories.ts";
import { Inference } from "./inference.ts";
import { Machine } from "./machine.ts";
import { readMachineLimits } from "./machine-limits.ts";
import { type CgroupMount, cgroupMounts } from "./mounts.ts";
import { originId } from "./origin.ts";
import { readTasks, type Task } from "./processes.ts";
import { bytesOf, depthOf, isAtOrBelow, relative } from "./relative.ts";
import { findRoots, type Reading, unknown } from "./roots.ts";
import type { CgroupRecord, HierarchyRecord, NamespaceRecord, ReaderRecord, Snapshot, TaskRecord } from "./snapshot.ts";
import type { Steps } from "./steps.ts";

export interface ReadOptions {
  /** The directory under which the machine's proc and sys are seen. @defaultValue "/" */
  readonly root?: string;
  /** Threads besides the leaders: of all processes, or of these. @defaultValue false */
  readonly threads?: boolean | readonly number[];
  /** Find the roots of the namespaces too: of all, or of those that these tasks (by tid) are in. @defaultValue true */
  readonly roots?: boolean | readonly number[];
  /** The limit files of every cgroup too, for `limits` and `effectiveLimits`. @defaultValue false */
  readonly limits?: boolean;
  /** What processes show of who they are too, for `identify`: their mountinfo, their runtimes' state files. @defaultValue false */
  readonly identities?: boolean;
}

/** @throws CgroupError ENOENT where there is no /proc with cgroups at all, as on other systems than Linux */
export function* readMachine(options: ReadOptions): Steps<Snapshot> {
  const machine = new Machine(options.root);
  const report = { skipped: 0, refused: [] as string[] };
  const lines = ownLines(machine);
  const mounts = readMounts(machine, lines);
  const directories: DirectoryReport = { skipped: 0, refused: report.refused };
  const hierarchies = yield* readHierarchies(mounts, lines, directories, options.limits === true);
  const tasks = yield* readTasks(machine, options.threads ?? false, report);
  const reader = readReader(machine);
  const reading = { machine, mounts: mounts.filter(isUsable), hierarchies, tasks };
  const { tasks: placed, namespaces } = yield* readNamespaces(reading, reader, options.roots ?? true);
  return {
    release: release(),
    reader,
    hierarchies,
    namespaces,
    ...(options.identities === true ? yield* readIdentities(machine, placed) : { tasks: placed }),
    ...(options.limits === true ? { machine: readMachineLimits(machine) } : {}),
    skipped: { processes: report.skipped, cgroups: directories.skipped },
    refused: report.refused,
  };
}

function ownLines(machine: Machine): ProcCgroupEntry<Uint8Array>[] {
  const text = machine.readIfAny("/proc/self/cgroup") ?? machine.readIfAny("/proc/1/cgroup");
  if (text === undefined) {
    throw new CgroupError("ENOENT", {
      syscall: "open",
      path: machine.path("/proc/self/cgroup"),
      rule: "this machine shows no cgroups: not Linux, or no /proc here",
    });
  }
  return parseProcCgroup(text, { encoding: "buffer" });
}

/** What the reader's own mounts show is what it can open; a directory of copied files has a mountinfo of its own. */
export function readMounts(machine: Machine, lines: readonly ProcCgroupEntry<Uint8Array>[]): CgroupMount[] {
  const own = new Machine().readIfAny("/proc/self/mountinfo");
  const prefix = Buffer.from(machine.root);
  const here = own === undefined ? [] : cgroupMounts(own, lines).filter(({ mountPoint }) => isUnder(mountPoint, prefix));
  if (here.length > 0 || machine.root === "") return here;
  const theirs = machine.readIfAny("/proc/1/mountinfo") ?? machine.readIfAny("/proc/self/mountinfo");
  if (theirs === undefined) return [];
  return cgroupMounts(theirs, lines).map((mount) => ({
    ...mount,
    mountPoint: Buffer.concat([prefix, mount.mountPoint]),
  }));
}

function isUnder(mountPoint: Uint8Array, prefix: Buffer): boolean {
  if (prefix.length === 0) return true;
  return prefix.equals(mountPoint.subarray(0, prefix.length)) && mountPoint[prefix.length] === 0x2f;
}

/** Does it show anything? Not one that is hidden, nor one of a removed cgroup, whose directory is empty. */
export function isUsable({ hidden, mountPoint }: CgroupMount): boolean {
  return !hidden && existsSync(Buffer.concat([mountPoint, Buffer.from("/cgroup.procs")]));
}

function* readHierarchies(
  mounts: readonly CgroupMount[],
  lines: readonly ProcCgroupEntry<Uint8Array>[],
  report: DirectoryReport,
  limits: boolean,
): Steps<HierarchyRecord[]> {
  const found: HierarchyRecord[] = [];
  const unified = mounts.find(({ hierarchy }) => hierarchy.hierarchyId === 0)?.hierarchy;
  const all = unified === undefined || lines.some(({ hierarchyId }) => hierarchyId === 0) ? lines : [...lines, unified];
  for (const { hierarchyId: id, controllers, name } of all) {
    const own = mounts.filter(({ hierarchy }) => hierarchy.hierarchyId === id);
    const cgroups: CgroupRecord[] = [];
    const usable = own.filter(isUsable);
    for (const { mountPoint, root } of highest(usable)) {
      yield* readDirectories(Buffer.from(mountPoint), root, cgroups, report, limits ? (id === 0 ? 2 : 1) : undefined);
    }
    const path = lines.find(({ hierarchyId }) => hierarchyId === id)?.path;
    const origin = originId(usable, cgroups, path === undefined ? undefined : relative(path));
    found.push({ id, controllers, name, origin, cgroups, mounts: own.map(({ root, mountPoint, hidden }) => ({ root, mountPoint, hidden })) });
  }
  return found;
}

// One mount for each part of the tree: none that another one shows as well.
function highest(mounts: readonly CgroupMount[]): CgroupMount[] {
  const chosen: CgroupMount[] = [];
  const byDepth = [...mounts].sort((a, b) => depthOf(relative(a.root)) - depthOf(relative(b.root)));
  for (const mount of byDepth) {
    if (!chosen.some((other) => isAtOrBelow(relative(mount.root), relative(other.root)))) chosen.push(mount);
  }
  return chosen;
}

function readReader(machine: Machine): ReaderRecord {
  const uid = process.getuid?.() ?? 0;
  let pid: number | null = null;
  try {
    pid = Number(readlinkSync(machine.path("/proc/self")));
  } catch {
    // Not in this /proc.
  }
  try {
    return { pid, uid, ns: new Machine().namespace("/proc/self/ns/cgroup") };
  } catch {
    return { pid, uid, ns: null };
  }
}

function* readNamespaces(
  reading: Reading,
  reader: ReaderRecord,
  wanted: boolean | readonly number[],
): Steps<{ tasks: TaskRecord[]; namespaces: NamespaceRecord[] }> {
  const members = new Map<string, Task[]>();
  for (const task of reading.tasks) {
    if (task.ns === null) continue;
    const others = members.get(task.ns);
    if (others === undefined) members.set(task.ns, [task]);
    else others.push(task);
  }
  const namespaces: NamespaceRecord[] = [];
  const inference = new Inference(reading);
  for (const [ns, tasks] of members) {
    const asked = typeof wanted === "boolean" ? wanted : tasks.some(({ tid }) => wanted.includes(tid));
    namespaces.push(yield* readNamespace(reading, reader, ns, tasks, asked ? inference : undefined));
    yield;
  }
  const known = new Map(namespaces.map(({ ns }, index) => [ns, index]));
  const tasks = reading.tasks.map((task): TaskRecord => {
    const { pid, tid, exiting, uid, user, command, cgroup } = task;
    const place = task.ns === null ? unseen(task, namespaces, inference) : known.get(task.ns)!;
    const [namespace, reason] = typeof place === "string" ? [null, place] : [place, null];
    return { pid, tid, namespace, reason, exiting, uid, user, command, cgroup };
  });
  return { tasks, namespaces };
}

// A task whose link may not be read: an inferred namespace of its own, or the reason why there is none.
function unseen(task: Task, namespaces: NamespaceRecord[], inference: Inference): number | string {
  if (task.exiting) return "it has exited: it is in no namespace any more";
  const roots = inference.rootsOf(task);
  if (typeof roots === "string") return `its namespace may not be read (${task.denied}), and ${roots}`;
  return namespaces.push({ ns: null, roots, witnessed: new Map() }) - 1;
}

function* readNamespace(
  reading: Reading,
  reader: ReaderRecord,
  ns: string,
  members: readonly Task[],
  inference: Inference | undefined,
): Steps<NamespaceRecord> {
  const witnessed = new Map<number, Uint8Array>();
  if (ns === reader.ns) {
    // The reader's own: every path it reads starts there.
    const path = bytesOf({ ups: 0, names: [] });
    const roots = reading.hierarchies.map(({ id }) => ({ hierarchy: id, how: "exact" as const, path, below: 0, reason: null }));
    return { ns, witnessed, roots };
  }
  const found = inference === undefined ? "it was not asked for" : yield* findRoots(reading, ns, members);
  if (typeof found !== "string") return found;
  // One member from whose mounts it can be inferred speaks for all.
  const inferred = members.map((member) => inference?.rootsOf(member)).find((roots) => typeof roots === "object");
  return { ns, witnessed, roots: inferred ?? reading.hierarchies.map(({ id }) => unknown(id, found)) };
}
