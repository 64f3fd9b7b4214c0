// Which container's state file speaks of a process: one of its cgroups is the container's or lies below. Looks inside the
// container that was found as long as the process is in another mount namespace than that one's init: for a runtime in it.

import type { Confidence, Source } from "../identity/field.ts";
import type { Runtime } from "../identity/link.ts";
import { type Line, linesOf } from "./lines.ts";
import type { Machine } from "./machine.ts";
import { type CgroupMount, cgroupMounts } from "./mounts.ts";
import { depthOf, isAtOrBelow, type Relative, relative } from "./relative.ts";
import { type StateFile, stateFiles } from "./state-file.ts";

/** A container that a state file names. */
export interface StateAnswer {
  readonly id: string;
  readonly runtime: Runtime;
  readonly source: Source;
  readonly confidence: Confidence;
}

/** Containers in containers in containers: further down nobody looks. */
const DEEPEST = 8;
/** Nor from a process to its container's init. */
const FARTHEST = 64;

/** A process's place, as the reader sees it, and whose it is. */
interface Seeker {
  readonly lines: readonly Line[];
  readonly uid: number;
}

interface Match {
  readonly state: StateFile;
  /** How deep the container's cgroup is. */
  readonly depth: number;
}

/** Finds state files of one machine; what was read is kept for the next process. */
export class StateSearch {
  readonly #machine: Machine;
  readonly #more: readonly string[];
  readonly #known = new Map<string, StateFile[]>();
  /** A line for each directory that may not be read. */
  readonly refused: string[] = [];

  constructor(machine: Machine, more: readonly string[]) {
    this.#machine = machine;
    this.#more = more;
  }

  /** `task`: what stands behind /proc/; its cgroup text as the reader read it. */
  find(task: string, cgroup: Uint8Array): StateAnswer | undefined {
    const mnt = this.#mountNamespace(task);
    if (mnt !== null && [this.#mountNamespace("self"), this.#mountNamespace("1")].includes(mnt)) return undefined;
    const seeker = { lines: linesIfAny(cgroup), uid: Number(this.#status(task, "Uid").split("\t", 1)[0]) };
    let found: Match | undefined;
    let init: string | undefined;
    for (let level = 0; level < DEEPEST; level++) {
      const inner = this.#search(seeker, init, found?.depth ?? Number.NEGATIVE_INFINITY);
      if (inner === undefined) break;
      found = inner;
      init = this.#initOf(found.state, task);
      if (init === undefined || this.#mountNamespace(init) === mnt) break;
    }
    if (found === undefined) return undefined;
    return answer(found.state, mnt !== null && init !== undefined && this.#mountNamespace(init) === mnt);
  }

  // `init`: of the outer container, in which its state files are; of none, those of the machine.
  #search(seeker: Seeker, init: string | undefined, above: number): Match | undefined {
    const path = init === undefined ? "" : `/proc/${init}/root`;
    const mounts = this.#mounts(init ?? "1", seeker.lines);
    let best: Match | undefined;
    for (const state of this.#statesAt(path, seeker.uid)) {
      const depth = depthOfMatch(state, seeker.lines, mounts);
      if (depth > (best?.depth ?? above)) best = { state: { ...state, file: path + state.file }, depth };
    }
    return best;
  }

  #statesAt(path: string, uid: number): StateFile[] {
    const key = `${path} ${uid}`;
    const known = this.#known.get(key) ?? stateFiles(this.#machine.path(path), uid, path === "" ? this.#more : [], this.refused);
    this.#known.set(key, known);
    return known;
  }

  #mounts(task: string, lines: readonly Line[]): CgroupMount[] {
    const text = this.#machine.readIfAny(`/proc/${task}/mountinfo`) ?? this.#machine.readIfAny("/proc/self/mountinfo");
    try {
      return text === undefined ? [] : cgroupMounts(text, lines);
    } catch {
      return [];
    }
  }

  // A runtime in a container numbers tasks otherwise than we do: its init is then looked for above the task. Start times
  // are the same everywhere.
  #initOf({ pid, start }: StateFile, task: string): string | undefined {
    if (this.#startOf(String(pid)) === start) return String(pid);
    let at = task;
    for (let step = 0; step < FARTHEST && Number(at) !== 0; step++) {
      if (this.#startOf(at) === start && this.#status(at, "NSpid").split("\t").includes(String(pid))) return at;
      at = this.#status(at, "PPid");
    }
    return undefined;
  }

  #startOf(task: string): number {
    const stat = this.#machine.readIfAny(`/proc/${task}/stat`)?.toString("latin1") ?? "";
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  }

  #status(task: string, name: string): string {
    const status = this.#machine.readIfAny(`/proc/${task}/status`)?.toString("latin1") ?? "";
    return new RegExp(`^${name}:\t(.*)$`, "m").exec(status)?.[1] ?? "";
  }

  #mountNamespace(task: string): string | null {
    try {
      return this.#machine.namespace(`/proc/${task}/ns/mnt`);
    } catch {
      return null;
    }
  }
}

// Certain where the process is in the mount namespace of the container's own init.
function answer({ id, runtime, file }: StateFile, certain: boolean): StateAnswer {
  const text = runtime === "crun" ? id : `"id":${JSON.stringify(id)}`;
  return { id, runtime, confidence: certain ? "certain" : "likely", source: { file, line: 1, text } };
}

// How deep the container's cgroup is; minus infinity: the process is in none of the container's.
function depthOfMatch({ cgroups }: StateFile, lines: readonly Line[], mounts: readonly CgroupMount[]): number {
  const places = cgroups.flatMap((cgroup) => placesOf(cgroup, lines, mounts));
  const around = places.filter(({ line, path }) => path.names.length > 0 && isAtOrBelow(relative(line.path), path));
  return Math.max(...around.map(({ path }) => depthOf(path)));
}

interface CgroupPlace {
  readonly line: Line;
  readonly path: Relative;
}

// A directory below a cgroup mount is one cgroup; any other path is that of each hierarchy.
function placesOf(cgroup: string, lines: readonly Line[], mounts: readonly CgroupMount[]): CgroupPlace[] {
  const names = relative(Buffer.from(cgroup)).names;
  const over = mounts.filter(({ mountPoint }) => isAtOrBelow({ ups: 0, names }, relative(mountPoint)));
  const mount = over.sort((a, b) => b.mountPoint.length - a.mountPoint.length)[0];
  if (mount === undefined) return lines.map((line) => ({ line, path: { ups: 0, names } }));
  const root = relative(mount.root);
  const path = { ups: root.ups, names: [...root.names, ...names.slice(relative(mount.mountPoint).names.length)] };
  return lines.filter(({ hierarchyId }) => hierarchyId === mount.hierarchy.hierarchyId).map((line) => ({ line, path }));
}

function linesIfAny(cgroup: Uint8Array): Line[] {
  try {
    return linesOf(cgroup, false);
  } catch {
    return [];
  }
}
