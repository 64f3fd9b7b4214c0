// Ordinary users: who may move whom where, whose files they are, what delegation gives, what dropped capabilities take.

import type { Agent } from "../agent.ts";
import { family, type Step } from "../family.ts";
import type { Place } from "../place.ts";
import { at, by, type Scene } from "../scene.ts";
import { pidFile } from "./moves.ts";
import { newcomer } from "./world.ts";

const UIDS = [1000, 1001, 1002];

const isUser = ({ uids }: Agent): boolean => uids[1] !== 0;

export function* becomeUser(scene: Scene): Step {
  const agent = scene.actors(isUser).length < 4 ? yield* newcomer(scene) : scene.actor((each) => scene.isRoot(each));
  if (agent === undefined || agent.name === "ctl") return;
  const uid = scene.random.pick(UIDS);
  const ids = scene.random.weighted<unknown>([[8, uid], [1, [0, uid, 0]], [1, [uid, 0, 0]], [1, [0, 0, uid]], [1, [uid, uid, 0]], [1, [-1, uid, -1]]]);
  yield { op: "setid", agent: agent.name, ...(scene.random.chance(0.7) ? { gid: uid } : {}), ...(scene.random.chance(0.4) ? { groups: [] } : {}), uid: ids };
}

function* changeIds(scene: Scene): Step {
  const agent = scene.actor();
  if (agent.name === "ctl") return;
  const uid = (): number => scene.random.pick([0, ...UIDS, -1]);
  const ids = scene.random.pick([uid(), [-1, uid(), -1], [uid(), -1, -1], [-1, -1, uid()], [uid(), uid(), uid()]]);
  const groups = scene.random.pick([[], [1000], [1001, 1002], [0]]);
  const shape = scene.random.weighted([[6, { uid: ids }], [2, { gid: uid() === -1 ? 0 : uid() }], [1, { groups }], [1, { gid: [-1, uid(), -1], uid: ids }]]);
  yield { op: "setid", agent: agent.name, ...shape };
  if (scene.random.chance(0.3)) yield { op: "getids", agent: agent.name };
}

const CAPS = ["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "KILL", "SETGID", "SETUID", "SYS_ADMIN", "SYS_PTRACE", "SYS_CHROOT", "SYS_RESOURCE"];

function* capabilities(scene: Scene): Step {
  const agent = scene.actor();
  if (agent.name === "ctl") return;
  const some = CAPS.filter(() => scene.random.chance(0.3));
  const shape = scene.random.weighted([[3, { drop: some }], [2, { eff_drop: some }], [1, { keep: some }], [1, { drop: ["DAC_OVERRIDE"] }], [1, { drop: ["SYS_ADMIN"] }], [1, { eff_all: true }]]);
  yield { op: "caps", agent: agent.name, ...shape };
}

const DELEGATED = ["", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"];

/** A directory and some of its files are given to a user. */
export function* delegate(scene: Scene): Step {
  const place = scene.place(scene.hierarchy(), ({ depth }) => depth > 1);
  const uid = scene.random.pick(UIDS);
  const files = place.hierarchy === "v2" ? DELEGATED : ["", "cgroup.procs", "tasks"];
  for (const file of files) {
    if (scene.random.chance(0.75)) yield { op: "chown", ...at(place, file === "" ? undefined : file), uid, ...(scene.random.chance(0.5) ? { gid: uid } : {}) };
  }
}

function* chown(scene: Scene): Step {
  const place = scene.place(scene.hierarchy());
  const file = scene.random.chance(0.4) ? undefined : scene.random.chance(0.6) ? pidFile(scene, place) : scene.random.pick(["cgroup.max.depth", "cgroup.kill", "cgroup.freeze", "cgroup.type"]);
  const shape = scene.random.pick([{ uid: scene.random.pick([0, ...UIDS]) }, { gid: scene.random.pick([0, ...UIDS]) }, { uid: -1, gid: -1 }, { uid: 1000, gid: 1000 }]);
  yield { op: "chown", ...at(place, file), ...shape, ...by(scene.random.chance(0.5) ? scene.root() : scene.actor()) };
}

const MODES = [0o755, 0o700, 0o777, 0o555, 0o711, 0o644, 0o666, 0o444, 0o600, 0o664, 0o000, 0o1777, 0o200, 0o220];

function* chmod(scene: Scene): Step {
  const place = scene.place(scene.hierarchy());
  const file = scene.random.chance(0.4) ? undefined : pidFile(scene, place);
  const mode = file === undefined && scene.random.chance(0.5) ? 0o755 : scene.random.pick(MODES);
  yield { op: "chmod", ...at(place, file), mode, ...by(scene.random.chance(0.6) ? scene.root() : scene.actor()) };
}

/** A place that a user may have something to say about. */
function near(scene: Scene, user: Agent, hierarchy: string): Place {
  const own = scene.places(hierarchy, ({ owner }) => owner === user.uids[1]);
  return scene.random.chance(0.75) ? (scene.random.maybe(own) ?? scene.place(hierarchy)) : scene.place(hierarchy);
}

export function* userMoves(scene: Scene): Step {
  const user = scene.actor(isUser);
  if (user.name === "ctl") return;
  const hierarchy = scene.hierarchy();
  const kin = scene.target((agent) => agent.uids[0] === user.uids[1]);
  const target = scene.random.weighted([[3, user], [4, kin ?? user], [2, scene.target() ?? user]]);
  const place = near(scene, user, hierarchy);
  yield { op: "write", agent: user.name, ...at(place, pidFile(scene, place)), data: scene.random.chance(0.1) ? "0" : `{${target.name}}` };
}

/** Root puts a user (and sometimes somebody of the same uid) where it has been given something. */
export function* settleUser(scene: Scene): Step {
  const user = scene.actor(isUser);
  if (user.name === "ctl") return;
  for (const hierarchy of scene.hierarchies) yield { op: "move", target: user.name, ...at(near(scene, user, hierarchy)) };
}

export function* userMakes(scene: Scene): Step {
  const user = scene.actor(isUser);
  const place = near(scene, user, scene.hierarchy());
  const name = scene.random.pick(["a", "b", "c", "u", "u", "cgroup.procs", "x\ny"]);
  const child = scene.random.maybe([...place.children.values()]);
  const kind = scene.random.weighted([[4, "mkdir"], [1.5, "rmdir"], [0.4, "unlink"], [0.3, "rename"]] as const);
  if (kind === "mkdir") yield { op: "mkdir", ...by(user), ...at(place, name), ...(scene.random.chance(0.2) ? { mode: scene.random.pick(MODES) } : {}) };
  else if (kind === "rename") yield { op: "rename", ...by(user), ...at(place, child?.name ?? "none"), to: place.inside("renamed") };
  else yield { op: kind, ...by(user), ...at(place, child?.name ?? scene.random.pick(["none", "cgroup.procs"])) };
}

function* userLooks(scene: Scene): Step {
  const user = scene.actor(isUser);
  const place = near(scene, user, scene.hierarchy());
  const file = scene.random.pick([undefined, pidFile(scene, place), "cgroup.events", "cgroup.kill"]);
  const mode = scene.random.pick(["r", "w", "rw"]);
  yield scene.random.pick([
    { op: "access", ...by(user), ...at(place, file), mode }, { op: "stat", ...by(user), ...at(place, file) },
    { op: "ls", ...by(user), ...at(place) }, { op: "read", ...by(user), ...at(place, pidFile(scene, place)), pids: true },
  ]);
}

/** Opened by root, used by a user. */
function* handedDown(scene: Scene): Step {
  const agent = yield* newcomer(scene);
  if (agent === undefined) return;
  const place = scene.place(scene.hierarchy());
  const fd = scene.fresh("f");
  yield { op: "open", agent: agent.name, ...at(place, pidFile(scene, place)), fd, mode: "w" };
  yield { op: "setid", agent: agent.name, gid: 1000, uid: 1000 };
  const target = scene.target();
  if (target !== undefined) yield { op: "fdwrite", agent: agent.name, fd, data: `{${target.name}}` };
  yield { op: "fdwrite", agent: agent.name, fd, data: "0" };
}

function* userControls(scene: Scene): Step {
  const user = scene.actor(isUser);
  const place = near(scene, user, "v2");
  const file = scene.random.pick(["cgroup.subtree_control", "cgroup.max.depth", "cgroup.max.descendants", "cgroup.type", "cgroup.freeze"]);
  const data = { "cgroup.subtree_control": "", "cgroup.type": "threaded", "cgroup.freeze": "0" }[file] ?? "5";
  yield { op: "write", ...by(user), ...at(place, file), data };
}

/** Namespaces need CAP_SYS_ADMIN, and looking into others' need access. */
function* userNamespaces(scene: Scene): Step {
  const user = scene.actor((agent) => isUser(agent) || !agent.whole);
  const target = scene.target();
  if (user.name === "ctl" || target === undefined) return;
  yield scene.random.pick([
    { op: "unshare", agent: user.name }, { op: "nsid", agent: user.name, target: target.name }, { op: "setns", agent: user.name, target: target.name, via: "pidfd" },
    { op: "setns", agent: user.name, target: target.name, via: "ctl" }, { op: "setns", agent: user.name, target: target.name },
    { op: "setns", agent: user.name, target: user.name }, { op: "cgroup", agent: user.name, target: target.name },
    { op: "nsopen", agent: user.name, target: target.name, fd: scene.fresh("f") }, { op: "kill", agent: user.name, target: target.name, sig: 0 },
  ]);
}

function* userForks(scene: Scene): Step {
  const user = scene.actor(isUser);
  if (user.name === "ctl" || !scene.canBear) return;
  const place = near(scene, user, "v2");
  const shape = scene.random.pick([{}, { into: place.path }, { into: place.path, opath: true }, { flags: ["cgroup"] }, { into: place.path, flags: ["cgroup"] }]);
  yield { op: "fork", agent: user.name, child: scene.fresh("p"), showpid: true, ...shape };
}

/** Into a cgroup whose cgroup.procs it may write, or the common ancestor's, or both. */
function* forkDown(scene: Scene): Step {
  const user = scene.actor(isUser);
  const parent = scene.place("v2", ({ depth, controlled, threaded }) => depth < 5 && !controlled && !threaded);
  const name = scene.fresh("u");
  if (user.name === "ctl" || !scene.canBear) return;
  yield { op: "mkdir", ...at(parent, name) };
  for (const file of scene.random.pick([["cgroup.procs"], [`${name}/cgroup.procs`], ["cgroup.procs", `${name}/cgroup.procs`]])) yield { op: "chown", ...at(parent, file), uid: user.uids[1] };
  yield { op: "move", target: user.name, ...at(parent) };
  yield { op: "fork", agent: user.name, child: scene.fresh("p"), into: parent.inside(name), showpid: true };
}

export default family("users", [
  [3, becomeUser], [2, changeIds], [1, capabilities], [4, delegate], [2, chown], [2, chmod], [10, userMoves], [3, settleUser], [4, userMakes], [3, userLooks],
  [0.5, handedDown], [1, userControls], [2, userNamespaces], [2, userForks], [2, forkDown],
]);
