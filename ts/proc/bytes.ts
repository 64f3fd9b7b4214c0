// Bytes as the parsers and formatters handle them, and their `encoding` option. Knows nothing of lines or cgroups.
import type { Encoding } from "../core/text.ts";
import { expected } from "../errors.ts";

/** Strings out: the default. */
export interface Utf8Options {
  readonly encoding?: "utf8" | undefined;
}

/** Bytes out: no text that the kernel prints is refused for its encoding. */
export interface BufferOptions {
  readonly encoding: "buffer";
}

/** For callers that choose at run time. */
export interface EncodingOptions {
  readonly encoding?: Encoding | undefined;
}

const lossy = new TextDecoder("utf-8", { ignoreBOM: true });

/** The encoding an options argument asks for. */
export function encodingOf(options: unknown): Encoding {
  if (options === undefined) return "utf8";
  if (typeof options !== "object" || options === null) throw expected("options", "an object", options);
  const { encoding = "utf8" } = options as EncodingOptions;
  if (encoding !== "utf8" && encoding !== "buffer") throw expected("options.encoding", '"utf8" or "buffer"', encoding);
  return encoding;
}

/** A plain Uint8Array over the same memory: a Buffer's `slice` does not copy. */
export function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The index of the first lone surrogate, or -1. */
export function loneSurrogate(text: string): number {
  return text.search(/\p{Surrogate}/u);
}

/** Text good for looking at its ASCII only: whatever is not UTF-8 comes out as U+FFFD. */
export function glance(bytes: Uint8Array): string {
  return lossy.decode(bytes);
}

/** True if a glance shows the bytes one by one: all are ASCII, and offsets in the string are offsets in the bytes. */
export function isAscii(seen: string, bytes: Uint8Array): boolean {
  return seen.length === bytes.length && !seen.includes("\ufffd");
}

/** The offset of `byte` in start…end, or `end`. */
export function find(bytes: Uint8Array, byte: number, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === byte) return at;
  return end;
}

/** The value of the decimal digits in start…end, or -1 where they are none or exceed `max`. */
export function decimal(bytes: Uint8Array, start: number, end: number, max: number): number {
  if (start >= end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > max) return -1;
  }
  return value;
}

/** True if digits start with a zero that no printf would print. */
export function paddedDecimal(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes[start] === 0x30 && end - start > 1;
}

/** True of equal bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** All parts in one array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
