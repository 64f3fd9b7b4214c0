// Every control file of the modelled release, of either version.

import { BLOCK_FILES } from "./block.ts";
import { CORE_FILES } from "./core.ts";
import { CPU_FILES } from "./cpu.ts";
import { CPUSET_FILES } from "./cpuset.ts";
import { FREEZER_FILES } from "./freezer.ts";
import { hugetlbFiles, isHugePageSize } from "./hugetlb.ts";
import { LEGACY_FILES } from "./legacy.ts";
import { MEMORY_FILES } from "./memory.ts";
import { OTHER_FILES } from "./other.ts";
import { PIDS_FILES } from "./pids.ts";
import { PRESSURE_FILES } from "./pressure.ts";
import type { Bytes } from "../bytes.ts";
import type { ControllerFiles } from "./file.ts";

/** Those of a machine with these sizes of huge pages. */
export function filesOfMachine(hugePages: readonly Bytes[]): ControllerFiles {
  const controllers = [CPUSET_FILES, CPU_FILES, BLOCK_FILES, MEMORY_FILES, FREEZER_FILES, ...hugePages.filter(isHugePageSize).map(hugetlbFiles), PIDS_FILES, OTHER_FILES];
  return {
    unified: [...CORE_FILES, ...PRESSURE_FILES, ...controllers.flatMap(({ unified }) => unified)],
    legacy: [...LEGACY_FILES, ...controllers.flatMap(({ legacy }) => legacy)],
  };
}
