// Threads and threaded cgroups: types, domains, moves of one thread, whole processes into threaded cgroups.

import { family, type Step } from "../family.ts";
import type { Agent } from "../agent.ts";
import type { Place } from "../place.ts";
import { at, by, type Scene } from "../scene.ts";
import { unshare } from "./views.ts";
import { evacuate, mkdir, rmdir, view } from "./world.ts";

function* thread(scene: Scene): Step {
  const agent = scene.actor(({ nested }) => !nested);
  if (agent.name === "ctl" || scene.threads(agent).length > 3 || !scene.canBear) return;
  yield { op: "thread", agent: agent.name, name: scene.fresh("t"), showpid: true };
}

const TYPES = ["threaded", "threaded", "threaded\n", " threaded ", "domain", "domain threaded", "", " ", "Threaded", "threadedx", "invalid", "threaded\0x"];

function* type(scene: Scene): Step {
  const place = scene.place("v2", ({ threaded, isBase }) => !isBase && (!threaded || scene.random.chance(0.1)));
  if (place.isBase && !scene.random.chance(0.05)) return;
  const data = scene.random.chance(0.7) ? "threaded" : scene.random.pick(TYPES);
  if (data.startsWith("threaded") && scene.random.chance(0.5)) yield* evacuate(scene, place);
  yield { op: "write", ...at(place, "cgroup.type"), data, ...by(scene.root()) };
  if (scene.random.chance(0.5)) yield { op: "read", ...at(scene.random.chance(0.5) ? place : scene.place("v2"), "cgroup.type") };
}

/** A thread root with threaded children, populated. */
function* compound(scene: Scene): Step {
  const root = scene.place("v2", ({ depth, threaded }) => depth < 5 && !threaded);
  for (const name of ["t1", "t2"]) {
    yield { op: "mkdir", ...at(root, name) };
    yield { op: "write", ...at(root, `${name}/cgroup.type`), data: "threaded" };
  }
  const agent = scene.actor(({ nested }) => !nested);
  if (agent.name === "ctl") return;
  yield { op: "move", target: agent.name, ...at(root) };
  for (const each of scene.threads(agent)) yield { op: "move_thread", target: each.name, path: root.inside(scene.random.pick(["t1", "t2"])) };
}

const isNear = (scene: Scene, place: Place): boolean => place.threaded || [...place.children.values()].some(({ threaded }) => threaded) || scene.random.chance(0.15);

function* moveThread(scene: Scene): Step {
  const target = scene.target((agent) => !scene.isSingle(agent) || scene.random.chance(0.4));
  if (target === undefined) return;
  const place = scene.place("v2", (each) => isNear(scene, each));
  const op = scene.random.weighted([[3, "move_thread"], [1, "move"]]);
  yield { op, ...by(scene.random.chance(0.6) ? scene.root() : scene.actor()), target: target.name, ...at(place) };
}

function* lists(scene: Scene): Step {
  const place = scene.place("v2", (each) => isNear(scene, each));
  for (const file of ["cgroup.procs", "cgroup.threads"]) yield { op: "read", ...at(place, file), pids: true };
  yield { op: "read", ...at(place, scene.random.pick(["cgroup.type", "cgroup.events", "cgroup.controllers"])) };
}

/** v1 shows a process wherever a thread of it is, once. */
function* legacyLists(scene: Scene): Step {
  const agent = scene.actor((each) => !scene.isSingle(each));
  const legacy = scene.random.maybe(scene.hierarchies.slice(1));
  if (agent.name === "ctl" || legacy === undefined) return;
  if (scene.random.chance(0.5)) yield { op: "move", target: agent.name, file: "tasks", ...at(scene.place(legacy)) };
  for (const file of ["cgroup.procs", "tasks"]) yield { op: "read", ...at(agent.at.get(legacy)!, file), pids: true };
}

/** Kill takes 1 in a domain; whatever else it is told, the value is looked at first. */
function* killThreaded(scene: Scene): Step {
  const place = scene.random.maybe(scene.places("v2", ({ threaded }) => threaded));
  if (place !== undefined) yield { op: "write", ...at(place, "cgroup.kill"), data: scene.random.pick(["1", "0", "2", "x"]) };
}

/** The base itself becomes threaded, below the hierarchy's root, which may be mixed: all others have to leave, and nothing undoes it. */
export function* wholeBase(scene: Scene): Step {
  const base = scene.base();
  const root = base.parent!;
  const type = { op: "write", ...at(base, "cgroup.type"), data: "threaded" };
  for (const agent of scene.within(base)) if (scene.isLeader(agent) && agent.at.get("v2") === base) yield { op: "move", target: agent.name, ...at(root) };
  if (scene.isPopulated(base)) yield type;
  for (const agent of scene.within(base)) yield { op: "move", target: agent.leader, ...at(root) };
  yield { op: "write", ...at(base, "cgroup.subtree_control"), data: "+hugetlb" };
  yield type;
  yield { op: "write", ...at(base, "cgroup.subtree_control"), data: "-hugetlb" };
  yield type;
  const child = scene.fresh("w");
  yield { op: "mkdir", ...at(base, child) };
  for (const path of ["", child]) yield { op: "read", ...at(base, path === "" ? "cgroup.type" : `${path}/cgroup.type`) };
  const agent = scene.actor();
  yield { op: "move", target: agent.name, ...at(base.children.get(child) ?? base) };
  yield { op: "move", target: agent.name, ...at(base) };
}

function* threadView(scene: Scene): Step {
  const target = scene.target((agent) => !scene.isSingle(agent));
  if (target === undefined) return;
  const reader = scene.actor((agent) => !scene.isSingle(agent));
  const task = scene.random.chance(0.5) ? { task: true } : {};
  yield { op: "cgroup", ...by(reader), target: scene.random.pick([target.name, "self", "thread-self"]), ...task };
}

function* end(scene: Scene): Step {
  const agent = scene.actor((each) => !scene.isSingle(each));
  if (agent.name === "ctl") return;
  const kind = scene.random.weighted([[3, "texit"], [3, "raw"], [0.3, "exit"]] as const);
  if (kind === "texit" && !scene.isLeader(agent)) yield { op: "texit", agent: agent.name };
  if (kind === "raw") yield* afterLeader(scene, scene.random.chance(0.6) && scene.acts(scene.agents.get(agent.leader)!) ? agent.leader : agent.name);
  if (kind === "exit") yield { op: "exit", agent: agent.name };
}

/** The thread that ends may be the leader: then the process lives on without it. */
function* afterLeader(scene: Scene, name: string): Step {
  const agent = scene.agents.get(name)!;
  const home = agent.at.get("v2")!;
  yield { op: "exit", agent: name, raw: true };
  yield { op: "cgroup", target: agent.leader };
  if (scene.random.chance(0.6)) yield* survive(scene, agent, home);
  if (!home.dead) for (const file of ["cgroup.procs", "cgroup.threads"]) yield { op: "read", ...at(home, file), pids: true };
  for (let times = 2; times > 0; times--) {
    const place = scene.place("v2");
    yield { op: "move", target: agent.leader, ...at(place) };
    for (const file of ["cgroup.procs", "cgroup.threads"]) yield { op: "read", ...at(place, file), pids: true };
  }
  const left = agent.at.get("v2")!;
  if (!left.isBase && !left.dead && left.children.size === 0 && !left.isRoot) yield { op: "rmdir", ...at(left) };
  yield { op: "cgroup", target: agent.leader };
}

/** What kills a process kills none whose leader has exited. */
function* survive(scene: Scene, agent: Agent, home: Place): Step {
  const domain = [...home.up()].find(({ threaded }) => !threaded)!;
  const [survivor] = scene.threads(agent);
  if (domain.isBase || domain.isRoot || survivor === undefined) return;
  yield { op: "write", ...at(domain, "cgroup.kill"), data: "1" };
  yield { op: "cgroup", target: survivor.name };
}

/** Namespaces are per thread, but user and mount namespaces are not. */
function* perThread(scene: Scene): Step {
  const agent = scene.actor((each) => !scene.isSingle(each));
  if (agent.name === "ctl") return;
  const flags = scene.random.pick([["cgroup"], ["cgroup"], ["user"], ["user", "cgroup"], ["mnt"], ["pid"]]);
  if (flags[0] !== "pid") yield { op: "unshare", agent: agent.name, flags };
  for (const each of scene.threads(agent)) yield { op: "nsid", target: each.name };
  const target = scene.target() ?? agent;
  yield scene.random.pick([
    { op: "nsid", target: agent.name }, { op: "setns", agent: agent.name, target: target.name, via: "pidfd" },
    { op: "setns", agent: agent.name, target: target.name }, { op: "setns", agent: agent.name, target: target.name, via: "pidfd", nss: ["user", "cgroup"] },
  ]);
}

function* forkFromThread(scene: Scene): Step {
  const agent = scene.actor((each) => !scene.isLeader(each));
  if (agent.name === "ctl" || !scene.canBear) return;
  const child = scene.fresh("p");
  if (scene.random.chance(0.4)) yield { op: "unshare", agent: agent.name };
  const legacy = scene.random.maybe(scene.hierarchies.slice(1));
  if (legacy !== undefined && scene.random.chance(0.4)) yield { op: "move", target: agent.name, file: "tasks", ...at(scene.place(legacy)) };
  yield { op: "fork", agent: agent.name, child, showpid: true, ...scene.random.pick([{}, {}, { flags: ["cgroup"] }, { into: scene.place("v2", (each) => isNear(scene, each)).path }]) };
  if (!scene.agents.has(child)) return;
  yield { op: "cgroup", target: child };
  for (const name of [agent.name, child]) yield { op: "nsid", target: name };
}

export default family("threads", [
  [4, thread], [4, type], [1.5, compound], [8, moveThread], [3, lists], [3, threadView], [1.2, end], [2, perThread], [1, forkFromThread], [2, mkdir], [1, rmdir],
  [1, unshare], [1, view], [1.5, legacyLists], [0.5, killThreaded], [0.03, wholeBase],
]);
