// Strings and bytes: UTF-8 out and in, where nothing ever turns silently into U+FFFD.

import { CgroupError, expected } from "../errors.ts";

/** As in node:fs: strings, or bytes for names that are not UTF-8. */
export type Encoding = "utf8" | "buffer";

/** What a call with this encoding gives. */
export type Text<E extends Encoding> = E extends "buffer" ? Uint8Array : string;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes of a string or of bytes; EILSEQ for a string with a lone surrogate. */
export function toBytes(text: string | Uint8Array, name = "text"): Uint8Array {
  if (text instanceof Uint8Array) return text;
  if (typeof text !== "string") throw expected(name, "a string or a Uint8Array", text);
  if (!text.isWellFormed()) throw notUtf8("the string has a lone surrogate", text);
  return encoder.encode(text);
}

/** A string, or a copy of the bytes; EILSEQ for a string that is asked of bytes which are not UTF-8. */
export function fromBytes<E extends Encoding = "utf8">(bytes: Uint8Array, encoding?: E): Text<E> {
  if (encoding === "buffer") return bytes.slice() as Text<E>;
  if (encoding !== undefined && encoding !== "utf8") throw expected("encoding", '"utf8" or "buffer"', encoding);
  try {
    return decoder.decode(bytes) as Text<E>;
  } catch {
    throw notUtf8('the name is not UTF-8: ask for encoding "buffer"', bytes);
  }
}

function notUtf8(rule: string, path: string | Uint8Array): CgroupError {
  return new CgroupError("EILSEQ", { syscall: "decode", path, rule });
}
