// The fields of one line of mountinfo, from left to right: where each begins and ends, and what it says as a number, a word
// or a path. Takes note of everything the kernel would have printed otherwise; must not know which fields there are.
import { decode } from "../core/text.ts";
import { decimal, find, paddedDecimal, sameBytes } from "./bytes.ts";
import { mangle, mangledText, unmangle } from "./escape.ts";
import type { Lines } from "./lines.ts";

const TAB = 0x09;
const SPACE = 0x20;
const HASH = 0x23;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LARGEST_INT = 2147483647;
const LARGEST_UNSIGNED = 4294967295;

/** `next()` or `after()` moves to a field, `from` … `to`; the other methods say what it holds. */
export class Fields {
  readonly #lines: Lines;
  #from: number;
  #to: number;
  /** The fields alone do not give the line back. */
  odd = false;

  constructor(lines: Lines) {
    this.#lines = lines;
    this.#from = lines.start;
    this.#to = lines.start - 1;
  }

  /** The next field that is not empty. One space leads to it; more blanks, or a tab, are odd. */
  next(what: string): this {
    const { bytes, end } = this.#lines;
    let from = this.#to + 1;
    while (from < end && isBlank(bytes[from]!)) from++;
    if (from >= end) throw this.#lines.refusal(`the line ends before the ${what}`);
    if (from > this.#to + 1 || bytes[this.#to] === TAB) this.odd = true;
    this.#from = from;
    this.#to = blankFrom(bytes, from, end);
    return this;
  }

  /** What follows one blank, up to the next blank or to the end: perhaps empty; missing is odd. */
  after(toEnd: boolean): this {
    const { bytes, end } = this.#lines;
    if (this.#to === end || bytes[this.#to] === TAB) this.odd = true;
    this.#from = Math.min(this.#to + 1, end);
    this.#to = toEnd ? end : blankFrom(bytes, this.#from, end);
    return this;
  }

  /** The next field as a number. */
  number(what: string): number {
    this.next(what);
    return this.#decimal(what, this.#from, this.#to, LARGEST_INT);
  }

  /** The number before the colon of the next field; `minor()` is the one after it. */
  major(what: string): number {
    this.next(what);
    return this.#decimal("major number", this.#from, this.#colon(), LARGEST_UNSIGNED);
  }

  minor(): number {
    return this.#decimal("minor number", this.#colon() + 1, this.#to, LARGEST_UNSIGNED);
  }

  #colon(): number {
    return find(this.#lines.bytes, COLON, this.#from, this.#to);
  }

  #decimal(what: string, from: number, to: number, max: number): number {
    const { bytes } = this.#lines;
    const value = decimal(bytes, from, to, max);
    if (value < 0) throw this.#lines.refusal(`the ${what} is a decimal number up to ${max}`);
    if (paddedDecimal(bytes, from, to)) this.odd = true;
    return value;
  }

  /** The field as text, as it stands. */
  word(): string {
    return this.#lines.string(this.#from, this.#to) ?? this.#foreign(this.#lines.bytes.subarray(this.#from, this.#to));
  }

  /** The field as text, its escapes undone. */
  name(escapes: string): string {
    const bytes = this.#unescaped(escapes);
    return bytes === undefined ? this.word() : (decode(bytes) ?? this.#foreign(bytes));
  }

  /** The field as the caller wants paths, its escapes undone. */
  path(escapes: string): string | Uint8Array {
    const bytes = this.#unescaped(escapes);
    if (bytes === undefined) return this.#lines.path(this.#from, this.#to);
    if (this.#lines.encoding === "buffer") return bytes;
    const text = decode(bytes);
    if (text === undefined) throw this.#lines.notUtf8();
    return text;
  }

  /** Text for a word that is not UTF-8, where the caller asked for bytes. */
  #foreign(bytes: Uint8Array): string {
    if (this.#lines.encoding === "utf8") throw this.#lines.notUtf8();
    this.odd = true;
    return mangledText(bytes);
  }

  /** The field without its escapes, or undefined where it has none. */
  #unescaped(escapes: string): Uint8Array | undefined {
    const { bytes } = this.#lines;
    const hash = escapes.includes("#") ? HASH : BACKSLASH;
    if (!holds(bytes, BACKSLASH, hash, this.#from, this.#to)) return undefined;
    const field = bytes.subarray(this.#from, this.#to);
    const value = unmangle(field);
    if (!sameBytes(mangle(value, escapes), field)) this.odd = true;
    return value;
  }
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function blankFrom(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (isBlank(bytes[at]!)) return at;
  return end;
}

function holds(bytes: Uint8Array, one: number, other: number, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === one || bytes[at] === other) return true;
  return false;
}
