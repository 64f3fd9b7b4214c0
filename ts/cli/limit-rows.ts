// The limits as rows: what each is called, which value it has for people and for programs. Knows no options.

import { type Certainty, formatCpuList, type Limits } from "../index.ts";

/** One limit of a process, its paths as bytes. */
export interface Row {
  readonly name: string;
  /** For a person, such as `512.0M`. */
  readonly shown: string;
  /** For a program, such as `536870912`; `max` for no limit. */
  readonly bare: string;
  /** For JSON: null for no limit. */
  readonly value: number | string | null;
  readonly used: string;
  readonly left: string;
  readonly from: Uint8Array | null;
  readonly how: Certainty;
  readonly reason: string | null;
  /** Each level's own value, outermost first. */
  readonly chain: readonly { readonly path: Uint8Array; readonly shown: string; readonly value: number | string | null }[];
  readonly current?: number | null;
  readonly available?: number | null;
  readonly availableFrom?: Uint8Array | null;
}

type Found = Limits<Uint8Array>;
type One = Found["pids"];

/** What `-o` can name, in the order of the table. `usual`: shown unasked; the others where a cgroup has their file. */
export const NAMES: readonly { readonly name: string; readonly help: string; readonly usual: boolean }[] = [
  { name: "memory.max", help: "bytes beyond which the kernel reclaims, then kills", usual: true },
  { name: "memory.high", help: "bytes beyond which it is slowed down; v2", usual: false },
  { name: "memory.swap.max", help: "bytes of swap; v2", usual: false },
  { name: "memory.memsw.max", help: "bytes of memory and swap together; v1", usual: false },
  { name: "cpu.max", help: "CPUs' worth of time: quota over period", usual: true },
  { name: "cpuset.cpus", help: "the CPUs that its cpuset leaves", usual: true },
  { name: "cpu.effective", help: "the lesser of cpu.max and the CPUs it can run on", usual: false },
  { name: "cpu.workers", help: "cpu.effective rounded down, at least 1", usual: true },
  { name: "pids.max", help: "processes and threads", usual: true },
  { name: "hugetlb.SIZE.max", help: "bytes of huge pages, such as hugetlb.2MB.max", usual: false },
];

/** The row of this name; undefined where there is no such limit. */
export function rowOf(name: string, limits: Found): Row | undefined {
  const { memory, cpu, pids, hugetlb } = limits;
  const size = /^hugetlb\.(\w+)\.max$/.exec(name)?.[1];
  if (size !== undefined) return hugetlb[size] === undefined ? undefined : numberRow(name, hugetlb[size], bytes);
  switch (name) {
    case "memory.max": return numberRow(name, memory, bytes);
    case "memory.high": return numberRow(name, memory.high, bytes);
    case "memory.swap.max": return numberRow(name, memory.swap, bytes);
    case "memory.memsw.max": return numberRow(name, memory.memsw, bytes);
    case "pids.max": return numberRow(name, pids, String);
    case "cpu.max": return { ...numberRow(name, { ...cpu, ...NO_USE, max: cpu.quota }, String), used: "-", left: "-" };
    case "cpuset.cpus": return cpusetRow(name, cpu.cpuset);
    case "cpu.effective": return plainRow(name, cpu, cpu.effective);
    case "cpu.workers": return plainRow(name, cpu, cpu.effective === null ? null : cpu.workers);
    default: return undefined;
  }
}

/** The rows that are shown unasked. */
export function usualRows(limits: Found): Row[] {
  const names = NAMES.flatMap(({ name }) => (name === "hugetlb.SIZE.max" ? Object.keys(limits.hugetlb).map((size) => `hugetlb.${size}.max`) : [name]));
  const usual = new Set(NAMES.filter((known) => known.usual).map(({ name }) => name));
  return names.flatMap((name) => rowOf(name, limits) ?? []).filter(({ name, chain }) => usual.has(name) || chain.length > 0);
}

const NO_USE = { current: null, available: null, availableFrom: null } as const;

function numberRow(name: string, limit: One, show: (value: number) => string): Row {
  const { max, from, how, reason, current, available, availableFrom } = limit;
  const known = (value: number | null): string => (value === null ? "-" : show(value));
  const word = how === "unknown" ? "?" : "max";
  return {
    name, from, how, reason, current, available, availableFrom,
    shown: max === null ? word : show(max),
    bare: max === null ? word : String(max),
    value: max,
    used: known(current),
    left: known(available),
    chain: limit.chain.map(({ path, max: own }) => ({ path, shown: own === null ? "max" : show(own), value: own })),
  };
}

function cpusetRow(name: string, { cpus, from, how, reason, chain }: Found["cpu"]["cpuset"]): Row {
  const text = cpus === null ? "?" : formatCpuList(cpus) || "none";
  const levels = chain.map(({ path, cpus: own }) => ({ path, shown: formatCpuList(own) || "none", value: formatCpuList(own) }));
  return { name, from, how, reason, shown: text, bare: text, value: cpus === null ? null : text, used: "-", left: "-", chain: levels };
}

// What is worked out from several limits, and which no single cgroup sets.
function plainRow(name: string, { how, reason }: Found["cpu"], value: number | null): Row {
  const text = value === null ? "?" : String(value);
  const certain = value === null ? ({ how: "unknown", reason } as const) : ({ how: how === "unknown" ? "visible" : how, reason } as const);
  return { name, from: null, ...certain, shown: text, bare: text, value, used: "-", left: "-", chain: [] };
}

// 536870912 → 512.0M, as systemd and coreutils count: powers of 1,024.
function bytes(value: number): string {
  const unit = value < 1024 ? 0 : Math.min(6, Math.floor(Math.log2(value) / 10));
  return unit === 0 ? `${value}B` : `${(value / 1024 ** unit).toFixed(1)}${"BKMGTPE"[unit]}`;
}
