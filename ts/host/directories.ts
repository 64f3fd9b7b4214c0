// A mounted hierarchy read as directories: one readdir and one stat for each cgroup, its id being the inode number.
// Paths of any length: where one gets too long for the kernel, the walk goes on from an open directory.

import { closeSync, constants, openSync, readdirSync, statSync } from "node:fs";
import { readLimitFiles } from "./limit-files.ts";
import { isGone, errnoOf } from "./machine.ts";
import type { CgroupRecord } from "./snapshot.ts";
import type { Steps } from "./steps.ts";

const SLASH = Buffer.from("/");
const LONGEST_PATH = 3800;

interface Place {
  readonly path: Buffer;
  readonly index: number;
}

export interface DirectoryReport {
  skipped: number;
  readonly refused: string[];
}

/** Appends the cgroups below a mounted root to `cgroups`, the root first, under its own path; `limits`: with the limit files of that version. */
export function* readDirectories(
  directory: string | Buffer,
  root: Uint8Array,
  cgroups: CgroupRecord[],
  report: DirectoryReport,
  limits?: 1 | 2,
): Steps<void> {
  const opened: number[] = [];
  const places: Place[] = [];
  const enter = (path: Buffer, parent: number, name: Uint8Array): void => {
    const id = idOf(path, report);
    if (id === undefined) return;
    places.push({ path: shortened(path, opened), index: cgroups.length });
    cgroups.push({ parent, name, id });
  };
  try {
    enter(Buffer.from(directory as string), -1, root);
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const { path, index } = place;
      for (const name of namesIn(path, report)) enter(Buffer.concat([path, SLASH, name]), index, name);
      if (limits !== undefined) cgroups[index] = { ...cgroups[index]!, limits: readLimitFiles(path, limits) };
      yield;
    }
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

function namesIn(path: Buffer, report: DirectoryReport): Buffer[] {
  try {
    const entries = readdirSync(path, { encoding: "buffer", withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name as unknown as Buffer);
  } catch (error) {
    note(error, path, report);
    return [];
  }
}

function idOf(path: Buffer, report: DirectoryReport): bigint | undefined {
  try {
    return statSync(path, { bigint: true }).ino;
  } catch (error) {
    note(error, path, report);
    return undefined;
  }
}

function shortened(path: Buffer, opened: number[]): Buffer {
  if (path.length < LONGEST_PATH) return path;
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    opened.push(fd);
    return Buffer.from(`/proc/self/fd/${fd}`);
  } catch {
    return path;
  }
}

function note(error: unknown, path: Buffer, report: DirectoryReport): void {
  if (isGone(error)) report.skipped++;
  else report.refused.push(`${path}: ${errnoOf(error) ?? String(error)}`);
}
