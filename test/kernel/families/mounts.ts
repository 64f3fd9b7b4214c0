// Mounting hierarchies from inside and outside namespaces: roots, refusals, bind mounts, read-only mounts, mountinfo.

import { family, type Step, worked } from "../family.ts";
import type { Agent, Mount } from "../agent.ts";
import { at, by, type Scene } from "../scene.ts";
import { enclose } from "./userns.ts";
import { recreate } from "./world.ts";

const OPTIONS = ["bogus", "none", "ro", "noprefix", "memory"];

function* mount(scene: Scene): Step {
  const agent = scene.actor();
  if (agent.mounts.size > 12) return;
  const name = scene.random.chance(0.9) ? scene.fresh("m") : (scene.random.maybe([...agent.mounts.keys()]) ?? scene.fresh("m"));
  const legacy = scene.random.maybe(scene.hierarchies.slice(1));
  const shape = scene.random.weighted<object>([
    [6, {}], [1.5, { mflags: ["rdonly"] }], [0.7, { opts: scene.random.pick(OPTIONS) }], [2, legacy === undefined ? {} : { fstype: "cgroup", opts: legacy }],
    [0.5, { mflags: ["nosuid", "nodev", "noexec"] }],
  ]);
  yield { op: "mount", ...by(agent), at: name, ...shape };
  if (scene.random.chance(0.5)) yield* info(scene, agent);
}

function* bind(scene: Scene): Step {
  const agent = scene.actor();
  if (agent.mounts.size > 12) return;
  const name = scene.fresh("m");
  const place = scene.place(scene.hierarchy());
  yield { op: "mount", ...by(agent), at: name, fstype: "bind", ...at(place) };
  if (scene.random.chance(0.4)) yield { op: "mount", ...by(agent), at: name, fstype: "remount", mflags: ["bind", "rdonly"] };
  yield* info(scene, agent);
}

function* info(scene: Scene, reader: Agent = scene.actor()): Step {
  const target = scene.random.chance(0.6) ? reader : (scene.target(({ state }) => state === "alive") ?? reader);
  yield { op: "mountinfo", ...by(reader), target: target.name };
}

function* infos(scene: Scene): Step {
  yield* info(scene);
}

/** A mount somewhere, and somebody who sees it. */
function mounted(scene: Scene): { agent: Agent; mount: Mount } | undefined {
  const agent = scene.actor(({ mounts }) => mounts.size > 0);
  const mount = scene.random.maybe([...agent.mounts.values()]);
  return mount === undefined ? undefined : { agent, mount };
}

/** Work through a mount: what it shows below the base may be changed too. */
function* through(scene: Scene): Step {
  const found = mounted(scene);
  if (found === undefined) return;
  const { agent, mount: { at: mnt, root } } = found;
  const place = scene.random.maybe(root.all().filter(({ isRoot }) => !isRoot)) ?? root;
  const path = [...place.up()].slice(0, [...place.up()].indexOf(root)).map(({ name }) => name).reverse().join("/");
  const inside = path === "" ? "" : `${path}/`;
  const target = scene.target() ?? agent;
  const own = place !== root || !root.isRoot;
  const reads = [{ op: "ls", path }, { op: "read", path: `${inside}cgroup.procs`, pids: true }, { op: "stat", path }, { op: "read", path: `${inside}cgroup.type` }];
  const writes = [
    { op: "mkdir", path: `${inside}${scene.random.pick("abc".split(""))}` }, { op: "move", path, target: target.name }, { op: "write", path: `${inside}cgroup.max.depth`, data: "4" },
    { op: "rmdir", path }, { op: "write", path: `${inside}cgroup.procs`, data: "0" }, { op: "access", path: `${inside}cgroup.procs`, mode: "w" },
  ];
  const choice = scene.random.pick(own ? [...reads, ...writes, ...writes] : reads.filter(({ op }) => op !== "ls" && op !== "stat" && op !== "read"));
  if (choice === undefined || root.isRoot && place === root) return;
  yield { ...choice, mnt, ...by(agent) };
}

function* umount(scene: Scene): Step {
  const found = mounted(scene);
  if (found === undefined) return;
  yield { op: "umount", ...by(found.agent), at: scene.random.chance(0.9) ? found.mount.at : "nothing" };
}

/** The namespace's root goes, and something of its name may come. */
function* mountAfterRemoval(scene: Scene): Step {
  yield* recreate(scene);
  const agent = scene.actor(({ view }) => view.roots.get("v2")!.dead);
  if (agent.name === "ctl") return;
  const name = scene.fresh("m");
  yield { op: "mount", agent: agent.name, at: name };
  yield { op: "mountinfo", agent: agent.name };
}

/** A bind mount of a cgroup that is then removed, and perhaps made again. */
function* deadBind(scene: Scene): Step {
  const parent = scene.place();
  const [dir, name] = [scene.fresh("g") + scene.random.pick(["", "", " b", "\tc", "\\d"]), scene.fresh("m")];
  if (!worked(yield { op: "mkdir", ...at(parent, dir) })) return;
  const place = parent.children.get(dir)!;
  yield { op: "mount", at: name, fstype: "bind", ...at(place) };
  yield { op: "rmdir", ...at(place), ...by(scene.actor((agent) => scene.isRoot(agent))) };
  if (scene.random.chance(0.5)) yield { op: "mkdir", ...at(parent, dir) };
  yield { op: "ls", mnt: name, path: "", files: true };
  yield { op: "mkdir", mnt: name, path: "x" };
  yield { op: "mountinfo" };
  yield { op: "umount", at: name };
}

function* unshareMounts(scene: Scene): Step {
  const agent = scene.actor();
  if (agent.name === "ctl") return;
  yield { op: "unshare", agent: agent.name, flags: scene.random.pick([["mnt"], ["mnt", "cgroup"], ["cgroup"]]) };
}

export default family("mounts", [[6, mount], [3, bind], [4, infos], [10, through], [3, umount], [1.5, mountAfterRemoval], [1, deadBind], [3, unshareMounts], [1, enclose]]);
