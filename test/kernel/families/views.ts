// Cgroup namespaces and what is seen from them: unshare, every way of setns, identity, roots removed and made again,
// very long paths.

import type { Operation } from "../../../ts/replay/operation.ts";
import type { Agent } from "../agent.ts";
import { type Choice, family, type Step, worked } from "../family.ts";
import { at, by, type Scene } from "../scene.ts";
import { move, recreate, view } from "./world.ts";

export function* unshare(scene: Scene): Step {
  const actor = scene.actor();
  if (actor.name === "ctl") return;
  const flags = scene.random.weighted<unknown[] | undefined>([
    [10, undefined], [3, ["cgroup"]], [0.3, []], [0.3, ["cgroup", "uts"]], [0.5, ["cgroup", "mnt"]], [0.2, [1 << 3]], [0.2, [0x02000000, 4]], [0.2, ["uts"]],
  ]);
  yield { op: "unshare", ...by(actor), ...(flags === undefined ? {} : { flags }) };
  if (scene.random.chance(0.5)) yield { op: "cgroup", ...by(actor), target: scene.random.pick(["self", actor.name]) };
}

export function* setns(scene: Scene): Step {
  const target = scene.target();
  const actor = scene.actor();
  if (target === undefined || actor.name === "ctl") return;
  const via = scene.random.weighted([[4, "agent"], [3, "ctl"], [4, "pidfd"]] as const);
  const odd: Operation[] = [
    { op: "setns", nstype: 0 }, { op: "setns", nstype: 0x10000000 }, { op: "setns", nstype: 0x02000000 }, { op: "setns", ns: "uts" },
    { op: "setns", ns: "uts", nstype: 0x02000000 }, { op: "setns", nstype: 1 }, { op: "setns", nss: ["cgroup"] },
  ];
  const shape = scene.random.chance(0.3) ? scene.random.pick(odd) : {};
  yield { ...shape, op: "setns", ...by(actor), target: scene.random.chance(0.1) ? actor.name : target.name, via };
  if (scene.random.chance(0.5)) yield { op: "cgroup", ...by(actor), target: "self" };
}

/** Through a descriptor: of the namespace, or of something that is none. */
function* setnsByDescriptor(scene: Scene): Step {
  const actor = scene.actor();
  const target = scene.target();
  if (actor.name === "ctl" || target === undefined) return;
  const held = [...actor.fds.keys()];
  let fd = scene.random.maybe(held) ?? "none";
  if (scene.random.chance(0.6)) {
    fd = scene.fresh("f");
    yield { op: "nsopen", ...by(actor), target: target.name, fd };
  }
  yield { op: "setns", ...by(actor), via: "fd", fd, ...(scene.random.chance(0.3) ? { nstype: scene.random.pick([0, 0x02000000, 0x04000000]) } : {}) };
  yield { op: "cgroup", ...by(actor), target: "self" };
}

/** Who shares a namespace with whom; asked in a row, so that numbers given anew cannot confuse. */
export function* identities(scene: Scene): Step {
  const asker = scene.random.chance(0.5) ? scene.ctl : scene.actor();
  for (let times = scene.random.between(2, 5); times > 0; times--) {
    const target = scene.target();
    if (target !== undefined) yield { op: "nsid", ...by(asker), target: target.name };
  }
}

function* forkWithNamespace(scene: Scene): Step {
  const parent = scene.actor();
  if (parent.name === "ctl") return;
  const child = scene.fresh("p");
  const flags = scene.random.pick([["cgroup"], ["cgroup"], ["cgroup", "uts"], []]);
  const place = scene.place(scene.random.chance(0.1) ? scene.random.pick(scene.hierarchies) : "v2");
  const into = scene.random.chance(0.5) ? { into: place.path, hier: place.hierarchy, opath: scene.random.chance(0.5) } : {};
  if (!worked(yield { op: "fork", agent: parent.name, child, flags, ...into, showpid: true })) return;
  yield { op: "cgroup", target: child };
  const born = scene.agents.get(child);
  if (born === undefined || !scene.acts(born)) return;
  yield { op: "cgroup", agent: child, target: "self" };
  yield { op: "cgroup", agent: child, target: parent.name };
}

/** Everybody's view of everybody, for a few. */
export function* mutual(scene: Scene): Step {
  const some = Array.from({ length: 3 }, () => scene.actor()).filter(({ name }) => name !== "ctl");
  for (const reader of some) for (const target of some) yield { op: "cgroup", agent: reader.name, target: target.name };
}

/** An open /proc file is read anew in the reader's namespace of the moment. */
function* reread(scene: Scene): Step {
  const reader = scene.actor();
  const target = scene.target();
  if (reader.name === "ctl" || target === undefined) return;
  const fd = scene.fresh("f");
  const open: Operation = { op: "open", agent: reader.name, path: `proc:${scene.random.pick([target.name, reader.name, "self"])}/cgroup`, fd, mode: "r" };
  if (!worked(yield open)) return;
  yield { op: "fdread", agent: reader.name, fd };
  yield* scene.random.pick([unshare, move, setns, view])(scene);
  if (scene.acts(reader)) yield { op: "fdread", agent: reader.name, fd };
}

/** A chain of cgroups with long names, somebody rooted half way down, somebody at the end. */
function* longNames(scene: Scene): Step {
  const [digger, dweller] = [scene.actor((agent) => scene.isRoot(agent)), scene.actor((agent) => scene.isRoot(agent))];
  if (digger.name === "ctl" || dweller.name === "ctl") return;
  let place = scene.place("v2", ({ depth, path }) => depth < 4 && path.length < 100);
  const size = scene.random.pick([250, 500, 1000, 1350, 2000]);
  for (let length = 0; length < 4300; length += size + 1) {
    const name = scene.random.pick("xyz".split("")).repeat(size + scene.random.between(-3, 3));
    if (!worked(yield { op: "mkdir", ...at(place, name) })) return;
    place = place.children.get(name) ?? place;
    yield { op: "move", target: dweller.name, ...at(place) };
    yield* glimpse(digger, dweller);
    if (scene.random.chance(0.3)) yield { op: "unshare", agent: dweller.name };
  }
  yield* glimpse(dweller, digger);
  yield { op: "move", target: digger.name, ...at(place) };
  yield* glimpse(digger, dweller);
}

function* glimpse(reader: Agent, target: Agent): Step {
  yield { op: "cgroup", agent: reader.name, target: target.name };
  yield { op: "cgroup", target: target.name };
}

/** Names whose total length ends exactly at the limit, or beside it. */
function* exactLength(scene: Scene): Step {
  const target = scene.target(({ state }) => state === "alive");
  if (target === undefined) return;
  const base = String(scene.options.base).length + 2;
  const first = "q".repeat(2000);
  const rest = 4095 - base - 2000 - 1 + scene.random.between(-3, 3);
  if (!worked(yield { op: "mkdir", path: first })) return;
  yield { op: "mkdir", path: `${first}/${"r".repeat(rest)}` };
  yield { op: "move", target: target.name, path: `${first}/${"r".repeat(rest)}` };
  yield { op: "cgroup", target: target.name };
  yield { op: "cgroup", ...by(scene.actor()), target: target.name };
  yield { op: "move", target: target.name, path: "" };
  yield { op: "rmdir", path: `${first}/${"r".repeat(rest)}` };
  yield { op: "rmdir", path: first };
}

/** So deep that the way up no longer fits. */
export function* abyss(scene: Scene): Step {
  const diver = scene.actor((agent) => scene.isRoot(agent));
  const other = scene.actor((agent) => scene.isRoot(agent) && agent.leader !== diver.leader);
  if (diver.name === "ctl" || other.name === "ctl") return;
  let place = scene.base();
  for (let depth = 2; depth <= 1369; depth++) {
    if (!worked(yield { op: "mkdir", ...at(place, "z") })) return;
    place = place.children.get("z")!;
    if (depth < 1363) continue;
    yield { op: "move", target: diver.name, ...at(place) };
    yield { op: "unshare", agent: diver.name };
    yield* glimpse(diver, other);
    yield* glimpse(diver, diver);
  }
}

/** Opening a namespace link needs access to the process. */
function* peek(scene: Scene): Step {
  const target = scene.target();
  if (target === undefined) return;
  const actor = scene.actor();
  yield { op: "nsopen", ...by(actor), target: target.name, fd: scene.fresh("f"), ...(scene.random.chance(0.1) ? { ns: "uts" } : {}) };
}

export const VIEWS: readonly Choice[] = [
  [8, unshare], [6, setns], [3, setnsByDescriptor], [3, identities], [3, forkWithNamespace], [4, mutual], [2, reread], [0.15, longNames],
  [0.3, exactLength], [4, recreate], [1, peek], [4, view],
];

export default family("views", VIEWS);
