// The dead: seen, moved, buried under removed cgroups, reaped; processes whose leader died first.

import type { Agent } from "../agent.ts";
import { family, type Step } from "../family.ts";
import { at, by, type Scene } from "../scene.ts";
import { fork, spawn } from "./world.ts";

function* die(scene: Scene): Step {
  const agent = scene.actor();
  if (agent.name === "ctl" || !scene.canBear) return;
  const kind = scene.random.weighted([[4, "exit"], [4, "kill"], [1, "raw"]] as const);
  if (kind === "exit") yield { op: "exit", agent: agent.name };
  if (kind === "kill") yield { op: "kill", target: agent.name, ...by(scene.random.chance(0.6) ? scene.ctl : scene.actor()) };
  if (kind === "raw") yield { op: "exit", agent: agent.name, raw: true };
  yield { op: "cgroup", target: agent.name, ...by(scene.actor()) };
}

const zombie = (scene: Scene) => scene.random.maybe([...scene.agents.values()].filter(({ state }) => state === "zombie"));

function* see(scene: Scene): Step {
  const dead = zombie(scene);
  if (dead === undefined) return;
  const reader = scene.actor();
  yield scene.random.pick([
    { op: "cgroup", ...by(reader), target: dead.name }, { op: "cgroup", ...by(reader), target: dead.name, task: true }, { op: "nsid", ...by(reader), target: dead.name },
    { op: "nsopen", ...by(reader), target: dead.name, fd: scene.fresh("f") }, { op: "setns", ...by(reader), target: dead.name, via: "pidfd" },
    { op: "setns", ...by(reader), target: dead.name }, { op: "setns", ...by(reader), target: dead.name, via: "ctl" }, { op: "state", target: dead.name },
    { op: "kill", ...by(reader), target: dead.name, sig: 0 },
  ]);
}

function* move(scene: Scene): Step {
  const dead = zombie(scene);
  if (dead === undefined) return;
  const op = scene.random.weighted([[3, "move"], [1, "move_thread"]]);
  const place = scene.place(scene.hierarchy());
  yield { op, ...by(scene.random.chance(0.6) ? scene.root() : scene.actor()), target: dead.name, ...at(place) };
  yield { op: "cgroup", ...by(scene.actor()), target: dead.name };
  if (place.hierarchy === "v2" && scene.random.chance(0.4)) yield { op: "read", ...at(place, scene.random.pick(["cgroup.events", "cgroup.threads"])) };
}

/** Its cgroup goes and may come again. */
function* bury(scene: Scene): Step {
  const dead = zombie(scene);
  const place = dead?.at.get("v2");
  if (dead === undefined || place === undefined || place.dead || place.isBase || place.isRoot) return;
  for (const agent of scene.within(place)) if (scene.isLeader(agent) && agent.name !== "ctl") yield { op: "move", target: agent.name, ...at(scene.base()) };
  for (const child of place.all().reverse()) yield { op: "rmdir", ...at(child) };
  yield { op: "cgroup", ...by(scene.actor()), target: dead.name };
  if (scene.random.chance(0.5)) yield { op: "mkdir", ...at(place.parent!, place.name) };
  yield { op: "cgroup", ...by(scene.actor()), target: dead.name };
  yield { op: "read", ...at(place.parent!, "cgroup.stat") };
}

function* reap(scene: Scene): Step {
  const dead = scene.random.chance(0.8) ? zombie(scene) : scene.target();
  if (dead === undefined) return;
  yield { op: "reap", target: dead.name };
  yield { op: "cgroup", ...by(scene.actor()), target: dead.name };
  if (scene.random.chance(0.3)) yield { op: "move", target: dead.name, ...at(scene.place(scene.hierarchy())) };
}

/** An open /proc file outlives whom it tells of. */
function* openThenReap(scene: Scene): Step {
  const reader = scene.actor();
  const dead = zombie(scene);
  if (dead === undefined || reader.name === "ctl") return;
  const fd = scene.fresh("f");
  yield { op: "open", agent: reader.name, path: `proc:${dead.name}/cgroup`, fd, mode: "r" };
  yield { op: "fdread", agent: reader.name, fd };
  yield { op: "reap", target: dead.name };
  if (scene.acts(reader)) yield { op: "fdread", agent: reader.name, fd };
}

function* exec(scene: Scene): Step {
  const fits = (each: Agent): boolean => scene.isLeader(each) && !each.nested && each.whole;
  const agent = scene.actor((each) => fits(each) && each.view !== scene.initial.view);
  if (!fits(agent) || agent.name === "ctl") return;
  yield { op: "exec", agent: agent.name };
  yield { op: "nsid", target: agent.name };
  yield { op: "cgroup", agent: agent.name, target: "self" };
}

export default family("zombies", [[4, die], [5, see], [5, move], [3, bury], [2.5, reap], [1, openThenReap], [3, fork], [2, spawn], [0.3, exec]]);
