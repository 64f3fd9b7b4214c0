// Open descriptors: used after unshare, after setid, after removal, by others they were sent to; directories of the dead.

import type { Agent } from "../agent.ts";
import { family, type Step, worked } from "../family.ts";
import { at, by, type Scene } from "../scene.ts";
import { pidFile } from "./moves.ts";
import { unshare } from "./views.ts";
import { mkdir, rmdir } from "./world.ts";

const FILES = ["cgroup.procs", "cgroup.procs", "cgroup.threads", "cgroup.type", "cgroup.events", "cgroup.max.depth", "cgroup.subtree_control", "cgroup.controllers", "cgroup.kill", "cgroup.freeze"];

function* open(scene: Scene): Step {
  const agent = scene.actor();
  if (agent.name === "ctl" && scene.random.chance(0.8)) return;
  const place = scene.place(scene.hierarchy());
  const directory = scene.random.chance(0.3);
  const file = directory ? undefined : place.hierarchy === "v2" ? scene.random.pick(FILES) : pidFile(scene, place);
  const mode = directory ? scene.random.pick(["dir", "dir", "path", "r", "w"]) : scene.random.pick(["r", "w", "rw", "rw", "path", "dir"]);
  yield { op: "open", ...by(agent), ...at(place, file), fd: scene.fresh("f"), mode };
}

/** Somebody and something it has open. */
function holder(scene: Scene): { agent: Agent; fd: string } | undefined {
  const agent = scene.actor(({ fds }) => fds.size > 0);
  const fd = scene.random.maybe([...agent.fds.keys()]);
  return fd === undefined ? undefined : { agent, fd };
}

function* read(scene: Scene): Step {
  const held = holder(scene);
  if (held !== undefined) yield { op: "fdread", ...by(held.agent), fd: held.fd };
}

function* write(scene: Scene): Step {
  const held = holder(scene);
  if (held === undefined) return;
  const target = scene.target() ?? held.agent;
  const { file } = held.agent.fds.get(held.fd)!;
  const value = file?.startsWith("cgroup.max") ? ["3", "max", "junk"] : file === "cgroup.freeze" ? ["0", "2"] : file === "cgroup.kill" ? ["0", "x"] : [`{${target.name}}`, `{${target.name}}`, "0", "junk"];
  yield { op: "fdwrite", ...by(held.agent), fd: held.fd, data: scene.random.chance(0.1) ? "" : scene.random.pick(value) };
}

function* make(scene: Scene): Step {
  const agent = scene.actor(({ fds }) => [...fds.values()].some(({ kind }) => kind === "dir" || kind === "path"));
  const fd = scene.random.maybe([...agent.fds].filter(([, { kind }]) => kind === "dir" || scene.random.chance(0.1)));
  if (fd === undefined) return;
  yield { op: "fdmkdir", ...by(agent), fd: fd[0], name: scene.random.pick(["a", "b", scene.fresh("n"), "cgroup.procs", "x\ny"]) };
}

/** Only where no thread shares the table: numbers would be given anew under somebody else's hands. */
function* close(scene: Scene): Step {
  const held = holder(scene);
  if (held === undefined) return;
  const threads = [...scene.agents.values()].filter(({ leader }) => leader === held.agent.leader);
  if (threads.length === 1) yield { op: "close", ...by(held.agent), fd: scene.random.chance(0.95) ? held.fd : "none" };
}

function* send(scene: Scene): Step {
  const held = holder(scene);
  const to = scene.random.chance(0.1) ? scene.ctl : scene.actor();
  if (held === undefined || held.agent === to) return;
  yield { op: "sendfd", ...by(held.agent), fd: held.fd, to: to.name, as: scene.fresh("f") };
}

/** Between opening and using, something happens to the opener or to the cgroup. */
function* meanwhile(scene: Scene): Step {
  const agent = scene.actor();
  if (agent.name === "ctl") return;
  const place = scene.place(scene.hierarchy());
  const fd = scene.fresh("f");
  const target = scene.target() ?? agent;
  const file = place.hierarchy === "v2" && scene.random.chance(0.3) ? scene.random.pick(["cgroup.type", "cgroup.subtree_control"]) : pidFile(scene, place);
  if (!worked(yield { op: "open", agent: agent.name, ...at(place, file), fd, mode: "rw" })) return;
  const event = scene.random.weighted([[2, "unshare"], [2, "setid"], [3, "rmdir"], [1, "chmod"]] as const);
  if (event === "unshare") yield { op: "unshare", agent: agent.name };
  if (event === "setid") yield { op: "setid", agent: agent.name, gid: 1000, uid: 1000 };
  if (event === "rmdir" && !place.isBase) yield { op: "rmdir", ...at(place) };
  if (event === "chmod") yield { op: "chmod", ...at(place, "cgroup.procs"), mode: 0o444 };
  yield { op: "fdwrite", agent: agent.name, fd, data: scene.random.pick([`{${target.name}}`, "0", "", " "]) };
  yield { op: "fdread", agent: agent.name, fd };
}

function* forkIntoDescriptor(scene: Scene): Step {
  const agent = scene.actor(({ fds, nested }) => fds.size > 0 && !nested);
  const fd = scene.random.maybe([...agent.fds.keys()]);
  if (fd === undefined || agent.name === "ctl" || !scene.canBear) return;
  yield { op: "fork", agent: agent.name, child: scene.fresh("p"), into_fd: fd, showpid: true };
}

/** A directory that is open and removed is no place for a child. */
function* forkIntoRemoved(scene: Scene): Step {
  const agent = scene.actor(({ nested }) => !nested);
  const parent = scene.place();
  const [dir, fd] = [scene.fresh("g"), scene.fresh("f")];
  if (agent.name === "ctl" || !scene.canBear || !worked(yield { op: "mkdir", ...at(parent, dir) })) return;
  const place = parent.children.get(dir)!;
  const opened = worked(yield { op: "open", agent: agent.name, ...at(place), fd, mode: scene.random.pick(["dir", "path"]) });
  yield { op: "rmdir", ...at(place) };
  if (opened) yield { op: "fork", agent: agent.name, child: scene.fresh("p"), into_fd: fd, showpid: true };
}

function* missing(scene: Scene): Step {
  const agent = scene.actor();
  yield scene.random.pick([{ op: "fdread", ...by(agent), fd: "none" }, { op: "fdwrite", ...by(agent), fd: "none", data: "0" }, { op: "fdmkdir", ...by(agent), fd: "none", name: "a" }]);
}

export default family("descriptors", [
  [6, open], [4, read], [6, write], [3, make], [1, close], [3, send], [4, meanwhile], [2, forkIntoDescriptor], [0.5, forkIntoRemoved], [0.2, missing], [1, unshare], [2, rmdir], [2, mkdir],
]);
