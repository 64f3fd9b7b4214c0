// The cpu and cpuacct controllers' settings in both versions (cgroup-v2.rst, sched-bwc.rst).

import { type Bytes, strip } from "../bytes.ts";
import type { CgroupNode } from "../cgroup.ts";
import { controllerSet } from "../controller.ts";
import { integer, type NumberErrno, unsigned64 } from "../number.ts";
import type { FileType } from "./file.ts";
import type { ControllerFiles } from "./file.ts";
import { fixed, kept, signedIn, unsignedIn } from "./setting.ts";

const CPU = controllerSet(["cpu"])!;
const CPUACCT = controllerSet(["cpuacct"])!;
const BELOW_ROOT = { where: "not root" } as const;

const SHORTEST = 1000n;
const LONGEST = 1_000_000n;
const MOST = 2n ** 44n;

interface Bandwidth {
  /** null is no limit. */
  readonly quota: bigint | null;
  readonly period: bigint;
}

/** `QUOTA PERIOD`, `max PERIOD` or only the first. */
function parseMax(text: Bytes, cgroup: CgroupNode): Bandwidth | NumberErrno {
  const before = cgroup.settings.get("cpu.max") as Bandwidth | undefined;
  const [first = "", second, ...more] = strip(text).split(/\s+/);
  const period = second === undefined ? (before?.period ?? 100_000n) : unsigned64(second);
  const quota = first === "max" ? null : unsigned64(first);
  if (more.length > 0 || typeof period === "string" || typeof quota === "string") return "EINVAL";
  if (period < SHORTEST || period > LONGEST || (quota !== null && (quota < SHORTEST || quota > MOST))) return "EINVAL";
  return { quota, period };
}

const NICE_TO_WEIGHT = [
  88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
  1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
];

/** cpu.weight and cpu.weight.nice are two faces of one value. */
const weight: FileType = kept<bigint>("cpu.weight", CPU, 100n, unsignedIn(1n, 10_000n, "ERANGE"), { where: BELOW_ROOT });
const nice: FileType = {
  name: "cpu.weight.nice", controllers: CPU, mode: 0o644, where: "not root",
  show: (cgroup) => {
    const shares = Number((cgroup.settings.get("cpu.weight") as bigint | undefined) ?? 100n) * 10.24;
    const nearest = NICE_TO_WEIGHT.reduce((best, one, i) => (Math.abs(one - shares) < Math.abs(NICE_TO_WEIGHT[best]! - shares) ? i : best), 0);
    return `${nearest - 20}\n`;
  },
  vetWrite: (cgroup, text, use) => {
    const value = integer(strip(text));
    const known = typeof value === "number" && value >= -20 && value <= 19;
    return weight.vetWrite!(cgroup, known ? String(Math.round(NICE_TO_WEIGHT[value + 20]! / 10.24)) : "x", use);
  },
};

const burst = (name: Bytes): FileType => kept<bigint>(name, CPU, 0n, unsignedIn(0n, MOST), { where: BELOW_ROOT });

const unified: readonly FileType[] = [
  weight, nice,
  kept<Bandwidth>("cpu.max", CPU, { quota: null, period: 100_000n }, parseMax, {
    show: ({ quota, period }) => `${quota ?? "max"} ${period}`, where: BELOW_ROOT,
  }),
  burst("cpu.max.burst"),
  kept<bigint>("cpu.idle", CPU, 0n, signedIn(0n, 1n), { where: BELOW_ROOT }),
];

const legacyCpu: readonly FileType[] = [
  kept<bigint>("cpu.shares", CPU, 1024n, (text) => {
    const value = unsigned64(text);
    if (typeof value === "string") return value;
    return value < 2n ? 2n : value > 262_144n ? 262_144n : value;
  }),
  kept<bigint>("cpu.cfs_quota_us", CPU, -1n, (text) => {
    const value = signedIn(-(2n ** 63n), MOST)(text);
    if (typeof value === "string") return value;
    return value < 0n ? -1n : value < SHORTEST ? "EINVAL" : value;
  }),
  kept<bigint>("cpu.cfs_period_us", CPU, 100_000n, unsignedIn(SHORTEST, LONGEST)),
  kept<bigint>("cpu.cfs_burst_us", CPU, 0n, unsignedIn(0n, MOST)),
  kept<bigint>("cpu.idle", CPU, 0n, signedIn(0n, 1n)),
  kept<bigint>("cpu.rt_period_us", CPU, 1_000_000n, unsignedIn(1n, 2n ** 44n)),
  kept<bigint>("cpu.rt_runtime_us", CPU, 0n, signedIn(-1n, 2n ** 44n)),
  fixed("cpu.stat", CPU, "nr_periods 0\nnr_throttled 0\nthrottled_time 0\nnr_bursts 0\nburst_time 0\n"),
  fixed("cpu.stat.local", CPU, "throttled_time 0\n"),
];

const accounting: readonly FileType[] = [
  fixed("cpuacct.stat", CPUACCT, "user 0\nsystem 0\n"),
  kept<bigint>("cpuacct.usage", CPUACCT, 0n, unsignedIn(0n, 0n)),
  fixed("cpuacct.usage_all", CPUACCT, "cpu user system\n0 0 0\n1 0 0\n"),
  ...["", "_sys", "_user"].map((kind) => fixed(`cpuacct.usage_percpu${kind}`, CPUACCT, "0 0 \n")),
  fixed("cpuacct.usage_sys", CPUACCT, "0\n"), fixed("cpuacct.usage_user", CPUACCT, "0\n"),
];

export const CPU_FILES: ControllerFiles = { unified, legacy: [...legacyCpu, ...accounting] };
