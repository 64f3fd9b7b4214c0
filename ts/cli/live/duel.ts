// The same operations on this machine's kernel and on a model of it, until they answer differently. What the kernel does not
// promise is left out: orders of pids, ids, times, which number a namespace has.

import { isDeepStrictEqual } from "node:util";
import type { Operation, Result } from "../../replay/index.ts";

/** The first operation that was answered differently. */
export interface Difference {
  /** Counted from 1. */
  readonly number: number;
  readonly op: Operation;
  readonly kernel: Result;
  readonly model: Result;
}

export interface Duel {
  /** Operations that were answered alike. */
  readonly compared: number;
  readonly difference?: Difference;
  /** Why operations were left out on both sides, and how many of which. */
  readonly undriven: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Asks the kernel first: what it was not asked, the model is not asked either. */
export async function compareLive(
  ops: readonly unknown[],
  kernel: (op: Operation) => Promise<Result>,
  model: (op: Operation) => Result,
  v1: readonly string[],
): Promise<Duel> {
  const undriven = new Map<string, Map<string, number>>();
  const names = new Names();
  let compared = 0;
  for (const [index, op] of ops.entries()) {
    const real = isOperation(op) ? await kernel(op) : { refused: "that is no operation" };
    if ("refused" in real) {
      leaveOut(undriven, real.refused, op);
      continue;
    }
    const found = { number: index + 1, op: op as Operation, kernel: real, model: model(op as Operation) };
    if (!areAlike(found, v1) || !names.agree(found)) return { compared, difference: found, undriven };
    compared++;
  }
  return { compared, undriven };
}

const isOperation = (op: unknown): op is Operation => typeof op === "object" && op !== null && "op" in op && typeof op.op === "string";

function leaveOut(undriven: Map<string, Map<string, number>>, why: string, op: unknown): void {
  const name = isOperation(op) ? op.op : "?";
  const operations = undriven.get(why) ?? new Map<string, number>();
  undriven.set(why, operations.set(name, (operations.get(name) ?? 0) + 1));
}

function areAlike({ op, kernel, model }: Difference, v1: readonly string[]): boolean {
  return isDeepStrictEqual(promised(op, kernel, v1), promised(op, model, v1));
}

// The part of an answer that the kernel promises.
function promised(op: Operation, { id: _, ...result }: Result, v1: readonly string[]): unknown {
  if (!("ok" in result)) return result;
  const { ok } = result;
  if (op.op === "nsid") return { ok: op.raw || ok !== "init" ? "some number" : ok };
  if (Array.isArray(ok) && op.op !== "mountinfo") return { ok: ok.toSorted() };
  if (typeof ok === "string") return { ok: promisedText(op, ok, v1) };
  if (typeof ok === "object" && ok !== null) return { ok: { ...ok, ino: undefined } };
  return result;
}

const MEASURES = /^(usage_usec|some avg|full avg)/;

function promisedText(op: Operation, text: string, v1: readonly string[]): unknown {
  const file = String(op.path ?? "").split("/").at(-1)!;
  if (/^(cgroup\.procs|cgroup\.threads|tasks)$/.test(file)) return text.split("\n").toSorted();
  // Removed cgroups drain when the kernel likes.
  if (file === "cgroup.stat") return text.split("\n", 1);
  if (MEASURES.test(text)) return text.replaceAll(/\d+(\.\d+)?/g, "0");
  return op.op === "cgroup" || file === "cgroup" ? hierarchies(text, v1) : text;
}

// Lines of /proc/PID/cgroup without the numbers of hierarchies, which every machine gives out as it mounts them.
function hierarchies(text: string, v1: readonly string[]): unknown {
  const lines = text.split("\n").map((line) => /^(\d+):([^:]*):(.*)$/s.exec(line));
  if (lines.some((found, at) => found === null && text.split("\n")[at] !== "")) return text;
  const used = lines.filter((found) => found !== null && (found[2] === "" || v1.includes(found[2]!)));
  return used.map((found) => `${found![2]}:${found![3]}`).toSorted();
}

const LOOKS = new Set(["nsid", "cgroup", "read", "ls", "stat", "getids", "mountinfo", "access", "wait_file", "comment", "sleep"]);

/** Whose namespace is whose: names correspond while nothing can have freed one, and its number, in between. */
class Names {
  readonly #there = new Map<unknown, unknown>();
  readonly #back = new Map<unknown, unknown>();

  agree({ op, kernel, model }: Difference): boolean {
    if (!LOOKS.has(op.op)) this.#forget();
    if (op.op !== "nsid" || op.raw || !("ok" in kernel) || !("ok" in model)) return true;
    return kept(this.#there, kernel.ok, model.ok) && kept(this.#back, model.ok, kernel.ok);
  }

  #forget(): void {
    this.#there.clear();
    this.#back.clear();
  }
}

function kept(names: Map<unknown, unknown>, key: unknown, value: unknown): boolean {
  if (!names.has(key)) names.set(key, value);
  return names.get(key) === value;
}
