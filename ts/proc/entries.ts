// Entries as text: what a formatter may be given, and the one way to make lines of it. Each line is read back before it is
// handed out, so that every rule of a format is written once, in its reader.
// Knows nothing of what a line says.
import { expected } from "../errors.ts";
import { decode, encode, isBytes } from "../core/text.ts";
import { concat, encodingOf, sameBytes } from "./bytes.ts";
import { Lines, NOT_UNICODE, NOT_UTF8, refusal } from "./lines.ts";

type Kind =
  | "a number" | "a string" | "a boolean" | "a string or null" | "a string or Uint8Array" | "an array of strings"
  | '"possible" or absent' | "a Uint8Array or absent" | "true or absent";

const KINDS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  "a number": (value) => typeof value === "number",
  "a string": (value) => typeof value === "string",
  "a boolean": (value) => typeof value === "boolean",
  "a string or null": (value) => typeof value === "string" || value === null,
  "a string or Uint8Array": (value) => typeof value === "string" || isBytes(value),
  "an array of strings": (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  '"possible" or absent': (value) => value === undefined || value === "possible",
  "a Uint8Array or absent": (value) => value === undefined || isBytes(value),
  "true or absent": (value) => value === undefined || value === true,
};

/** The properties of an entry, and what each must be. */
export type Shape = readonly (readonly [key: string, kind: Kind])[];

/** A text format, line by line: `read` takes what `write` gives, and only that. */
export interface Format<E> {
  readonly shape: Shape;
  readonly read: (lines: Lines) => object;
  readonly write: (entry: E) => readonly (string | Uint8Array)[];
}

/** The text of the entries; an entry that would not be read back as it is gives EINVAL. */
export function formatLines<E extends object>(entries: unknown, options: unknown, format: Format<E>): string | Uint8Array {
  const encoding = encodingOf(options);
  if (!Array.isArray(entries)) throw expected("entries", "an array", entries);
  const lines = Array.from(entries, (entry: unknown, index) => {
    checkShape(entry, `entries[${index}]`, format.shape);
    return formatLine(entry as E & Ending, index + 1, index === entries.length - 1, format);
  });
  return encoding === "buffer" ? concat(lines.map(toBytes)) : lines.map(toText).join("");
}

function toBytes(line: string | Uint8Array, index: number): Uint8Array {
  const bytes = typeof line === "string" ? encode(line) : line;
  if (bytes === undefined) throw refusal("format", index + 1, NOT_UNICODE, "EILSEQ");
  return bytes;
}

function toText(line: string | Uint8Array, index: number): string {
  const text = typeof line === "string" ? line : decode(line);
  if (text === undefined) throw refusal("format", index + 1, NOT_UTF8, "EILSEQ");
  return text;
}

function checkShape(entry: unknown, name: string, shape: Shape): void {
  if (typeof entry !== "object" || entry === null) throw expected(name, "an object", entry);
  for (const [key, kind] of shape) {
    const value = (entry as Record<string, unknown>)[key];
    if (!KINDS[kind](value)) throw expected(`${name}.${key}`, kind, value);
  }
}

interface Ending {
  readonly unterminated?: true;
}

function formatLine<E extends Ending>(entry: E, line: number, last: boolean, format: Format<E>): string | Uint8Array {
  if (entry.unterminated && !last) throw refusal("format", line, "only the last line can lack its newline");
  const pieces = [...format.write(entry), entry.unterminated ? "" : "\n"];
  const text = pieces.every((piece) => typeof piece === "string") ? pieces.join("") : undefined;
  const bytes = text === undefined ? concat(pieces.map((piece) => toBytes(piece, line - 1))) : toBytes(text, line - 1);
  readBack(entry, new Lines(bytes, text === undefined ? "buffer" : "utf8", "format", line, text), line, format);
  return text ?? bytes;
}

function readBack<E extends Ending>(entry: E, lines: Lines, line: number, format: Format<E>): void {
  if (!lines.next()) throw refusal("format", line, "a line is never empty");
  const ending = entry.unterminated ? 0 : 1;
  if (lines.end + ending < lines.bytes.length) throw lines.refusal("a newline would end the line");
  const changed = difference(entry, format.read(lines), format.shape);
  if (changed !== undefined) throw lines.refusal(`the line would be read back with another ${changed}`);
}

/** The first property that was read back differently. What a parser only adds as a note may be absent. */
function difference(given: object, read: object, shape: Shape): string | undefined {
  for (const [key] of shape) {
    const wanted = (given as Record<string, unknown>)[key];
    if (wanted === undefined || key === "unterminated") continue;
    if (!same(wanted, (read as Record<string, unknown>)[key])) return key;
  }
  return undefined;
}

function same(given: unknown, read: unknown): boolean {
  if (isBytes(read)) {
    const bytes = isBytes(given) ? given : encode(given as string);
    return bytes !== undefined && sameBytes(bytes, read);
  }
  if (!Array.isArray(read)) return Object.is(given, read);
  const items = given as unknown[];
  return items.length === read.length && read.every((item, index) => item === items[index]);
}
