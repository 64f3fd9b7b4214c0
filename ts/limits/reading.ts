// What was read of the cgroups above one process, as plain data: the whole of what its limits are worked out from.
// `P` is how paths are held. Knows nothing of how it was read, on which machine, or through which mount.

/** One cgroup and the texts of its limit files. */
export interface CgroupReading<P = string> {
  /** As the reader's cgroup namespace sees it. */
  readonly path: P;
  /** Text by name, such as `memory.max`; a file that the cgroup does not have is not in it. */
  readonly files: Readonly<Record<string, string>>;
  /** Files that are there and could not be read, with the reason: an errno. `*`: the directory itself. */
  readonly unread?: Readonly<Record<string, string>>;
}

/** Where the outermost visible cgroup stands: at the hierarchy's root, or where a namespace or a mount begins. */
export type Edge = "root" | "namespace" | "mount";

/** The line of cgroups in one hierarchy, from the outermost that can be seen down to the process's own. */
export interface HierarchyReading<P = string> {
  readonly version: 1 | 2;
  /** Of v1, as in /proc/PID/cgroup. What no v1 hierarchy has belongs to v2. */
  readonly controllers: readonly string[];
  /** Outermost first; none where none can be seen. */
  readonly cgroups: readonly CgroupReading<P>[];
  readonly edge: Edge;
  /** Levels above the outermost visible one; null where not even their number is known. */
  readonly above: number | null;
  /** Why no cgroup can be seen; else null. */
  readonly reason: string | null;
}

/** What the machine has whatever the cgroups say; null where it is not known. CPUs are their numbers in order. */
export interface MachineReading {
  /** MemTotal of /proc/meminfo, in bytes. */
  readonly memory: number | null;
  /** The CPUs that are online. */
  readonly online: readonly number[] | null;
  /** The process's affinity: Cpus_allowed_list of /proc/PID/status, which may name CPUs that are not there. */
  readonly allowed: readonly number[] | null;
}

export interface LimitsReading<P = string> {
  readonly hierarchies: readonly HierarchyReading<P>[];
  readonly machine: MachineReading;
}

/** The same reading with its paths held otherwise. */
export function withPaths<P, Q>({ hierarchies, machine }: LimitsReading<P>, held: (path: P) => Q): LimitsReading<Q> {
  return {
    hierarchies: hierarchies.map((hierarchy) => ({
      ...hierarchy, cgroups: hierarchy.cgroups.map((cgroup) => ({ ...cgroup, path: held(cgroup.path) })),
    })),
    machine,
  };
}
