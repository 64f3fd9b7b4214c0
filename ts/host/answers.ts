// What a Host answers, as types. Knows nothing of how the answers are found.

import type { Cgroup } from "../cgroup.ts";
import type { Encoding, Text } from "../core/text.ts";
import type { Hierarchy } from "../hierarchy.ts";
import type { How } from "./snapshot.ts";

/** What a process would read, and how certain that is. */
export interface View<E extends Encoding = "utf8"> {
  /** The text of /proc/TARGET/cgroup, byte for byte; null when unknown. */
  readonly text: Text<E> | null;
  readonly how: Exclude<How, "removed">;
  /** Why it is unknown, or what it was inferred from. */
  readonly reason: string | null;
}

/** One cgroup namespace of the machine. */
export interface HostNamespace {
  /** The number of its /proc link; null for one that is only inferred. */
  readonly ns: string | null;
  readonly nprocs: number;
  /** Its first process; null when only threads are in it. */
  readonly pid: number | null;
  readonly user: string | null;
  readonly command: string | null;
  /** One for each hierarchy, the unified one first. */
  readonly roots: readonly HostRoot[];
}

/** A cgroupns root in one hierarchy, as the reader of the machine sees it. */
export interface HostRoot {
  /** "" for v2, else the controllers and the name as in /proc/PID/cgroup. */
  readonly hierarchy: string;
  readonly how: How;
  /** For a removed root its deepest live ancestor; null when unknown. */
  readonly path: Uint8Array | null;
  /** Levels from that ancestor down to the removed root; else 0. */
  readonly below: number;
  readonly reason: string | null;
}

/** A hierarchy of the machine as a tree. */
export interface HostHierarchy {
  readonly key: string;
  readonly tree: Hierarchy;
  /** What the reader sees as `/`. */
  readonly origin: Cgroup;
}

/** A cgroup that a task is in. */
export interface HostCgroup {
  /** "" for v2, else the controllers and the name as in /proc/PID/cgroup. */
  readonly hierarchy: string;
  readonly cgroup: Cgroup;
  /** As the reader of the machine sees it. */
  readonly path: Uint8Array;
  /** Its directory; null where no mount showed it, and then its id is made up. */
  readonly directory: Uint8Array | null;
}

/** A process or thread in its place. */
export interface HostTask {
  readonly pid: number;
  readonly tid: number;
  readonly ns: string | null;
  readonly user: string;
  readonly uid: number;
  readonly command: string;
  readonly exiting: boolean;
}
