// cgroup.freeze and cgroup.kill: values, whom they reach, and what the frozen and the killed still allow.

import { family, type Step, worked } from "../family.ts";
import { IN_VAIN } from "../hazard.ts";
import { ODD, spellings } from "../number.ts";
import { at, by, type Scene } from "../scene.ts";
import { mkdir, move, newcomer } from "./world.ts";

function* freeze(scene: Scene): Step {
  const place = scene.place("v2", ({ depth, freeze: on }) => !on && depth > 1);
  if (place.isBase || scene.within(place).length > scene.actors().length / 2) return;
  yield { op: "write", ...at(place, "cgroup.freeze"), data: scene.random.pick(["1", "1", "1\n", "0x1", "+1", " 1"]), ...by(scene.root()) };
  yield { op: "read", ...at(place, scene.random.pick(["cgroup.freeze", "cgroup.events"])) };
}

export function* thaw(scene: Scene): Step {
  const place = scene.random.maybe(scene.places("v2", ({ freeze: on }) => on));
  if (place === undefined) return;
  yield { op: "write", ...at(place, "cgroup.freeze"), data: scene.random.pick(["0", "0", "-0", "00", "0\n"]), ...by(scene.root()) };
  yield { op: "read", ...at(place, "cgroup.events") };
}

/** Values that change nothing. */
function* nonsense(scene: Scene): Step {
  const place = scene.place("v2");
  const file = scene.random.pick(["cgroup.freeze", "cgroup.kill"]);
  const data = scene.random.pick([...ODD, ...spellings("7"), "2", "-1", "256"]);
  yield { op: "write", ...at(place, file), data, ...by(scene.random.chance(0.7) ? scene.root() : scene.actor()) };
}

function* look(scene: Scene): Step {
  const frozen = scene.places("v2", ({ isFrozen }) => isFrozen);
  const place = scene.random.maybe(frozen) ?? scene.place();
  yield { op: "read", ...at(place, scene.random.pick(["cgroup.events", "cgroup.events", "cgroup.freeze", "cgroup.procs"])), ...by(scene.actor()) };
}

/** The frozen are moved, killed, looked at and reaped by others. */
function* handle(scene: Scene): Step {
  const frozen = scene.target((agent) => agent.state === "alive" && scene.isFrozen(agent));
  if (frozen === undefined) return;
  const kind = scene.random.weighted([[4, "move"], [3, "view"], [1, "kill"], [1, "state"]] as const);
  if (kind === "move") yield { op: "move", target: frozen.name, ...at(scene.place("v2")), ...by(scene.root()) };
  if (kind === "view") yield { op: "cgroup", target: frozen.name, ...by(scene.actor()) };
  if (kind === "kill") yield { op: "kill", target: frozen.name };
  if (kind === "state") yield { op: "state", target: frozen.name };
}

function* kill(scene: Scene): Step {
  const place = scene.place("v2", (each) => scene.within(each).length < 4);
  if (place.isBase) return;
  yield { op: "write", ...at(place, "cgroup.kill"), data: scene.random.pick(["1", "1", "1\n", "0x1", "+1"]), ...by(scene.root()) };
  if (place.dead) return;
  yield { op: "read", ...at(place, "cgroup.events") };
}

/** The writer dies with the others. */
function* killOwn(scene: Scene): Step {
  const agent = scene.actor((each) => scene.isRoot(each) && scene.isLeader(each));
  const place = agent.at.get("v2")!;
  if (agent.name === "ctl" || place.dead || place.isBase || place.isRoot || scene.within(place).length > 2) return;
  yield { op: "write", agent: agent.name, ...at(place, "cgroup.kill"), data: "1" };
  yield { op: "cgroup", target: agent.name };
}

/** Somebody who may write the file may kill anybody in it. */
function* killAsUser(scene: Scene): Step {
  const user = scene.actor(({ uids }) => uids[1] !== 0);
  const place = scene.place("v2", (each) => scene.within(each).length < 3 && !each.covers(user.at.get("v2")));
  if (user.name === "ctl" || place.isBase) return;
  if (scene.random.chance(0.6)) yield { op: "chown", ...at(place, "cgroup.kill"), uid: user.uids[1] };
  yield { op: "write", agent: user.name, ...at(place, "cgroup.kill"), data: "1" };
}

/** A child forked into a cgroup with another history of kills does not live. */
function* forkInto(scene: Scene): Step {
  const parent = scene.actor();
  if (parent.name === "ctl" || !scene.canBear) return;
  const place = scene.place("v2", ({ kills, isFrozen }) => kills > 0 || isFrozen || scene.random.chance(0.2));
  const child = scene.fresh("p");
  yield { op: "fork", agent: parent.name, child, into: place.path, showpid: true, ...(scene.random.chance(0.3) ? { flags: ["cgroup"] } : {}) };
  if (scene.agents.has(child)) yield { op: "cgroup", target: child };
}

/** Nobody was there to be killed: it counts all the same. */
function* forkIntoKilled(scene: Scene): Step {
  const parent = scene.actor(({ nested }) => !nested);
  const [dir, child] = [scene.fresh("k"), scene.fresh("p")];
  const above = scene.place("v2", ({ controlled, threaded, isFrozen }) => !controlled && !threaded && !isFrozen);
  if (parent.name === "ctl" || !scene.canBear || !worked(yield { op: "mkdir", ...at(above, dir) })) return;
  const place = above.children.get(dir)!;
  for (let times = scene.random.pick([0, 1, 1, 2]); times > 0; times--) yield { op: "write", ...at(place, "cgroup.kill"), data: "1" };
  yield { op: "fork", agent: parent.name, child, into: place.path, showpid: true };
  if (scene.agents.has(child)) yield { op: "state", target: child };
}

function* spawnInto(scene: Scene): Step {
  const place = scene.place("v2", ({ isFrozen, threaded, path }) => isFrozen && !threaded && path.length < 1000);
  if (place.isBase || !scene.canBear) return;
  yield { op: "spawn", agent: scene.fresh("p"), showpid: true, ...at(place) };
}

/** A v1 freezer holds even the killed back, until it lets go. */
export function* heldBack(scene: Scene): Step {
  const dir = scene.fresh("z");
  const parent = scene.bases.get("freezer");
  if (parent === undefined || !worked(yield { op: "mkdir", ...at(parent, dir) })) return;
  const place = parent.children.get(dir)!;
  const victim = yield* newcomer(scene);
  if (victim === undefined || !worked(yield { op: "move", target: victim.name, ...at(place) })) return;
  const { name } = victim;
  yield { op: "write", ...at(place, "freezer.state"), data: "FROZEN" };
  yield { op: "wait_file", ...at(place, "freezer.state"), contains: "FROZEN", ms: IN_VAIN };
  // The oracle waits long for the end of whom it sends SIGKILL.
  yield { op: "kill", target: name, sig: scene.random.chance(0.1) ? 9 : 15 };
  yield { op: "state", target: name };
  yield { op: "cgroup", target: name };
  yield { op: "write", ...at(place, "freezer.state"), data: "THAWED" };
  yield { op: "wait_dead", target: name };
  yield { op: "cgroup", target: name };
}

export default family("freezer", [
  [3, freeze], [5, thaw], [3, nonsense], [4, look], [4, handle], [1, kill], [1, killAsUser], [1, forkInto], [0.5, spawnInto], [0.7, heldBack], [0.5, killOwn], [0.7, forkIntoKilled], [2, mkdir], [3, move],
]);
