// Which cgroup file systems can be seen, and where: from mountinfo alone, never from a fixed path.

import { parseMountinfo, type MountinfoEntry } from "../proc/mountinfo.ts";
import type { ProcCgroupEntry } from "../proc/cgroup-file.ts";
import { latin1 } from "./relative.ts";

type Entry = MountinfoEntry<Uint8Array>;
/** Which hierarchy a line of /proc/PID/cgroup is about. */
type Line = Pick<ProcCgroupEntry<Uint8Array>, "hierarchyId" | "controllers" | "name">;

/** A mount of a cgroup hierarchy; `root` as the reader's cgroup namespace sees it. */
export interface CgroupMount {
  readonly mountId: number;
  readonly hierarchy: Line;
  readonly root: Uint8Array;
  readonly mountPoint: Uint8Array;
  readonly hidden: boolean;
  readonly source: string;
}

/**
 * The cgroup mounts of a mountinfo text, in its order. `lines` is a /proc/PID/cgroup of the same machine: it tells which
 * hierarchy a v1 mount shows. A mount that another one lies over is hidden.
 */
export function cgroupMounts(mountinfo: Uint8Array, lines: readonly Line[]): CgroupMount[] {
  const entries = parseMountinfo(mountinfo, { encoding: "buffer" });
  const found: CgroupMount[] = [];
  const mounted = new MountTree(entries);
  for (const entry of entries) {
    const hierarchy = hierarchyOf(entry, lines);
    if (hierarchy === undefined) continue;
    const { mountId, root, mountPoint } = entry;
    const hidden = mounted.at(mountPoint) !== entry;
    found.push({ mountId, hierarchy, root, mountPoint, hidden, source: latin1(entry.source) });
  }
  return found;
}

function hierarchyOf({ fsType, superOptions }: Entry, lines: readonly Line[]): Line | undefined {
  if (fsType === "cgroup2") return lines.find((line) => line.hierarchyId === 0) ?? UNIFIED;
  if (fsType !== "cgroup") return undefined;
  const options = new Set(superOptions);
  return lines.find(
    ({ hierarchyId, controllers, name }) =>
      hierarchyId !== 0 &&
      controllers.every((controller) => options.has(controller)) &&
      (name === null ? controllers.length > 0 : options.has(`name=${name}`)),
  );
}

const UNIFIED: Line = { hierarchyId: 0, controllers: [], name: null };

// Who is on top of what: a walk down a path, stepping onto whatever is mounted at each step.
class MountTree {
  readonly #children = new Map<string, Entry>();
  readonly #root: Entry | undefined;

  constructor(entries: readonly Entry[]) {
    const ids = new Set(entries.map((entry) => entry.mountId));
    for (const entry of entries) this.#children.set(key(entry.parentId, latin1(entry.mountPoint)), entry);
    this.#root = entries.find((entry) => !ids.has(entry.parentId) || entry.parentId === entry.mountId);
  }

  at(mountPoint: Uint8Array): Entry | undefined {
    const path = latin1(mountPoint);
    let on = this.#root === undefined ? undefined : this.#top(this.#root, latin1(this.#root.mountPoint));
    for (let slash = path.indexOf("/", 1); on !== undefined; slash = path.indexOf("/", slash + 1)) {
      on = this.#top(on, slash === -1 ? path : path.slice(0, slash));
      if (slash === -1) break;
    }
    return on;
  }

  #top(from: Entry, path: string): Entry {
    let on = from;
    for (;;) {
      const next = this.#children.get(key(on.mountId, path));
      if (next === undefined || next === on) return on;
      on = next;
    }
  }
}

const key = (parent: number, path: string): string => `${parent} ${path}`;
