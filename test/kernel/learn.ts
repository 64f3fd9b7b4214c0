// What each operation's result teaches the scene.

import type { Operation, Result } from "../../ts/replay/operation.ts";
import type { Agent, Descriptor } from "./agent.ts";
import { parse } from "./number.ts";
import type { Place } from "./place.ts";
import type { Scene } from "./scene.ts";

type Lesson = (scene: Scene, op: Operation, actor: Agent, answer: unknown) => void;

/** Takes in what came of an operation. */
export function learn(scene: Scene, op: Operation, result: Result): void {
  const actor = scene.agents.get(op.agent ?? "ctl");
  scene.operations++;
  if (op.op === "spawn" || op.op === "fork") scene.births++;
  if ("ok" in result) {
    const lesson = op.op === "spawn" ? spawned : LESSONS[op.op];
    if (lesson !== undefined) lesson(scene, op, actor ?? scene.ctl, result.ok);
  } else if ("err" in result && result.err === "AGENT_DEAD" && actor !== undefined) {
    actor.lost = true;
    // Somebody who killed its own cgroup did not live to tell.
    if (op.op === "write" || op.op === "fdwrite") LESSONS[op.op]!(scene, op, actor, null);
  }
}

const spawned: Lesson = (scene, op, _actor, pid) => {
  const name = op.agent!;
  const agent: Agent = { ...scene.born(), name, pid: Number(pid), parent: "ctl", leader: name, nested: false };
  scene.agents.set(name, agent);
  const where = scene.resolve(op);
  if (where?.rest.length === 0) agent.at.set(where.place.hierarchy, where.place);
};

const forked: Lesson = (scene, op, parent, pid) => {
  const name = String(op.child);
  const flags = (op.flags ?? []) as string[];
  const child: Agent = {
    ...parent, name, pid: Number(pid), parent: parent.name, leader: name, echoed: false, nested: parent.nested || flags.includes("pid"),
    at: new Map(parent.at), uids: [...parent.uids], fds: new Map(parent.fds),
  };
  const into = op.into === undefined ? undefined : scene.resolve({ ...op, path: op.into });
  const place = into?.place ?? parent.fds.get(String(op.into_fd))?.place;
  if (place !== undefined) child.at.set("v2", place);
  for (const sibling of scene.threads(parent)) if (sibling !== parent) sibling.echoed = true;
  scene.agents.set(name, child);
  unshared(scene, op, child, null);
};

const threaded: Lesson = (scene, op, parent, tid) => {
  const name = String(op.name);
  scene.agents.set(name, { ...parent, name, pid: Number(tid), parent: parent.name, echoed: false, at: new Map(parent.at), uids: [...parent.uids], fds: new Map(parent.fds) });
};

const unshared: Lesson = (_scene, op, agent) => {
  const flags = (op.flags ?? (op.op === "unshare" ? ["cgroup"] : [])) as string[];
  if (flags.includes("user")) {
    agent.userns = { parent: agent.userns, owner: agent.uids[1], mapped: false };
    agent.whole = true;
  }
  if (flags.includes("mnt")) agent.mounts = new Map(agent.mounts);
  if (flags.includes("cgroup")) agent.view = { roots: new Map(agent.at), userns: agent.userns };
};

const entered: Lesson = (scene, op, agent) => {
  const from = scene.agents.get(String(op.target));
  if (from === undefined) return;
  const all = (op.nss ?? [op.ns ?? "cgroup"]) as string[];
  if (all.includes("user")) agent.userns = from.userns;
  if (all.includes("mnt")) agent.mounts = from.mounts;
  if (all.includes("cgroup")) agent.view = from.view;
};

/** Every thread of its process is dead, and the oracle counts its agents as dead. */
function died(scene: Scene, agent: Agent): void {
  for (const thread of [...scene.agents.values()].filter(({ leader }) => leader === agent.leader)) {
    if (thread.state === "alive") thread.state = scene.isLeader(thread) ? "zombie" : "gone";
  }
  // The oracle then takes threads whose leader is a zombie for dead as well.
  for (const other of scene.agents.values()) if (scene.agents.get(other.leader)?.state === "zombie") other.lost = true;
}

const exited: Lesson = (scene, op, agent) => {
  if (op.raw !== true) return died(scene, agent);
  if (scene.threads(agent).length === 1) return died(scene, agent);
  agent.state = scene.isLeader(agent) ? "zombie" : "gone";
};

const killed: Lesson = (scene, op) => {
  const target = scene.agents.get(String(op.target));
  if (target !== undefined && (op.sig ?? 9) === 9) died(scene, target);
};

const waited: Lesson = (scene, op, _actor, state) => {
  const target = scene.agents.get(String(op.target));
  if (target !== undefined && target.state === "alive" && state !== "S" && state !== "R") died(scene, target);
};

const reaped: Lesson = (scene, op, _actor, done) => {
  const target = scene.agents.get(String(op.target));
  if (target !== undefined && done === true) target.state = "gone";
};

/** A write to a control file, by path or through a descriptor. */
function wrote(scene: Scene, actor: Agent, place: Place, file: string, data: string): void {
  if (file === "cgroup.freeze") place.freeze = parse(data) === 1 || (data === "" && place.freeze);
  if (file === "cgroup.type" && data !== "") place.threaded = true;
  if (file === "cgroup.kill" && data !== "") {
    for (const each of place.all()) each.kills++;
    // A process whose leader has exited is passed over.
    for (const agent of scene.within(place)) if (scene.agents.get(agent.leader)?.state === "alive") died(scene, agent);
  }
  if (file === "cgroup.subtree_control") place.controlled = data.includes("+") || (place.controlled && !data.includes("-"));
  if (["cgroup.procs", "cgroup.threads", "tasks"].includes(file)) moved(scene, actor, place, file, data);
}

function moved(scene: Scene, actor: Agent, place: Place, file: string, data: string): void {
  const pid = parse(substituted(scene, data));
  const target = pid === 0 ? actor : scene.byPid(pid ?? -1);
  if (target === undefined) return;
  const all = file === "cgroup.procs" ? scene.threads(target) : [target].filter(({ state }) => state === "alive");
  for (const thread of all) thread.at.set(place.hierarchy, place);
}

/** The data as the oracle sends it: `{agent}` is that agent's pid. */
export function substituted(scene: Scene, data: string): string {
  return data.replace(/\{([^}]*)\}/g, (whole, name: string) => String(scene.agents.get(name)?.pid ?? whole));
}

const written: Lesson = (scene, op, actor) => {
  const where = scene.resolve(op);
  if (where?.rest.length === 1) wrote(scene, actor, where.place, where.rest[0]!, String(op.data));
};

const pushed: Lesson = (scene, op, actor) => {
  const where = scene.resolve(op);
  const data = op.zero === true ? "0" : `{${String(op.target ?? actor.name)}}${String(op.suffix ?? "")}`;
  const file = String(op.file ?? (op.op === "move" ? "cgroup.procs" : "cgroup.threads"));
  if (where?.rest.length === 0) wrote(scene, actor, where.place, file, data);
};

const fdwritten: Lesson = (scene, op, actor) => {
  const fd = actor.fds.get(String(op.fd));
  if (fd?.place !== undefined && fd.file !== undefined) wrote(scene, actor, fd.place, fd.file, String(op.data));
};

const made: Lesson = (scene, op, actor) => {
  const where = scene.resolve(op);
  if (where?.rest.length === 1) where.place.add(where.rest[0]!).owner = actor.uids[1];
};

const removed: Lesson = (scene, op) => {
  const where = scene.resolve(op);
  if (where?.rest.length === 0) where.place.remove();
};

const renamed: Lesson = (scene, op) => {
  const where = scene.resolve(op);
  const to = scene.resolve(op, "to");
  if (where?.rest.length === 0 && to?.rest.length === 1) where.place.rename(to.rest[0]!);
};

const opened: Lesson = (scene, op, actor) => {
  const path = String(op.path);
  const where = scene.resolve(op);
  const fd: Descriptor | undefined = path.startsWith("proc:") ? { kind: "proc" }
    : where === undefined ? undefined
    : where.rest.length === 0 ? { kind: op.mode === "path" ? "path" : "dir", place: where.place }
    : { kind: op.mode === "path" ? "path" : "file", place: where.place, file: where.rest[0]! };
  if (fd !== undefined) actor.fds.set(String(op.fd), fd);
};

const sent: Lesson = (scene, op, actor) => {
  const fd = actor.fds.get(String(op.fd));
  if (fd !== undefined) scene.agents.get(String(op.to))?.fds.set(String(op.as ?? op.fd), fd);
};

const identified: Lesson = (_scene, op, actor) => {
  if (op.uid === undefined || op.uid === null) return;
  const ids = typeof op.uid === "number" ? [op.uid, op.uid, op.uid] : (op.uid as number[]);
  for (const [index, id] of ids.entries()) if (id !== -1) actor.uids[index] = id;
  if (actor.uids.every((id) => id !== 0)) actor.whole = false;
};

const LESSONS: Readonly<Record<string, Lesson>> = {
  fork: forked, thread: threaded, unshare: unshared, setns: entered, kill: killed, wait_dead: waited, reap: reaped,
  exit: exited, texit: (_scene, _op, agent) => { agent.state = "gone"; },
  exec: (scene, _op, agent) => {
    for (const other of scene.threads(agent)) if (other !== agent) other.state = "gone";
    agent.fds = new Map();
  },
  move: pushed, move_thread: pushed, write: written, fdwrite: fdwritten, mkdir: made, rmdir: removed, rename: renamed,
  fdmkdir: (_scene, op, actor) => { actor.fds.get(String(op.fd))?.place?.add(String(op.name)); },
  open: opened, nsopen: (_scene, op, actor) => { actor.fds.set(String(op.fd), { kind: "ns" }); }, sendfd: sent,
  fdread: (scene, op, actor) => {
    const fd = actor.fds.get(String(op.fd));
    if (fd !== undefined) fd.read = scene.operations;
  },
  close: (_scene, op, actor) => { actor.fds.delete(String(op.fd)); },
  setid: identified, caps: (_scene, _op, actor) => { actor.whole = false; },
  chown: (scene, op) => {
    const where = scene.resolve(op);
    if (where?.rest.length === 0 && op.uid !== undefined) where.place.owner = Number(op.uid);
  },
  idmap: (scene, op) => {
    const userns = scene.agents.get(String(op.target))?.userns;
    if (userns === undefined || userns.parent === undefined) return;
    userns.mapped = true;
    userns.map = String(op.map ?? op.uid);
  },
  mount: (scene, op, actor) => {
    const name = String(op.at);
    const readOnly = ((op.mflags ?? []) as string[]).includes("rdonly");
    if (op.fstype === "remount") return;
    const hierarchy = op.fstype === "cgroup" ? String(op.opts) : String(op.hier ?? "v2");
    const root = op.fstype === "bind" ? scene.resolve(op)?.place : actor.view.roots.get(hierarchy);
    if (root !== undefined) actor.mounts.set(name, { at: name, root, readOnly });
  },
  umount: (_scene, op, actor) => { actor.mounts.delete(String(op.at)); },
};
