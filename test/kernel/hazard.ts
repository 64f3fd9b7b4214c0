// What must not be asked of the real kernel because somebody would hang (or the batch with them), and what to wait for
// after an operation whose effect is not there at once.

import { CONTROLLERS } from "../../ts/kernel/controller.ts";
import type { Operation, Result } from "../../ts/replay/operation.ts";
import type { Agent } from "./agent.ts";
import { substituted } from "./learn.ts";
import { parse } from "./number.ts";
import type { Place } from "./place.ts";
import type { Scene } from "./scene.ts";

/** How long to wait for a file, in ms: when in vain, longer than the kernel remembers a v1 list for sure. */
export const IN_VAIN = 1100;

interface Write {
  readonly place: Place;
  readonly file: string;
  readonly data: string;
}

/** The write to a control file that an operation amounts to. */
function written(scene: Scene, op: Operation, actor: Agent): Write | undefined {
  if (op.op === "fdwrite") {
    const fd = actor.fds.get(String(op.fd));
    if (fd?.place === undefined || fd.file === undefined) return undefined;
    return { place: fd.place, file: fd.file, data: substituted(scene, String(op.data)) };
  }
  const where = scene.resolve(op);
  if (where === undefined) return undefined;
  if (op.op === "write" && where.rest.length === 1) return { place: where.place, file: where.rest[0]!, data: substituted(scene, String(op.data)) };
  if ((op.op === "move" || op.op === "move_thread") && where.rest.length === 0) {
    const data = op.zero === true ? "0" : substituted(scene, `{${String(op.target ?? actor.name)}}${String(op.suffix ?? "")}`);
    return { place: where.place, file: String(op.file ?? (op.op === "move" ? "cgroup.procs" : "cgroup.threads")), data };
  }
  return undefined;
}

const isMove = ({ file }: Write): boolean => file === "cgroup.procs" || file === "cgroup.threads" || file === "tasks";

function mover(scene: Scene, actor: Agent, { data }: Write): Agent | undefined {
  const pid = parse(data);
  return pid === 0 ? actor : scene.byPid(pid ?? -1);
}

/** What a control file may be called, now or once a controller is enabled. */
const FILE_NAME = new RegExp(`^(cgroup|${CONTROLLERS.map(({ name }) => name).join("|")})\\.`);

/**
 * A cgroup would be made below one with a control file's name. Once both are removed and the file is there, a mount from a
 * namespace rooted in the lower one leads through a file: Linux 6.18 then follows a null pointer (kernfs_node_dentry), and
 * no cgroup filesystem can be mounted on that machine any more.
 */
function breaksKernel(scene: Scene, op: Operation, actor: Agent): boolean {
  if (op.op !== "mkdir" && op.op !== "fdmkdir") return false;
  const where = scene.resolve(op);
  const above = op.op === "fdmkdir" ? actor.fds.get(String(op.fd))?.place : where?.rest.length === 0 ? where.place.parent : where?.place;
  const onTheWay = op.op === "mkdir" ? String(op.path).split("/").slice(0, -1) : [];
  return [...(above?.up() ?? [])].some(({ name }) => FILE_NAME.test(name)) || onTheWay.some((name) => FILE_NAME.test(name));
}

/** Somebody would hang, the machine with them perhaps, or ctl would be frozen or killed. */
export function hangs(scene: Scene, op: Operation): boolean {
  const actor = op.op === "spawn" ? scene.ctl : scene.agents.get(op.agent ?? "ctl");
  if (actor === undefined || !scene.acts(actor)) return true;
  if (actor.nested && ["fork", "thread", "kill", "reap", "exec"].includes(op.op)) return true;
  if (actor.nested && op.via === "pidfd") return true;
  if (breaksKernel(scene, op, actor)) return true;
  if (op.op === "exit" && op.raw !== true && actor.echoed) return true;
  if (op.op === "kill" && scene.agents.get(String(op.target))?.leader === actor.leader) return true;
  if (op.op === "reap" || op.op === "sendfd") return isDeaf(scene, op);
  const write = written(scene, op, actor);
  return write !== undefined && writeHangs(scene, actor, write);
}

/** Operations that take the oracle less than a second for sure. */
const SOON = 60;

/** Nobody can say whether the kernel still remembers a v1 list: that takes it about a second. */
export function isForgotten(scene: Scene, op: Operation): boolean {
  if (op.op !== "fdread") return false;
  const held = scene.agents.get(op.agent ?? "ctl")?.fds.get(String(op.fd));
  return held?.read !== undefined && held.place?.hierarchy !== "v2" && scene.operations - held.read > SOON;
}

/** The oracle would speak to somebody who cannot answer. */
function isDeaf(scene: Scene, op: Operation): boolean {
  // The oracle fetches the descriptor through the process's leader.
  const isHeadless = scene.agents.get(scene.agents.get(op.agent ?? "ctl")?.leader ?? "ctl")?.state !== "alive";
  if (op.op === "sendfd") return isHeadless || !scene.acts(scene.agents.get(String(op.to)) ?? scene.ctl);
  const parent = scene.agents.get(scene.agents.get(String(op.target))?.parent ?? "ctl");
  return parent !== undefined && parent.state === "alive" && !scene.acts(parent);
}

function writeHangs(scene: Scene, actor: Agent, write: Write): boolean {
  const covers = (agent: Agent): boolean => write.place.covers(agent.at.get("v2"));
  if (write.file === "cgroup.freeze") return covers(actor) || covers(scene.ctl);
  if (write.file === "cgroup.kill") return covers(scene.ctl) || (covers(actor) && (actor.echoed || !scene.random.chance(0.1)));
  if (!isMove(write)) return false;
  const target = mover(scene, actor, write);
  if (target?.name === "ctl") return !scene.random.chance(0.1) || write.place.isFrozen;
  return target !== undefined && write.place.isFrozen && target.leader === actor.leader;
}

/** What to wait for before the next operation. */
export function settle(scene: Scene, op: Operation, result: Result): Operation[] {
  if (op.op === "fork" && "ok" in result) return afterFork(scene, op);
  const actor = scene.agents.get(op.agent ?? "ctl") ?? scene.ctl;
  if (op.op === "exit" || op.op === "kill") return afterEnd(scene.agents.get(String(op.target ?? actor.name)), op, result);
  if (op.op === "spawn") return afterMove(scene, scene.agents.get(op.agent!)?.at.get("v2"));
  const write = written(scene, op, actor);
  if (write === undefined) return [];
  const isDone = "ok" in result || ("err" in result && result.err === "AGENT_DEAD");
  if (write.file === "cgroup.kill") return isDone && write.data !== "" ? afterKill(scene, write.place) : [];
  if (!("ok" in result) || write.place.hierarchy !== "v2") return [];
  if (write.file === "cgroup.freeze") return afterFreeze(scene, write.place);
  return isMove(write) ? afterMove(scene, write.place) : [];
}

/** The oracle has waited for the thread that was named, not for its process. */
function afterEnd(ended: Agent | undefined, op: Operation, result: Result): Operation[] {
  const isWhole = op.op === "exit" ? op.raw !== true : "ok" in result && (op.sig ?? 9) === 9;
  return ended !== undefined && isWhole && ended.leader !== ended.name ? [{ op: "wait_dead", target: ended.leader }] : [];
}

function afterKill(scene: Scene, place: Place): Operation[] {
  const hit = [...scene.agents.values()].filter(({ at, state, name }) => name !== "ctl" && state === "zombie" && place.covers(at.get("v2")));
  // There may be some whom the scene believes elsewhere: they were moved through a mount whose root it does not know.
  const empty: Operation[] = place.dead ? [] : [waiting(place, "populated 0")];
  return [...hit.map(({ name }) => ({ op: "wait_dead", target: name })), ...empty];
}

function afterFreeze(scene: Scene, place: Place): Operation[] {
  if (place.dead) return [];
  const places = place.all().filter((each) => each === place || scene.within(each).some(({ at }) => at.get("v2") === each));
  return places.map(waitingForFreeze);
}

const waitingForFreeze = (place: Place): Operation => waiting(place, `frozen ${place.isFrozen ? 1 : 0}`);

function waiting(place: Place, contains: string): Operation {
  return { op: "wait_file", path: place.inside("cgroup.events"), contains, ms: IN_VAIN };
}

function afterMove(scene: Scene, place: Place | undefined): Operation[] {
  return place?.isFrozen && scene.isPopulated(place) ? [waitingForFreeze(place)] : [];
}

function afterFork(scene: Scene, op: Operation): Operation[] {
  const child = scene.agents.get(String(op.child));
  const place = child?.at.get("v2");
  const from = scene.agents.get(op.agent ?? "")?.at.get("v2");
  if (child === undefined || place === undefined || from === undefined) return [];
  return from.kills === place.kills ? afterMove(scene, place) : [{ op: "wait_dead", target: child.name }];
}
