// What binds a process, told in few lines. The table with all of it is limits.ts's.

import type { Limits } from "../index.ts";
import { type Row, rowOf } from "./limit-rows.ts";
import type { Lines } from "./story-lines.ts";
import { jsonText, visible } from "./text.ts";

const NAMES = { "memory.max": "memory", "cpu.max": "cpu", "cpuset.cpus": "cpus", "pids.max": "pids" } as const;

type Found = Limits<Uint8Array>;

const rows = (limits: Found): (readonly [string, Row])[] => Object.entries(NAMES).flatMap(([name, about]) => {
  const row = rowOf(name, limits);
  return row === undefined ? [] : [[about, row] as const];
});

export function bindings(limits: Found): Lines {
  return rows(limits).map(([about, row]) => [about, said(row)]);
}

function said({ shown, from, how, reason }: Row): string {
  if (how === "unknown") return `unknown: ${reason}`;
  const doubt = how === "exact" || reason === null ? "" : `  (${reason})`;
  return `${shown}${from === null ? "" : `  bound by ${visible(from)}`}${doubt}`;
}

/** null for no limit, as everywhere. */
export function bindingsJson(limits: Found): object {
  return Object.fromEntries(rows(limits).map(([, { name, value, from, how, reason }]) => [name, { value, from: from === null ? null : jsonText(from), how, reason }]));
}
