// cgroup.freeze and cgroup.kill: values, whom they reach, and what the frozen and the killed still allow.

import { family, type Step } from "../family.ts";
import { ODD, spellings } from "../number.ts";
import { at, by, type Scene } from "../scene.ts";
import { mkdir, move } from "./world.ts";

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

function* spawnInto(scene: Scene): Step {
  const place = scene.place("v2", ({ isFrozen, threaded, path }) => isFrozen && !threaded && path.length < 1000);
  if (place.isBase || !scene.canBear) return;
  yield { op: "spawn", agent: scene.fresh("p"), showpid: true, ...at(place) };
}

export default family("freezer", [
  [3, freeze], [5, thaw], [3, nonsense], [4, look], [4, handle], [1, kill], [1, killAsUser], [1, forkInto], [0.5, spawnInto], [2, mkdir], [3, move],
]);
