// The lines of a /proc/PID/cgroup whose task is known. A live task is in no removed cgroup (rule 1.5), so what its line
// ends with is part of a name; only an exiting one's line can say ` (deleted)`.

import { parseProcCgroup, type ProcCgroupEntry } from "../proc/cgroup-file.ts";

export type Line = ProcCgroupEntry<Uint8Array>;

const MARK = Buffer.from(" (deleted)");

/** @throws CgroupError EINVAL for what the kernel cannot have printed */
export function linesOf(text: Uint8Array, exiting: boolean): Line[] {
  const lines = parseProcCgroup(text, { encoding: "buffer" });
  return exiting ? lines : lines.map((line) => (line.deleted ? asLive(line) : line));
}

const asLive = (line: Line): Line => ({ ...line, deleted: false, path: Buffer.concat([line.path, MARK]) });

/** How a hierarchy is called: "" for v2, else its controllers and name as in /proc/PID/cgroup. */
export function keyOf({ id, controllers, name }: { id: number; controllers: readonly string[]; name: string | null }): string {
  return id === 0 ? "" : [...controllers, ...(name === null ? [] : [`name=${name}`])].join(",");
}

/** Where the path starts in the line that starts there. */
export function pathStart(text: Uint8Array, line: number): number {
  return text.indexOf(0x3a, text.indexOf(0x3a, line) + 1) + 1;
}
