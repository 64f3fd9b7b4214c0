// The memory controller's settings in both versions (cgroup-v2.rst, memory.rst). Nothing is used here, so usage is zero.

import type { Bytes } from "../bytes.ts";
import type { CgroupNode } from "../cgroup.ts";
import { controllerSet } from "../controller.ts";
import { memorySize, type NumberErrno } from "../number.ts";
import type { FileType } from "./file.ts";
import type { ControllerFiles } from "./file.ts";
import { bytesShown, command, COUNTER_MAX, fixed, integerIn, kept, pages, pagesShown, unsignedIn } from "./setting.ts";

const MEMORY = controllerSet(["memory"])!;
const BELOW_ROOT = { where: "not root" } as const;

const limit = (name: Bytes, initial: bigint): FileType =>
  kept<bigint>(name, MEMORY, initial, pages("max"), { show: pagesShown, where: BELOW_ROOT });
const current = (name: Bytes): FileType => fixed(name, MEMORY, "0\n", BELOW_ROOT);

/** A v1 limit: what bounds one bounds the other (memsw is never below memory). */
function legacyLimit(name: Bytes, allowed: (cgroup: CgroupNode, count: bigint) => boolean = () => true): FileType {
  const parse = (text: Bytes, cgroup: CgroupNode): bigint | NumberErrno => {
    const count = pages("-1")(text);
    if (typeof count === "string") return count;
    return !cgroup.isRoot && allowed(cgroup, count) ? count : "EINVAL";
  };
  return kept<bigint>(name, MEMORY, COUNTER_MAX, parse, { show: bytesShown });
}

const limitOf = (cgroup: CgroupNode, name: Bytes): bigint => (cgroup.settings.get(name) as bigint | undefined) ?? COUNTER_MAX;

/** memory.limit_in_bytes as the hierarchy has it: the least of all above. */
function hierarchical(cgroup: CgroupNode, name: Bytes): bigint {
  let least = COUNTER_MAX;
  for (let at: CgroupNode | null = cgroup; at !== null; at = at.parent) if (limitOf(at, name) < least) least = limitOf(at, name);
  return least;
}

const resettable = (name: Bytes): FileType => kept<bigint>(name, MEMORY, 0n, () => 0n);
const reclaims = (text: Bytes): boolean => memorySize(text.split(" ")[0] ?? "") !== undefined;
const events = "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n";

const unified: readonly FileType[] = [
  current("memory.current"), current("memory.peak"),
  limit("memory.min", 0n), limit("memory.low", 0n), limit("memory.high", COUNTER_MAX), limit("memory.max", COUNTER_MAX),
  fixed("memory.events", MEMORY, events, BELOW_ROOT), fixed("memory.events.local", MEMORY, events, BELOW_ROOT),
  fixed("memory.stat", MEMORY, "anon 0\nfile 0\nkernel 0\n"), fixed("memory.numa_stat", MEMORY, "anon N0=0\nfile N0=0\n"),
  { ...kept<number>("memory.oom.group", MEMORY, 0, integerIn(0, 1, "EINVAL"), { where: BELOW_ROOT }), delegatable: true },
  { ...command("memory.reclaim", MEMORY, reclaims), delegatable: true },
  current("memory.swap.current"), current("memory.swap.peak"), limit("memory.swap.high", COUNTER_MAX), limit("memory.swap.max", COUNTER_MAX),
  fixed("memory.swap.events", MEMORY, "high 0\nmax 0\nfail 0\n", BELOW_ROOT),
  current("memory.zswap.current"), limit("memory.zswap.max", COUNTER_MAX),
  kept<number>("memory.zswap.writeback", MEMORY, 1, integerIn(0, 1, "EINVAL")),
];

const legacy: readonly FileType[] = [
  command("cgroup.event_control", MEMORY, () => false),
  ...["memory.", "memory.kmem.", "memory.kmem.tcp.", "memory.memsw."].flatMap((prefix) => [
    fixed(`${prefix}usage_in_bytes`, MEMORY, "0\n"),
    resettable(`${prefix}max_usage_in_bytes`),
    resettable(`${prefix}failcnt`),
  ]),
  legacyLimit("memory.limit_in_bytes", (cgroup, count) => count <= limitOf(cgroup, "memory.memsw.limit_in_bytes")),
  legacyLimit("memory.memsw.limit_in_bytes", (cgroup, count) => count >= limitOf(cgroup, "memory.limit_in_bytes")),
  legacyLimit("memory.kmem.limit_in_bytes"), legacyLimit("memory.kmem.tcp.limit_in_bytes"), legacyLimit("memory.soft_limit_in_bytes"),
  command("memory.force_empty", MEMORY, () => true),
  {
    name: "memory.stat", controllers: MEMORY, mode: 0o444,
    show: (cgroup) =>
      `cache 0\nrss 0\nswap 0\nhierarchical_memory_limit ${bytesShown(hierarchical(cgroup, "memory.limit_in_bytes"))}\n` +
      `hierarchical_memsw_limit ${bytesShown(hierarchical(cgroup, "memory.memsw.limit_in_bytes"))}\ntotal_cache 0\ntotal_rss 0\ntotal_swap 0\n`,
  },
  fixed("memory.numa_stat", MEMORY, "total=0 N0=0\n"),
  { ...kept<bigint>("memory.use_hierarchy", MEMORY, 1n, unsignedIn(1n, 1n)) },
  kept<bigint>("memory.swappiness", MEMORY, 60n, unsignedIn(0n, 200n)),
  kept<bigint>("memory.move_charge_at_immigrate", MEMORY, 0n, unsignedIn(0n, 0n)),
  kept<bigint>("memory.oom_control", MEMORY, 0n, unsignedIn(0n, 1n), {
    show: (value) => `oom_kill_disable ${value}\nunder_oom 0\noom_kill 0`,
  }),
  { name: "memory.pressure_level", controllers: MEMORY, mode: 0o444 },
];

export const MEMORY_FILES: ControllerFiles = { unified, legacy };

