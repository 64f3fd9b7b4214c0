// Text of operations and bytes of the model: UTF-8, with a lone surrogate U+DC80 to U+DCFF for a byte that is not UTF-8 (the
// "surrogateescape" of other languages' runtimes), so that any name survives the way there and back.

import { type Bytes, fromText, toBuffer, toStrictText } from "../kernel/bytes.ts";
import { type Path, split } from "../kernel/split.ts";
import { Crash } from "./answer.ts";

const BEYOND_ASCII = /[\u0080-\uffff]/;
const ESCAPED = /[\ud800-\udfff]/;
const LONE = /[\ud800-\udbff][\udc00-\udfff]|([\ud800-\udfff])/g;

export function encode(text: string): Bytes {
  if (!BEYOND_ASCII.test(text)) return text;
  if (!ESCAPED.test(text)) return fromText(text);
  let bytes = "";
  let from = 0;
  for (const match of text.matchAll(LONE)) {
    const lone = match[1];
    if (lone === undefined) continue;
    const code = lone.charCodeAt(0);
    if (code < 0xdc80 || code > 0xdcff) throw new Crash("a surrogate that stands for no byte");
    bytes += fromText(text.slice(from, match.index)) + String.fromCharCode(code - 0xdc00);
    from = match.index + 1;
  }
  return bytes + fromText(text.slice(from));
}

/** Printable ASCII is the same in bytes. */
const PRINTABLE = /^[ -~]*$/;

/** A path or name for a system call: a NUL cannot be said. */
export function encodePath(text: string): Bytes {
  if (PRINTABLE.test(text)) return text;
  if (text.includes("\0")) throw new Crash("embedded null byte");
  return encode(text);
}

/** Longer paths are walked in their own way (places.ts). */
const USUAL = 256;

/** A path of an operation, encoded and taken apart when it is first walked. */
export class PathText {
  readonly text: string;
  #path: Path | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** @throws Crash where it cannot be said */
  get path(): Path {
    if (this.#path === undefined) {
      const bytes = encodePath(this.text);
      this.#path = bytes.length < USUAL ? split(bytes) : bytes;
    }
    return this.#path;
  }
}

export function decode(bytes: Bytes): string {
  if (!BEYOND_ASCII.test(bytes)) return bytes;
  return toStrictText(bytes) ?? decodeLeniently(toBuffer(bytes));
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeLeniently(buffer: Uint8Array): string {
  let text = "";
  for (let at = 0; at < buffer.length; ) {
    const length = sequenceAt(buffer, at);
    text += length === 0 ? String.fromCharCode(0xdc00 + buffer[at]!) : strict.decode(buffer.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** How long the UTF-8 sequence is that starts there; 0 where none does. */
function sequenceAt(buffer: Uint8Array, at: number): number {
  const first = buffer[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || at + length > buffer.length) return 0;
  try {
    strict.decode(buffer.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}
