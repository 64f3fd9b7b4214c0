// The cases of other projects, beside the project where they are kept (or named by CGROUPNS_CASES): every case agrees or
// falls under a rule of the table of differences.

import { describe, expect, test } from "vitest";
import * as menu from "../../ts/index.ts";
import { ancestor, bytesOf, isAtOrBelow, relative } from "../../ts/host/relative.ts";
import { parseCpuMax, parseLimit } from "../../ts/limits/value.ts";
import { unmangle } from "../../ts/proc/escape.ts";

interface Case { readonly id: string; readonly kind: string }
interface Verdict { readonly one: Case; readonly verdict: "agree" | "rule" | "differ" | "broken"; readonly rules: readonly { name: string }[] }
interface Row { readonly cases: number; readonly agree: number; readonly undisputed: number }

const peers = (file: string): Promise<Record<string, never>> => import(new URL(`../../bench/peers/${file}`, import.meta.url).href);
const { caseFile, readCases } = (await peers("cases.mjs")) as unknown as { caseFile(): string | undefined; readCases(path: string): Case[] };
const { answer } = (await peers("ours.mjs")) as unknown as { answer(library: object, one: Case): object };
const { judge, byKind } = (await peers("report.mjs")) as unknown as { judge(one: Case, got: object): Verdict; byKind(all: Verdict[]): Map<string, Row> };
const { DIFFERENCES } = (await peers("differences.mjs")) as unknown as { DIFFERENCES: { name: string; source: string }[] };

const library = { ...menu, ancestor, bytesOf, isAtOrBelow, relative, parseCpuMax, parseLimit, unmangle };
const path = caseFile();

test("the table of differences has at most twelve rules, each with its source", () => {
  expect(DIFFERENCES.length).toBeLessThanOrEqual(12);
  for (const { name, source } of DIFFERENCES) expect(source.length, name).toBeGreaterThan(20);
});

describe.skipIf(path === undefined)(path === undefined ? "no case file beside the project: skipped" : "the cases of other projects", () => {
  const verdicts = path === undefined ? [] : readCases(path).map((one) => judge(one, answer(library, one)));

  test("none differs without a rule, and no rule excuses a right answer", () => {
    const bad = verdicts.filter(({ verdict }) => verdict === "differ" || verdict === "broken");
    expect(bad.map(({ one, verdict, rules }) => `${one.id}: ${verdict} ${rules[0]?.name ?? ""}`)).toEqual([]);
  });

  test("of every kind 95 of 100 undisputed cases agree outright", () => {
    for (const [kind, { agree, undisputed }] of byKind(verdicts)) expect(agree / undisputed, kind).toBeGreaterThanOrEqual(0.95);
  });
});
