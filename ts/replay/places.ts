// Which path an operation means, and whether it may: everything stays below the base directory of each hierarchy, but for
// reading and for moving one's own agents.

import { resolvePath } from "../kernel/path-walk.ts";
import { mountPoint } from "../kernel/proc-text.ts";
import { isRefusal, type Refusal } from "../kernel/refusal.ts";
import type { Location, Mount } from "../kernel/mount.ts";
import type { Bytes } from "../kernel/bytes.ts";
import { type Path, split } from "../kernel/split.ts";
import type { Task } from "../kernel/task.ts";
import { Refused, text } from "./answer.ts";
import { decode, PathText } from "./encoding.ts";
import type { Operation } from "./operation.ts";
import type { Replay } from "./replay.ts";

export const SCRATCH = "/mnt";
const PID_FILES = ["cgroup.procs", "cgroup.threads", "tasks"];
const READERS = ["read", "ls", "stat", "access", "handle"];

type Where = Pick<Operation, "op"> & { readonly [field: string]: unknown };

/** The path of an operation as its agent walks it. */
export function pathOf(replay: Replay, op: Where, field = "path"): PathText {
  const path = op[field] === undefined ? "" : text(op[field], field);
  if (op.mnt !== undefined) return new PathText(inMount(replay, op, text(op.mnt, "mnt"), path));
  if (path.startsWith("proc:")) return new PathText(inProc(replay, path.slice(5)));
  const top = replay.tops.get(op.hier === undefined ? "v2" : text(op.hier, "hier"));
  if (top === undefined) throw new Refused("unknown hierarchy");
  const known = top.paths.get(path);
  if (known !== undefined) return known;
  if (path.startsWith("^")) return new PathText(inRoot(op, top.mount, path.slice(1).replace(/^\/+/, "")));
  const full = new PathText(confined(top.base, path));
  if (path.length <= LONGEST_KEPT && top.paths.size < MOST_KEPT) top.paths.set(path, full);
  return full;
}

/** Where the operations on one hierarchy are at home. */
export interface Top {
  readonly mount: string;
  /** The base directory. */
  readonly base: string;
  /** Paths from there on that are known not to leave it, whole. */
  readonly paths: Map<string, PathText>;
}

const LONGEST_KEPT = 200;
const MOST_KEPT = 1024;
const MOST_TOPS = 16;
const tops = new Map<string, Top>();

/** Shared by all replays: where a path leads is asked anew each time, only what it is called is not. */
export function topOf(mount: string, base: string): Top {
  const key = `${mount}\n${base}`;
  let top = tops.get(key);
  if (top === undefined) {
    if (tops.size === MOST_TOPS) tops.clear();
    top = { mount, base: `${mount}/${base}`, paths: new Map() };
    tops.set(key, top);
  }
  return top;
}

function inProc(replay: Replay, path: string): string {
  const slash = path.indexOf("/");
  if (slash === -1) throw new Refused("bad op: proc:AGENT/FILE is expected");
  return `/proc/${replay.reference(path.slice(0, slash))}/${path.slice(slash + 1)}`;
}

/** The hierarchy's root: to look at, and to move agents to. */
function inRoot(op: Where, mount: string, file: string): string {
  const looks = op.op === "read" || op.op === "ls" || op.op === "stat";
  const moves = (op.op === "write" || op.op === "move" || op.op === "open") && PID_FILES.includes(file);
  if (looks || moves) return `${mount}/${file}`;
  throw new Refused("hierarchy root is read-only here");
}

function confined(root: string, path: string): string {
  if (path === "") return root;
  const full = `${root}/${path}`;
  if (path.includes("..") && !isBelow(normalised(full), root)) throw new Refused("path escapes the replay's own directory");
  return full;
}

const isBelow = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`);

/** Without `//`, `.` and `..`, by the look of it. */
function normalised(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

function inMount(replay: Replay, op: Where, mount: string, path: string): string {
  if (mount.includes("/") || mount === "..") throw new Refused("mnt name");
  const root = `${SCRATCH}/${mount}`;
  const full = confined(root, path);
  const shown = shownRoot(replay, op, root);
  if (shown === undefined) return full;
  if (isBelow(normalised(`/${shown}/${path}`), `/${replay.base}`)) return full;
  if (READERS.includes(op.op) && (op.mode === undefined || op.mode === "r")) return full;
  if ((op.op === "write" || op.op === "move") && PID_FILES.includes(path.slice(path.lastIndexOf("/") + 1))) return full;
  throw new Refused("that mount exposes cgroups that are not ours: read-only");
}

/** The root of what is mounted there for that agent, as the controller sees it. */
function shownRoot(replay: Replay, op: Where, at: string): string | undefined {
  const who = typeof op.agent === "string" ? replay.agents.get(op.agent) : undefined;
  const task = who === undefined ? replay.controller : replay.controller.pidNs.tasks.get(who.process);
  if (task === undefined || task.state !== "running") return undefined;
  const name = at.slice(at.lastIndexOf("/") + 1);
  let found: string | undefined;
  for (const mount of task.mountNs.mounts) {
    if (!mayBeNamed(mount, name) || mountPoint(mount) !== at) continue;
    const root = mount.filesystem.shownRoot(mount.root, replay.controller);
    if (!isRefusal(root)) found = decode(root.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))));
  }
  return found;
}

/** Could a mount's point end in this name? Over another mount's root it has that mount's. */
const mayBeNamed = ({ parent, point }: Mount, name: string): boolean =>
  parent !== null && (point === parent.root || ("name" in point! && point.name === name));

/** Longer paths than one call can take are walked name by name. */
const LONG = 4000;

/** Where a call starts, and the path from there. */
export interface Reached<P extends Path = Path> {
  readonly from?: Location;
  readonly path: P;
}

/** To open something. */
export function reach<P extends Path>(task: Task, path: P): Reached<P | Bytes> | Refusal {
  if (typeof path !== "string" || path.length < LONG) return { path };
  const names = [...split(path).names];
  const last = names.pop()!;
  let from = resolvePath(task, "/");
  for (const name of names) {
    if (isRefusal(from)) return from;
    from = resolvePath(task, `${name}/`, true, from);
  }
  return isRefusal(from) ? from : { from, path: last };
}

/** To make or remove a name: the directory that holds it is opened first where the path is too long. */
export function reachParent(task: Task, path: Path): Reached | Refusal {
  if (typeof path !== "string" || path.length < LONG) return { path };
  const slash = path.lastIndexOf("/");
  const parent = reach(task, path.slice(0, slash));
  const from = isRefusal(parent) ? parent : resolvePath(task, `${parent.path}/`, true, parent.from);
  return isRefusal(from) ? from : { from, path: path.slice(slash + 1) };
}
