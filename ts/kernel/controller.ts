// The controllers of the modelled release: their names in both versions, and what the unified hierarchy does with them.
// A set of controllers is a number, bit n for the n-th.

import type { Bytes } from "./bytes.ts";

export interface Controller {
  /** Its name on v2. */
  readonly name: Bytes;
  /** Its name in /proc/PID/cgroup and in v1 mount options. */
  readonly legacyName: Bytes;
  /** Works for threads, so it may be enabled inside a threaded subtree. */
  readonly threaded?: boolean;
  /** Has no interface on v2. */
  readonly inhibited?: boolean;
  /** On v2 everywhere without being enabled. */
  readonly implicit?: boolean;
}

/** In the kernel's order, which is that of names in /proc/PID/cgroup. */
export const CONTROLLERS: readonly Controller[] = [
  { name: "cpuset", legacyName: "cpuset", threaded: true },
  { name: "cpu", legacyName: "cpu", threaded: true },
  { name: "cpuacct", legacyName: "cpuacct", inhibited: true, threaded: true },
  { name: "io", legacyName: "blkio" },
  { name: "memory", legacyName: "memory" },
  { name: "devices", legacyName: "devices", inhibited: true },
  { name: "freezer", legacyName: "freezer", inhibited: true },
  { name: "net_cls", legacyName: "net_cls", inhibited: true },
  { name: "perf_event", legacyName: "perf_event", threaded: true, implicit: true },
  { name: "net_prio", legacyName: "net_prio", inhibited: true },
  { name: "hugetlb", legacyName: "hugetlb" },
  { name: "pids", legacyName: "pids", threaded: true },
  { name: "rdma", legacyName: "rdma" },
  { name: "misc", legacyName: "misc" },
  { name: "dmem", legacyName: "dmem" },
];

export type ControllerSet = number;

function setOf(which: (controller: Controller) => boolean | undefined): ControllerSet {
  return CONTROLLERS.reduce((set, controller, bit) => (which(controller) === true ? set | (1 << bit) : set), 0);
}

export const THREADED: ControllerSet = setOf(({ threaded }) => threaded);
export const INHIBITED: ControllerSet = setOf(({ inhibited }) => inhibited);
export const IMPLICIT: ControllerSet = setOf(({ implicit }) => implicit);

const BITS: ReadonlyMap<Bytes, number> = new Map(
  CONTROLLERS.flatMap(({ name, legacyName }, bit) => [[name, bit], [legacyName, bit]] as const),
);

/** The set with these names, each from either version; undefined where one is unknown. */
export function controllerSet(names: readonly string[]): ControllerSet | undefined {
  let set = 0;
  for (const name of names) {
    const bit = BITS.get(name);
    if (bit === undefined) return undefined;
    set |= 1 << bit;
  }
  return set;
}

const lists = { name: new Map<ControllerSet, readonly Bytes[]>(), legacyName: new Map<ControllerSet, readonly Bytes[]>() };

/** Names, in the kernel's order. */
export function namesOf(set: ControllerSet, kind: "name" | "legacyName" = "name"): readonly Bytes[] {
  let names = lists[kind].get(set);
  if (names === undefined) {
    names = CONTROLLERS.filter((_, bit) => (set & (1 << bit)) !== 0).map((one) => one[kind]);
    lists[kind].set(set, names);
  }
  return names;
}

/** The bit of a v2 name, or -1. */
export const bitOf = (name: Bytes): number => CONTROLLERS.findIndex((one) => one.name === name);
