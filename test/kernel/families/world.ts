// What every script needs: cgroups, agents in them, moves, removals, and looking around.

import type { Operation } from "../../../ts/replay/operation.ts";
import type { Agent } from "../agent.ts";
import { type Choice, family, type Step, worked } from "../family.ts";
import type { Place } from "../place.ts";
import { at, by, type Scene } from "../scene.ts";

const NAMES = ["a", "b", "c", "d", "e"];

/** A name for a child: mostly one of a few, so that names are taken, freed and taken again. */
export function childName(scene: Scene): string {
  return scene.random.chance(0.9) ? scene.random.pick(NAMES) : scene.fresh("n");
}

export function* spawn(scene: Scene): Step {
  if (!scene.canBear) return;
  const place = scene.place(scene.hierarchy(), (each) => each.path.length < 1000 && !each.threaded && (!each.controlled || scene.random.chance(0.1)));
  yield { op: "spawn", agent: scene.fresh("p"), showpid: true, ...at(place) };
}

/** Somebody new, or else an old root process of the initial namespaces. */
export function* newcomer(scene: Scene): Generator<Operation, Agent | undefined, unknown> {
  const name = scene.fresh("p");
  if (scene.canBear) yield { op: "spawn", agent: name, showpid: true };
  const agent = scene.agents.get(name) ?? scene.actor((each) => scene.isRoot(each) && scene.isSingle(each));
  return agent.name !== "ctl" && scene.acts(agent) ? agent : undefined;
}

export function* fork(scene: Scene): Step {
  const parent = scene.actor();
  if (parent.name === "ctl" || !scene.canBear) return;
  yield { op: "fork", agent: parent.name, child: scene.fresh("p"), showpid: true };
}

export function* mkdir(scene: Scene): Step {
  const parent = scene.place(scene.hierarchy(), ({ depth }) => depth < 6);
  yield { op: "mkdir", ...at(parent, childName(scene)), ...by(scene.random.chance(0.7) ? scene.root() : scene.actor()) };
}

export function* rmdir(scene: Scene): Step {
  const hierarchy = scene.hierarchy();
  const empty = scene.places(hierarchy, (place) => !place.isBase && place.children.size === 0 && !scene.isPopulated(place));
  const place = scene.random.chance(0.7) ? scene.random.maybe(empty) : scene.place(hierarchy, ({ isBase }) => !isBase);
  if (place === undefined || place.isBase) return;
  yield { op: "rmdir", ...at(place), ...by(scene.random.chance(0.8) ? scene.root() : scene.actor()) };
}

/** Somebody moves somebody. */
export function* move(scene: Scene): Step {
  const hierarchy = scene.hierarchy();
  const target = scene.target();
  if (target === undefined) return;
  const actor = scene.random.chance(0.7) ? scene.root() : scene.actor();
  yield { op: "move", ...by(actor), target: target.name, ...at(scene.place(hierarchy)) };
}

export function* moveSelf(scene: Scene): Step {
  const actor = scene.actor();
  if (actor.name === "ctl") return;
  const place = scene.random.chance(0.05) ? scene.base().parent! : scene.place(scene.hierarchy());
  yield { op: "move", ...by(actor), ...at(place), ...(scene.random.chance(0.5) ? { zero: true } : {}) };
}

export function* view(scene: Scene): Step {
  const target = scene.target();
  if (target === undefined) return;
  const self = scene.random.pick(["self", "thread-self"]);
  const who = scene.random.chance(0.15) ? self : target.name;
  yield { op: "cgroup", ...by(scene.random.chance(0.25) ? scene.ctl : scene.actor()), target: who, ...(scene.random.chance(0.1) ? { task: true } : {}) };
}

const SEEN = ["cgroup.procs", "cgroup.threads", "cgroup.type", "cgroup.events", "cgroup.controllers", "cgroup.subtree_control", "cgroup.stat", "cgroup.freeze"];

export function* look(scene: Scene): Step {
  const place = scene.place(scene.hierarchy());
  const file = place.hierarchy === "v2" ? scene.random.pick(SEEN) : scene.random.pick(["cgroup.procs", "tasks"]);
  const pids = /procs|threads|tasks/.test(file) && scene.random.chance(0.8) ? { pids: true } : {};
  yield { op: "read", ...at(place, file), ...pids, ...by(scene.random.chance(0.6) ? scene.ctl : scene.actor()) };
}

/** Empties a cgroup of those who live in it and below, as root. */
export function* evacuate(scene: Scene, place: Place): Step {
  const parent = place.parent!.isRoot ? place : place.parent!;
  for (const agent of scene.within(place)) {
    if (agent.name !== "ctl" && scene.isLeader(agent)) yield { op: "move", target: agent.name, ...at(parent) };
  }
}

/** Removes a cgroup that somebody lives in or is rooted at, and often makes it again. */
export function* recreate(scene: Scene): Step {
  const rooted = scene.actors(({ view }) => view !== scene.initial.view).map(({ view }) => view.roots.get("v2")!);
  const place = scene.random.maybe(rooted.filter((root) => !root.dead && !root.isBase && !root.isRoot && root.children.size < 3));
  if (place === undefined) return;
  yield* evacuate(scene, place);
  for (const child of place.all().reverse()) yield { op: "rmdir", ...at(child) };
  if (scene.random.chance(0.7)) yield { op: "mkdir", ...at(place.parent!, place.name) };
  const mover = scene.target();
  if (mover !== undefined && worked(yield { op: "cgroup", target: mover.name })) yield* view(scene);
}

/** A place without anything that would stop a process from being put there. */
const isPlain = ({ controlled, threaded, isFrozen, path }: Place): boolean => !controlled && !threaded && !isFrozen && path.length < 1000;

/** Changes that little can stop: the machine is soon another one than the family left. */
function* churn(scene: Scene): Step {
  for (let times = scene.random.between(4, 10); times > 0; times--) {
    const hierarchy = scene.hierarchy();
    const place = scene.place(hierarchy, isPlain);
    const movable = scene.target((agent) => agent.state === "alive" && scene.isSingle(agent));
    const empty = scene.random.maybe(scene.places(hierarchy, (each) => !each.isBase && each.children.size === 0 && !scene.isPopulated(each)));
    const uid = scene.random.pick([0, 1000, 1001]);
    yield scene.random.weighted<Operation>([
      [2, { op: "mkdir", ...at(place, childName(scene)) }],
      [empty === undefined ? 0 : 2, { op: "rmdir", ...at(empty ?? place) }],
      [movable === undefined ? 0 : 3, { op: "move", target: movable?.name ?? "", ...at(place) }],
      [1, { op: "chown", ...at(place), uid }],
      [0.5, { op: "chown", ...at(place, "cgroup.procs"), uid }],
      [0.5, { op: "chmod", ...at(place), mode: scene.random.pick([0o755, 0o775, 0o777]) }],
    ]);
  }
}

export const WORLD: readonly Choice[] = [
  [2, spawn], [1, fork], [5, mkdir], [2, rmdir], [6, move], [2, moveSelf], [5, view], [2, look], [4, churn],
];

export default family("world", WORLD);
