// Whether two machines answered alike, leaving out what the kernel itself does not promise: orders, numbers, times.

import { isDeepStrictEqual } from "node:util";
import type { Operation, ReplayOptions, Result } from "../../ts/replay/operation.ts";
import { isSilence } from "./coverage.ts";

/** The first operation that was answered differently. */
export interface Difference {
  readonly index: number;
  readonly op: Operation;
  readonly real: Result;
  readonly model: Result;
}

export interface Comparison {
  readonly difference?: Difference;
  /** Operations that were compared. */
  readonly compared: number;
  /** Where the machines parted without either being wrong: the oracle did not try, or nobody answered. */
  readonly parted?: Difference;
}

/** Compares answer by answer, until they differ or can no longer be compared. */
export function compare(ops: readonly Operation[], real: readonly Result[], model: readonly Result[], options: ReplayOptions = {}): Comparison {
  const names = new Names();
  let compared = 0;
  for (const [index, op] of ops.entries()) {
    const found: Difference = { index, op, real: real[index]!, model: model[index]! };
    if (isUncompared(found.real)) {
      if (isUncompared(found.model) || isLastWord(op)) continue;
      return { compared, parted: found };
    }
    compared++;
    if (!names.agree(found) || !isDeepStrictEqual(normal(op, found.real, options), normal(op, found.model, options))) return { difference: found, compared };
  }
  return { compared };
}

const isUncompared = (result: Result): boolean => "refused" in result || ("err" in result && isSilence(result.err));

/** Whoever kills its own cgroup does not live to be answered. */
const isLastWord = ({ op, path, fd }: Operation): boolean => (op === "write" && String(path).endsWith("cgroup.kill")) || (op === "fdwrite" && fd !== undefined);

/** The part of a result that the kernel promises. */
export function normal(op: Operation, result: Result, options: ReplayOptions): unknown {
  if (!("ok" in result)) return "err" in result ? { err: result.err, at: result.at } : { refused: true };
  return { ok: NORMAL[op.op]?.(result.ok, op) ?? (typeof result.ok === "string" ? text(result.ok, options) : result.ok) };
}

const sorted = (list: unknown): unknown => (Array.isArray(list) ? [...list].sort() : list);

const NORMAL: Readonly<Record<string, (ok: unknown, op: Operation) => unknown>> = {
  read: (ok, op) => (mayBeRoot(op) ? withoutStrangers(ok) : undefined) ?? (op.pids === true ? sorted(ok) : undefined),
  ls: (ok) => {
    if (Array.isArray(ok)) return sorted(ok.filter(isOurs));
    const { dirs, files } = ok as { dirs: string[]; files: unknown };
    return { dirs: sorted(dirs.filter(isOurs)), files: sorted(files) };
  },
  // How many directories there are at a hierarchy's root is not only our doing.
  stat: (ok) => ({ ...(ok as object), ino: undefined, ...((ok as { mode?: string }).mode === "0o555" ? { nlink: undefined } : {}) }),
  handle: (ok) => ({ ...(ok as object), id: undefined }),
  state: (ok) => alive(ok),
  wait_dead: (ok) => alive(ok),
  // Which name a namespace got depends on numbers given anew; `Names` compares who shares one.
  nsid: (ok) => (ok === "init" ? "init" : "other"),
};

/** Not what another oracle (freshBase), test or bench has made at the root of the hierarchy meanwhile, or left there. */
const isOurs = (name: string): boolean => !/^(cgns|cgroupns)-/.test(name);

/** Running or sleeping is the same; nobody there is the same as about to vanish. */
function alive(state: unknown): unknown {
  if (state === "R" || state === "S" || state === "D") return "S";
  return state === null || state === undefined || state === "X" ? "gone" : state;
}

/** Read at the hierarchy's root, or at whatever is mounted there. */
const mayBeRoot = ({ path, mnt }: Operation): boolean => String(path).startsWith("^") || (mnt !== undefined && !String(path).includes("/"));

/** A list of tasks at the root, without those that live elsewhere on the machine: the reader has no number for them. */
function withoutStrangers(ok: unknown): unknown {
  const lines = Array.isArray(ok) ? ok.map(String) : String(ok).split("\n");
  return lines.includes("0") ? lines.filter((line) => line !== "0").sort() : undefined;
}

const VARYING = /^(usage_usec|some avg|full avg|frozen_usec|throttled_usec|nr_periods)/;

function text(ok: string, { v1 = ["pids"] }: ReplayOptions): string {
  if (ok.startsWith("nr_descendants ")) return ok.split("\n")[0]!;
  if (VARYING.test(ok)) return ok.replace(/\d+(\.\d+)?/g, "0");
  const lines = ok.split("\n").filter((line) => line !== "");
  if (lines.length > 1 && lines.every((line) => /^\d+$/.test(line))) return lines.sort().join("\n");
  if (lines.length > 0 && lines.every((line) => /^\d+:[^:]*:\//.test(line))) return cgroupFile(lines, v1);
  return ok;
}

/** A /proc/PID/cgroup text: the lines of the hierarchies in use, without their numbers. */
function cgroupFile(lines: readonly string[], v1: readonly string[]): string {
  const of = (line: string): string[] => /^(\d+):([^:]*):(.*)$/s.exec(line)!.slice(1);
  const used = lines.map(of).filter(([, names]) => names === "" || v1.includes(names!));
  return used.map(([, names, path]) => `${names}:${path}`).sort().join("\n");
}

const HARMLESS = new Set(["nsid", "cgroup", "read", "ls", "stat", "state", "getids", "mountinfo", "access", "wait_file"]);

/** Whose namespace is whose: names must correspond while nothing can have freed one in between. */
class Names {
  readonly #there = new Map<unknown, unknown>();
  readonly #back = new Map<unknown, unknown>();

  agree({ op, real, model }: Difference): boolean {
    if (!HARMLESS.has(op.op)) {
      this.#there.clear();
      this.#back.clear();
    }
    if (op.op !== "nsid" || !("ok" in real) || !("ok" in model)) return true;
    return remember(this.#there, real.ok, model.ok) && remember(this.#back, model.ok, real.ok);
  }
}

function remember(names: Map<unknown, unknown>, key: unknown, value: unknown): boolean {
  if (!names.has(key)) names.set(key, value);
  return names.get(key) === value;
}
