// One limit along a line of cgroups: the least that any of them sets, who sets it, and what is left. A cgroup's use is
// counted in all its ancestors too, so the tightest of them binds, whatever the innermost file says.

import { controllerOf, hierarchyWith, type LimitFiles, type LimitName, limitFiles, ownLimit } from "./files.ts";
import type { CgroupReading, HierarchyReading, LimitsReading } from "./reading.ts";
import { parseLimit } from "./value.ts";

/**
 * How a limit is known. exact: every level up to the hierarchy's root was read, or the kernel's own sum over them was.
 * visible: it is the least of what can be seen, and the true one may be lower. unknown: nothing could be read.
 */
export type Certainty = "exact" | "visible" | "unknown";

/** One cgroup that has the limit's file. */
export interface LimitLevel<P = string> {
  readonly path: P;
  /** Its own limit; null where it sets none, or could not be read. */
  readonly max: number | null;
  /** Its use, that of all cgroups below it included; null where no file says it. */
  readonly current: number | null;
}

/** A limit as it binds: in bytes for memory, swap and huge pages, in tasks for pids, in CPUs for the quota. */
export interface Limit<P = string> {
  /** The least of all visible levels; null for no limit, and where it is unknown. */
  readonly max: number | null;
  /** The cgroup that binds: of several with this limit the outermost, as it has most to count. Null where none that can be seen does. */
  readonly from: P | null;
  /** Use of the cgroup that binds; of the innermost one where none does. Null where no file says it. */
  readonly current: number | null;
  /** What is left: the least of max − current over the levels, as an ancestor with more room may be fuller. Null without a limit. */
  readonly available: number | null;
  /** The cgroup that has least left. */
  readonly availableFrom: P | null;
  readonly how: Certainty;
  /** Why it is not exact, or where a limit comes from that no visible cgroup sets. */
  readonly reason: string | null;
  /** The cgroups that have the file, outermost first. */
  readonly chain: readonly LimitLevel<P>[];
}

/** A limit along its controller's hierarchy; unknown, with the reason, where no cgroup of that can be seen. */
export function limitOf<P>({ hierarchies }: Pick<LimitsReading<P>, "hierarchies">, name: LimitName): Limit<P> {
  const controller = controllerOf(name);
  const hierarchy = hierarchyWith(hierarchies, controller);
  if (hierarchy === undefined) return unlimited(`no hierarchy with the ${controller} controller was read`, "unknown");
  if (hierarchy.cgroups.length === 0) return unlimited(hierarchy.reason ?? "no cgroup can be seen", "unknown");
  const files = limitFiles(name, hierarchy.version);
  return files === undefined ? unlimited(`v${hierarchy.version} has no ${name}`, "exact") : along(hierarchy, files);
}

function along<P>(hierarchy: HierarchyReading<P>, files: LimitFiles): Limit<P> {
  const faults: string[] = [];
  const chain = hierarchy.cgroups.flatMap((cgroup): LimitLevel<P>[] => {
    const max = read(cgroup, files, faults);
    if (max === undefined) return [];
    const current = files.current === undefined ? undefined : parseLimit(cgroup.files[files.current] ?? "");
    return [{ path: cgroup.path, max, current: current ?? null }];
  });
  if (faults.length === hierarchy.cgroups.length) return unlimited([...new Set(faults)].join("; "), "unknown");
  const reasons = [...new Set(faults), ...hidden(hierarchy)];
  return { ...least(chain), how: reasons.length === 0 ? "exact" : "visible", reason: reasons.join("; ") || null, chain };
}

/** The same where the kernel itself says the least of all levels, those that cannot be seen included: v1's memory.stat. */
export function withWhole<P>(limit: Limit<P>, whole: number | null): Limit<P> {
  // Without use_hierarchy (gone since Linux 5.11) an ancestor may say less and not bind.
  const binding = limit.chain.filter(({ max }) => max === null || (whole !== null && max >= whole));
  const exact = { how: "exact", chain: limit.chain } as const;
  const found = least(binding);
  if (found.max === whole) return { ...found, ...exact, reason: null };
  // It counts at least what the outermost visible one does, and no level below can have less left of a higher limit.
  const current = binding[0]?.current ?? null;
  const available = current === null || whole === null ? null : Math.max(0, whole - current);
  return { max: whole, from: null, current: null, available, availableFrom: null, ...exact, reason: "a cgroup above those that can be seen sets it" };
}

function unlimited<P>(reason: string, how: Certainty): Limit<P> {
  return { max: null, from: null, current: null, available: null, availableFrom: null, how, reason, chain: [] };
}

// What may bind besides the visible levels, in words; nothing where they begin at the hierarchy's root.
function hidden<P>({ edge, above }: HierarchyReading<P>): string[] {
  if (edge === "root") return [];
  const levels = above === null ? "levels" : above === 1 ? "1 level" : `${above} levels`;
  return [`${levels} above the ${edge}'s root cannot be seen: the true limit may be lower`];
}

// undefined where the cgroup has no such file; null, and a fault noted, where it has one that tells nothing.
function read<P>({ files, unread = {} }: CgroupReading<P>, limit: LimitFiles, faults: string[]): number | null | undefined {
  const errno = unread[limit.max] ?? unread["*"];
  if (errno !== undefined) faults.push(`${limit.max} cannot be read: ${errno}`);
  if (files[limit.max] === undefined) return errno === undefined ? undefined : null;
  const value = ownLimit(files, limit);
  if (value === undefined) faults.push(`${limit.max} says '${files[limit.max]!.trim().slice(0, 40)}'`);
  return value ?? null;
}

function least<P>(chain: readonly LimitLevel<P>[]): Pick<Limit<P>, "max" | "from" | "current" | "available" | "availableFrom"> {
  let binding: LimitLevel<P> | undefined;
  let room: { readonly left: number; readonly path: P } | undefined;
  for (const level of chain) {
    const { max, current, path } = level;
    if (max === null) continue;
    if (binding === undefined || max < binding.max!) binding = level;
    const left = current === null ? undefined : Math.max(0, max - current);
    if (left !== undefined && (room === undefined || left < room.left)) room = { left, path };
  }
  return {
    max: binding?.max ?? null,
    from: binding?.path ?? null,
    current: (binding ?? chain.at(-1))?.current ?? null,
    available: room?.left ?? null,
    availableFrom: room?.path ?? null,
  };
}
