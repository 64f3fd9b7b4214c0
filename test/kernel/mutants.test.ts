// Every probed rule, switched off in the model, is noticed by the scripts that the model is proved with: one mutation of each
// rule, with CGROUPNS_MUTANTS=all every mutation, with CGROUPNS_MUTANTS=1.9,3.9 those of some rules.

import { expect, test } from "vitest";
import { MUTANTS, PROBED } from "./mutants.ts";
import { hunt, occurrences, type Outcome, Scripts, table } from "./mutation.ts";

const MOST = 100_000;
const wanted = process.env.CGROUPNS_MUTANTS;
const chosen = MUTANTS.filter(({ rule }, at) => (wanted === undefined ? rule !== MUTANTS[at - 1]?.rule : wanted === "all" || wanted.split(",").includes(rule)));

test("every mutation changes a place that is there exactly once", () => {
  const wrong = MUTANTS.filter((mutant) => occurrences(mutant) !== 1);
  expect(wrong.map((mutant) => `${mutant.rule} ${mutant.file}: ${occurrences(mutant)} times ${mutant.from}`)).toEqual([]);
});

test("every probed rule is switched off at least once", () => {
  expect(PROBED.filter((rule) => !MUTANTS.some((mutant) => mutant.rule === rule))).toEqual([]);
});

test("every probed rule, switched off, is caught within 100,000 operations", { timeout: 3_600_000 }, async () => {
  const scripts = new Scripts();
  const outcomes: Outcome[] = [];
  for (const mutant of chosen) outcomes.push(await hunt(mutant, scripts, MOST));
  console.log(table(outcomes));
  expect(outcomes.filter(({ after }) => after === undefined).map(({ mutant }) => `${mutant.rule}: ${mutant.to}`)).toEqual([]);
});
