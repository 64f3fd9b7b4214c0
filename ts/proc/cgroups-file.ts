// /proc/cgroups as text: which controllers the kernel has, cgroups(7). Only v1 shows in it: on v2 every hierarchy id is 0.
// Knows lines; must not know what a controller does.
import { CgroupError } from "../errors.ts";
import { glance } from "./bytes.ts";

/** One line of /proc/cgroups: one controller. */
export interface ProcCgroupsEntry {
  readonly controller: string;
  /** The v1 hierarchy it is attached to; 0 for none, and for v2. */
  readonly hierarchyId: number;
  /** How many cgroups that hierarchy has. */
  readonly cgroups: number;
  /** False where the kernel was booted with `cgroup_disable=`. */
  readonly enabled: boolean;
}

/**
 * Reads the text of /proc/cgroups; the heading may be left out.
 *
 *     text:   cpuset\t7\t148\t1   → { controller: "cpuset", hierarchyId: 7, cgroups: 148, enabled: true }
 *
 * @throws CgroupError EINVAL with `line` and `rule` for a line of another form
 */
export function parseProcCgroups(text: string | Uint8Array): ProcCgroupsEntry[] {
  const lines = (typeof text === "string" ? text : glance(text)).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((line, at) => (at === 0 && line.startsWith("#") ? [] : [readLine(line, at + 1)]));
}

function readLine(text: string, line: number): ProcCgroupsEntry {
  const [, controller, hierarchyId, cgroups, enabled] = /^([\w.-]+)\t(\d{1,10})\t(\d{1,10})\t([01])$/.exec(text) ?? [];
  if (controller === undefined) throw new CgroupError("EINVAL", { syscall: "parse", line, rule: "a line is CONTROLLER, ID, CGROUPS, ENABLED, tabs between" });
  return { controller, hierarchyId: Number(hierarchyId), cgroups: Number(cgroups), enabled: enabled === "1" };
}
