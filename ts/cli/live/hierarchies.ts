// Where this machine has its cgroup hierarchies, from mountinfo and never from a fixed path, and how the unified one is
// set up: what a model must be told before it can be compared.

import { readFileSync } from "node:fs";
import { type MountinfoEntry, parseMountinfo } from "../../index.ts";
import { type Bytes, bytesOf } from "./bytes.ts";

/** Options of the whole unified hierarchy: any cgroup2 mount from the initial namespace sets and clears them all. */
export const GLOBAL_OPTIONS: readonly string[] = [
  "nsdelegate", "favordynmods", "memory_localevents", "memory_recursiveprot", "memory_hugetlb_accounting", "pids_localevents",
];

export class Hierarchies {
  /** "v2" or a v1 controller → the mount point. */
  readonly tops: ReadonlyMap<string, Bytes>;
  /** The unified hierarchy's global options. */
  readonly options: readonly string[];

  /** @throws Error where one is not mounted */
  constructor(v1: readonly string[]) {
    const mounts = wholeMounts();
    const unified = mounts.find(isUnified);
    if (unified === undefined) throw new Error("no cgroup2 mount that can be written to");
    const tops = new Map([["v2", bytesOf(unified.mountPoint)]]);
    for (const name of v1) {
      const mount = mounts.find(({ fsType, superOptions }) => fsType === "cgroup" && superOptions.includes(name));
      if (mount === undefined) throw new Error(`no v1 hierarchy '${name}' is mounted`);
      tops.set(name, bytesOf(mount.mountPoint));
    }
    this.tops = tops;
    this.options = unified.superOptions.filter((option) => GLOBAL_OPTIONS.includes(option));
  }

  static hasUnified(): boolean {
    return wholeMounts().some(isUnified);
  }

  /** Controllers that the unified root hands down. */
  rootControllers(): string[] {
    const text = readFileSync(`${this.tops.get("v2")!}/cgroup.subtree_control`, "latin1");
    return text.split(/\s+/).filter((name) => name !== "");
  }
}

const isUnified = ({ fsType }: MountinfoEntry): boolean => fsType === "cgroup2";

// Mounts of a hierarchy from its root, writable.
function wholeMounts(): MountinfoEntry[] {
  const entries = parseMountinfo(readFileSync("/proc/self/mountinfo", "utf8"));
  return entries.filter(({ root, mountOptions }) => root === "/" && mountOptions.includes("rw"));
}
