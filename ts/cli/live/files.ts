// The operations on files and directories of cgroups. What a shell cannot do by itself a program of coreutils does as its
// child: the same credentials, namespaces and cgroup.

import { posix } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Result } from "../../replay/index.ts";
import { bytesOf } from "./bytes.ts";
import type { Fields } from "./fields.ts";
import { PID_FILES } from "./places.ts";
import { isZero, type Stage, UMASK } from "./stage.ts";

export type Deed = (op: Fields, stage: Stage) => Promise<Result>;

// Until those who were killed are seen to be dead.
const DYING_MS = 20;

async function read(op: Fields, stage: Stage): Promise<Result> {
  const said = await stage.read(op.agent, stage.places.file(op));
  if (!("ok" in said) || !op.flag("pids")) return said;
  const pids = String(said.ok).split(/\s+/).filter((pid) => pid !== "");
  return { ok: pids.map((pid) => stage.crew.nameOf(pid) ?? pid) };
}

async function write(op: Fields, stage: Stage): Promise<Result> {
  const file = stage.places.file(op);
  const text = op.word("data");
  const data = stage.data(text);
  const name = posix.basename(file);
  if (PID_FILES.includes(name) && data === bytesOf(text) && !isZero(data) && /\d/.test(data)) stage.demandPids();
  const said = await stage.write(op.agent, file, data, op.flag("trunc"));
  if (name === "cgroup.kill" && "ok" in said) await delay(DYING_MS);
  return said;
}

/** A pid written to a file that takes pids. */
function move(op: Fields, stage: Stage): Promise<Result> {
  const file = op.word("file", op.op === "move_thread" ? "cgroup.threads" : "cgroup.procs");
  const to = op.word("path", "");
  const path = to === "" || to === "^" ? to + file : `${to}/${file}`;
  const data = op.flag("zero") ? "0" : stage.crew.pid(op.word("target", op.agent)) + op.bytes("suffix", "");
  return stage.write(op.agent, stage.places.file(op.with({ path })), data);
}

function mkdir(op: Fields, stage: Stage): Promise<Result> {
  const mode = op.number("mode", 0o755);
  return stage.do(op.agent, "mkdir", ["mkdir", stage.places.file(op)], 0o777 & ~(mode & ~UMASK));
}

const rmdir: Deed = (op, stage) => stage.do(op.agent, "rmdir", ["rmdir", stage.places.file(op)]);

const unlink: Deed = (op, stage) => stage.do(op.agent, "unlink", ["unlink", stage.places.file(op)]);

function chown(op: Fields, stage: Stage): Promise<Result> {
  const id = (name: string): string => (op.has(name) && op.number(name) !== -1 ? String(op.number(name)) : "");
  const owner = id("gid") !== "" ? `${id("uid")}:${id("gid")}` : id("uid") || ":";
  return stage.do(op.agent, "chown", ["chown", owner, stage.places.file(op)]);
}

// With five digits chmod(1) takes away what is not named from directories too.
function chmod(op: Fields, stage: Stage): Promise<Result> {
  return stage.do(op.agent, "chmod", ["chmod", op.number("mode").toString(8).padStart(5, "0"), stage.places.file(op)]);
}

async function stat(op: Fields, stage: Stage): Promise<Result> {
  const said = await stage.run(op.agent, "stat", ["stat", "-c", "%F|%a|%u|%g|%h|%s|%i", stage.places.file(op)]);
  if (!("ok" in said)) return said;
  const [type, mode, uid, gid, nlink, size, ino] = String(said.ok).split("|");
  const numbers = { uid: Number(uid), gid: Number(gid), nlink: Number(nlink), size: Number(size) };
  const answer = { type: type === "directory" ? "dir" : "file", mode: `0o${mode}`, ...numbers };
  return { ok: op.flag("ino") ? { ...answer, ino: Number(ino) } : answer };
}

// The slash behind the path lets nothing but a directory be opened.
async function ls(op: Fields, stage: Stage): Promise<Result> {
  const said = await stage.run(op.agent, "open", ["ls", "-1Ap", `${stage.places.file(op)}/`]);
  if (!("ok" in said)) return said;
  const names = String(said.ok).split("\n").filter((name) => name !== "");
  const dirs = names.filter((name) => name.endsWith("/")).map((name) => name.slice(0, -1));
  const files = names.filter((name) => !name.endsWith("/"));
  return { ok: op.flag("files") ? { dirs: sorted(dirs), files: sorted(files) } : sorted(dirs) };
}

const sorted = (names: readonly string[]): string[] => names.toSorted((a, b) => (bytesOf(a) < bytesOf(b) ? -1 : 1));

// Can it be opened?
function access(op: Fields, stage: Stage): Promise<Result> {
  const file = stage.places.file(op);
  const program = op.word("mode", "r") === "r" ? [`if=${file}`, "count=0", "of=/dev/null"] : [`of=${file}`, "count=0"];
  return stage.do(op.agent, "open", ["dd", "if=/dev/null", "status=none", "conv=nocreat,notrunc", ...program]);
}

export const FILES: Readonly<Record<string, Deed>> = {
  read, write, move, move_thread: move, mkdir, rmdir, unlink, chown, chmod, stat, ls, access,
};
