// Output for people and for programs: tables as lsns has them, bytes that are safe to look at, JSON. Knows no commands.

import Table from "cli-table3";

export interface Column {
  readonly name: string;
  readonly right?: boolean;
}

const NO_LINES = Object.fromEntries(
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle"
    .split(" ")
    .map((name) => [name, ""]),
);

/** Columns two spaces apart, nothing behind the last. `width` cuts long lines. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], { headings = true, width = 0 }: { readonly headings?: boolean; readonly width?: number } = {}): string {
  const drawn = new Table({
    chars: { ...NO_LINES, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
    colAligns: columns.map(({ right }) => (right === true ? "right" : "left")),
  });
  if (headings) drawn.push(columns.map(({ name }) => name));
  for (const row of rows) drawn.push([...row]);
  if (drawn.length === 0) return "";
  const lines = drawn.toString().split("\n").map((line) => line.trimEnd());
  return lines.map((line) => `${width > 0 ? [...line].slice(0, width).join("") : line}\n`).join("");
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes as a person may see them: control characters and what is not UTF-8 as \xNN. */
export function visible(bytes: Uint8Array | string): string {
  const text = typeof bytes === "string" ? bytes : decoded(bytes);
  if (text === undefined) return [...(bytes as Uint8Array)].map(shownByte).join("");
  return text.replace(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

const shownByte = (byte: number): string =>
  byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;

/** Bytes in JSON: a string, or { base64 } where they are not UTF-8. */
export function jsonText(bytes: Uint8Array): string | { base64: string } {
  return decoded(bytes) ?? { base64: Buffer.from(bytes).toString("base64") };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

export const json = (value: object): string => `${JSON.stringify({ schemaVersion: 1, ...value }, null, 3)}\n`;
