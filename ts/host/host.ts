// A Linux machine as it was at one moment: who is in which cgroup namespace, where that is rooted, and what anybody
// there reads of anybody else. Live or from a capture, the answers come from the same data.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Cgroup } from "../cgroup.ts";
import { type Encoding, fromBytes, type Text } from "../core/text.ts";
import { CgroupError, expected } from "../errors.ts";
import type { Hierarchy } from "../hierarchy.ts";
import { type Capture, fromCapture, toCapture } from "./capture.ts";
import type { Line } from "./lines.ts";
import { Model } from "./model.ts";
import { type ReadOptions, readMachine } from "./read.ts";
import { type How, INITIAL_NAMESPACE, type NamespaceRecord, type RootRecord, type Snapshot, type TaskRecord } from "./snapshot.ts";
import { run, runSync } from "./steps.ts";

export type { Capture } from "./capture.ts";
export type { How } from "./snapshot.ts";

export interface HostOptions extends ReadOptions {
  /** A capture to answer from, instead of a machine. */
  readonly file?: string;
}

/** A task: a pid, `"PID/task/TID"` for a thread, or `"self"`. */
export type Target = number | string;

/** What a process would read, and how certain that is. */
export interface View<E extends Encoding = "utf8"> {
  /** The text of /proc/TARGET/cgroup, byte for byte; null when unknown. */
  readonly text: Text<E> | null;
  readonly how: Exclude<How, "removed">;
  /** Why it is unknown, or what it was inferred from. */
  readonly reason: string | null;
}

/** One cgroup namespace of the machine. */
export interface HostNamespace {
  /** The number of its /proc link; null for one that is only inferred. */
  readonly ns: string | null;
  readonly nprocs: number;
  /** Its first process; null when only threads are in it. */
  readonly pid: number | null;
  readonly user: string | null;
  readonly command: string | null;
  /** One for each hierarchy, the unified one first. */
  readonly roots: readonly HostRoot[];
}

/** A cgroupns root in one hierarchy, as the reader of the machine sees it. */
export interface HostRoot {
  /** "" for v2, else the controllers and the name as in /proc/PID/cgroup. */
  readonly hierarchy: string;
  readonly how: How;
  /** For a removed root its deepest live ancestor; null when unknown. */
  readonly path: Uint8Array | null;
  /** Levels from that ancestor down to the removed root; else 0. */
  readonly below: number;
  readonly reason: string | null;
}

/** A hierarchy of the machine as a tree. */
export interface HostHierarchy {
  readonly key: string;
  readonly tree: Hierarchy;
  /** What the reader sees as `/`. */
  readonly origin: Cgroup;
}

/** A process or thread in its place. */
export interface HostTask {
  readonly pid: number;
  readonly tid: number;
  readonly ns: string | null;
  readonly user: string;
  readonly uid: number;
  readonly command: string;
  readonly exiting: boolean;
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

  /** @throws CgroupError ESRCH: there is no such task */
  task(target: Target): HostTask {
    return this.#shown(this.#find(target));
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

function keyOf({ id, controllers, name }: { id: number; controllers: readonly string[]; name: string | null }): string {
  return id === 0 ? "" : [...controllers, ...(name === null ? [] : [`name=${name}`])].join(",");
}

function pathStart(text: Uint8Array, line: number): number {
  return text.indexOf(0x3a, text.indexOf(0x3a, line) + 1) + 1;
}

function parseTarget(target: Target, self: number | null): { pid: number; tid: number } {
  if (target === "self") {
    if (self !== null) return { pid: self, tid: self };
    throw new CgroupError("ESRCH", { syscall: "open", path: "/proc/self/cgroup", rule: "the reader is not in this /proc" });
  }
  const [, pid, tid] = /^([0-9]+)(?:\/task\/([0-9]+))?$/.exec(String(target)) ?? [];
  if (pid === undefined) throw expected("target", 'a pid, "PID/task/TID", "self" or (to view from) "init"', target);
  return { pid: Number(pid), tid: Number(tid ?? pid) };
}

function checked<T extends HostOptions>(options: T): T {
  const { root, file } = options;
  if (root !== undefined && typeof root !== "string") throw expected("root", "a directory", root);
  if (file !== undefined && typeof file !== "string") throw expected("file", "a path", file);
  return options;
}
