// The questions a kernel can be asked: what a call would come to, by the very checks that the call itself makes first, up
// to the point where something would be done.

import { expected } from "../errors.ts";
import { type Bytes, fromText, given, toText } from "./bytes.ts";
import { CgroupFs, ControlFile, vetCreate, vetRemove } from "./cgroupfs.ts";
import type { CgroupNode } from "./cgroup.ts";
import { vetMkdir, vetRmdir } from "./file-calls.ts";
import type { Kernel } from "./kernel.ts";
import type { Unit } from "./migrate.ts";
import { type MountRequest, vetMount } from "./mounting.ts";
import { integer } from "./number.ts";
import { openFile, opening, type OpenRequest } from "./open.ts";
import { resolvePath } from "./path-walk.ts";
import { directoryFor } from "./place.ts";
import { isRefusal, type Refusal } from "./refusal.ts";
import { type SetnsTarget, vetSetns } from "./setns.ts";
import type { Task } from "./task.ts";
import { type NamespaceFlag, vetNamespaces, vetUnshare } from "./unshare.ts";

export interface Question {
  readonly kernel: Kernel;
  readonly by: Task;
  /** What is asked, for people: `move pid 42 to /a`. */
  readonly words: string;
  /** The path that is walked for it, where one is. */
  readonly path?: Bytes;
  /** What the last component of that path stands for. */
  readonly last?: "file" | "new cgroup" | "cgroup" | "mount point";
  /** Who is moved and where to, where that is asked. */
  readonly moves?: { readonly task: Task; readonly unit: Unit };
  /** The cgroup whose file is written, as things are. */
  destination?(): CgroupNode | undefined;
  /** The refusal of now, if any. Changes nothing. */
  ask(): Refusal | undefined;
}

export type PathLike = string | Uint8Array;

/** Who asks; `init` unless somebody else is named. */
export interface Asking {
  readonly by?: Task;
}

const WRITE: OpenRequest = opening({ write: true });
/** A number that no task ever has. */
const NOBODY = "4194304";

const orNothing = (answer: unknown): Refusal | undefined => (isRefusal(answer) ? answer : undefined);

/** open(2) and write(2) of a control file. */
function vetWriteTo(by: Task, path: Bytes, data: Bytes): Refusal | undefined {
  const file = openFile(by, path, WRITE);
  if (isRefusal(file)) return file;
  const { filesystem } = file.place.mount;
  if (!(filesystem instanceof CgroupFs)) throw expected("path", "a file of a cgroup", path);
  return orNothing(filesystem.vetWrite(file, data, by));
}

const inDirectory = (directory: Bytes, file: Bytes): Bytes => `${directory.replace(/\/+$/, "")}/${file}`;
const shown = (path: PathLike): string => (typeof path === "string" ? path : toText(given(path)));

export function migration(kernel: Kernel, task: Task, to: PathLike, { by = kernel.init, unit = "process" }: Asking & { readonly unit?: Unit }): Question {
  const directory = directoryFor(by, given(to));
  const place = resolvePath(by, directory);
  const legacy = !isRefusal(place) && "hierarchy" in place.node && !place.node.hierarchy.isUnified;
  const path = inDirectory(directory, unit === "process" ? "cgroup.procs" : legacy ? "tasks" : "cgroup.threads");
  const number = task.numberIn(by.pidNs);
  const data = by.pidNs.tasks.get(number) === task ? String(number) : NOBODY;
  const who = `${unit === "process" ? "pid" : "thread"} ${task.numberIn(kernel.initialPidNs) || task.numbers[0]}`;
  return {
    kernel, by, path, last: "file", moves: { task, unit }, words: `move ${who} to ${shown(to)}`,
    ask: () => vetWriteTo(by, path, data), destination: () => cgroupOf(by, path),
  };
}

export function creation(kernel: Kernel, of: PathLike, { by = kernel.init }: Asking): Question {
  const path = directoryFor(by, given(of));
  const ask = (): Refusal | undefined => {
    const parent = vetMkdir(by, path);
    if (isRefusal(parent)) return parent;
    const { mount, node } = parent.directory;
    if (!(mount.filesystem instanceof CgroupFs)) throw expected("path", "a place for a cgroup", of);
    return vetCreate(node as CgroupNode, parent.name);
  };
  return { kernel, by, path, last: "new cgroup", words: `create ${shown(of)}`, ask };
}

export function removal(kernel: Kernel, of: PathLike, { by = kernel.init }: Asking): Question {
  const path = directoryFor(by, given(of));
  const ask = (): Refusal | undefined => {
    const doomed = vetRmdir(by, path);
    if (isRefusal(doomed)) return doomed;
    if (!("hierarchy" in doomed.node)) throw expected("path", "a cgroup", of);
    return vetRemove(doomed.node);
  };
  return { kernel, by, path, last: "cgroup", words: `remove ${shown(of)}`, ask };
}

export function unsharing(kernel: Kernel, flags: readonly NamespaceFlag[], { by = kernel.init }: Asking): Question {
  return { kernel, by, words: `unshare ${flags.join(",")}`, ask: () => vetUnshare(by, flags) ?? vetNamespaces(by, flags) };
}

export function entering(kernel: Kernel, target: SetnsTarget, { by = kernel.init }: Asking): Question {
  const what = "path" in target ? target.path : "fd" in target ? `descriptor ${target.fd}` : `pid ${target.pidfd.numbers[0]}`;
  return { kernel, by, words: `setns ${what}`, ask: () => orNothing(vetSetns(by, target)) };
}

export function mounting(kernel: Kernel, request: MountRequest, { by = kernel.init }: Asking): Question {
  const what = request.type ?? (request.remount === true ? "again" : "by binding");
  return {
    kernel, by, path: fromText(request.at), last: "mount point", words: `mount ${what} at ${request.at}`, ask: () => orNothing(vetMount(by, request)),
  };
}

export function writing(kernel: Kernel, to: PathLike, data: PathLike, { by = kernel.init }: Asking): Question {
  const path = directoryFor(by, given(to));
  const bytes = given(data);
  const moves = movedBy(by, path, bytes);
  return {
    kernel, by, path, last: "file", words: `write ${JSON.stringify(toText(bytes))} to ${shown(to)}`,
    ask: () => vetWriteTo(by, path, bytes), destination: () => cgroupOf(by, path),
    ...(moves === undefined ? {} : { moves }),
  };
}

function cgroupOf(by: Task, path: Bytes): CgroupNode | undefined {
  const place = resolvePath(by, path);
  return !isRefusal(place) && place.node instanceof ControlFile ? place.node.cgroup : undefined;
}

/** Whom a write to a list of tasks means. */
function movedBy(by: Task, path: Bytes, data: Bytes): Question["moves"] {
  const place = resolvePath(by, path);
  if (isRefusal(place) || !(place.node instanceof ControlFile)) return undefined;
  const unit = place.node.name === "cgroup.procs" ? "process" : ["cgroup.threads", "tasks"].includes(place.node.name) ? "thread" : undefined;
  const number = integer(data.trim());
  const task = number === 0 ? by : typeof number === "number" ? by.pidNs.tasks.get(number) : undefined;
  return unit === undefined || task === undefined ? undefined : { task, unit };
}
