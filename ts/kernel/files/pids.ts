// The pids controller: how many tasks a subtree may hold. A fork over a limit is EAGAIN (pids.rst); a move never is.

import { type Bytes, strip } from "../bytes.ts";
import type { CgroupNode } from "../cgroup.ts";
import { type ControllerSet, controllerSet } from "../controller.ts";
import { signed64 } from "../number.ts";
import { type Refusal, refuse } from "../refusal.ts";
import type { ControllerFiles } from "./file.ts";
import { type FileType, READ_ONLY, READ_WRITE } from "./file.ts";
import { availableIn } from "../available.ts";

export const PIDS: ControllerSet = controllerSet(["pids"])!;
/** The most a limit can be, one below which `max` begins. */
const PIDS_MAX = 4194304n + 1n;

const limitOf = (cgroup: CgroupNode): bigint => (cgroup.setting("pids.max") as bigint | undefined) ?? PIDS_MAX;
const number = (cgroup: CgroupNode, key: Bytes): number => (cgroup.setting(key) as number | undefined) ?? 0;
const add = (cgroup: CgroupNode, key: Bytes): unknown => cgroup.settings.set(key, number(cgroup, key) + 1);

/** Tasks that count in a cgroup, dead ones until they are reaped. */
export const chargedTo = (cgroup: CgroupNode): number => number(cgroup, "pids.charged");

/** Tasks come (+1) or go (-1): counted in every cgroup above. */
export function charge(cgroup: CgroupNode, change: 1 | -1): void {
  for (let at: CgroupNode | null = cgroup; at !== null; at = at.parent) {
    const now = chargedTo(at) + change;
    at.settings.set("pids.charged", now);
    if (now > number(at, "pids.peak")) at.settings.set("pids.peak", now);
  }
}

const hasPids = (cgroup: CgroupNode): boolean => !cgroup.isRoot && (availableIn(cgroup) & PIDS) !== 0;

/** One more task in this cgroup: EAGAIN at the first ancestor whose limit it would break. */
export function vetFork(cgroup: CgroupNode): Refusal | undefined {
  for (let at: CgroupNode | null = cgroup; at !== null; at = at.parent) {
    if (!hasPids(at) || BigInt(chargedTo(at) + 1) <= limitOf(at)) continue;
    return refuse("EAGAIN", "7.6", { cgroup: at, file: "pids.max" });
  }
  return undefined;
}

/** A fork was refused: who counts it. v1 counts it where the fork was tried, v2 where the limit is and above. */
export function countRefused(cgroup: CgroupNode, at: CgroupNode): void {
  add(cgroup, "pids.events.forkfail");
  add(at, "pids.events.max");
  for (let up: CgroupNode | null = at; up !== null; up = up.parent) add(up, "pids.events.subtree");
}

function parseMax(text: Bytes): bigint | Refusal {
  const word = strip(text);
  if (word === "max") return PIDS_MAX;
  const value = signed64(word);
  if (typeof value === "string") return refuse(value, "7.6");
  return value < 0n || value >= PIDS_MAX ? refuse("EINVAL", "7.6") : value;
}

const max: FileType = {
  name: "pids.max", mode: READ_WRITE, where: "not root", controllers: PIDS,
  show: (cgroup) => (limitOf(cgroup) >= PIDS_MAX ? "max\n" : `${limitOf(cgroup)}\n`),
  vetWrite: (cgroup, text) => {
    const value = parseMax(text);
    if (typeof value !== "bigint") return value;
    return () => {
      cgroup.settings.set("pids.max", value);
    };
  },
};

const count = (name: Bytes, show: (cgroup: CgroupNode) => Bytes): FileType => ({
  name, mode: READ_ONLY, where: "not root", controllers: PIDS, show: (cgroup) => `${show(cgroup)}\n`,
});

const common: readonly FileType[] = [
  max,
  count("pids.current", (cgroup) => String(chargedTo(cgroup))),
  count("pids.peak", (cgroup) => String(number(cgroup, "pids.peak"))),
];

export const PIDS_FILES: ControllerFiles = {
  unified: [
    ...common,
    count("pids.events", (cgroup) => `max ${number(cgroup, "pids.events.subtree")}`),
    count("pids.events.local", (cgroup) => `max ${number(cgroup, "pids.events.max")}`),
  ],
  legacy: [...common, count("pids.events", (cgroup) => `max ${number(cgroup, "pids.events.forkfail")}`)],
};
