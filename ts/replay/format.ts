// Results as text, byte for byte as the oracle's own language writes JSON: blanks behind commas and colons, ASCII only; and
// for people one value a line.

import type { Result } from "./operation.ts";

const UNSAFE = /[\u007f-\uffff]/g;
const quoted = (text: string): string =>
  JSON.stringify(text).replace(UNSAFE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

function compact(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(compact).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  return `{${Object.entries(value).map(([key, one]) => `${quoted(key)}: ${compact(one)}`).join(", ")}}`;
}

function spread(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return compact(value);
  const inner = `${indent} `;
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((one) => `${inner}${spread(one, inner)}`)
    : Object.entries(value).map(([key, one]) => `${inner}${quoted(key)}: ${spread(one, inner)}`);
  const [open, close] = isList ? "[]" : "{}";
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.join(",\n")}\n${indent}${close}`;
}

/** A batch's results as JSON, on one line or (`spread`) one value a line. */
export function formatResults(
  results: readonly Result[] | { readonly error: string },
  { spread: lines = false }: { readonly spread?: boolean } = {},
): string {
  return lines ? spread(results, "") : compact(results);
}
