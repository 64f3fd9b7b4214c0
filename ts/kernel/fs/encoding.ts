// Encodings of node:fs: bytes of the model as text or as a Buffer (a Uint8Array where there is none), and back.

import { expected } from "../../errors.ts";
import { type Bytes, fromBuffer, fromText, toBuffer, toText } from "../bytes.ts";

export type TextEncoding =
  | "utf8" | "utf-8" | "latin1" | "binary" | "ascii" | "hex" | "base64" | "base64url" | "utf16le" | "utf-16le" | "ucs2" | "ucs-2";

/** Data a call writes: text, bytes, or any other view of memory. */
export type Data = string | ArrayBufferView;

interface Codec {
  readonly decode: (bytes: Bytes) => string;
  readonly encode: (text: string) => Bytes;
}

const pairs = /.{2}/gs;

function fromHex(text: string): Bytes {
  const whole = /^(?:[0-9a-fA-F]{2})*/.exec(text)![0];
  return whole.replace(pairs, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
}

function fromBase64(text: string): Bytes {
  const plain = text.replace(/=.*$/s, "").replaceAll("-", "+").replaceAll("_", "/").replace(/[^A-Za-z0-9+/]/g, "");
  return atob(plain.length % 4 === 1 ? plain.slice(0, -1) : plain);
}

const bytesOf = (code: number): Bytes => String.fromCharCode(code & 0xff, code >> 8);
const LATIN1: Codec = { decode: (bytes) => bytes, encode: (text) => text.replace(/./gs, (unit) => String.fromCharCode(unit.charCodeAt(0) & 0xff)) };
const UTF16: Codec = {
  decode: (bytes) => bytes.slice(0, bytes.length & ~1).replace(pairs, (pair) => String.fromCharCode(pair.charCodeAt(0) | (pair.charCodeAt(1) << 8))),
  encode: (text) => text.replace(/./gs, (unit) => bytesOf(unit.charCodeAt(0))),
};
const UTF8: Codec = { decode: toText, encode: fromText };
const BASE64: Codec = { decode: (bytes) => btoa(bytes), encode: fromBase64 };

const CODECS: Readonly<Record<TextEncoding, Codec>> = {
  utf8: UTF8, "utf-8": UTF8,
  latin1: LATIN1, binary: LATIN1,
  ascii: { decode: (bytes) => bytes.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(byte.charCodeAt(0) & 0x7f)), encode: LATIN1.encode },
  hex: { decode: (bytes) => bytes.replace(/./gs, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")), encode: fromHex },
  base64: BASE64,
  base64url: { decode: (bytes) => btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""), encode: fromBase64 },
  utf16le: UTF16, "utf-16le": UTF16, ucs2: UTF16, "ucs-2": UTF16,
};

function codec(name: unknown): Codec {
  const key = typeof name === "string" ? name.toLowerCase() : "";
  if (!Object.hasOwn(CODECS, key)) throw expected("encoding", `"buffer" or one of ${Object.keys(CODECS).join(", ")}`, name);
  return CODECS[key as TextEncoding];
}

/** What options say: an encoding itself, or an object that has one. Undefined: none is said. */
export function encodingOf(options: unknown): unknown {
  const said = typeof options === "string" ? options : (options as { encoding?: unknown } | null | undefined)?.encoding;
  return said ?? undefined;
}

interface BufferMaker {
  from(memory: ArrayBufferLike, offset: number, length: number): Uint8Array;
}

export function bufferOf(bytes: Bytes): Uint8Array {
  const plain = toBuffer(bytes);
  const { Buffer } = globalThis as { Buffer?: BufferMaker };
  return Buffer === undefined ? plain : Buffer.from(plain.buffer, plain.byteOffset, plain.length);
}

/** Contents: bytes unless an encoding is said. */
export function contents(bytes: Bytes, options: unknown): string | Uint8Array {
  const encoding = encodingOf(options);
  return encoding === undefined || encoding === "buffer" ? bufferOf(bytes) : codec(encoding).decode(bytes);
}

/** Names and paths: UTF-8 unless an encoding is said. */
export function named(bytes: Bytes, options: unknown): string | Uint8Array {
  const encoding = encodingOf(options) ?? "utf8";
  return encoding === "buffer" ? bufferOf(bytes) : codec(encoding).decode(bytes);
}

/** @throws TypeError for what Node would not write either */
export function dataOf(data: unknown, encoding: unknown = "utf8"): Bytes {
  if (typeof data === "string") return codec(encoding === "buffer" ? "utf8" : encoding).encode(data);
  if (!ArrayBuffer.isView(data)) throw expected("data", "a string, Buffer, TypedArray or DataView", data);
  return fromBuffer(memoryOf(data));
}

export const memoryOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
