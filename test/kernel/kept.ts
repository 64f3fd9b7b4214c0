// Scripts with the kernel's answers, kept as JSON: goldens recorded per family, and every difference ever found.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Operation, ReplayOptions, Result } from "../../ts/replay/operation.ts";
import { compare, type Difference } from "./compare.ts";
import { replayed } from "./machine.ts";

export interface Kept {
  /** What it is about. */
  readonly why: string;
  readonly options: ReplayOptions;
  readonly base?: string;
  readonly ops: readonly Operation[];
  readonly results: readonly Result[];
}

const folder = (name: string): URL => new URL(`./${name}/`, import.meta.url);

/** Everything that is kept in a folder, by file. */
export function kept(name: "goldens" | "differences"): [file: string, scripts: readonly Kept[]][] {
  mkdirSync(folder(name), { recursive: true });
  const files = readdirSync(folder(name)).filter((file) => file.endsWith(".json")).sort();
  return files.map((file) => {
    const read = JSON.parse(readFileSync(new URL(file, folder(name)), "utf8")) as Kept | Kept[];
    return [file.replace(/\.json$/, ""), Array.isArray(read) ? read : [read]];
  });
}

/** Writes a family's scripts, one a line. */
export function keep(file: string, scripts: readonly Kept[]): void {
  writeFileSync(new URL(`${file}.json`, folder("goldens")), `[\n${scripts.map((script) => JSON.stringify(script)).join(",\n")}\n]\n`);
}

/** Where the model answers otherwise than the kernel did. */
export function strays({ options, base, ops, results }: Kept): Difference | undefined {
  const all = base === undefined ? options : { ...options, base };
  return compare(ops, results, replayed(ops, all), all).difference;
}
