// cgroup.max.depth and cgroup.max.descendants: every spelling of a value, and what they stop.

import { family, type Step } from "../family.ts";
import { ODD, spellings } from "../number.ts";
import { at, by, type Scene } from "../scene.ts";
import { childName, rmdir } from "./world.ts";

const FILES = ["cgroup.max.depth", "cgroup.max.descendants"];
const WORDS = ["max", "max\n", " max ", "Max", "maxx", "max 1", "2147483646", "2147483647", "2147483648", "010", "0x10", "-1"];

function* set(scene: Scene): Step {
  const place = scene.place("v2");
  const small = String(scene.random.between(0, 6));
  const data = scene.random.weighted([[6, small], [2, scene.random.pick(WORDS)], [2, scene.random.pick(spellings(small))], [1, scene.random.pick(ODD)]]);
  const file = scene.random.pick(FILES);
  yield { op: "write", ...at(place, file), data, ...by(scene.random.chance(0.8) ? scene.root() : scene.actor()) };
  if (scene.random.chance(0.5)) yield { op: "read", ...at(place, file) };
}

function* lift(scene: Scene): Step {
  const place = scene.random.chance(0.3) ? scene.base() : scene.place("v2");
  for (const file of FILES) yield { op: "write", ...at(place, file), data: "max" };
}

/** Downwards until something stops it. */
function* dig(scene: Scene): Step {
  let place = scene.place("v2");
  for (let times = scene.random.between(2, 6); times > 0 && place.depth < 9; times--) {
    const name = childName(scene);
    yield { op: "mkdir", ...at(place, name) };
    place = place.children.get(name) ?? place;
  }
}

function* read(scene: Scene): Step {
  const place = scene.random.chance(0.1) ? scene.base().parent! : scene.place("v2");
  yield { op: "read", ...at(place, scene.random.pick(place.isRoot ? FILES : [...FILES, "cgroup.stat"])) };
}

export default family("limits", [[5, set], [3, lift], [5, dig], [2, read], [3, rmdir]]);
