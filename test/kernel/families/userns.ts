// User namespaces: unprivileged unshare, maps, nesting, who may enter what, limits, and cgroups seen by mapped ids.

import type { Agent } from "../agent.ts";
import { family, type Step, worked } from "../family.ts";
import { at, by, type Scene } from "../scene.ts";
import { idsCompared } from "./legacy.ts";
import { delegate } from "./users.ts";
import { newcomer } from "./world.ts";

const FLAGS = [["user"], ["user", "cgroup"], ["user", "cgroup", "mnt"], ["user", "mnt"], ["cgroup", "user"]];

/** Somebody gets a user namespace of its own, and mostly its map. */
export function* enclose(scene: Scene): Step {
  const agent = scene.random.chance(0.5) ? yield* newcomer(scene) : scene.actor((each) => scene.isSingle(each) && !each.nested);
  if (agent === undefined || agent.name === "ctl") return;
  if (scene.isRoot(agent) && scene.random.chance(0.7)) yield { op: "setid", agent: agent.name, gid: 1000, groups: [], uid: 1000 };
  const depth = agent.userns.parent === undefined ? 0 : 1;
  yield { op: "unshare", agent: agent.name, flags: scene.random.pick(FLAGS) };
  if (scene.random.chance(0.1)) yield { op: "getids", agent: agent.name };
  if (scene.random.chance(0.9)) yield* map(scene, agent, depth);
}

function* map(scene: Scene, agent: Agent, depth: number): Step {
  const wide = { op: "idmap", target: agent.name, map: scene.random.pick(["0 0 65536", "0 1000 1", "0 1000 10\n10 0 1", "1000 1000 1", "0 100000 65536", "5 1000 1"]) };
  const narrow = { op: "idmap", agent: agent.name, target: agent.name, setgroups: "deny", map: `0 ${agent.uids[1]} 1` };
  const parents = scene.actor((each) => each.userns === agent.userns.parent && each.name !== agent.name);
  const nested = { op: "idmap", ...by(parents), target: agent.name, map: "0 0 1" };
  yield depth === 0 ? scene.random.weighted([[5, wide], [2, { op: "idmap", target: agent.name, map: "0 1000 1" }], [2, narrow]]) : nested;
  yield { op: "setid", agent: agent.name, gid: 0, uid: 0 };
}

const inside = ({ userns }: Agent): boolean => userns.parent !== undefined;

function* unshareInside(scene: Scene): Step {
  const agent = scene.actor(inside);
  if (agent.name === "ctl") return;
  yield { op: "unshare", agent: agent.name, ...(scene.random.chance(0.6) ? {} : { flags: scene.random.pick([["cgroup", "mnt"], ["user", "cgroup"], ["mnt"], ["user"]]) }) };
  yield { op: "cgroup", agent: agent.name, target: "self" };
}

/** Between user namespaces, in every direction. */
function* across(scene: Scene): Step {
  const actor = scene.actor((each) => inside(each) || scene.random.chance(0.3));
  const target = scene.target((each) => inside(each) || scene.random.chance(0.4));
  if (actor.name === "ctl" || target === undefined) return;
  const nss = scene.random.pick([undefined, ["cgroup"], ["user", "cgroup"], ["user"], ["user", "mnt", "cgroup"], ["mnt"]]);
  const how = nss === undefined ? { via: scene.random.pick(["agent", "ctl", "pidfd"]) } : { via: "pidfd", nss };
  yield { op: "setns", agent: actor.name, target: target.name, ...how };
  if (scene.random.chance(0.5)) yield { op: "cgroup", agent: actor.name, target: scene.random.pick(["self", target.name]) };
}

/** Whoever owns a user namespace, without a capability in its own, and somebody inside. */
function* ownerEnters(scene: Scene): Step {
  const owner = yield* newcomer(scene);
  const child = scene.fresh("p");
  if (owner === undefined || !scene.canBear) return;
  yield { op: "setid", agent: owner.name, gid: 1000, groups: [], uid: 1000 };
  yield { op: "fork", agent: owner.name, child, flags: ["user", "cgroup"], showpid: true };
  const target = scene.agents.get(child);
  if (target === undefined) return;
  const how = scene.random.pick([{ via: "pidfd", nss: ["cgroup"] }, { via: "pidfd", nss: ["user", "cgroup"] }, { via: "ctl" }, { via: "agent" }]);
  yield { op: "setns", agent: owner.name, target: target.name, ...how };
  yield { op: "setns", agent: owner.name, target: target.name, via: "pidfd", nss: ["user", "cgroup"] };
  yield { op: "cgroup", agent: owner.name, target: "self" };
}

/** A namespace that ends makes room for another. */
function* limitFreed(scene: Scene): Step {
  const agent = scene.actor((each) => inside(each) && !each.nested && scene.isSingle(each));
  if (agent.name === "ctl" || !scene.canBear) return;
  const child = scene.fresh("p");
  for (const value of ["1", "2", "3"]) {
    yield { op: "userlimit", agent: agent.name, value };
    if (worked(yield { op: "fork", agent: agent.name, child, flags: ["cgroup"], showpid: true })) break;
  }
  if (!scene.agents.has(child)) return;
  yield { op: "unshare", agent: agent.name };
  yield { op: "exit", agent: child };
  yield { op: "unshare", agent: agent.name };
}

function* limit(scene: Scene): Step {
  const agent = scene.actor(inside);
  if (agent.name === "ctl") return;
  yield { op: "userlimit", agent: agent.name, value: scene.random.pick(["0", "1", "1", "2", "3", "100", "-1", "junk", "", "2147483647", "4294967296", " 1\n"]) };
  const again = scene.random.pick<object>([{ op: "unshare" }, { op: "fork", child: scene.fresh("p"), flags: ["cgroup"], showpid: true }, { op: "unshare", flags: ["user", "cgroup"] }]);
  for (let times = 2; times > 0; times--) yield { ...again, op: (again as { op: string }).op, agent: agent.name, ...("child" in again ? { child: scene.fresh("p") } : {}) };
}

function* workInside(scene: Scene): Step {
  const agent = scene.actor(inside);
  if (agent.name === "ctl") return;
  const place = scene.place(scene.hierarchy(), scene.random.chance(0.6) ? ({ owner }) => owner === agent.userns.owner : undefined);
  const target = scene.target((each) => each.userns === agent.userns) ?? agent;
  const ids = [0, 1, 5, 1000, 65534, 70000];
  yield scene.random.pick([
    { op: "mkdir", ...by(agent), ...at(place, "k") }, { op: "rmdir", ...by(agent), ...at(place, "k") }, { op: "stat", ...by(agent), ...at(place) },
    { op: "stat", ...by(agent), ...at(place, "cgroup.procs") }, { op: "write", ...by(agent), ...at(place, "cgroup.procs"), data: `{${target.name}}` },
    { op: "write", ...by(agent), ...at(place, "cgroup.procs"), data: "0" }, { op: "chown", ...by(agent), ...at(place), uid: scene.random.pick(ids) },
    { op: "chown", ...by(agent), ...at(place, "cgroup.procs"), uid: scene.random.pick(ids), gid: scene.random.pick(ids) }, { op: "getids", ...by(agent) },
    { op: "access", ...by(agent), ...at(place, "cgroup.procs"), mode: "rw" }, { op: "chmod", ...by(agent), ...at(place), mode: 0o775 },
    { op: "write", ...by(agent), ...at(place, "cgroup.max.depth"), data: "7" }, { op: "nsid", ...by(agent), target: target.name },
  ]);
}

/** Rootless: own namespaces, own mount, the delegated cgroup managed from inside. */
export function* rootless(scene: Scene): Step {
  const agent = yield* newcomer(scene);
  if (agent === undefined) return;
  const name = scene.fresh("r");
  yield { op: "mkdir", path: name };
  for (const file of ["", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control"]) yield { op: "chown", path: name + file, uid: 1000, gid: 1000 };
  yield { op: "move", target: agent.name, path: name };
  yield { op: "setid", agent: agent.name, gid: 1000, groups: [], uid: 1000 };
  yield { op: "unshare", agent: agent.name, flags: ["user", "cgroup", "mnt"] };
  yield { op: "idmap", target: agent.name, map: "0 1000 1" };
  yield { op: "setid", agent: agent.name, gid: 0, uid: 0 };
  const at = scene.fresh("m");
  yield { op: "mount", agent: agent.name, at, fstype: scene.random.pick(["cgroup2", "cgroup2", "bind"]), ...(scene.random.chance(0.1) ? { opts: "bogus" } : {}) };
  const mnt = { agent: agent.name, mnt: at };
  yield { op: "mkdir", ...mnt, path: "in" };
  yield { op: "move", ...mnt, path: "in" };
  yield { op: "mkdir", ...mnt, path: "in/side" };
  yield { op: "write", ...mnt, path: "cgroup.max.depth", data: "3" };
  yield { op: "stat", ...mnt, path: "in" };
  yield { op: "mountinfo", agent: agent.name };
  yield { op: "mountinfo", target: agent.name };
  yield { op: "cgroup", agent: agent.name, target: "self" };
}

export default family("userns", [[4, enclose], [3, unshareInside], [5, across], [1.5, limit], [1.5, ownerEnters], [1.5, limitFreed], [8, workInside], [2, delegate], [0.7, rootless], [0.7, idsCompared]]);
