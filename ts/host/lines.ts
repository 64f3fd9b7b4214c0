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
