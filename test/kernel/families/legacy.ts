// v1 hierarchies: tasks and cgroup.procs, whose ids count, rename, and what they share with (and owe not to) v2.

import { family, type Step } from "../family.ts";
import { at, by, type Scene } from "../scene.ts";
import { heldBack } from "./freezer.ts";
import { pidFile } from "./moves.ts";
import { delegate } from "./users.ts";
import { childName } from "./world.ts";

const legacy = (scene: Scene): string | undefined => scene.random.maybe(scene.hierarchies.slice(1));

function* make(scene: Scene): Step {
  const hierarchy = legacy(scene);
  if (hierarchy === undefined) return;
  const parent = scene.place(hierarchy, ({ depth }) => depth < 6);
  yield { op: "mkdir", ...at(parent, scene.random.chance(0.9) ? childName(scene) : scene.random.pick(["cgroup.procs", "tasks", "cgroup.type", "pids.max", "x\ny"])), ...by(scene.root()) };
}

function* move(scene: Scene): Step {
  const hierarchy = legacy(scene);
  const target = scene.target();
  if (hierarchy === undefined || target === undefined) return;
  const place = scene.place(hierarchy);
  yield { op: "write", ...by(scene.actor()), ...at(place, pidFile(scene, place)), data: scene.random.chance(0.1) ? "0" : `{${target.name}}` };
}

/** The mover's effective uid against the target's real and saved one. */
function* byIds(scene: Scene): Step {
  const hierarchy = legacy(scene);
  const mover = scene.actor(({ uids }) => uids[1] !== 0);
  const target = scene.target(({ uids }) => uids.includes(mover.uids[1])) ?? scene.target();
  if (hierarchy === undefined || mover.name === "ctl" || target === undefined) return;
  const place = scene.place(hierarchy);
  const file = pidFile(scene, place);
  if (scene.random.chance(0.5)) yield { op: "chown", ...at(place, file), uid: mover.uids[1] };
  yield { op: "write", agent: mover.name, ...at(place, file), data: `{${target.name}}` };
}

/** Anybody may write the file: what counts is whose ids are whose. */
export function* idsCompared(scene: Scene): Step {
  const hierarchy = legacy(scene);
  const inside = scene.random.chance(0.4);
  const mover = scene.actor(({ uids, userns }) => (inside ? userns !== scene.initial.userns : uids[1] !== 0));
  const target = scene.target((agent) => agent !== mover && scene.isRoot(agent));
  if (hierarchy === undefined || mover.name === "ctl" || target === undefined || !scene.acts(target)) return;
  const place = scene.place(hierarchy);
  const file = pidFile(scene, place);
  const uid = mover.uids[1];
  yield { op: "chmod", ...at(place, file), mode: 0o666 };
  yield { op: "setid", agent: target.name, uid: scene.random.pick([[uid, 0, 0], [0, uid, 0], [0, 0, uid], [0, 0, 0]]) };
  yield { op: "write", agent: mover.name, ...at(place, file), data: `{${target.name}}` };
  yield { op: "setid", agent: target.name, uid: 0 };
}

function* mixedIds(scene: Scene): Step {
  const agent = scene.actor((each) => scene.isRoot(each));
  if (agent.name === "ctl") return;
  yield { op: "setid", agent: agent.name, uid: scene.random.pick([[1000, 0, 0], [0, 0, 1000], [0, 1000, 0], [1000, 1000, 0], [1000, 0, 1000], [1000, 1001, 1000]]) };
}

function* rename(scene: Scene): Step {
  const hierarchy = scene.random.chance(0.9) ? legacy(scene) : "v2";
  if (hierarchy === undefined) return;
  const place = scene.place(hierarchy, ({ isBase }) => !isBase);
  if (place.isBase) return;
  const others = [...place.parent!.children.keys()];
  const elsewhere = scene.place(hierarchy).inside(scene.fresh("n"));
  const to = scene.random.weighted([
    [6, place.parent!.inside(scene.fresh("n"))], [2, place.parent!.inside(scene.random.pick(others))], [1, elsewhere], [0.5, place.path],
    [0.5, place.inside("sub")], [0.5, place.parent!.inside("cgroup.procs")], [0.5, place.parent!.inside("a\nb")], [0.2, place.parent!.path],
    [0.3, place.parent!.inside("l".repeat(300))],
  ]);
  yield { op: "rename", ...at(place), to, ...by(scene.random.chance(0.8) ? scene.root() : scene.actor()) };
  const target = scene.target();
  if (target !== undefined) yield { op: "cgroup", ...by(scene.actor()), target: target.name };
}

function* renameFile(scene: Scene): Step {
  const place = scene.place(scene.random.chance(0.7) ? legacy(scene) : "v2");
  const file = scene.random.pick(["cgroup.procs", "nothing"]);
  yield { op: "rename", ...at(place, file), to: place.inside(scene.random.pick(["x", "tasks", file, scene.random.maybe([...place.children.keys()]) ?? "y"])) };
}

function* remove(scene: Scene): Step {
  const place = scene.place(legacy(scene), ({ isBase }) => !isBase);
  if (!place.isBase) yield { op: "rmdir", ...at(place), ...by(scene.root()) };
}

function* look(scene: Scene): Step {
  const place = scene.place(legacy(scene));
  yield scene.random.pick([
    { op: "read", ...at(place, "tasks"), pids: true }, { op: "read", ...at(place, "cgroup.procs"), pids: true }, { op: "ls", ...at(place), files: true },
    { op: "stat", ...at(place) }, { op: "read", ...at(place, scene.random.pick(["cgroup.type", "cgroup.events", "cgroup.max.depth"])) },
    { op: "read", ...at(place, scene.random.pick(["notify_on_release", "cgroup.clone_children"])) },
  ]);
}

function* thread(scene: Scene): Step {
  const agent = scene.actor(({ nested }) => !nested);
  if (agent.name === "ctl" || scene.threads(agent).length > 2 || !scene.canBear) return;
  yield { op: "thread", agent: agent.name, name: scene.fresh("t"), showpid: true };
}

/** What one sees of a v1 line: alive, dead, from a namespace of its own. */
function* view(scene: Scene): Step {
  const target = scene.target();
  if (target === undefined) return;
  yield { op: "cgroup", ...by(scene.actor()), target: target.name };
}

export default family("legacy", [
  [5, make], [8, move], [4, byIds], [0.5, mixedIds], [4, rename], [0.5, renameFile], [2, remove], [3, look], [1, thread], [3, view], [1, delegate], [0.3, heldBack], [1.5, idsCompared],
]);
