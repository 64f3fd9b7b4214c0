// The smallest script that still makes a difference: whole stretches of operations are left out, then single ones, then
// what is not needed of each.

import type { Operation } from "../../ts/replay/operation.ts";

/** Whether a script still shows what is looked for. */
export type Shows = (ops: readonly Operation[]) => Promise<boolean>;

/** Leaves out what can be left out; every attempt is one run of `shows`. */
export async function shrink(ops: readonly Operation[], shows: Shows, mostRuns = 600): Promise<Operation[]> {
  let kept = [...ops];
  let runs = 0;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let changed = true; changed; ) {
      changed = false;
      // From the end: what came late is needed least.
      for (let start = kept.length - size; start > -size && runs < mostRuns; start -= size) {
        const without = [...kept.slice(0, Math.max(start, 0)), ...kept.slice(start + size)];
        if (without.length === kept.length || without.length === 0) continue;
        runs++;
        if (!(await shows(without))) continue;
        kept = without;
        changed = true;
      }
      if (size > 1) break;
    }
  }
  return kept;
}

const NEEDLESS = ["agent", "showpid", "opath", "groups", "gid", "pids", "flags", "mode", "trunc", "task", "mflags"];

/** Leaves out of each operation what the difference does not need. */
export async function simplify(ops: readonly Operation[], shows: Shows): Promise<Operation[]> {
  let kept = [...ops];
  for (let index = 0; index < kept.length; index++) {
    for (const field of NEEDLESS.filter((name) => name in kept[index]! && !(name === "agent" && kept[index]!.op === "spawn"))) {
      const { [field]: _, ...rest } = kept[index]!;
      const simpler = kept.with(index, rest as Operation);
      if (await shows(simpler)) kept = simpler;
    }
  }
  return kept;
}

/** A script with the kernel's answers, ready to be kept: one operation a line. */
export function printed(value: { readonly [key: string]: unknown; readonly ops: readonly Operation[]; readonly results: readonly unknown[] }): string {
  const { ops, results, ...rest } = value;
  const list = (items: readonly unknown[]): string => `[\n${items.map((item) => `   ${JSON.stringify(item)}`).join(",\n")}\n  ]`;
  const head = Object.entries(rest).map(([key, item]) => `  ${JSON.stringify(key)}: ${JSON.stringify(item)},`);
  return ["{", ...head, `  "ops": ${list(ops)},`, `  "results": ${list(results)}`, "}"].join("\n");
}
