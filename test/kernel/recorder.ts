// Records the goldens: short scripts of every family under every option that suits it, with the kernel's answers.

import { hugePagesHere } from "../../ts/cli/huge-pages.ts";
import type { ReplayOptions } from "../../ts/replay/operation.ts";
import { generate } from "./generator.ts";
import type { Kept } from "./kept.ts";
import { machine } from "./machine.ts";
import { Oracle } from "./oracle.ts";
import { EXCLUSIVE, SHARED } from "./proof.ts";

const LENGTH = 150;
const FROM_SEED = 5_000_000;
const BASE = "cgns-golden";
/** Scripts of each family that are kept, for each way to set the machine up. */
const EACH: Readonly<Record<string, number>> = { "v2 and pids": 3, "v2, pids and freezer": 1, "v2 alone": 0, nsdelegate: 4, controllers: 4 };

/** Scripts with the kernel's answers, by family. */
export async function record(): Promise<Map<string, Kept[]>> {
  const families = new Map<string, Kept[]>();
  for (const { name, options } of [...SHARED, ...EXCLUSIVE]) {
    const isSpecial = EXCLUSIVE.some((part) => part.name === name);
    await recordPart({ ...options, base: BASE, hugePages: hugePagesHere() ?? [] }, EACH[name]!, isSpecial, families);
  }
  return families;
}

async function recordPart(options: ReplayOptions, each: number, onlyNew: boolean, families: Map<string, Kept[]>): Promise<void> {
  if (each === 0) return;
  const oracle = new Oracle(options);
  const before = new Set(onlyNew ? families.keys() : []);
  const counts = new Map<string, number>();
  try {
    for (let seed = FROM_SEED; seed < FROM_SEED + 150; seed++) {
      const { main, ops } = generate(seed, options, machine(options), LENGTH);
      const count = counts.get(main) ?? 0;
      if (count >= each || before.has(main)) continue;
      counts.set(main, count + 1);
      const { base, ...rest } = options;
      const kept = { why: `seed ${seed}`, options: rest, base: base!, ops, results: await oracle.batch(ops) };
      families.set(main, [...(families.get(main) ?? []), kept]);
    }
  } finally {
    await oracle.close();
  }
}
