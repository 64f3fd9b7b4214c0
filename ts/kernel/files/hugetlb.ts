// The hugetlb controller: the same files for each size of huge pages that the machine has (hugetlb.rst).

import type { Bytes } from "../bytes.ts";
import { controllerSet } from "../controller.ts";
import type { NumberErrno } from "../number.ts";
import type { ControllerFiles, FileType } from "./file.ts";
import { bytesShown, COUNTER_MAX, fixed, kept, pages } from "./setting.ts";

const HUGETLB = controllerSet(["hugetlb"])!;
const BELOW_ROOT = { where: "not root" } as const;
/** An ordinary page, in KB. */
const PAGE = 4;
const KILOBYTES = { KB: 1, MB: 1024, GB: 1024 * 1024 } as const;

/** Is it a size of huge pages as file names have it, such as `2MB`? */
export const isHugePageSize = (size: Bytes): boolean => /^[1-9]\d{0,3}(KB|MB|GB)$/.test(size) && pagesIn(size) > 1n;

const pagesIn = (size: Bytes): bigint => BigInt(parseInt(size, 10) * KILOBYTES[size.slice(-2) as keyof typeof KILOBYTES]) / BigInt(PAGE);

export function hugetlbFiles(size: Bytes): ControllerFiles {
  const huge = pagesIn(size);
  const most = COUNTER_MAX - (COUNTER_MAX % huge);
  const whole = (unlimited: Bytes) => (text: Bytes): bigint | NumberErrno => {
    const count = pages(unlimited)(text);
    return typeof count === "string" ? count : count - (count % huge);
  };
  const shown = (count: bigint): Bytes => (count === most ? "max" : bytesShown(count));
  const limit = (name: Bytes, unlimited: Bytes, show: (count: bigint) => Bytes): FileType =>
    kept<bigint>(name, HUGETLB, COUNTER_MAX, whole(unlimited), { show, where: BELOW_ROOT });
  const file = `hugetlb.${size}`;
  return {
    unified: [
      limit(`${file}.max`, "max", shown),
      limit(`${file}.rsvd.max`, "max", shown),
      fixed(`${file}.current`, HUGETLB, "0\n", BELOW_ROOT),
      fixed(`${file}.rsvd.current`, HUGETLB, "0\n", BELOW_ROOT),
      fixed(`${file}.events`, HUGETLB, "max 0\n", BELOW_ROOT),
      fixed(`${file}.events.local`, HUGETLB, "max 0\n", BELOW_ROOT),
      fixed(`${file}.numa_stat`, HUGETLB, "total=0 N0=0\n", BELOW_ROOT),
    ],
    legacy: ["", "rsvd."].flatMap((kind) => [
      limit(`${file}.${kind}limit_in_bytes`, "-1", bytesShown),
      fixed(`${file}.${kind}usage_in_bytes`, HUGETLB, "0\n"),
      kept<bigint>(`${file}.${kind}max_usage_in_bytes`, HUGETLB, 0n, () => 0n),
      kept<bigint>(`${file}.${kind}failcnt`, HUGETLB, 0n, () => 0n),
    ]),
  };
}
