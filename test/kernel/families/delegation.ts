// The mount option nsdelegate: what a namespace's processes may write at its root, and who may cross its border.

import { family, type Step, worked } from "../family.ts";
import { at, by, type Scene } from "../scene.ts";
import { pidFile } from "./moves.ts";
import { delegate, userMoves } from "./users.ts";
import { unshare } from "./views.ts";
import { newcomer } from "./world.ts";

const FILES = ["cgroup.max.depth", "cgroup.max.descendants", "cgroup.freeze", "cgroup.type", "cgroup.kill", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "cgroup.events", "cpu.pressure", "cgroup.pressure"];

const DATA: Readonly<Record<string, string>> = {
  "cgroup.freeze": "0", "cgroup.type": "domain", "cgroup.kill": "0", "cgroup.procs": "0", "cgroup.threads": "0", "cgroup.subtree_control": "-memory", "cpu.pressure": "x", "cgroup.pressure": "1",
};

/** Somebody with a namespace rooted below the base. */
function* settler(scene: Scene): Step {
  const agent = yield* newcomer(scene);
  if (agent === undefined) return;
  yield { op: "move", target: agent.name, ...at(scene.place()) };
  yield { op: "unshare", agent: agent.name };
}

/** At the root, above, beside and below it. */
function* atTheRoot(scene: Scene): Step {
  const agent = scene.actor(({ view }) => view !== scene.initial.view);
  const root = agent.view.roots.get("v2")!;
  if (agent.name === "ctl" || root.dead || root.isRoot) return;
  const near = [root, root, root, root.parent!, ...root.children.values(), ...root.parent!.children.values()].filter(({ isRoot }) => !isRoot);
  const place = scene.random.pick(near);
  const file = scene.random.pick(FILES);
  const data = scene.random.weighted([[8, DATA[file] ?? "9"], [1, ""], [1, "junk"]]);
  if (data === "0" && file !== "cgroup.kill" && file !== "cgroup.freeze" && place.isFrozen) return;
  yield { op: "write", ...by(agent), ...at(place, file), data };
}

/** Across the border, in and out, by those inside and those outside. */
function* acrossTheBorder(scene: Scene): Step {
  const actor = scene.actor(({ view }) => view !== scene.initial.view || scene.random.chance(0.2));
  const target = scene.target();
  if (target === undefined) return;
  const root = actor.view.roots.get("v2")!;
  const inside = !root.isRoot && !root.dead ? root.all() : [scene.base()];
  const place = scene.random.chance(0.5) ? scene.random.pick(inside) : scene.place();
  yield { op: "write", ...by(actor), ...at(place, pidFile(scene, place)), data: scene.random.chance(0.2) ? "0" : `{${target.name}}` };
}

/** The namespace that counts is the opener's. */
function* throughDescriptor(scene: Scene): Step {
  const [opener, user] = [scene.actor(), scene.actor()];
  const target = scene.target();
  if (opener.name === "ctl" || user.name === "ctl" || target === undefined) return;
  const place = scene.place();
  const fd = scene.fresh("f");
  if (!worked(yield { op: "open", agent: opener.name, ...at(place, scene.random.pick(["cgroup.procs", "cgroup.procs", "cgroup.max.depth"])), fd, mode: "rw" })) return;
  yield { op: "sendfd", agent: opener.name, fd, to: user.name };
  yield { op: "fdwrite", agent: user.name, fd, data: scene.random.pick([`{${target.name}}`, "0", ""]) };
  yield { op: "unshare", agent: opener.name };
  yield { op: "fdwrite", agent: opener.name, fd, data: `{${target.name}}` };
}

function* forkAcross(scene: Scene): Step {
  const parent = scene.actor(({ view }) => view !== scene.initial.view);
  if (parent.name === "ctl" || !scene.canBear) return;
  yield { op: "fork", agent: parent.name, child: scene.fresh("p"), into: scene.place().path, showpid: true };
}

/** The option is global, and any mount from the initial namespace sets or clears it. */
function* toggle(scene: Scene): Step {
  const agent = scene.random.chance(0.5) ? scene.actor() : scene.ctl;
  const name = scene.fresh("m");
  const opts = scene.random.weighted([[4, "nsdelegate"], [1, ""], [1, "nsdelegate,bogus"], [1, "favordynmods"]]);
  if (opts === "favordynmods") return;
  yield { op: "mount", ...by(agent), at: name, ...(opts === "" ? {} : { opts }) };
  yield { op: "mountinfo", ...by(agent) };
  yield { op: "umount", ...by(agent), at: name };
  if (scene.random.chance(0.7)) yield* restore(scene);
}

/** The option on again. */
export function* restore(scene: Scene): Step {
  const name = scene.fresh("m");
  if (worked(yield { op: "mount", at: name, opts: "nsdelegate" })) yield { op: "umount", at: name };
}

export default family("delegation", [
  [2, settler], [1, unshare], [8, atTheRoot], [8, acrossTheBorder], [2, throughDescriptor], [2, forkAcross], [0.5, toggle], [1, delegate], [1, userMoves],
], "nsdelegate");
