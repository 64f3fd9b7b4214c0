// How often each rule is applied: the model's sources say `// rule N` where they apply one, and in a variant of the model
// each such comment counts.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RULES } from "../../ts/kernel/rules.ts";
import { sourceOf, type Variant, variant } from "./variant.ts";

/** The rules that have a number; the others are man pages, which are not ours to count. */
export const NUMBERED: readonly string[] = Object.keys(RULES).filter((rule) => /^\d/.test(rule));

const MARK = /^\s*\/\/ rule (\d[\d.]*a?(?:, \d[\d.]*a?)*)(?![\d.])/;

/** The rules a line marks. */
const marked = (line: string): readonly string[] => MARK.exec(line)?.[1]?.split(", ") ?? [];

const call = (rules: readonly string[]): string => `globalThis.cgroupnsReached(${rules.map((rule) => JSON.stringify(rule)).join(", ")})`;

/** A comment before a statement becomes a call; where no statement can stand, what follows calls on its way. */
export function counting(source: string): string {
  const lines = source.split("\n");
  for (const [at, line] of lines.entries()) {
    const rules = marked(line);
    if (rules.length === 0) continue;
    const next = lines[at + 1]!;
    if (/^\s*else if \(/.test(next)) lines[at + 1] = inCondition(next, rules);
    else if (/^\s*\w+: .*\) => [^{]/.test(next)) lines[at + 1] = next.replace(/\) => /, `) => ${call(rules)} || `);
    else lines[at] = `${call(rules)};`;
  }
  return lines.join("\n");
}

/** `else if (A) …` as `else if ((A) && !call()) …`: counted where A holds. */
function inCondition(line: string, rules: readonly string[]): string {
  const from = line.indexOf("(");
  let depth = 0;
  let to = from;
  for (; to < line.length; to++) {
    if (line[to] === "(") depth++;
    if (line[to] === ")" && --depth === 0) break;
  }
  return `${line.slice(0, from)}(${line.slice(from, to + 1)} && !${call(rules)})${line.slice(to + 1)}`;
}

const FOLDER = fileURLToPath(new URL("../../ts/kernel/", import.meta.url));
const MODEL: readonly string[] = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts")).map((file) => `ts/kernel/${file}`);

/** Rules that the sources mark somewhere. */
export function markers(): ReadonlySet<string> {
  return new Set(MODEL.flatMap((file) => sourceOf(file).split("\n").flatMap(marked)));
}

declare global {
  var cgroupnsReached: (...rules: readonly string[]) => undefined;
}

/** The model, and how often each rule was reached since. */
export async function counted(): Promise<{ readonly model: Variant; readonly counts: Map<string, number> }> {
  const counts = new Map(NUMBERED.map((rule) => [rule, 0]));
  globalThis.cgroupnsReached = (...rules) => {
    for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    return undefined;
  };
  return { model: await variant((file, source) => (MODEL.includes(file) ? counting(source) : source)), counts };
}
