// Operations on mounts: below the scratch directory only, of the hierarchies the replay may use.

import { mkdir } from "../kernel/file-calls.ts";
import { mount as doMount, type MountRequest, umount as doUmount } from "../kernel/mounting.ts";
import type { Agent } from "./agent.ts";
import { failed, integer, list, outcome, Refused, text } from "./answer.ts";
import { encode, encodePath } from "./encoding.ts";
import { readText } from "./file-operations.ts";
import type { Handlers } from "./handler.ts";
import type { Operation, Result } from "./operation.ts";
import { pathOf, SCRATCH } from "./places.ts";
import type { Replay } from "./replay.ts";

const FLAGS = ["rdonly", "nosuid", "nodev", "noexec", "remount", "bind", "rec", "private", "slave"];
const GLOBAL = ["nsdelegate", "favordynmods", "memory_", "pids_local"];

function mount(replay: Replay, op: Operation, who: Agent): Result {
  const at = text(op.at, "at");
  if (at.includes("/") || at === "" || at === "." || at === "..") throw new Refused("mount point name");
  const made = mkdir(replay.controller, encodePath(`${SCRATCH}/${at}`));
  if (made !== undefined && made.code !== "EEXIST") return failed(made, "ctl");
  const flags = (op.mflags === undefined ? [] : list(op.mflags, "mflags")) as string[];
  if (flags.some((flag) => !FLAGS.includes(flag))) throw new Refused("bad op: unknown mount flag");
  const request = requestOf(replay, op, flags);
  return replay.call(who, (task) => outcome(doMount(task, { ...request, at: encodePath(`${SCRATCH}/${at}`) }), "mount"));
}

function requestOf(replay: Replay, op: Operation, flags: readonly string[]): Omit<MountRequest, "at"> {
  const type = op.fstype === undefined ? "cgroup2" : text(op.fstype, "fstype");
  const options = op.opts === undefined ? "" : text(op.opts, "opts");
  if (!["cgroup", "cgroup2", "bind", "none", "remount"].includes(type)) throw new Refused("fstype");
  if (!replay.exclusive && GLOBAL.some((word) => options.includes(word))) throw new Refused("global cgroup2 options need --exclusive/--nsdelegate");
  if (type === "cgroup" && !replay.mounts.has(options)) throw new Refused("v1 mounts: only the replay's own v1 hierarchies");
  const has = (flag: string): boolean => flags.includes(flag);
  const common = {
    options: encode(options), flags: { readOnly: has("rdonly"), nosuid: has("nosuid"), nodev: has("nodev"), noexec: has("noexec") },
    bind: has("bind") || type === "bind", remount: has("remount") || type === "remount", propagation: has("private") || has("slave"),
  };
  const where = { op: "read", path: op.path ?? "", hier: op.hier, mnt: op.mnt };
  if (type === "bind") return { ...common, source: encodePath(pathOf(replay, where).text) };
  return { ...common, type: type === "remount" ? "" : type, source: encode(op.src === undefined ? "none" : text(op.src, "src")) };
}

const DETACH = 2;

function umount(replay: Replay, op: Operation, who: Agent): Result {
  const path = encodePath(`${SCRATCH}/${text(op.at, "at")}`);
  const flags = op.uflags === undefined ? 0 : integer(op.uflags, "uflags");
  return replay.call(who, (task) => {
    if ((flags & ~15) !== 0) return { err: "EINVAL", at: "umount" };
    return outcome(doUmount(task, path, (flags & DETACH) !== 0), "umount");
  });
}

const IN_SCRATCH = ` ${SCRATCH}/`;

function linesWith(text: string, word: string): string[] {
  const lines: string[] = [];
  for (let at = text.indexOf(word), end = 0; at !== -1; at = text.indexOf(word, end)) {
    end = text.indexOf("\n", at);
    if (end === -1) end = text.length;
    lines.push(text.slice(text.lastIndexOf("\n", at) + 1, end));
  }
  return lines;
}

/** The cgroup lines of a mountinfo: those below the scratch directory, or all of the replay's hierarchies. */
function mountinfo(replay: Replay, op: Operation, who: Agent): Result {
  const target = op.target === undefined ? who.name : text(op.target, "target");
  const pid = replay.reference(target);
  const result = replay.call(who, (task) => readText(task, `/proc/${pid}/mountinfo`));
  if (!("ok" in result)) return result;
  const usual = [...replay.mounts.values()];
  const shown: unknown[] = [];
  for (const line of linesWith(String(result.ok), op.all ? " - cgroup" : IN_SCRATCH)) {
    if (!line.includes(" - cgroup")) continue;
    const fields = line.split(" ");
    if (fields.length < 10) continue;
    const dash = fields.indexOf("-");
    const [root, at, opts] = fields.slice(3, 6);
    const [fstype, , superOptions] = fields.slice(dash + 1, dash + 4);
    if (fstype !== "cgroup" && fstype !== "cgroup2") continue;
    if (at!.startsWith(`${SCRATCH}/`) || (op.all && usual.includes(at!))) shown.push({ root, at, opts, fstype, super: superOptions });
  }
  return { ok: shown };
}

export const MOUNT_OPERATIONS: Handlers = { mount, umount, mountinfo };

