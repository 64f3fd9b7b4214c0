// Operations on namespaces: unshare, setns in its four ways, and which namespace somebody is in; and /proc/PID/cgroup.

import { linkTarget } from "../kernel/fs/look.ts";
import type { OpenFile } from "../kernel/open-file.ts";
import { openFile } from "../kernel/open.ts";
import { NsNode } from "../kernel/procfs.ts";
import { isRefusal, type Refusal } from "../kernel/refusal.ts";
import { byPidfd, enter } from "../kernel/setns.ts";
import type { Task } from "../kernel/task.ts";
import { NAMESPACE_FLAGS, type NamespaceFlag, unshare } from "../kernel/unshare.ts";
import type { Agent } from "./agent.ts";
import { Crash, DONE, failed, integer, list, outcome, Refused, text } from "./answer.ts";
import { install, fileOf } from "./descriptor-operations.ts";
import { MODES, readText, writeText } from "./file-operations.ts";
import { encode, encodePath } from "./encoding.ts";
import type { Handlers } from "./handler.ts";
import type { Operation, Result } from "./operation.ts";
import { pathOf } from "./places.ts";
import type { Replay } from "./replay.ts";

const BITS: Readonly<Record<string, number>> = {
  mnt: 0x20000, cgroup: 0x02000000, uts: 0x04000000, ipc: 0x08000000, user: 0x10000000, pid: 0x20000000, net: 0x40000000, time: 0x80,
};
/** The same by the names of clone(2), and flags that are no namespaces. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  newns: "mnt", newcgroup: "cgroup", newuts: "uts", newipc: "ipc", newuser: "user", newpid: "pid", newnet: "net", newtime: "time",
};
const OTHER_BITS: Readonly<Record<string, number>> = { thread: 0x10000, fs: 0x200, files: 0x400 };

const BY_NAME: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ...Object.entries(BITS), ...Object.entries(LONG_NAMES).map(([long, name]) => [long, BITS[name]!] as const), ...Object.entries(OTHER_BITS),
]);

interface Flags {
  readonly namespaces: NamespaceFlag[];
  /** A bit that is no namespace and not allowed here either. */
  readonly invalid: boolean;
}

/** Names or numbers, as one set of bits. */
export function flagsOf(value: unknown, allowed: readonly string[] = []): Flags {
  let bits = 0;
  for (const flag of list(value, "flags")) {
    const known = typeof flag === "number" ? flag : BY_NAME.get(flag);
    if (known === undefined) throw new Crash("no such flag");
    bits |= known;
  }
  return decoded(bits, allowed);
}

function decoded(bits: number, allowed: readonly string[]): Flags {
  const namespaces = NAMESPACE_FLAGS.filter((flag) => (bits & BITS[flag]!) !== 0);
  const known = [...namespaces.map((flag) => BITS[flag]!), ...allowed.map((flag) => OTHER_BITS[flag]!)].reduce((all, bit) => all | bit, 0);
  return { namespaces, invalid: (bits & ~known) !== 0 };
}

function unshared(replay: Replay, op: Operation, who: Agent): Result {
  return replay.call(who, (task) => {
    const { namespaces, invalid } = flagsOf(op.flags ?? ["cgroup"], ["fs", "files"]);
    return invalid ? { err: "EINVAL", at: "unshare" } : outcome(unshare(task, namespaces), "unshare");
  });
}

/** By number only. */
function link(pid: number | string, ns: string): string {
  if (typeof pid === "string") throw new Crash("a number is needed");
  return `/proc/${pid}/ns/${ns}`;
}

const nsOf = (op: Operation): string => (op.ns === undefined ? "cgroup" : text(op.ns, "ns"));

/** The type to ask for: a number, or the kind of namespace that is entered. */
function typeOf(op: Operation): Flags {
  if (op.nstype !== undefined) return decoded(integer(op.nstype, "nstype"), []);
  return flagsOf([nsOf(op)]);
}

function setns(replay: Replay, op: Operation, who: Agent): Result {
  const via = op.via === undefined ? "agent" : text(op.via, "via");
  if (via === "fd") return replay.call(who, (task) => byFile(named(who, task, text(op.fd, "fd")), task, op));
  const pid = replay.reference(text(op.target, "target"));
  if (via === "pidfd") return replay.call(who, (task) => pidfd(task, Number(pid), op));
  if (via !== "ctl") return replay.call(who, (task) => byFile(openLink(task, link(pid, nsOf(op))), task, op));
  const file = openLink(replay.controller, link(pid, nsOf(op)));
  if (isRefusal(file)) return failed(file, "ctl-open");
  return replay.call(who, (task) => byFile(file, task, op));
}

const openLink = (task: Task, path: string): OpenFile | Refusal => openFile(task, encodePath(path), MODES.r!);

function named(who: Agent, task: Task, name: string): OpenFile | Result {
  const file = fileOf(who, task, name);
  return typeof file === "string" ? { err: "EBADF", at: file === "unknown" ? "harness" : "setns" } : file;
}

function byFile(file: OpenFile | Refusal | Result, task: Task, op: Operation): Result {
  if (isRefusal(file)) return failed(file, "open");
  if (!("place" in file)) return file;
  const { namespaces, invalid } = typeOf(op);
  const { node } = file.place;
  if (file.mode.pathOnly) return { err: "EBADF", at: "setns" };
  if (!(node instanceof NsNode) || invalid || namespaces.length > 1) return { err: "EINVAL", at: "setns" };
  return acted(enter(task, node.namespace, namespaces[0]));
}

function pidfd(task: Task, pid: number, op: Operation): Result {
  const target = task.pidNs.tasks.get(pid);
  if (target === undefined) return { err: "ESRCH", at: "pidfd_open" };
  if (!target.isLeader) return { err: "ENOENT", at: "pidfd_open" };
  const { namespaces, invalid } = op.nstype === undefined && op.nss !== undefined ? flagsOf(op.nss) : typeOf(op);
  return invalid ? { err: "EINVAL", at: "setns" } : acted(byPidfd(task, target, namespaces));
}

function acted(settled: (() => void) | Refusal): Result {
  if (isRefusal(settled)) return failed(settled, "setns");
  settled();
  return DONE;
}

function nsopen(replay: Replay, op: Operation, who: Agent): Result {
  const pid = replay.reference(op.target === undefined ? who.name : text(op.target, "target"));
  const name = text(op.fd, "fd");
  return replay.call(who, (task) => {
    const file = openLink(task, link(pid, nsOf(op)));
    if (isRefusal(file)) return failed(file, "open");
    install(who, task, name, file);
    return DONE;
  });
}

/** readlink of a namespace's link, as a name given in order of first sight. */
function nsid(replay: Replay, op: Operation, who: Agent): Result {
  const pid = replay.reference(op.target === undefined ? who.name : text(op.target, "target"));
  const result = replay.call(who, (task) => readNsLink(task, link(pid, nsOf(op))));
  return "ok" in result && !op.raw ? { ok: replay.namespaceName(String(result.ok)) } : result;
}

function readNsLink(task: Task, path: string): Result {
  const target = linkTarget(task, path);
  return isRefusal(target) ? failed(target, "readlink") : { ok: target };
}

/** /proc/TARGET/cgroup as the agent reads it: the unified hierarchy and the chosen v1 ones, or the whole text. */
function cgroup(replay: Replay, op: Operation, who: Agent): Result {
  const target = op.target === undefined ? who.name : text(op.target, "target");
  const pid = replay.reference(target);
  const path = op.task ? `/proc/${pid}/task/${pid}/cgroup` : `/proc/${pid}/cgroup`;
  const result = replay.call(who, (task) => readText(task, path));
  return "ok" in result && !op.raw ? { ok: chosen(replay, String(result.ok)) } : result;
}

const COLON = 0x3a;

function chosen(replay: Replay, lines: string): Record<string, string> {
  const paths: Record<string, string> = {};
  for (let begin = 0, end = lines.indexOf("\n"); end !== -1; begin = end + 1, end = lines.indexOf("\n", begin)) {
    const label = lines.indexOf(":", begin) + 1;
    for (const name of replay.labels) {
      if (lines.charCodeAt(label + name.length) === COLON && lines.startsWith(name, label)) paths[name || "v2"] = lines.slice(label + name.length + 1, end);
    }
  }
  return paths;
}

/** Writes a pid (its own unless `target` says whose) into a cgroup's file. */
function move(replay: Replay, op: Operation, who: Agent): Result {
  const file = op.file === undefined ? (op.op === "move_thread" ? "cgroup.threads" : "cgroup.procs") : text(op.file, "file");
  const target = op.target === undefined ? who.name : text(op.target, "target");
  const data = op.zero ? "0" : `${replay.reference(target)}${op.suffix === undefined ? "" : text(op.suffix, "suffix")}`;
  const top = op.path === undefined ? "" : text(op.path, "path");
  const path = pathOf(replay, { op: "move", agent: op.agent, hier: op.hier, mnt: op.mnt, path: `${top === "" || top === "^" ? top : `${top}/`}${file}` });
  if (op.op !== "move" && op.op !== "move_thread") throw new Refused(`unknown op ${op.op}`);
  return replay.call(who, (task) => writeText(task, path.path, encode(data)));
}

export const NAMESPACE_OPERATIONS: Handlers = { unshare: unshared, setns, nsopen, nsid, cgroup, move, move_thread: move };
