// Writing pids: every spelling, every kind of target, cgroup.procs and cgroup.threads and tasks, as root.

import { family, type Step } from "../family.ts";
import { ODD, spellings } from "../number.ts";
import type { Place } from "../place.ts";
import { at, by, type Scene } from "../scene.ts";
import { look, move, moveSelf, view } from "./world.ts";

/** A file that takes pids. */
export function pidFile(scene: Scene, place: Place): string {
  if (place.hierarchy !== "v2") return scene.random.pick(["tasks", "cgroup.procs"]);
  return scene.random.chance(0.7) ? "cgroup.procs" : "cgroup.threads";
}

/** A pid in some spelling, or something that is none. */
function pidText(scene: Scene): string {
  const target = scene.target();
  if (target === undefined || scene.random.chance(0.25)) return scene.random.pick(ODD);
  return scene.random.pick(spellings(`{${target.name}}`));
}

function* spelled(scene: Scene): Step {
  const place = scene.place(scene.hierarchy());
  const actor = scene.random.chance(0.5) ? scene.root() : scene.actor();
  const data = pidText(scene);
  const how = scene.random.weighted([[8, {}], [1, { mode: "rw" }], [1, { trunc: true }]]);
  yield { op: "write", ...at(place, pidFile(scene, place)), data, ...by(actor), ...how };
}

function* toSame(scene: Scene): Step {
  const target = scene.target();
  const place = target?.at.get(scene.hierarchy());
  if (target === undefined || place === undefined || place.dead) return;
  yield { op: "move", ...by(scene.actor()), target: target.name, ...at(place) };
}

function* toRoot(scene: Scene): Step {
  const target = scene.target(({ nested }) => !nested);
  if (target === undefined) return;
  const root = scene.base(scene.hierarchy()).parent!;
  yield { op: "move", ...by(scene.root()), target: target.name, ...at(root) };
  if (scene.random.chance(0.7)) yield { op: "move", ...by(scene.root()), target: target.name, ...at(scene.place(root.hierarchy)) };
}

/** Into a descriptor that was opened before the cgroup went. */
function* tooLate(scene: Scene): Step {
  const place = scene.place(scene.hierarchy(), ({ isBase }) => !isBase);
  const actor = scene.actor();
  const target = scene.target();
  if (actor.name === "ctl" || target === undefined || place.isBase) return;
  const fd = scene.fresh("f");
  yield { op: "open", ...by(actor), ...at(place, pidFile(scene, place)), fd, mode: scene.random.pick(["rw", "w"]) };
  if (place.children.size === 0 && !scene.isPopulated(place)) yield { op: "rmdir", ...at(place) };
  if (scene.random.chance(0.3)) yield { op: "mkdir", ...at(place.parent!, place.name) };
  yield { op: "fdwrite", ...by(actor), fd, data: scene.random.chance(0.7) ? `{${target.name}}` : scene.random.pick(ODD) };
  yield { op: "fdread", ...by(actor), fd };
}

function* nowhere(scene: Scene): Step {
  const target = scene.target();
  if (target === undefined) return;
  const path = scene.random.pick(["nowhere/cgroup.procs", "cgroup.procs/x", "cgroup.proc", "tasks", `${scene.place().inside("gone")}/cgroup.procs`]);
  yield { op: "write", ...by(scene.actor()), path, data: `{${target.name}}` };
}

/** Somebody in a pid namespace of its own sees no one else. */
function* inOwnPids(scene: Scene): Step {
  const parent = scene.actor(({ nested, userns }) => !nested && userns === scene.initial.userns);
  const target = scene.target();
  if (parent.name === "ctl" || target === undefined || !scene.isSingle(parent)) return;
  const child = scene.fresh("p");
  yield { op: "fork", agent: parent.name, child, flags: ["pid"], showpid: true };
  const born = scene.agents.get(child);
  if (born === undefined || !scene.acts(born)) return;
  for (const data of [`{${target.name}}`, "0", "1", `{${child}}`]) {
    const place = scene.place(scene.hierarchy());
    yield { op: "write", agent: child, ...at(place, pidFile(scene, place)), data };
  }
  yield { op: "read", agent: child, ...at(scene.place(), "cgroup.procs"), pids: true };
  const seen = scene.place(scene.random.pick(scene.hierarchies), (place) => scene.isPopulated(place));
  yield { op: "read", agent: child, ...at(seen, pidFile(scene, seen)) };
  yield { op: "cgroup", agent: child, target: "self" };
}

export default family("moves", [[10, spelled], [3, toSame], [1, toRoot], [2, tooLate], [1, nowhere], [6, move], [2, moveSelf], [3, view], [2, look], [0.2, inOwnPids]]);
