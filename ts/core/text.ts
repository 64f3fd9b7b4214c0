// Strings and bytes: UTF-8 out and in without loss. A string that is not Unicode and bytes that are not UTF-8 are told
// apart, never patched with U+FFFD.

import { CgroupError, expected } from "../errors.ts";

/** As in node:fs: strings, or bytes for names that are not UTF-8. */
export type Encoding = "utf8" | "buffer";

/** What a call with this encoding gives. */
export type Text<E extends Encoding> = E extends "buffer" ? Uint8Array : string;

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** True of a Uint8Array or Buffer, whatever realm it comes from. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === "Uint8Array";
}

/** UTF-8 of a string, or undefined where a lone surrogate makes that impossible. */
export function encode(text: string): Uint8Array | undefined {
  const bytes = encoder.encode(text);
  return bytes.length === text.length || text.isWellFormed() ? bytes : undefined;
}

/** The string whose UTF-8 these bytes are, or undefined where there is none. */
export function decode(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes of a string or of bytes; EILSEQ for a string with a lone surrogate. */
export function toBytes(text: string | Uint8Array, name = "text"): Uint8Array {
  if (isBytes(text)) return text;
  if (typeof text !== "string") throw expected(name, "a string or a Uint8Array", text);
  const bytes = encode(text);
  if (bytes === undefined) throw notUtf8("the string has a lone surrogate", text);
  return bytes;
}

/** A string, or a copy of the bytes; EILSEQ for a string that is asked of bytes which are not UTF-8. */
export function fromBytes<E extends Encoding = "utf8">(bytes: Uint8Array, encoding?: E): Text<E> {
  if (encoding === "buffer") return new Uint8Array(bytes) as Text<E>;
  if (encoding !== undefined && encoding !== "utf8") throw expected("encoding", '"utf8" or "buffer"', encoding);
  const text = decode(bytes);
  if (text === undefined) throw notUtf8('the name is not UTF-8: ask for encoding "buffer"', bytes);
  return text as Text<E>;
}

function notUtf8(rule: string, path: string | Uint8Array): CgroupError {
  return new CgroupError("EILSEQ", { syscall: "decode", path, rule });
}
