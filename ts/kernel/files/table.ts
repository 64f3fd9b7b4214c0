// Which control files a cgroup has: the core's of its version, and those of the controllers it has enabled. The files
// themselves are handed in (provideFiles), since what they do knows this table.

import { availableIn } from "../available.ts";
import type { Bytes } from "../bytes.ts";
import type { CgroupNode } from "../cgroup.ts";
import { IMPLICIT, INHIBITED } from "../controller.ts";
import type { Owned } from "../credentials.ts";
import { type ControllerFiles, type FileType, READ_ONLY } from "./file.ts";

type FilesOfMachine = (hugePages: readonly Bytes[]) => ControllerFiles;

let filesOfMachine: FilesOfMachine = () => ({ unified: [], legacy: [] });

/** Before the first cgroup is made. */
export function provideFiles(provided: FilesOfMachine): void {
  filesOfMachine = provided;
}

/** What a machine with these huge pages has, and the same set for every cgroup of the same version, place and controllers: made once. */
interface Machine {
  readonly all: ControllerFiles;
  readonly sets: Map<number, FileSet>;
}

const machines = new Map<Bytes, Machine>();

function machineOf(hugePages: Bytes): Machine {
  let machine = machines.get(hugePages);
  if (machine === undefined) {
    machine = { all: filesOfMachine(hugePages.split(",")), sets: new Map() };
    machines.set(hugePages, machine);
  }
  return machine;
}

/** The files a cgroup has, and what they depend on. */
export interface FileSet {
  readonly key: number;
  readonly byName: ReadonlyMap<Bytes, FileType>;
}

function setOf(cgroup: CgroupNode): ReadonlyMap<Bytes, FileType> {
  const { hierarchy, isRoot } = cgroup;
  const { isUnified } = hierarchy;
  const enabled = isUnified && isRoot ? hierarchy.controllers & ~(INHIBITED | IMPLICIT) : availableIn(cgroup);
  const key = enabled * 4 + (isUnified ? 2 : 0) + (isRoot ? 1 : 0);
  const known = cgroup.fileSet;
  if (known !== undefined && known.key === key) return known.byName;
  const found = findSet(cgroup, enabled, key);
  cgroup.fileSet = found;
  return found.byName;
}

function findSet({ hierarchy, isRoot }: CgroupNode, enabled: number, key: number): FileSet {
  const { all, sets } = machineOf(hierarchy.hugePages);
  let set = sets.get(key);
  if (set === undefined) {
    const here = (file: FileType): boolean =>
      file.where !== (isRoot ? "not root" : "root only") && (file.controllers === undefined || (file.controllers & enabled) !== 0);
    const files = hierarchy.isUnified ? all.unified : all.legacy;
    set = { key, byName: new Map(files.filter(here).map((file) => [file.name, file])) };
    sets.set(key, set);
  }
  return set;
}

/** rule 6.8: the files a cgroup has now. */
export function filesOf(cgroup: CgroupNode): FileType[] {
  const here = [...setOf(cgroup).values()];
  return cgroup.pressure ? here : here.filter(({ pressure }) => pressure !== true);
}

export function findFile(cgroup: CgroupNode, name: Bytes): FileType | undefined {
  const found = setOf(cgroup).get(name);
  return found?.pressure === true && !cgroup.pressure ? undefined : found;
}

/** A control file's owner and mode: the cgroup's creator's until changed (rule 6.7). */
export function fileOwned(cgroup: CgroupNode, name: Bytes): Owned {
  return cgroup.ownedFile(name) ?? { uid: cgroup.creator.uid, gid: cgroup.creator.gid, mode: findFile(cgroup, name)?.mode ?? READ_ONLY };
}

/** How many files a new cgroup has, each taking an id (rule 11.2). */
export const fileCount = (cgroup: CgroupNode): number => setOf(cgroup).size;

/** A file's place among those its cgroup was made with. */
export const fileIndex = (cgroup: CgroupNode, name: Bytes): number => [...setOf(cgroup).keys()].indexOf(name);
