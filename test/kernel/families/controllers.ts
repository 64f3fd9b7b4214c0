// cgroup.controllers and cgroup.subtree_control: every token, enabling and disabling down a tree, the files that appear,
// and what processes may then not do.

import { type Choice, family, type Step } from "../family.ts";
import { at, by, type Scene } from "../scene.ts";
import { wholeBase } from "./threads.ts";
import { evacuate, mkdir, move, rmdir } from "./world.ts";

const NAMES = ["hugetlb", "memory", "io", "cpu", "cpuset", "pids", "perf_event", "misc", "rdma", "blkio", "cpuacct", "devices", "freezer", "net_cls", "bogus", "HUGETLB", ""];

function token(scene: Scene): string {
  const name = scene.random.chance(0.6) ? "hugetlb" : scene.random.pick(NAMES);
  return scene.random.weighted([[10, "+"], [8, "-"], [0.5, ""], [0.5, "++"], [0.5, "*"], [0.3, " "]]) + name;
}

function* set(scene: Scene): Step {
  const place = scene.place("v2");
  const many = Array.from({ length: scene.random.weighted([[6, 1], [3, 2], [1, 4], [0.3, 0]]) }, () => token(scene));
  const data = scene.random.chance(0.1) ? scene.random.pick(["-hugetlb +hugetlb", "+hugetlb -hugetlb"]) : many.join(scene.random.weighted([[8, " "], [1, "  "], [0.5, "\t"], [0.5, "\n"], [0.3, ","]])) + scene.random.pick(["", "", "\n", " "]);
  yield { op: "write", ...at(place, "cgroup.subtree_control"), data, ...by(scene.random.chance(0.8) ? scene.root() : scene.actor()) };
  if (scene.random.chance(0.4)) yield { op: "read", ...at(place, "cgroup.subtree_control") };
}

/** On or off along the way from the base. */
function* enable(scene: Scene): Step {
  const place = scene.place("v2");
  const way = [...place.up()].filter(({ isRoot }) => !isRoot);
  const on = scene.random.chance(0.7);
  for (const each of on ? way.reverse() : way) {
    if (on && scene.random.chance(0.5)) yield* clear(scene, each.path);
    yield { op: "write", ...at(each, "cgroup.subtree_control"), data: on ? "+hugetlb" : "-hugetlb" };
    yield { op: "read", ...at(each, scene.random.pick(["cgroup.subtree_control", "cgroup.controllers"])) };
  }
}

/** Those directly in a cgroup go to the hierarchy's root or a child. */
function* clear(scene: Scene, path: string): Step {
  const place = scene.resolve({ op: "read", path })!.place;
  const here = scene.within(place).filter((agent) => agent.at.get("v2") === place && scene.isLeader(agent));
  const to = scene.random.maybe([...place.children.values()]) ?? place.parent!;
  for (const agent of here) if (agent.name !== "ctl") yield { op: "move", target: agent.name, ...at(to) };
}

/** Files that appear in somebody else's cgroup belong to whoever made them appear. */
function* filesOfOthers(scene: Scene): Step {
  const user = scene.actor(({ uids }) => uids[1] !== 0);
  const parent = scene.place("v2", ({ isBase, threaded }) => !isBase && !threaded);
  const name = scene.fresh("u");
  if (user.name === "ctl" || parent.isBase) return;
  yield { op: "chown", ...at(parent), uid: user.uids[1] };
  yield { op: "mkdir", agent: user.name, ...at(parent, name) };
  for (const each of [...parent.up()].filter(({ isRoot }) => !isRoot).reverse()) {
    yield* clear(scene, each.path);
    yield { op: "write", ...at(each, "cgroup.subtree_control"), data: "+hugetlb" };
  }
  for (const file of ["hugetlb.2MB.max", "cgroup.procs"]) yield { op: "stat", ...at(parent, `${name}/${file}`) };
}

function* look(scene: Scene): Step {
  const place = scene.place("v2");
  yield scene.random.pick([
    { op: "read", ...at(place, "cgroup.controllers") }, { op: "read", ...at(place, "cgroup.subtree_control") }, { op: "ls", ...at(place), files: true },
    { op: "stat", ...at(place, "hugetlb.2MB.max") }, { op: "mkdir", ...at(place, "hugetlb.2MB.max") }, { op: "read", ...at(place, "cgroup.type") },
  ]);
}

function* intoEnabled(scene: Scene): Step {
  const place = scene.place("v2", ({ controlled }) => controlled || scene.random.chance(0.2));
  const target = scene.target();
  if (target === undefined) return;
  yield { op: scene.random.pick(["move", "move", "move_thread"]), target: target.name, ...at(place), ...by(scene.root()) };
}

function* forkIntoEnabled(scene: Scene): Step {
  const parent = scene.actor();
  const place = scene.place("v2", ({ controlled }) => controlled || scene.random.chance(0.1));
  if (parent.name === "ctl" || !scene.canBear) return;
  yield { op: "fork", agent: parent.name, child: scene.fresh("p"), into: place.path, showpid: true };
}

function* threadedBelow(scene: Scene): Step {
  const place = scene.place("v2", ({ isBase }) => !isBase);
  if (place.isBase) return;
  if (scene.random.chance(0.5)) yield* evacuate(scene, place);
  yield { op: "write", ...at(place, "cgroup.type"), data: "threaded" };
}

const CHOICES: readonly Choice[] = [[6, set], [4, enable], [4, look], [4, intoEnabled], [0.7, filesOfOthers], [1, forkIntoEnabled], [0.05, wholeBase], [0.5, threadedBelow], [3, mkdir], [1, rmdir], [1, move]];

export const tokens = family("tokens", CHOICES);
export default family("controllers", CHOICES, "controllers");
