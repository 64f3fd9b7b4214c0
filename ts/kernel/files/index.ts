// Which control files a cgroup has: the core's of its version, and those of the controllers it has enabled.

import type { Bytes } from "../bytes.ts";
import type { CgroupNode } from "../cgroup.ts";
import { IMPLICIT, INHIBITED } from "../controller.ts";
import type { Owned } from "../credentials.ts";
import { availableIn } from "../hierarchy.ts";
import { BLOCK_FILES } from "./block.ts";
import { CORE_FILES } from "./core.ts";
import { CPU_FILES } from "./cpu.ts";
import { CPUSET_FILES } from "./cpuset.ts";
import { type FileType, READ_ONLY } from "./file.ts";
import { FREEZER_FILES } from "./freezer.ts";
import { HUGETLB_FILES } from "./hugetlb.ts";
import { LEGACY_FILES } from "./legacy.ts";
import { MEMORY_FILES } from "./memory.ts";
import { OTHER_FILES } from "./other.ts";
import { PIDS_FILES } from "./pids.ts";
import { PRESSURE_FILES } from "./pressure.ts";

/** A controller's files in both versions. */
export interface ControllerFiles {
  readonly unified: readonly FileType[];
  readonly legacy: readonly FileType[];
}

interface Tables {
  readonly unified: readonly FileType[];
  readonly legacy: readonly FileType[];
}

// Made at the first question: the modules of the files know those of the tree, and the other way round.
let made: Tables | undefined;

function tables(): Tables {
  const controllers = [CPUSET_FILES, CPU_FILES, BLOCK_FILES, MEMORY_FILES, FREEZER_FILES, HUGETLB_FILES, PIDS_FILES, OTHER_FILES];
  made ??= {
    unified: [...CORE_FILES, ...PRESSURE_FILES, ...controllers.flatMap(({ unified }) => unified)],
    legacy: [...LEGACY_FILES, ...controllers.flatMap(({ legacy }) => legacy)],
  };
  return made;
}

/** The same set for every cgroup of the same version, place and controllers: made once. */
const sets = new Map<number, ReadonlyMap<Bytes, FileType>>();

function setOf(cgroup: CgroupNode): ReadonlyMap<Bytes, FileType> {
  const { isUnified } = cgroup.hierarchy;
  const enabled = isUnified && cgroup.isRoot ? cgroup.hierarchy.controllers & ~(INHIBITED | IMPLICIT) : availableIn(cgroup);
  const key = enabled * 4 + (isUnified ? 2 : 0) + (cgroup.isRoot ? 1 : 0);
  let set = sets.get(key);
  if (set === undefined) {
    const here = (file: FileType): boolean =>
      file.where !== (cgroup.isRoot ? "not root" : "root only") &&
      (file.controllers === undefined || (file.controllers & enabled) !== 0);
    set = new Map((isUnified ? tables().unified : tables().legacy).filter(here).map((file) => [file.name, file]));
    sets.set(key, set);
  }
  return set;
}

/** rule 6.8: the files a cgroup has now. */
export function filesOf(cgroup: CgroupNode): FileType[] {
  const all = [...setOf(cgroup).values()];
  return cgroup.pressure ? all : all.filter(({ pressure }) => pressure !== true);
}

export function findFile(cgroup: CgroupNode, name: Bytes): FileType | undefined {
  const found = setOf(cgroup).get(name);
  return found?.pressure === true && !cgroup.pressure ? undefined : found;
}

/** A control file's owner and mode: the cgroup's creator's until changed (rule 6.7). */
export function fileOwned(cgroup: CgroupNode, name: Bytes): Owned {
  return cgroup.fileOwned.get(name) ?? { uid: cgroup.creator.uid, gid: cgroup.creator.gid, mode: findFile(cgroup, name)?.mode ?? READ_ONLY };
}

/** How many files a new cgroup has, each taking an id (rule 11.2). */
export const fileCount = (cgroup: CgroupNode): number => setOf(cgroup).size;

/** A file's place among those its cgroup was made with. */
export const fileIndex = (cgroup: CgroupNode, name: Bytes): number => [...setOf(cgroup).keys()].indexOf(name);
