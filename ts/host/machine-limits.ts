// What a machine has whatever its cgroups say: memory and CPUs that are online.

import { cpus, totalmem } from "node:os";
import { parseCpuList } from "../limits/value.ts";
import type { Machine } from "./machine.ts";
import type { MachineRecord } from "./snapshot.ts";

export function readMachineLimits(machine: Machine): MachineRecord {
  const memory = /^MemTotal: +([0-9]+) kB$/m.exec(textOf(machine, "/proc/meminfo") ?? "")?.[1];
  const online = parseCpuList(textOf(machine, "/sys/devices/system/cpu/online") ?? "none");
  // Where there are no such files, Node knows of the machine it runs on.
  const here = machine.root === "";
  return {
    memory: memory === undefined ? (here ? totalmem() : null) : Number(memory) * 1024,
    online: online ?? (here ? cpus().map((_, number) => number) : null),
  };
}

const textOf = (machine: Machine, path: string): string | undefined => machine.readIfAny(path)?.toString("latin1");
