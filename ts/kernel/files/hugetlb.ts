// The hugetlb controller, for the one page size of the modelled machine (hugetlb.rst).

import type { Bytes } from "../bytes.ts";
import { controllerSet } from "../controller.ts";
import type { NumberErrno } from "../number.ts";
import type { FileType } from "./file.ts";
import type { ControllerFiles } from "./file.ts";
import { bytesShown, COUNTER_MAX, fixed, kept, pages } from "./setting.ts";

const HUGETLB = controllerSet(["hugetlb"])!;
/** A 2 MB page, in pages. */
const HUGE = 512n;
const MOST = COUNTER_MAX - (COUNTER_MAX % HUGE);
const BELOW_ROOT = { where: "not root" } as const;

const whole = (unlimited: Bytes) => (text: Bytes): bigint | NumberErrno => {
  const count = pages(unlimited)(text);
  return typeof count === "string" ? count : count - (count % HUGE);
};
const shown = (count: bigint): Bytes => (count === MOST ? "max" : bytesShown(count));

const limit = (name: Bytes, unlimited: Bytes, show: (count: bigint) => Bytes): FileType =>
  kept<bigint>(name, HUGETLB, COUNTER_MAX, whole(unlimited), { show, where: BELOW_ROOT });

export const HUGETLB_FILES: ControllerFiles = {
  unified: [
    limit("hugetlb.2MB.max", "max", shown),
    limit("hugetlb.2MB.rsvd.max", "max", shown),
    fixed("hugetlb.2MB.current", HUGETLB, "0\n", BELOW_ROOT),
    fixed("hugetlb.2MB.rsvd.current", HUGETLB, "0\n", BELOW_ROOT),
    fixed("hugetlb.2MB.events", HUGETLB, "max 0\n", BELOW_ROOT),
    fixed("hugetlb.2MB.events.local", HUGETLB, "max 0\n", BELOW_ROOT),
    fixed("hugetlb.2MB.numa_stat", HUGETLB, "total=0 N0=0\n", BELOW_ROOT),
  ],
  legacy: ["", "rsvd."].flatMap((kind) => [
    limit(`hugetlb.2MB.${kind}limit_in_bytes`, "-1", bytesShown),
    fixed(`hugetlb.2MB.${kind}usage_in_bytes`, HUGETLB, "0\n"),
    kept<bigint>(`hugetlb.2MB.${kind}max_usage_in_bytes`, HUGETLB, 0n, () => 0n),
    kept<bigint>(`hugetlb.2MB.${kind}failcnt`, HUGETLB, 0n, () => 0n),
  ]),
};
