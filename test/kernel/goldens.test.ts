// What the real kernel once answered, the model still answers: recorded scripts of every family, and every difference
// ever found. UPDATE_GOLDENS=1 (root, with the oracle) records the scripts anew.

import { describe, expect, test } from "vitest";
import { FAMILIES } from "./generator.ts";
import { type Kept, keep, kept, strays } from "./kept.ts";
import { whyNoOracle } from "./oracle.ts";
import { record } from "./recorder.ts";

const why = whyNoOracle();

describe.runIf(process.env.UPDATE_GOLDENS === "1")("recording", () => {
  test.skipIf(why !== "")(`the kernel's answers are kept ${why === "" ? "" : `(skipped: ${why})`}`, { timeout: 600_000 }, async () => {
    const families = await record();
    for (const [family, scripts] of families) keep(family, scripts);
    expect(families.size).toBeGreaterThan(0);
  });
});

describe("goldens", () => {
  const all = kept("goldens");

  test("are there for every family", () => {
    expect(all.map(([file]) => file)).toEqual(FAMILIES.map(({ name }) => name).sort());
  });

  for (const [file, scripts] of all) test(`${file}: the model answers as the kernel did`, () => same(scripts));
});

describe("every difference ever found", () => {
  const all = kept("differences");

  test.skipIf(all.length > 0)("none so far", () => {});

  for (const [file, scripts] of all) test(`${file}: the model now answers as the kernel did`, () => same(scripts));
});

function same(scripts: readonly Kept[]): void {
  for (const script of scripts) expect(strays(script), script.why).toBeUndefined();
}
