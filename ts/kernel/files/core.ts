// The files every cgroup of the unified hierarchy has: cgroup.* and cpu.stat (cgroup-v2.rst, "Core Interface Files").

import { type Bytes, strip } from "../bytes.ts";
import type { CgroupNode } from "../cgroup.ts";
import { CONTROLLERS, INHIBITED, namesOf } from "../controller.ts";
import { canBeThreadRoot, isValidDomain, typeOf } from "../domain.ts";
import { availableIn } from "../available.ts";
import { findFile } from "./table.ts";
import { vetPids } from "../migrate.ts";
import { INT_MAX, integer } from "../number.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { THREADED } from "../controller.ts";
import { vetSubtreeControl } from "../subtree-control.ts";
import type { Task } from "../task.ts";
import { type Act, type FileType, NOTHING_TO_DO, READ_ONLY, READ_WRITE, type Use, WRITE_ONLY } from "./file.ts";
import { killAll } from "../exit.ts";

const line = (words: readonly Bytes[]): Bytes => (words.length === 0 ? "" : `${words.join(" ")}\n`);

/** The processes of a cgroup: its leaders, or of a thread root those of its whole threaded subtree (rule 5.8). */
function showProcs(cgroup: CgroupNode, by: Task): Bytes | Refusal {
  if (cgroup.isThreaded) {
    // rule 5.8
    return refuse("EOPNOTSUPP", "5.8", { cgroup });
  }
  let text = "";
  for (const member of domainMembers(cgroup)) {
    for (const task of member.tasks) if (task.isLeader) text += `${task.numberIn(by.pidNs)}\n`;
  }
  // rule 6.10: a dead leader does not follow its cgroup into another domain
  for (const task of cgroup.deadLeaders) if (!task.process.isDead) text += `${task.numberIn(by.pidNs)}\n`;
  return text;
}

function* domainMembers(cgroup: CgroupNode): Generator<CgroupNode> {
  yield cgroup;
  yield* cgroup.removedMembers;
  if (cgroup.threadedChildren === 0) return;
  for (const below of cgroup.subtree()) if (below !== cgroup && below.domain === cgroup) yield below;
}

function showThreads(cgroup: CgroupNode, by: Task): Bytes {
  let text = "";
  for (const task of cgroup.tasks) text += `${task.numberIn(by.pidNs)}\n`;
  return text;
}

/** rule 6.6 */
function limit(key: "maxDepth" | "maxDescendants"): Pick<FileType, "show" | "vetWrite"> {
  return {
    show: (cgroup) => (cgroup[key] === INT_MAX ? "max\n" : `${cgroup[key]}\n`),
    vetWrite: (cgroup, text) => {
      const word = strip(text);
      const value = word === "max" ? INT_MAX : integer(word);
      if (typeof value === "string") {
        // rule 6.6
        return refuse(value, "6.6");
      }
      if (value < 0) return refuse("ERANGE", "6.6");
      return () => {
        cgroup[key] = value;
      };
    },
  };
}

/** 0 or 1; other integers are ERANGE. */
export function flag(text: Bytes, rule: "9.3" | "9.5" | "6.8"): number | Refusal {
  const value = integer(strip(text));
  if (typeof value === "string") {
    // rule 9.3
    return refuse(value, rule);
  }
  return value < 0 || value > 1 ? refuse("ERANGE", rule) : value;
}

function vetType(cgroup: CgroupNode, text: Bytes): Act | Refusal {
  if (strip(text) !== "threaded") {
    // rule 8.4
    return refuse("EINVAL", "8.4", { cgroup });
  }
  if (cgroup.isThreaded) return NOTHING_TO_DO;
  const domain = cgroup.parent!.domain;
  const settled = cgroup.isPopulated || (cgroup.subtreeControl & ~THREADED) !== 0;
  if (settled || !isValidDomain(domain) || !canBeThreadRoot(domain)) {
    // rule 8.4
    return refuse("EOPNOTSUPP", "8.4", { cgroup });
  }
  return () => {
    // rule 8.5
    for (const below of cgroup.subtree()) if (below === cgroup || below.isThreaded) below.domain = domain;
    cgroup.parent!.threadedChildren++;
  };
}

/** A file that keeps 0 or 1 in a field of the cgroup. */
const switched = (key: "freeze" | "pressure", rule: "9.3" | "6.8") => (cgroup: CgroupNode, text: Bytes): Act | Refusal => {
  const value = flag(text, rule);
  if (typeof value !== "number") return value;
  return () => {
    cgroup[key] = value === 1;
    if (key === "pressure" && value === 0) cgroup.closeFiles((name) => findFile(cgroup, name) === undefined);
  };
};

function vetKill(cgroup: CgroupNode, text: Bytes, use: Use): Act | Refusal {
  const value = integer(strip(text));
  if (typeof value === "string") {
    // rule 9.5
    return refuse(value, "9.5");
  }
  if (value !== 1) return refuse("ERANGE", "9.5");
  if (cgroup.isThreaded) return refuse("EOPNOTSUPP", "9.5", { cgroup });
  return () => killAll(cgroup, use.by);
}

/** How many cgroups of the subtree have that controller's state, counting this one. */
function statesOf(cgroup: CgroupNode, bit: number, implicit: boolean): number {
  if (implicit) return cgroup.descendants + 1;
  let count = 0;
  for (const below of cgroup.subtree()) if (below.isRoot || (availableIn(below) & (1 << bit)) !== 0) count++;
  return count;
}

/** rule 9.2 */
function showStat(cgroup: CgroupNode): Bytes {
  // rule 9.2
  const bound = CONTROLLERS.map((controller, bit) => ({ ...controller, bit })).filter(
    ({ bit }) => (cgroup.hierarchy.controllers & ~INHIBITED & (1 << bit)) !== 0,
  );
  const live = bound.map(({ name, bit, implicit }) => `nr_subsys_${name} ${statesOf(cgroup, bit, implicit === true)}\n`);
  const dying = bound.map(({ name, implicit }) => `nr_dying_subsys_${name} ${implicit === true ? cgroup.dyingDescendants : 0}\n`);
  return `nr_descendants ${cgroup.descendants}\n${live.join("")}nr_dying_descendants ${cgroup.dyingDescendants}\n${dying.join("")}`;
}

const bit = (yes: boolean): 0 | 1 => (yes ? 1 : 0);

export const CORE_FILES: readonly FileType[] = [
  { name: "cgroup.controllers", mode: READ_ONLY, show: (cgroup) => line(namesOf(availableIn(cgroup))) },
  {
    name: "cgroup.events", mode: READ_ONLY, where: "not root",
    // rule 9.1
    show: (cgroup) => `populated ${bit(cgroup.isPopulated)}\nfrozen ${bit(cgroup.isFrozen)}\n`,
  },
  { name: "cgroup.freeze", mode: READ_WRITE, where: "not root", show: (cgroup) => `${bit(cgroup.freeze)}\n`, vetWrite: switched("freeze", "9.3") },
  { name: "cgroup.kill", mode: WRITE_ONLY, where: "not root", vetWrite: vetKill },
  { name: "cgroup.max.depth", mode: READ_WRITE, ...limit("maxDepth") },
  { name: "cgroup.max.descendants", mode: READ_WRITE, ...limit("maxDescendants") },
  {
    name: "cgroup.pressure", mode: READ_WRITE, show: (cgroup) => `${bit(cgroup.pressure)}\n`,
    vetWrite: switched("pressure", "6.8"),
  },
  {
    name: "cgroup.procs", mode: READ_WRITE, delegatable: true, show: showProcs,
    vetWrite: (cgroup, text, use) => vetPids(cgroup, text, use, "process"),
  },
  { name: "cgroup.stat", mode: READ_ONLY, show: showStat },
  { name: "cgroup.stat.local", mode: READ_ONLY, where: "not root", show: () => "frozen_usec 0\n" },
  {
    name: "cgroup.subtree_control", mode: READ_WRITE, delegatable: true, show: (cgroup) => line(namesOf(cgroup.subtreeControl)),
    vetWrite: vetSubtreeControl,
  },
  {
    name: "cgroup.threads", mode: READ_WRITE, delegatable: true, show: showThreads,
    vetWrite: (cgroup, text, use) => vetPids(cgroup, text, use, "thread"),
  },
  { name: "cgroup.type", mode: READ_WRITE, where: "not root", show: (cgroup) => `${typeOf(cgroup)}\n`, vetWrite: vetType },
  { name: "cpu.stat", mode: READ_ONLY, show: () => "usage_usec 0\nuser_usec 0\nsystem_usec 0\nnice_usec 0\n" },
  { name: "cpu.stat.local", mode: READ_ONLY, show: () => "" },
];
