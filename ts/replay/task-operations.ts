// Operations that make, end and change tasks: spawn, fork, threads, exec, exit, kill, wait, ids and capabilities.

import { ALL, CAP, type Capabilities, type CapabilityName } from "../kernel/capability.ts";
import { MAY_EXEC, mayAccess } from "../kernel/credentials.ts";
import { exitProcess, exitThread, reap } from "../kernel/exit.ts";
import { clone, exec, thread } from "../kernel/fork.ts";
import { setCapabilities, setIds, type IdTriple } from "../kernel/ids.ts";
import type { OpenFile } from "../kernel/open-file.ts";
import { openFile, opening } from "../kernel/open.ts";
import { stateLetter } from "../kernel/proc-text.ts";
import { isRefusal } from "../kernel/refusal.ts";
import { sendSignal } from "../kernel/signal.ts";
import type { Task } from "../kernel/task.ts";
import { Agent } from "./agent.ts";
import { Crash, DONE, failed, integer, isError, list, outcome, Refused, text } from "./answer.ts";
import { encode, encodePath, type PathText } from "./encoding.ts";
import { MODES, openAny, writeText } from "./file-operations.ts";
import { flagsOf } from "./namespace-operations.ts";
import type { Handlers } from "./handler.ts";
import type { Operation, Result } from "./operation.ts";
import { pathOf } from "./places.ts";
import type { Replay } from "./replay.ts";

/** A child of the controller, placed in the base of every hierarchy, or in `path` of one. */
function spawn(replay: Replay, op: Operation): Result {
  const name = text(op.agent, "agent");
  const child = clone(replay.controller, []);
  if (isRefusal(child)) return failed(child, "clone3");
  const number = child.numberIn(replay.controller.pidNs);
  const agent = new Agent(name, child, number, number, null);
  replay.agents.set(name, agent);
  for (const hier of replay.mounts.keys()) {
    const path = hier === (op.hier ?? "v2") ? op.path : undefined;
    const place = `${pathOf(replay, { op: "write", hier, path }).text}/cgroup.procs`;
    const file = openFile(replay.controller, encodePath(place), MODES.w!);
    if (isRefusal(file)) return failed(file, "ctl");
    const written = file.write(replay.controller, String(number));
    if (!isRefusal(written)) continue;
    exitProcess(child.process);
    reap(child.process);
    agent.dead = agent.reaped = true;
    return failed(written, "write");
  }
  return { ok: op.showpid ? number : null };
}

function fork(replay: Replay, op: Operation, who: Agent): Result {
  const child = text(op.child, "child");
  const where = { op: "write", path: op.into, hier: op.hier, mnt: op.mnt };
  const into = op.into === undefined ? undefined : pathOf(replay, where);
  if (who.name === "ctl") throw new Refused("fork needs an agent");
  let made: Task | undefined;
  const result = replay.call(who, (task) => {
    const file = intoFile(who, task, op, into);
    if (isRefusal(file)) return failed(file, "open");
    const { namespaces, invalid } = flagsOf(op.flags ?? [], ["fs", "files"]);
    const born = invalid ? undefined : clone(task, namespaces, file);
    if (born === undefined) return { err: "EINVAL", at: "clone3" };
    // A plain fork goes through another call of the oracle's, which does not say its name.
    if (isRefusal(born)) return failed(born, op.flags || file !== undefined ? "clone3" : "?");
    made = born;
    return { ok: op.showpid ? born.numberIn(task.pidNs) : null };
  });
  if (made !== undefined && "ok" in result) {
    const number = made.numberIn(who.task.pidNs);
    const agent = new Agent(child, made, number, number, who.name);
    for (const [name, fd] of who.descriptors) agent.descriptors.set(name, fd);
    replay.agents.set(child, agent);
  }
  return result;
}

function intoFile(who: Agent, task: Task, op: Operation, into: PathText | undefined): OpenFile | undefined | ReturnType<typeof openAny> {
  if (into !== undefined) return openAny(task, into.path, op.opath ? opening({ pathOnly: true, directory: true }) : MODES.r!);
  if (op.into_fd === undefined) return undefined;
  const file = task.process.files.get(who.descriptors.get(text(op.into_fd, "into_fd")) ?? -1);
  if (file === undefined) throw new Crash("no such descriptor");
  return file;
}

function newThread(replay: Replay, op: Operation, who: Agent): Result {
  const name = text(op.name, "name");
  let made: Task | undefined;
  const result = replay.call(who, (task) => {
    const born = thread(task);
    if (isRefusal(born)) throw new Crash("can't start new thread");
    made = born;
    return { ok: op.showpid ? born.numberIn(task.pidNs) : null };
  });
  if (made !== undefined && "ok" in result) {
    const agent = new Agent(name, made, made.numberIn(who.task.pidNs), who.process, who.name);
    for (const [fd, number] of who.descriptors) agent.descriptors.set(fd, number);
    replay.agents.set(name, agent);
  }
  return result;
}

function texit(replay: Replay, _op: Operation, who: Agent): Result {
  const result = replay.call(who, (task) => {
    if (task.isLeader) exitProcess(task.process);
    else exitThread(task);
    return DONE;
  }, { ends: true });
  who.dead = who.reaped = true;
  return result;
}

function exit(replay: Replay, op: Operation, who: Agent): Result {
  const raw = Boolean(op.raw);
  const result = replay.call(who, (task) => {
    if (raw) exitThread(task);
    else exitProcess(task.process);
    return DONE;
  }, { ends: true });
  if (raw) who.dead = true;
  else replay.markDead();
  return raw ? result : DONE;
}

function kill(replay: Replay, op: Operation, who: Agent): Result {
  const target = replay.agent(text(op.target, "target"));
  const signal = op.sig === undefined ? 9 : integer(op.sig, "sig");
  const result = replay.call(who, (task) => {
    const found = task.pidNs.tasks.get(target.pid);
    return found === undefined ? { err: "ESRCH", at: "kill" } : outcome(sendSignal(task, found, signal), "kill");
  });
  if ("ok" in result && signal === 9) replay.markDead();
  return result;
}

/** The letter of /proc/PID/stat, null where there is no such task. */
function letter(replay: Replay, agent: Agent): string | null {
  const task = replay.controller.pidNs.tasks.get(agent.pid);
  return task === undefined ? null : stateLetter(task);
}

function state(replay: Replay, op: Operation): Result {
  return { ok: letter(replay, replay.agent(text(op.target, "target"))) };
}

function waitDead(replay: Replay, op: Operation): Result {
  const agent = replay.agent(text(op.target, "target"));
  const found = letter(replay, agent);
  if (found === null || (found === "Z" && agent.task.process.isDead)) agent.dead = true;
  // Waited for in vain.
  else replay.kernel.now += (op.ms === undefined ? 2000 : integer(op.ms, "ms")) + 1;
  return { ok: found };
}

function reaped(replay: Replay, op: Operation): Result {
  const agent = replay.agent(text(op.target, "target"));
  let result: Result = waitFor(replay.controller, agent.pid);
  const parent = agent.parent === null ? undefined : replay.agents.get(agent.parent);
  if (isError(result) && parent !== undefined && !parent.dead) result = replay.call(parent, (task) => waitFor(task, agent.pid));
  if ("ok" in result && result.ok === true) agent.dead = agent.reaped = true;
  return result;
}

/** waitpid(2) without waiting. */
function waitFor(task: Task, pid: number): Result {
  const child = task.pidNs.tasks.get(pid);
  if (child === undefined || !child.isLeader || child.process.parent !== task.process) return { err: "ECHILD", at: "wait" };
  return { ok: reap(child.process) };
}

/** The agents' program lies in root's home, which others may not search. */
const HOME = { uid: 0, gid: 0, mode: 0o700 };

function execute(replay: Replay, _op: Operation, who: Agent): Result {
  return replay.call(who, (task) => {
    if (!mayAccess(task.credentials, HOME, MAY_EXEC, true)) return { err: "EACCES", at: "?" };
    exec(task, undefined);
    who.descriptors.clear();
    return DONE;
  });
}

// ---- ids and capabilities

const KEEP = 0xffffffff;
const kept = (id: unknown): number | null => (integer(id, "id") >>> 0 === KEEP ? null : integer(id, "id") >>> 0);

function tripleOf(value: unknown, field: string): IdTriple {
  const ids = Array.isArray(value) ? list(value, field) : [value, value, value];
  if (ids.length !== 3) throw new Crash("three ids are expected");
  return ids.map(kept) as unknown as IdTriple;
}

function setid(replay: Replay, op: Operation, who: Agent): Result {
  const groups = op.groups === undefined ? undefined : list(op.groups, "groups").map((id) => integer(id, "groups") >>> 0);
  const gid = op.gid === undefined || op.gid === null ? undefined : tripleOf(op.gid, "gid");
  const uid = op.uid === undefined || op.uid === null ? undefined : tripleOf(op.uid, "uid");
  return replay.call(who, (task) => {
    const changes = [["setgroups", groups && { groups }], ["setresgid", gid && { gid }], ["setresuid", uid && { uid }]] as const;
    for (const [at, change] of changes) {
      const refusal = change === undefined ? undefined : setIds(task, change);
      if (refusal !== undefined) return failed(refusal, at);
    }
    task.process.dumpable = true;
    return DONE;
  });
}

function namedSet(value: unknown): Capabilities {
  return list(value, "caps").reduce<Capabilities>((set, name) => {
    const one = typeof name === "string" && Object.hasOwn(CAP, name) ? CAP[name as CapabilityName] : undefined;
    if (one === undefined) throw new Crash("no such capability");
    return set | one;
  }, 0n);
}

function caps(replay: Replay, op: Operation, who: Agent): Result {
  return replay.call(who, (task) => {
    let { effective, permitted } = task.credentials;
    if (op.drop !== undefined) {
      effective &= ALL & ~namedSet(op.drop);
      permitted &= ALL & ~namedSet(op.drop);
    }
    if (op.eff_drop !== undefined) effective &= ALL & ~namedSet(op.eff_drop);
    if (op.keep !== undefined) {
      effective &= namedSet(op.keep);
      permitted &= namedSet(op.keep);
    }
    if (op.eff_all) effective = permitted;
    const refusal = setCapabilities(task, { permitted, effective });
    if (refusal === undefined) task.process.dumpable = true;
    return outcome(refusal, "capset");
  });
}

function getids(replay: Replay, _op: Operation, who: Agent): Result {
  return replay.call(who, ({ credentials, tid }) => {
    const { uid, euid, suid, gid, egid, sgid, userNamespace } = credentials;
    return {
      ok: {
        uid: [uid, euid, suid].map((id) => userNamespace.shownUid(id)), gid: [gid, egid, sgid].map((id) => userNamespace.shownGid(id)), tid,
      },
    };
  });
}

/** The maps of the target's user namespace, gids first. */
function idmap(replay: Replay, op: Operation, who: Agent): Result {
  const pid = replay.reference(text(op.target, "target"));
  const parts = [["setgroups", op.setgroups], ["gid_map", op.gid ?? op.map], ["uid_map", op.uid ?? op.map]] as const;
  for (const [file, data] of parts) {
    if (data === undefined || data === "") continue;
    const path = `/proc/${pid}/${file}`;
    const result = replay.call(who, (task) => writeText(task, path, text(data, file), opening({ write: true, truncate: who.name === "ctl" })));
    if (!("ok" in result)) return who.name === "ctl" && isError(result) ? { ...result, at: "map" } : result;
  }
  return DONE;
}

/** Of the agent's own user namespace, never of the initial one. */
function userlimit(replay: Replay, op: Operation, who: Agent): Result {
  const asked = replay.call(who, (task) => (task.credentials.userNamespace.parent === null ? { refused: "" } : DONE));
  if (!("ok" in asked)) throw new Refused("initial user namespace");
  const value = typeof op.value === "number" ? String(op.value) : text(op.value, "value");
  return replay.call(who, (task) => writeText(task, "/proc/sys/user/max_cgroup_namespaces", encode(value)));
}

export const TASK_OPERATIONS: Handlers = {
  spawn, fork, thread: newThread, texit, exit, kill, state, wait_dead: waitDead, reap: reaped, exec: execute,
  setid, caps, getids, idmap, userlimit,
  sleep: (replay: Replay, op: Operation, who: Agent): Result => {
    replay.kernel.now += op.ms === undefined ? 10 : integer(op.ms, "ms");
    return replay.call(who, () => DONE);
  },
  comment: (): Result => DONE,
};

