// Random scripts apply every rule that a replay can reach; CGROUPNS_REACHED says with how many operations (50,000 unless
// told). The table says how often.

import { describe, expect, test } from "vitest";
import { Scripts } from "./mutation.ts";
import { counted, counting, markers, NUMBERED } from "./reached.ts";

const WANTED = Number(process.env.CGROUPNS_REACHED ?? 50_000);

/** Rules no operation of a replay comes to, and why. */
const BEYOND: Readonly<Record<string, string>> = {
  "3.8": "a replay looks at flags before the model does",
  "5.1.7": "the controller's pid namespace has no kernel threads",
  "6.11a": "no operation creates a file or makes a link",
  "7.1": "no operation writes a controller's setting",
  "7.6": "no operation writes pids.max",
};

function columns(counts: ReadonlyMap<string, number>): string {
  const cells = [...counts].map(([rule, count]) => rule.padEnd(8) + String(count).padStart(9));
  return Array.from({ length: Math.ceil(cells.length / 5) }, (_, row) => cells.slice(row * 5, row * 5 + 5).join("   ")).join("\n");
}

describe("where the sources say a rule's number", () => {
  test("every numbered rule is said somewhere", () => {
    const said = markers();
    expect(NUMBERED.filter((rule) => !said.has(rule))).toEqual([]);
  });

  test("a comment before a statement, a property or an else counts", () => {
    const source = "// rule 1.4, 2.2\nif (a) {\n// rule 9.1\n  show: (c) => f(c),\n// rule 4.3\n  else if (b(c)) d();";
    const call = (...rules: string[]): string => `globalThis.cgroupnsReached(${rules.map((rule) => `"${rule}"`).join(", ")})`;
    const lines = [`${call("1.4", "2.2")};`, "if (a) {", "// rule 9.1", `  show: (c) => ${call("9.1")} || f(c),`, "// rule 4.3", `  else if ((b(c)) && !${call("4.3")}) d();`];
    expect(counting(source)).toBe(lines.join("\n"));
  });
});

test(`${WANTED} operations reach every rule that operations can reach`, { timeout: 60_000 + WANTED * 2 }, async () => {
  const { model, counts } = await counted();
  const scripts = new Scripts();
  for (let index = 0, run = 0; run < WANTED; index++) {
    const { ops, options } = scripts.at(index);
    const replay = new model.Replay(options);
    for (const op of ops) replay.run(op);
    run += ops.length;
  }
  console.log(columns(counts));
  expect([...counts].filter(([rule, count]) => count === 0 && BEYOND[rule] === undefined).map(([rule]) => rule)).toEqual([]);
});
