// From a path in /proc/PID/cgroup to directories that can be opened: the cgroup's own and those of all its ancestors that
// a mount shows, by the mount that shows most of them. From mountinfo alone, never from a fixed path.

import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Edge } from "../limits/reading.ts";
import type { CgroupMount } from "./mounts.ts";
import { ancestor, bytesOf, depthOf, isAtOrBelow, latin1, type Relative, relative } from "./relative.ts";

export interface Level {
  /** As the reader's cgroup namespace sees it. */
  readonly path: Uint8Array;
  readonly directory: Buffer;
}

/** The levels that can be seen, outermost first, and what the outermost one is. */
export interface Levels {
  readonly levels: readonly Level[];
  readonly edge: Edge;
  /** How many levels lie above; null where that is not known. */
  readonly above: number | null;
}

/** Who is asking, and about whom. */
export interface Asked {
  /** Is the reader's cgroup namespace the initial one, so that paths start at the hierarchy's root? */
  readonly initial: boolean;
  /** The task's number as the reader's cgroup.threads and tasks list it; null where that is not known. */
  readonly tid: number | null;
}

/** Undefined where no mount shows the cgroup. `mounts`: those of its hierarchy that nothing lies over. */
export function levelsOf(mounts: readonly CgroupMount[], path: Uint8Array, asked: Asked): Levels | undefined {
  const place = relative(path);
  const showing = mounts
    .map((mount) => ({ mount, root: relative(mount.root) }))
    .filter(({ root }) => isAtOrBelow(place, root))
    .sort((a, b) => depthOf(a.root) - depthOf(b.root));
  const direct = showing.find(({ root }) => root.ups <= place.ups);
  const known = direct && directoryOf(direct.mount, namesBelow(direct.root, place));
  for (const { mount, root } of showing) {
    const names = namesTo(mount, root, place, known, asked.tid);
    if (names === undefined || inodeOf(directoryOf(mount, names)) === undefined) continue;
    return { levels: levelsTo(mount, place, names), ...edgeOf(mount, root, asked) };
  }
  return undefined;
}

function levelsTo(mount: CgroupMount, place: Relative, names: readonly string[]): Level[] {
  return Array.from({ length: names.length + 1 }, (_, level) => ({
    path: bytesOf(ancestor(place, names.length - level)),
    directory: directoryOf(mount, names.slice(0, level)),
  }));
}

// A cgroup hierarchy's root has the inode number 1.
function edgeOf(mount: CgroupMount, root: Relative, { initial }: Asked): Pick<Levels, "edge" | "above"> {
  if (inodeOf(directoryOf(mount, [])) === 1n) return { edge: "root", above: 0 };
  const depth = depthOf(root);
  return { edge: !initial && depth === 0 ? "namespace" : "mount", above: initial && depth > 0 ? depth : null };
}

const namesBelow = (root: Relative, place: Relative): readonly string[] => place.names.slice(root.names.length);

// A mount from above the reader's own root: the names between the two are printed nowhere, so the cgroup is looked for,
// by its inode number where another mount shows it too, else by its task.
//
//   mount root   the cgroup   looked for
//   /../..       /a           the directories a two levels below the mount point
function namesTo(mount: CgroupMount, root: Relative, place: Relative, known: Buffer | undefined, tid: number | null): readonly string[] | undefined {
  if (root.ups <= place.ups) return namesBelow(root, place);
  const inode = known === undefined ? undefined : inodeOf(known);
  const isIt = (directory: Buffer): boolean => (inode === undefined ? tid !== null && lists(directory, tid) : inodeOf(directory) === inode);
  const search = (above: readonly string[]): readonly string[] | undefined => {
    if (above.length === root.ups - place.ups) {
      const names = [...above, ...place.names];
      return isIt(directoryOf(mount, names)) ? names : undefined;
    }
    for (const name of namesIn(directoryOf(mount, above))) {
      const found = search([...above, name]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search([]);
}

function directoryOf({ mountPoint }: CgroupMount, names: readonly string[]): Buffer {
  return Buffer.concat([mountPoint, Buffer.from(names.map((name) => `/${name}`).join(""), "latin1")]);
}

function inodeOf(directory: Buffer): bigint | undefined {
  try {
    return statSync(directory, { bigint: true }).ino;
  } catch {
    // Removed, too long for a path, or not for us to see: not there.
    return undefined;
  }
}

function namesIn(directory: Buffer): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true, encoding: "buffer" });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => latin1(entry.name as unknown as Buffer));
  } catch {
    // Gone, or not for us to read: what is looked for is not found there.
    return [];
  }
}

// v1 calls the file tasks, v2 cgroup.threads. Not cgroup.procs: a process whose threads are apart is in several of those.
function lists(directory: Buffer, tid: number): boolean {
  return ["tasks", "cgroup.threads"].some((name) => {
    try {
      return readFileSync(Buffer.concat([directory, Buffer.from(`/${name}`)]), "latin1").split("\n").includes(String(tid));
    } catch {
      return false;
    }
  });
}
