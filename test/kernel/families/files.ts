// The file layer: odd and long names, every call on every kind of thing, every file read and written with nonsense.

import { family, type Step } from "../family.ts";
import { ODD } from "../number.ts";
import type { Place } from "../place.ts";
import { at, by, type Scene } from "../scene.ts";

const NAMES = [
  "sp ace", "tab\tname", "back\\slash", "co:lon", "\x01", "\udcff\udcfe", "ünï", "日本", " (deleted)", "x (deleted)", "...", "..x", ".hidden", "#", "\"", "'", "*",
  "-", "cgroup.foo", "cgroup.procs", "cgroup.events", "cpu.stat", "memory.max", "tasks", "pids.max", "hugetlb.2MB.max", "a\nb", "\n", "\x7f", "0", "unified",
];

const V2_FILES = [
  "cgroup.controllers", "cgroup.events", "cgroup.freeze", "cgroup.kill", "cgroup.max.depth", "cgroup.max.descendants", "cgroup.procs", "cgroup.stat", "cgroup.stat.local",
  "cgroup.subtree_control", "cgroup.threads", "cgroup.type", "cgroup.pressure", "cpu.stat", "cpu.pressure", "io.pressure", "memory.pressure",
];
const V1_FILES = ["cgroup.procs", "tasks"];
const READ_ONLY = ["cgroup.controllers", "cgroup.events", "cgroup.stat", "cgroup.stat.local", "cpu.stat"];

const files = (place: Place): readonly string[] => (place.hierarchy === "v2" ? V2_FILES : V1_FILES);

function* make(scene: Scene): Step {
  const parent = scene.place(scene.hierarchy(), ({ depth, path }) => depth < 5 && path.length < 1000);
  const name = scene.random.weighted([[8, scene.random.pick(NAMES)], [1, "l".repeat(scene.random.pick([200, 255, 256, 300, 1000]))], [0.3, "l".repeat(4000)], [0.1, "l".repeat(4090)]]);
  const mode = scene.random.chance(0.2) ? { mode: scene.random.pick([0o777, 0o700, 0o1777, 0o000, 0o4755, 0o2775, 0o555]) } : {};
  yield { op: "mkdir", ...at(parent, name), ...mode, ...by(scene.random.chance(0.7) ? scene.root() : scene.actor()) };
  yield { op: "stat", ...at(parent, name) };
}

/** A path that is no plain one. */
function oddPath(scene: Scene, place: Place): string {
  const child = scene.random.maybe([...place.children.keys()]) ?? "none";
  const tails = [".", "..", "./", `${child}/`, `${child}/.`, `${child}/..`, "none", "none/x", "cgroup.procs/", "cgroup.procs/x", `${child}/../${child}`, `./${child}`, `${child}//`];
  return place.inside(scene.random.pick(tails)).replace(/^\.\./, ".");
}

function* oddly(scene: Scene): Step {
  const place = scene.place(scene.hierarchy(), ({ isBase }) => !isBase);
  if (place.isBase) return;
  const where = { ...at(place), path: oddPath(scene, place) };
  const op = scene.random.weighted([[3, "mkdir"], [3, "rmdir"], [1, "stat"], [1, "ls"], [1, "unlink"], [0.5, "access"]] as const);
  yield { op, ...where, ...by(scene.actor()), ...(op === "access" ? { mode: "r" } : {}) };
}

function* remove(scene: Scene): Step {
  const place = scene.place(scene.hierarchy(), ({ isBase }) => !isBase);
  if (place.isBase) return;
  const what = scene.random.weighted<string | undefined>([[5, undefined], [1, "cgroup.procs"], [1, "none"]]);
  const op = scene.random.weighted([[4, "rmdir"], [1, "unlink"]]);
  yield { op, ...at(place, what), ...by(scene.random.chance(0.7) ? scene.root() : scene.actor()) };
}

function* ask(scene: Scene): Step {
  const place = scene.place(scene.hierarchy());
  const file = scene.random.weighted<string | undefined>([[3, undefined], [5, scene.random.pick(files(place))], [0.5, "none"]]);
  const actor = by(scene.random.chance(0.3) ? scene.ctl : scene.actor());
  yield scene.random.pick([
    { op: "stat", ...at(place, file), ...actor }, { op: "ls", ...at(place), files: true, ...actor }, { op: "ls", ...at(place), ...actor }, { op: "ls", ...at(place, file), ...actor },
    { op: "access", ...at(place, file), mode: scene.random.pick(["r", "w", "rw"]), ...actor }, { op: "handle", ...at(place, file), ...actor },
  ]);
}

function* read(scene: Scene): Step {
  const place = scene.place(scene.hierarchy());
  yield { op: "read", ...at(place, scene.random.pick(files(place))), ...by(scene.actor()) };
}

const HARMLESS = ["", "\n", " ", "junk", "-1", "2", "3", "99999999999", "1 1", "0x", "\0", "é", "-", "+"];

function* write(scene: Scene): Step {
  const place = scene.place(scene.hierarchy());
  const file = scene.random.pick(files(place));
  const pressure = file.endsWith("pressure");
  const data = pressure ? scene.random.pick(["", "x"]) : scene.random.pick(/procs|threads|tasks/.test(file) ? ODD : HARMLESS);
  if (file === "cgroup.pressure" && data !== "x") return;
  const how = scene.random.weighted([[6, {}], [1, { mode: "rw" }], [1, { trunc: true }]]);
  yield { op: "write", ...at(place, file), data, ...how, ...by(scene.random.chance(0.6) ? scene.root() : scene.actor()) };
}

/** Written as root, though nobody may. */
function* writeReadOnly(scene: Scene): Step {
  const place = scene.place();
  yield { op: "write", ...at(place, scene.random.pick(READ_ONLY)), data: scene.random.pick(["1", "", "x"]), ...by(scene.root()) };
}

function* own(scene: Scene): Step {
  const place = scene.place(scene.hierarchy());
  const file = scene.random.chance(0.4) ? undefined : scene.random.pick(files(place));
  const actor = by(scene.random.chance(0.5) ? scene.root() : scene.actor());
  const uid = scene.random.pick([0, 1000, 1001, -1]);
  yield scene.random.pick([
    { op: "chown", ...at(place, file), uid, ...actor }, { op: "chown", ...at(place, file), gid: uid, ...actor },
    { op: "chmod", ...at(place, file), mode: scene.random.pick([0o755, 0o644, 0o666, 0o700, 0o750, 0o4755, 0o2755]), ...actor },
  ]);
  yield { op: "stat", ...at(place, file) };
}

function* rename(scene: Scene): Step {
  const place = scene.place(scene.hierarchy(), ({ isBase }) => !isBase);
  if (place.isBase) return;
  const to = scene.random.pick([place.path, place.parent!.inside(scene.random.pick(NAMES)), place.inside("sub"), place.parent!.inside("cgroup.procs"), scene.place(place.hierarchy).inside("moved")]);
  yield { op: "rename", ...at(place), to, ...by(scene.root()) };
}

/** The hierarchy's root may be looked at. */
function* root(scene: Scene): Step {
  const { parent } = scene.base();
  yield scene.random.pick([
    { op: "read", ...at(parent!, scene.random.pick(["cgroup.type", "cgroup.events", "cgroup.max.depth", "cgroup.kill", "cgroup.freeze", "cgroup.controllers"])), ...by(scene.actor()) },
    { op: "stat", ...at(parent!, scene.random.pick(["cgroup.procs", "cgroup.threads", "cgroup.events"])) },
  ]);
}

export default family("files", [[6, make], [3, oddly], [3, remove], [6, ask], [4, read], [5, write], [1, writeReadOnly], [3, own], [1.5, rename], [0.3, root]]);
