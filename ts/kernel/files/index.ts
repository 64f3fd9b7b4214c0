// Every control file of the modelled release, of either version.

import { BLOCK_FILES } from "./block.ts";
import { CORE_FILES } from "./core.ts";
import { CPU_FILES } from "./cpu.ts";
import { CPUSET_FILES } from "./cpuset.ts";
import { FREEZER_FILES } from "./freezer.ts";
import { HUGETLB_FILES } from "./hugetlb.ts";
import { LEGACY_FILES } from "./legacy.ts";
import { MEMORY_FILES } from "./memory.ts";
import { OTHER_FILES } from "./other.ts";
import { PIDS_FILES } from "./pids.ts";
import { PRESSURE_FILES } from "./pressure.ts";
import type { ControllerFiles } from "./file.ts";

const CONTROLLERS = [CPUSET_FILES, CPU_FILES, BLOCK_FILES, MEMORY_FILES, FREEZER_FILES, HUGETLB_FILES, PIDS_FILES, OTHER_FILES];

export const FILES: ControllerFiles = {
  unified: [...CORE_FILES, ...PRESSURE_FILES, ...CONTROLLERS.flatMap(({ unified }) => unified)],
  legacy: [...LEGACY_FILES, ...CONTROLLERS.flatMap(({ legacy }) => legacy)],
};
