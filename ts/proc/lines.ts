// A text as lines: the line being read, its ranges as strings or bytes, and the errors that name it.
// Knows nothing of what a line says.
import { CgroupError, type ErrnoCode, expected } from "../errors.ts";
import { decode, type Encoding, encode, isBytes } from "../core/text.ts";
import { encodingOf, glance, isAscii, loneSurrogate, plain } from "./bytes.ts";

const NEWLINE = 0x0a;
export const NOT_UTF8: string = 'not UTF-8: ask for encoding "buffer"';
export const NOT_UNICODE: string = "a string with a lone surrogate has no bytes";

type Syscall = "parse" | "format";

/** The error that refuses a line of a text, 1-based. */
export function refusal(syscall: Syscall, line: number, rule: string, code: ErrnoCode = "EINVAL"): CgroupError {
  return new CgroupError(code, { syscall, line, rule });
}

/** The lines of a text, one at a time: `next()`, then `start` … `end` without the newline. */
export class Lines {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
  readonly #syscall: Syscall;
  readonly #seen: string;
  readonly #ascii: boolean;
  readonly #nul: number;
  #line: number;
  #next = 0;
  start = 0;
  end = 0;
  unterminated = false;

  /** `line` is the number of the first line; `seen` the same text as a string, if the caller has it. */
  constructor(bytes: Uint8Array, encoding: Encoding, syscall: Syscall, line: number, seen: string = glance(bytes)) {
    this.bytes = bytes;
    this.encoding = encoding;
    this.#syscall = syscall;
    this.#seen = seen;
    this.#ascii = isAscii(seen, bytes);
    this.#nul = bytes.indexOf(0);
    this.#line = line - 1;
  }

  /** Goes to the next line; false after the last. */
  next(): boolean {
    const { bytes } = this;
    if (this.#next >= bytes.length) return false;
    const newline = bytes.indexOf(NEWLINE, this.#next);
    this.start = this.#next;
    this.end = newline < 0 ? bytes.length : newline;
    this.unterminated = newline < 0;
    this.#next = this.end + 1;
    this.#line++;
    if (this.start === this.end) throw this.refusal("a line is never empty");
    if (this.#nul >= this.start && this.#nul < this.end) throw this.refusal("the kernel prints C strings: no NUL");
    return true;
  }

  /** The error that refuses this line. */
  refusal(rule: string): CgroupError {
    return refusal(this.#syscall, this.#line, rule);
  }

  /** The error for bytes that cannot be the strings asked for. */
  notUtf8(): CgroupError {
    return refusal(this.#syscall, this.#line, NOT_UTF8, "EILSEQ");
  }

  /** Whether these ASCII characters stand anywhere in the text. */
  mention(ascii: string): boolean {
    return this.#seen.includes(ascii);
  }

  /** A range as a string, or undefined where it is not UTF-8. */
  string(start: number, end: number): string | undefined {
    return this.#ascii ? this.#seen.slice(start, end) : decode(this.bytes.subarray(start, end));
  }

  /** A range as the caller wants paths: a string, or a copy of the bytes. */
  path(start: number, end: number): string | Uint8Array {
    if (this.encoding === "buffer") return this.bytes.slice(start, end);
    const text = this.string(start, end);
    if (text === undefined) throw this.notUtf8();
    return text;
  }
}

function linesOf(text: unknown, encoding: Encoding): Lines {
  if (isBytes(text)) return new Lines(plain(text), encoding, "parse", 1);
  if (typeof text !== "string") throw expected("text", "a string or Uint8Array", text);
  const bytes = encode(text);
  if (bytes !== undefined) return new Lines(bytes, encoding, "parse", 1, text);
  const line = text.slice(0, loneSurrogate(text)).split("\n").length;
  throw refusal("parse", line, NOT_UNICODE, "EILSEQ");
}

/** One entry for each line; `read` throws the refusal of a line it does not like. */
export function parseLines<E extends object>(text: unknown, options: unknown, read: (lines: Lines) => E): E[] {
  const lines = linesOf(text, encodingOf(options));
  const entries: E[] = [];
  while (lines.next()) {
    const entry = read(lines);
    entries.push(lines.unterminated ? { ...entry, unterminated: true } : entry);
  }
  return entries;
}
