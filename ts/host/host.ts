// A Linux machine as it was at one moment: who is in which cgroup namespace, where that is rooted, and what anybody
// there reads of anybody else. Live or from a capture, the answers come from the same data.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Cgroup } from "../cgroup.ts";
import { type Encoding, fromBytes, type Text } from "../core/text.ts";
import { CgroupError, expected } from "../errors.ts";
import type { LimitName } from "../limits/files.ts";
import { type Limits, limitsOf } from "../limits/limits.ts";
import { withPaths } from "../limits/reading.ts";
import type { HostCgroup, HostHierarchy, HostNamespace, HostRoot, HostTask, View } from "./answers.ts";
import { type Capture, fromCapture, toCapture } from "./capture.ts";
import { type HostLimits, limitsOfAll, readingOf } from "./captured-limits.ts";
import { identityIn } from "./captured-identity.ts";
import { directoryIn } from "./directory-of.ts";
import { type ProcessIdentity, unidentified } from "./identify.ts";
import { keyOf, type Line, pathStart } from "./lines.ts";
import { Model } from "./model.ts";
import { type ReadOptions, readMachine } from "./read.ts";
import { INITIAL_NAMESPACE, type NamespaceRecord, type RootRecord, type Snapshot, type TaskRecord } from "./snapshot.ts";
import { run, runSync } from "./steps.ts";
import { parseTarget, type Target } from "./target.ts";

export type { HostCgroup, HostHierarchy, HostNamespace, HostRoot, HostTask, View } from "./answers.ts";
export type { Capture } from "./capture.ts";
export type { How } from "./snapshot.ts";

export interface HostOptions extends ReadOptions {
  /** A capture to answer from, instead of a machine. */
  readonly file?: string;
}

export class Host {
  readonly snapshot: Snapshot;
  #model: Model | undefined;
  #byTid: Map<number, TaskRecord> | undefined;
  #members: Map<Cgroup, TaskRecord[]> | undefined;

  private constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  /**
   * Reads the machine this runs on; `root` reads the one whose / is seen there; `file` a capture of another one.
   * @throws CgroupError ENOENT (no /proc), EINVAL (no capture); the signal's reason
   */
  static async read(options: HostOptions & { readonly signal?: AbortSignal } = {}): Promise<Host> {
    const { signal, file } = checked(options);
    if (file === undefined) return new Host(await run(readMachine(options), signal));
    return Host.fromCapture(await readFile(file, { encoding: "utf8", ...(signal === undefined ? {} : { signal }) }));
  }

  /** The same without giving way to the event loop. */
  static readSync(options: HostOptions = {}): Host {
    const { file } = checked(options);
    return file === undefined ? new Host(runSync(readMachine(options))) : Host.fromCapture(readFileSync(file, "utf8"));
  }

  /** From the text or the object of a capture. @throws CgroupError EINVAL that says what is wrong with it */
  static fromCapture(capture: string | object): Host {
    return new Host(fromCapture(capture));
  }

  /** The hierarchies, in the order of the lines of /proc/PID/cgroup. */
  hierarchies(): HostHierarchy[] {
    return this.snapshot.hierarchies.map((record) => {
      const { hierarchy, origin } = this.#whole.trees.get(record.id)!;
      return { key: keyOf(record), tree: hierarchy, origin };
    });
  }

  /** Is there a process of this number? */
  has(pid: number): boolean {
    return typeof this.#taskOf(pid) !== "string";
  }

  /** @throws CgroupError ESRCH: there is no such task */
  task(target: Target): HostTask {
    return this.#shown(this.#find(target));
  }

  /** The cgroups that a task is in, in the order of its lines; those that are not known any more are left out. @throws CgroupError ESRCH */
  cgroupsOf(target: Target): HostCgroup[] {
    const task = this.#find(target);
    return this.#whole.linesOf(task).flatMap((line) => {
      const [cgroup, tree] = [this.#whole.placeOf(task, line), this.#whole.trees.get(line.hierarchyId)];
      if (cgroup === undefined || tree === undefined) return [];
      return [{ hierarchy: keyOf(tree.record), cgroup, path: line.path, directory: tree.seen.has(cgroup) ? directoryIn(tree.record.mounts, line.path) : null }];
    });
  }

  /**
   * Who a task is, as `identify` says it, from what was read: mountinfo and state files where they were asked for
   * (`identities: true`) or are in the capture. Never throws for what there is and is not.
   */
  identify(target: Target = "self"): ProcessIdentity {
    const task = this.#taskOf(target);
    return typeof task === "string" ? unidentified(task) : identityIn(this.snapshot, task);
  }

  /** The tasks that are in a cgroup of one of the hierarchies. */
  tasksIn(cgroup: Cgroup): HostTask[] {
    this.#members ??= this.#place();
    return (this.#members.get(cgroup) ?? []).map((task) => this.#shown(task));
  }

  /** The cgroup namespaces that processes (and threads, where they were read) are in, in order of their numbers. */
  namespaces(): HostNamespace[] {
    const members = this.snapshot.namespaces.map((): TaskRecord[] => []);
    for (const task of this.snapshot.tasks) if (task.namespace !== null) members[task.namespace]!.push(task);
    const known = this.snapshot.namespaces.map((record, index) => this.#describe(record, members[index]!));
    return known.sort((a, b) => Number(a.ns ?? Number.MAX_SAFE_INTEGER) - Number(b.ns ?? Number.MAX_SAFE_INTEGER));
  }

  /**
   * What `from` would read in /proc/TARGET/cgroup. `from`: a task, or "init" for the initial namespace.
   * @throws CgroupError ESRCH (no such task), ENAMETOOLONG (what the reader would get, rule 1.9), EILSEQ
   */
  view<E extends Encoding = "utf8">(target: Target, { from, encoding }: { readonly from: Target; readonly encoding?: E }): View<E> {
    const task = this.#find(target);
    const viewer = this.#namespaceOf(from);
    const { text, how, reason } = typeof viewer === "string" ? unknownView(viewer) : this.#view(task, viewer);
    return { text: text === null ? null : fromBytes(text, encoding), how, reason };
  }

  /** The roots of a task's namespace, or of the initial one. @throws CgroupError ESRCH; EACCES with the reason where the namespace is not known */
  rootsOf(from: Target): readonly HostRoot[] {
    const viewer = this.#namespaceOf(from);
    if (typeof viewer === "string") throw new CgroupError("EACCES", { syscall: "readlink", path: `/proc/${from}/ns/cgroup`, rule: viewer });
    return this.#describe(this.snapshot.namespaces[viewer]!, []).roots;
  }

  /** How a task or the initial namespace sees a cgroup; null when unknown. @throws as `view` */
  viewOf(cgroup: Cgroup, { from }: { readonly from: Target }): Uint8Array | null {
    const viewer = this.#namespaceOf(from);
    if (typeof viewer === "string") return null;
    return this.#render(cgroup, viewer);
  }

  /**
   * What binds a task, where the limit files were read (`limits: true`) or are in the capture; else unknown with that reason.
   * @throws CgroupError ESRCH (no such task), EILSEQ
   */
  limits<E extends Encoding = "utf8">(target: Target, { encoding }: { readonly encoding?: E } = {}): Limits<Text<E>> {
    return limitsOf(withPaths(readingOf(this.#whole, this.#find(target)), (path) => fromBytes(path, encoding)));
  }

  /** What binds every cgroup of the hierarchy that has this limit, in one pass; undefined without one, or where limit files were not read. */
  effectiveLimits(name: LimitName): HostLimits | undefined {
    return limitsOfAll(this.#whole, name);
  }

  /** Everything in one JSON object that `fromCapture` reads. `redact` keeps the shape and hides the names. */
  capture(options: { readonly redact?: boolean } = {}): Capture {
    return toCapture(this.snapshot, options);
  }

  get #whole(): Model {
    this.#model ??= new Model(this.snapshot);
    return this.#model;
  }

  #view(task: TaskRecord, viewer: number): View<"buffer"> {
    const { ns, witnessed } = this.snapshot.namespaces[viewer]!;
    if (ns !== null && ns === this.snapshot.reader.ns) return { text: task.cgroup, how: "exact", reason: null };
    const seen = witnessed.get(task.tid);
    if (seen !== undefined) return { text: seen, how: "exact", reason: null };
    return this.#compose(task, viewer);
  }

  #compose(task: TaskRecord, viewer: number): View<"buffer"> {
    const parts: Uint8Array[] = [];
    let at = 0;
    let inferred: string | null = null;
    for (const line of this.#whole.linesOf(task)) {
      const root = this.#rootOf(viewer, line.hierarchyId);
      if (root?.path == null) return unknownView(root?.reason ?? "its root in that hierarchy was not read");
      if (root.how === "inferred") inferred ??= root.reason;
      const path = this.#path(task, line, viewer);
      if (typeof path === "string") return unknownView(path);
      // The line up to its second colon, then the path as seen from there.
      const start = pathStart(task.cgroup, at);
      parts.push(task.cgroup.subarray(at, start), path, NEWLINE);
      at = task.cgroup.indexOf(10, at) + 1;
    }
    return { text: Buffer.concat(parts), how: inferred === null ? "exact" : "inferred", reason: inferred };
  }

  #path(task: TaskRecord, line: Line, viewer: number): Uint8Array | string {
    // An exiting task's v1 lines are the character `/` for every reader (rule 1.6).
    if (task.exiting && line.hierarchyId !== 0) return line.path;
    const cgroup = this.#whole.placeOf(task, line);
    if (cgroup === undefined) {
      return line.deleted ? "its cgroup was removed, and which of that name it was is not known" : "its path may be cut";
    }
    return this.#render(cgroup, viewer) ?? "the path leads through a cgroup whose name cannot be seen from here";
  }

  #render(cgroup: Cgroup, viewer: number): Uint8Array | null {
    const namespace = this.#whole.namespace(viewer, cgroup.hierarchy.id);
    const tree = this.#whole.trees.get(cgroup.hierarchy.id);
    if (namespace === undefined || tree === undefined) return null;
    if (tree.hides(namespace.rootIn(cgroup.hierarchy), cgroup)) return null;
    return namespace.view(cgroup, { encoding: "buffer" });
  }

  #rootOf(viewer: number, hierarchy: number): RootRecord | undefined {
    return this.snapshot.namespaces[viewer]!.roots.find((root) => root.hierarchy === hierarchy);
  }

  #find(target: Target): TaskRecord {
    const { pid, tid } = parseTarget(target, this.snapshot.reader.pid);
    this.#byTid ??= new Map(this.snapshot.tasks.map((task) => [task.tid, task]));
    const task = this.#byTid.get(tid);
    if (task !== undefined && (task.pid === pid || pid === tid)) return task;
    throw new CgroupError("ESRCH", { syscall: "open", path: `/proc/${target}/cgroup` });
  }

  // The task, or why there is none.
  #taskOf(target: Target): TaskRecord | string {
    try {
      return this.#find(target);
    } catch (error) {
      if (error instanceof CgroupError) return `there is no process ${target} in what was read (${error.code})`;
      throw error;
    }
  }

  // An index, or the reason why the namespace is not known.
  #namespaceOf(from: Target): number | string {
    if (from === "init") {
      const index = this.snapshot.namespaces.findIndex(({ ns }) => ns === INITIAL_NAMESPACE);
      return index === -1 ? "no process in the initial cgroup namespace can be seen" : index;
    }
    const { namespace, reason } = this.#find(from);
    return namespace ?? reason ?? "its namespace is not known";
  }

  #describe({ ns, roots }: NamespaceRecord, members: readonly TaskRecord[]): HostNamespace {
    const leaders = members.filter(({ pid, tid }) => pid === tid).sort((a, b) => a.pid - b.pid);
    const first = leaders[0] ?? members[0];
    const records = new Map(this.snapshot.hierarchies.map((record) => [record.id, record]));
    const shown = [...roots].sort((a, b) => Number(a.hierarchy !== 0) - Number(b.hierarchy !== 0));
    return {
      ns,
      nprocs: leaders.length,
      pid: first?.pid ?? null,
      user: first?.user ?? null,
      command: first?.command ?? null,
      roots: shown.map(({ hierarchy, how, path, below, reason }) => ({
        hierarchy: keyOf(records.get(hierarchy)!), how, path, below, reason,
      })),
    };
  }

  #place(): Map<Cgroup, TaskRecord[]> {
    const places = new Map<Cgroup, TaskRecord[]>();
    for (const task of this.snapshot.tasks) {
      for (const line of this.#whole.linesOf(task)) {
        const cgroup = this.#whole.placeOf(task, line);
        if (cgroup === undefined) continue;
        const others = places.get(cgroup);
        if (others === undefined) places.set(cgroup, [task]);
        else others.push(task);
      }
    }
    return places;
  }

  #shown({ pid, tid, namespace, user, uid, command, exiting }: TaskRecord): HostTask {
    const ns = namespace === null ? null : this.snapshot.namespaces[namespace]!.ns;
    return { pid, tid, ns, user, uid, command, exiting };
  }
}

const NEWLINE = Uint8Array.of(10);

const unknownView = (reason: string): View<"buffer"> => ({ text: null, how: "unknown", reason });

function checked<T extends HostOptions>(options: T): T {
  const { root, file } = options;
  if (root !== undefined && typeof root !== "string") throw expected("root", "a directory", root);
  if (file !== undefined && typeof file !== "string") throw expected("file", "a path", file);
  return options;
}
