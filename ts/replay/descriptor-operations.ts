// Operations on named descriptors: they outlive moves, removals and changes of ids, and can be handed to another agent.

import { mkdirAt } from "../kernel/file-calls.ts";
import type { OpenFile } from "../kernel/open-file.ts";
import { isRefusal } from "../kernel/refusal.ts";
import type { Task } from "../kernel/task.ts";
import type { Agent } from "./agent.ts";
import { DONE, failed, integer, isError, outcome, Refused, text } from "./answer.ts";
import { decode, encode, encodePath } from "./encoding.ts";
import { modeOf, openAny, readAll } from "./file-operations.ts";
import type { Handlers } from "./handler.ts";
import type { Operation, Result } from "./operation.ts";
import { pathOf } from "./places.ts";
import type { Replay } from "./replay.ts";

function open(replay: Replay, op: Operation, who: Agent): Result {
  const path = pathOf(replay, op);
  const name = text(op.fd, "fd");
  return replay.call(who, (task) => {
    const file = openAny(task, path.path, modeOf(op, "rw", ["r", "w", "rw", "dir", "path"]));
    if (isRefusal(file)) return failed(file, "open");
    install(who, task, name, file);
    return DONE;
  });
}

export function install(who: Agent, task: Task, name: string, file: OpenFile): void {
  who.descriptors.set(name, task.process.install(file.share()));
}

/** What a name stands for, if its number is still open. */
export function fileOf(who: Agent, task: Task, name: string): OpenFile | "unknown" | "closed" {
  const fd = who.descriptors.get(name);
  if (fd === undefined) return "unknown";
  return task.process.files.get(fd) ?? "closed";
}

function withFile(at: string, act: (file: OpenFile, task: Task, op: Operation, replay: Replay) => Result) {
  return (replay: Replay, op: Operation, who: Agent): Result => {
    const name = text(op.fd, "fd");
    return replay.call(who, (task) => {
      const file = fileOf(who, task, name);
      if (typeof file === "string") return { err: "EBADF", at: file === "unknown" ? "harness" : at };
      return act(file, task, op, replay);
    });
  };
}

function fdread(file: OpenFile, task: Task, op: Operation): Result {
  if (!op.noseek) {
    const refusal = file.seek(0);
    if (refusal !== undefined) return failed(refusal, "lseek");
  }
  const content = op.n ? file.read(task, integer(op.n, "n")) : readAll(file, task);
  return isRefusal(content) ? failed(content, "read") : { ok: decode(content) };
}

function fdmkdir(replay: Replay, op: Operation, who: Agent): Result {
  const name = text(op.name, "name");
  if (name.includes("/") || name === "." || name === "..") throw new Refused("fdmkdir name");
  return withFile("mkdir", (file, task) => outcome(mkdirAt(task, file, encodePath(name)), "mkdir"))(replay, op, who);
}

function close(replay: Replay, op: Operation, who: Agent): Result {
  const name = text(op.fd, "fd");
  return replay.call(who, (task) => {
    const file = fileOf(who, task, name);
    if (typeof file === "string") return { err: "EBADF", at: file === "unknown" ? "harness" : "?" };
    file.unshare();
    task.process.files.delete(who.descriptors.get(name)!);
    who.descriptors.delete(name);
    return DONE;
  });
}

/** The same open file description for another agent. */
function sendfd(replay: Replay, op: Operation, who: Agent): Result {
  const name = text(op.fd, "fd");
  const file = who.name === "ctl" ? own(replay, who, name) : taken(replay, who, name);
  if ("err" in file || "refused" in file) return file as Result;
  const to = replay.agent(text(op.to, "to"));
  const as = op.as === undefined ? name : text(op.as, "as");
  const result = replay.call(to, (task) => {
    install(to, task, as, (file as { ok: OpenFile }).ok);
    return DONE;
  });
  return result;
}

function own(replay: Replay, who: Agent, name: string): { ok: OpenFile } {
  const file = fileOf(who, replay.controller, name);
  if (typeof file === "string") throw new Refused(`bad op: no descriptor ${name}`);
  return { ok: file };
}

/** By number, out of the process the controller knows it by (pidfd_getfd(2)). */
function taken(replay: Replay, who: Agent, name: string): Result | { ok: OpenFile } {
  const asked = replay.call(who, () => (who.descriptors.has(name) ? DONE : { err: "EBADF", at: "harness" }));
  if (isError(asked)) return asked;
  const process = replay.controller.pidNs.tasks.get(who.process)?.process;
  const file = process?.files.get(who.descriptors.get(name)!);
  return file === undefined ? { err: "EBADF", at: "pidfd_getfd" } : { ok: file };
}

export const DESCRIPTOR_OPERATIONS: Handlers = {
  open, close, sendfd, fdmkdir,
  fdread: withFile("lseek", fdread),
  fdwrite: (replay: Replay, op: Operation, who: Agent): Result => {
    const data = replay.substitute(text(op.data, "data"));
    return withFile("write", (file, task) => outcome(file.write(task, encode(data)), "write"))(replay, op, who);
  },
};
