// Operations on files and directories: each is one system call of the agent, or an open with a read or write behind it.

import type { Bytes } from "../kernel/bytes.ts";
import { MAY_EXEC, mayAccess } from "../kernel/credentials.ts";
import { chmod, chown, mkdir, rename, rmdir, unlink } from "../kernel/file-calls.ts";
import { OpenFile } from "../kernel/open-file.ts";
import { openFile, opening, type OpenRequest } from "../kernel/open.ts";
import { resolvePath } from "../kernel/path-walk.ts";
import { isRefusal, type Refusal } from "../kernel/refusal.ts";
import type { Path } from "../kernel/split.ts";
import type { Task } from "../kernel/task.ts";
import type { Agent } from "./agent.ts";
import { Crash, failed, integer, outcome, text } from "./answer.ts";
import { decode, encode, encodePath } from "./encoding.ts";
import type { Handlers } from "./handler.ts";
import type { Operation, Result } from "./operation.ts";
import { pathOf, type Reached, reach, reachParent } from "./places.ts";
import type { Replay } from "./replay.ts";

export const MODES: Readonly<Record<string, OpenRequest>> = {
  r: opening({ read: true }),
  w: opening({ write: true }),
  rw: opening({ read: true, write: true }),
  dir: opening({ read: true, directory: true }),
  path: opening({ pathOnly: true }),
};

export function modeOf(op: Operation, otherwise: string, known: readonly string[]): OpenRequest {
  const mode = op.mode === undefined ? otherwise : op.mode;
  if (typeof mode !== "string" || !known.includes(mode)) throw new Crash("no such mode");
  return MODES[mode]!;
}

export function openAny(task: Task, path: Path, request: OpenRequest): OpenFile | Refusal {
  const reached = reach(task, path);
  return isRefusal(reached) ? reached : openFile(task, reached.path, request, reached.from);
}

/** Everything from where it stands to the end. */
export function readAll(file: OpenFile, task: Task): Bytes | Refusal {
  let all = "";
  for (;;) {
    const part = file.read(task, 131072);
    if (isRefusal(part)) return part;
    if (part === "") return all;
    all += part;
  }
}

/** Opens, reads to the end, closes. */
export function readText(task: Task, path: Path): Result {
  const file = openAny(task, path, MODES.r!);
  if (isRefusal(file)) return failed(file, "open");
  const content = readAll(file, task);
  return isRefusal(content) ? failed(content, "read") : { ok: decode(content) };
}

export function writeText(task: Task, path: Path, data: Bytes, request: OpenRequest = MODES.w!): Result {
  const file = openAny(task, path, request);
  if (isRefusal(file)) return failed(file, "open");
  return outcome(file.write(task, data), "write");
}

function read(replay: Replay, op: Operation, who: Agent): Result {
  const path = pathOf(replay, op);
  const result = replay.call(who, (task) => readText(task, path.path));
  return op.pids && "ok" in result ? { ok: names(replay, String(result.ok)) } : result;
}

/** Numbers as the names of the agents that have them. */
function names(replay: Replay, lines: string): string[] {
  const known = new Map<string, string>();
  for (const { pid, name } of replay.agents.values()) known.set(String(pid), name);
  return lines.split(/\s+/).filter((line) => line !== "").map((line) => known.get(line) ?? line);
}

function write(replay: Replay, op: Operation, who: Agent): Result {
  const path = pathOf(replay, op);
  const data = replay.substitute(text(op.data, "data"));
  return replay.call(who, (task) => {
    const request = modeOf(op, "w", ["w", "rw"]);
    return writeText(task, path.path, encode(data), op.trunc ? opening({ ...request, truncate: true }) : request);
  });
}

/** A call on a name in a directory that may lie deeper than one path reaches: then that stays open. */
function onName(call: (task: Task, op: Operation, reached: Reached) => Refusal | undefined, at: string) {
  return (replay: Replay, op: Operation, who: Agent): Result => {
    const path = pathOf(replay, op);
    return replay.call(who, (task) => {
      const reached = reachParent(task, path.path);
      if (isRefusal(reached)) return failed(reached, "open");
      if (reached.from !== undefined) task.process.install(new OpenFile(reached.from, MODES.path!, task).share());
      return outcome(call(task, op, reached), at);
    });
  };
}

function call(act: (task: Task, path: Path, op: Operation) => Refusal | undefined, at: string) {
  return (replay: Replay, op: Operation, who: Agent): Result => {
    const path = pathOf(replay, op);
    return replay.call(who, (task) => outcome(act(task, path.path, op), at));
  };
}

const optional = (value: unknown, field: string, otherwise: number): number => (value === undefined ? otherwise : integer(value, field));

function renamed(replay: Replay, op: Operation, who: Agent): Result {
  const from = pathOf(replay, op);
  const to = pathOf(replay, op, "to");
  return replay.call(who, (task) => outcome(rename(task, from.path, to.path), "rename"));
}

function stat(replay: Replay, op: Operation, who: Agent): Result {
  const path = pathOf(replay, op);
  return replay.call(who, (task) => {
    const place = resolvePath(task, path.path, false);
    if (isRefusal(place)) return failed(place, "stat");
    const { filesystem } = place.mount;
    const owned = filesystem.owned(place.node);
    const { inode, links, size } = filesystem.statistics(place.node);
    const { userNamespace } = task.credentials;
    const shown = {
      type: place.node.kind === "directory" ? "dir" : "file", mode: `0o${(owned.mode & 0o7777).toString(8)}`,
      uid: userNamespace.shownUid(owned.uid), gid: userNamespace.shownGid(owned.gid), nlink: links, size,
    };
    return { ok: op.ino ? { ...shown, ino: inode } : shown };
  });
}

function ls(replay: Replay, op: Operation, who: Agent): Result {
  const path = pathOf(replay, op);
  return replay.call(who, (task) => {
    const file = openAny(task, path.path, MODES.dir!);
    if (isRefusal(file)) return failed(file, "open");
    const { mount, node } = file.place;
    const found = mount.filesystem.list(node, task);
    if (isRefusal(found)) return failed(found, "readdir");
    const searchable = mayAccess(task.credentials, mount.filesystem.owned(node), MAY_EXEC, true);
    if (found.length > 0 && !searchable) return { err: "EACCES", at: who.name === "ctl" ? "ctl" : "?" };
    const all = found.map((name) => ({ name: decode(name), isDirectory: isDirectory(file, name) }));
    all.sort(all.some(({ name }) => SURROGATE.test(name)) ? byCodePoints : byUnits);
    const dirs = all.filter((one) => one.isDirectory).map(({ name }) => name);
    return { ok: op.files ? { dirs, files: all.filter((one) => !one.isDirectory).map(({ name }) => name) } : dirs };
  });
}

function isDirectory(file: OpenFile, name: Bytes): boolean {
  const node = file.place.mount.filesystem.lookup(file.place.node, name);
  return node !== undefined && node.kind === "directory";
}

const SURROGATE = /[\ud800-\udfff]/;

const byUnits = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Code points, not UTF-16 units: the same where there are no surrogates. */
function byCodePoints(a: { name: string }, b: { name: string }): number {
  const left = [...a.name];
  const right = [...b.name];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function access(replay: Replay, op: Operation, who: Agent): Result {
  const path = pathOf(replay, op);
  return replay.call(who, (task) => outcome(openAny(task, path.path, modeOf(op, "w", ["r", "w", "rw"])), "open"));
}

/** name_to_handle_at(2): FILEID_KERNFS and the id (rule 11.1). */
function handle(replay: Replay, op: Operation, who: Agent): Result {
  const path = pathOf(replay, op);
  return replay.call(who, (task) => {
    const place = resolvePath(task, path.path, false);
    if (isRefusal(place)) return failed(place, "name_to_handle_at");
    return { ok: { type: "0xfe", bytes: 8, id: place.mount.filesystem.statistics(place.node).inode } };
  });
}

/** As the controller, at once: nothing happens here later. */
function waitFile(replay: Replay, op: Operation): Result {
  const path = pathOf(replay, op);
  const wanted = text(op.contains, "contains");
  const file = openFile(replay.controller, path.path, MODES.r!);
  const content = isRefusal(file) ? file : readAll(file, replay.controller);
  if (isRefusal(content)) return failed(content, "open");
  const isThere = decode(content).includes(wanted);
  // Waited for in vain.
  if (!isThere) replay.kernel.now += optional(op.ms, "ms", 1000) + 1;
  return { ok: isThere };
}

function sysctl(replay: Replay, op: Operation, who: Agent): Result {
  const key = text(op.key, "key");
  return replay.call(who, (task) => readText(task, encodePath(`/proc/sys/${key}`)));
}

export const FILE_OPERATIONS: Handlers = {
  read, write, stat, ls, access, handle, sysctl, wait_file: waitFile, rename: renamed,
  mkdir: onName((task, op, { path, from }) => mkdir(task, path, optional(op.mode, "mode", 0o755), from), "mkdir"),
  rmdir: onName((task, _, { path, from }) => rmdir(task, path, from), "rmdir"),
  unlink: call((task, path) => unlink(task, path), "unlink"),
  chown: call((task, path, op) => chown(task, path, optional(op.uid, "uid", -1), optional(op.gid, "gid", -1)), "chown"),
  chmod: call((task, path, op) => chmod(task, path, integer(op.mode, "mode")), "chmod"),
};

