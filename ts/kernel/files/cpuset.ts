// The cpuset controller's settings in both versions, for a machine of two CPUs and one memory node (cpusets.rst).

import { type Bytes, strip } from "../bytes.ts";
import type { CgroupNode } from "../cgroup.ts";
import { controllerSet } from "../controller.ts";
import type { NumberErrno } from "../number.ts";
import type { FileType } from "./file.ts";
import type { ControllerFiles } from "./file.ts";
import { fixed, kept, signedIn, unsignedIn } from "./setting.ts";

const CPUSET = controllerSet(["cpuset"])!;
const BELOW_ROOT = { where: "not root" } as const;
const LONGEST = 100 + 6 * 8192;
const HIGHEST = { cpus: 1, mems: 0 } as const;
type Kind = keyof typeof HIGHEST;

/** `0-1,4` as numbers; undefined for what is no list. */
function members(text: Bytes): number[] | undefined {
  const all = new Set<number>();
  for (const part of text.split(",")) {
    if (part === "") continue;
    const [, from, to] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? [];
    if (from === undefined || Number(to ?? from) < Number(from) || Number(to ?? from) > 8191) return undefined;
    for (let n = Number(from); n <= Number(to ?? from); n++) all.add(n);
  }
  return [...all].sort((a, b) => a - b);
}

function shown(numbers: readonly number[]): Bytes {
  const ranges: Bytes[] = [];
  for (let i = 0; i < numbers.length; ) {
    let end = i;
    while (numbers[end + 1] === numbers[end]! + 1) end++;
    ranges.push(end === i ? `${numbers[i]}` : `${numbers[i]}-${numbers[end]}`);
    i = end + 1;
  }
  return ranges.join(",");
}

const all = (kind: Kind): number[] => Array.from({ length: HIGHEST[kind] + 1 }, (_, n) => n);

/** What a cpuset really has: its own list within its parent's, or all of the parent's. */
function effective(cgroup: CgroupNode, kind: Kind): number[] {
  if (cgroup.parent === null) return all(kind);
  const above = effective(cgroup.parent, kind);
  const own = (members((cgroup.settings.get(`cpuset.${kind}`) as Bytes | undefined) ?? "") ?? []).filter((n) => above.includes(n));
  if (own.length > 0) return own;
  return cgroup.hierarchy.isUnified ? above : [];
}

/** v1 keeps to the parent's list; v2 keeps what is asked and works out the rest. */
const list = (kind: Kind, where: Pick<FileType, "where"> = {}): FileType =>
  kept<Bytes>(`cpuset.${kind}`, CPUSET, "", (text) => parseList(strip(text), kind), {
    where: { ...where, longest: LONGEST },
    show: (value, cgroup) => (cgroup.isRoot ? shown(all(kind)) : value),
  });

function parseList(text: Bytes, kind: Kind): Bytes | NumberErrno {
  const numbers = members(text);
  if (numbers === undefined || numbers.some((n) => n > HIGHEST[kind])) return "EINVAL";
  return shown(numbers);
}

const current = (name: Bytes, kind: Kind): FileType => ({
  name, controllers: CPUSET, mode: 0o444, show: (cgroup) => `${shown(effective(cgroup, kind))}\n`,
});
const onOff = (name: Bytes, initial: bigint): FileType => kept<bigint>(name, CPUSET, initial, (text) => {
  const value = unsignedIn(0n, 2n ** 64n - 1n)(text);
  return typeof value === "string" ? value : value === 0n ? 0n : 1n;
});

const partition: FileType = kept<Bytes>("cpuset.cpus.partition", CPUSET, "member", (text) => {
  const word = strip(text);
  return ["member", "root", "isolated"].includes(word) ? word : "EINVAL";
}, { where: BELOW_ROOT });

export const CPUSET_FILES: ControllerFiles = {
  unified: [
    list("cpus", BELOW_ROOT), list("mems", BELOW_ROOT),
    current("cpuset.cpus.effective", "cpus"), current("cpuset.mems.effective", "mems"), partition,
  ],
  legacy: [
    list("cpus"), list("mems"), current("cpuset.effective_cpus", "cpus"), current("cpuset.effective_mems", "mems"),
    ...["cpu_exclusive", "mem_exclusive", "mem_hardwall", "memory_migrate", "memory_spread_page", "memory_spread_slab"].map((name) =>
      onOff(`cpuset.${name}`, 0n)),
    onOff("cpuset.sched_load_balance", 1n),
    kept<bigint>("cpuset.sched_relax_domain_level", CPUSET, -1n, signedIn(-1n, 4n)),
    fixed("cpuset.memory_pressure", CPUSET, "0\n"),
    { ...onOff("cpuset.memory_pressure_enabled", 0n), where: "root only" },
  ],
};
