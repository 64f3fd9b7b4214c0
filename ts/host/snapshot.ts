// What was read of a machine, as plain data: the whole of what a Host answers from, live or captured.
// Paths are bytes, seen from the reader's own cgroup namespace. Knows nothing of how it was read.

import type { StateAnswer } from "./state-search.ts";

/** How a namespace's root is known, best first. */
export type How = "exact" | "removed" | "inferred" | "unknown";

export interface Snapshot {
  /** uname -r. */
  readonly release: string;
  readonly reader: ReaderRecord;
  /** In the order of the lines of /proc/PID/cgroup. */
  readonly hierarchies: readonly HierarchyRecord[];
  readonly tasks: readonly TaskRecord[];
  readonly namespaces: readonly NamespaceRecord[];
  /** Texts of /proc/PID/mountinfo, each once; absent where identities were not asked for. */
  readonly mountinfos?: readonly Uint8Array[];
  /** What the machine has; absent where limits were not asked for. */
  readonly machine?: MachineRecord;
  /** What vanished while it was being read. */
  readonly skipped: { readonly processes: number; readonly cgroups: number };
  /** What could not be read, and why. */
  readonly refused: readonly string[];
}

export interface ReaderRecord {
  /** As in the /proc that was read; null where the reader does not appear in it. */
  readonly pid: number | null;
  readonly uid: number;
  /** Its cgroup namespace; null where the kernel would not say. */
  readonly ns: string | null;
}

export interface MachineRecord {
  /** Bytes; null where it is not known. */
  readonly memory: number | null;
  /** The numbers of the CPUs that are online; null where they are not known. */
  readonly online: readonly number[] | null;
}

export interface HierarchyRecord {
  readonly id: number;
  readonly controllers: readonly string[];
  readonly name: string | null;
  /** The cgroup id of what the reader sees as `/`; 0n where that is not known. */
  readonly origin: bigint;
  readonly mounts: readonly MountRecord[];
  /** In an order where a parent comes before its children. */
  readonly cgroups: readonly CgroupRecord[];
}

export interface MountRecord {
  readonly root: Uint8Array;
  readonly mountPoint: Uint8Array;
  /** Another mount lies over it. */
  readonly hidden: boolean;
}

export interface CgroupRecord {
  /** Index of the parent in the list; -1 for the root of a mount, whose name is then that root's path. */
  readonly parent: number;
  readonly name: Uint8Array;
  /** 0n where it was not read. */
  readonly id: bigint;
  /** Absent where they were not asked for. */
  readonly limits?: LimitFiles;
}

/** The limit files of one cgroup. */
export interface LimitFiles {
  /** Text by name; what the cgroup does not have is not there. */
  readonly files: Readonly<Record<string, string>>;
  /** Errno by name of those that could not be read; `*` for all of them. */
  readonly unread: Readonly<Record<string, string>>;
}

export interface TaskRecord {
  readonly pid: number;
  /** Equal to `pid` for the thread-group leader. */
  readonly tid: number;
  /** Index into `namespaces`; null where its namespace is not known. */
  readonly namespace: number | null;
  /** Why not. */
  readonly reason: string | null;
  /** A zombie, or on its way there: it has no namespaces any more. */
  readonly exiting: boolean;
  readonly uid: number;
  readonly user: string;
  readonly command: string;
  /** /proc/PID/cgroup as the reader read it. */
  readonly cgroup: Uint8Array;
  /** Index into `mountinfos`, or why it could not be read; absent where identities were not asked for. */
  readonly mountinfo?: number | string;
  /** What a runtime's state file says of it, where nothing else names its container. */
  readonly state?: StateAnswer;
}

export interface NamespaceRecord {
  /** The inode number of its /proc link; null for a namespace told from others only by inference. */
  readonly ns: string | null;
  /** One for each hierarchy. */
  readonly roots: readonly RootRecord[];
  /** What tasks' /proc/TID/cgroup said when read from inside, where a view cannot be worked out. By tid. */
  readonly witnessed: ReadonlyMap<number, Uint8Array>;
}

export interface RootRecord {
  readonly hierarchy: number;
  readonly how: How;
  /** The root; of a removed one the deepest live ancestor; null when unknown. */
  readonly path: Uint8Array | null;
  /** Levels between that ancestor and the removed root. */
  readonly below: number;
  /** Why it is not exact, or what it was inferred from. */
  readonly reason: string | null;
}

/** The initial cgroup namespace's inode number: PROC_CGROUP_INIT_INO. */
export const INITIAL_NAMESPACE = "4026531835";
