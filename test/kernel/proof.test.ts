// Random scripts on the real kernel and on the model: every answer is the same. CGROUPNS_PROOF says how many operations
// (20 000 unless told), CGROUPNS_SEED from which seed; without the oracle the proof is skipped and says so.
// What changes the whole machine (nsdelegate, controllers at its root) only runs when a number is given: nothing else may be
// looking then.

import { afterAll, describe, expect, test } from "vitest";
import { Coverage } from "./coverage.ts";
import { whyNoOracle } from "./oracle.ts";
import { type Budget, EXCLUSIVE, type Part, prove, SHARED } from "./proof.ts";

const why = whyNoOracle();
const wanted = Number(process.env.CGROUPNS_PROOF ?? 20_000);
const told = process.env.CGROUPNS_SEED;
const FIXED_SEED = 1_000_000;
const fresh = Math.floor(Math.random() * 2 ** 31);
const HOURS = 3 * 3_600_000;
/** A slice is made of short scripts, so that it reaches every family all the same. */
const size = wanted < 300_000 ? 300 : undefined;

/** Each budget is worked off by so many oracles at once. */
const AT_ONCE = 2;

/** Half of the operations with the seeds of every run, half with new ones; or halves of the seeds that were told. */
function budgets({ share }: Part): Budget[] {
  const seeds = told === undefined ? [FIXED_SEED, fresh] : [Number(told), Number(told) + 5_000_000];
  return seeds.map((seed) => ({ left: (wanted * share) / 2, seed, size }));
}

/** Ends with the last of them, so that nothing goes on behind the next test's back. */
async function allOf(proofs: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(proofs)).find(({ status }) => status === "rejected");
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}

describe.skipIf(why !== "")(`the kernel and the model ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  const coverage = new Coverage();
  afterAll(() => {
    console.log(`seeds from ${told ?? `${FIXED_SEED} and ${fresh}`}\n${coverage}`);
  });

  for (const part of SHARED) {
    test(`agree on ${part.name}`, { timeout: HOURS }, async () => {
      await allOf(budgets(part).flatMap((budget) => Array.from({ length: AT_ONCE }, () => prove(part, budget, coverage))));
      expect(coverage.all.ops).toBeGreaterThan(0);
    });
  }

  for (const part of EXCLUSIVE) {
    test.skipIf(process.env.CGROUPNS_PROOF === undefined)(`agree on ${part.name}`, { timeout: HOURS }, async () => {
      for (const budget of budgets(part)) await prove(part, budget, coverage);
      expect(coverage.all.ops).toBeGreaterThan(0);
    });
  }
});
