// Paths as node:fs takes them: strings, bytes, file: URLs. Descriptors, modes and ids, checked as Node checks them.

import { isBytes } from "../../core/text.ts";
import { expected } from "../../errors.ts";
import { type Bytes, fromBuffer, fromText, toText } from "../bytes.ts";

/** A URL, whichever class it is of. */
export interface FileUrl {
  readonly href: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly pathname: string;
}

export type PathLike = string | Uint8Array | FileUrl;

/** A path for the model, and as errors show it. */
export interface GivenPath {
  readonly bytes: Bytes;
  readonly shown: string;
}

const isUrl = (value: unknown): value is FileUrl =>
  typeof value === "object" && value !== null && typeof (value as FileUrl).href === "string" && typeof (value as FileUrl).protocol === "string";

function fromUrl({ protocol, hostname, pathname }: FileUrl, name: string): string {
  if (protocol !== "file:") throw expected(name, "a URL of scheme file", protocol);
  if (hostname !== "" || /%2f/i.test(pathname)) throw expected(name, "a file URL without host or encoded slash", pathname);
  return decodeURIComponent(pathname);
}

/** @throws TypeError for anything that is no path, and for one with a NUL in it */
export function pathOf(value: unknown, name = "path"): GivenPath {
  const plain = isUrl(value) ? fromUrl(value, name) : value;
  if (typeof plain !== "string" && !isBytes(plain)) throw expected(name, "a string, Buffer or file URL", plain);
  const bytes = typeof plain === "string" ? fromText(plain) : fromBuffer(plain);
  if (bytes.includes("\0")) throw expected(name, "a path without null bytes", plain);
  return { bytes, shown: typeof plain === "string" ? plain : toText(bytes) };
}

const isId = (value: unknown, least: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= 0xffffffff;

export function descriptorOf(value: unknown): number {
  if (!isId(value, 0) || value > 0x7fffffff) throw expected("fd", "a number from 0 to 2147483647", value);
  return value;
}

/** -1 keeps what it is. */
export function ownerOf(value: unknown, name: "uid" | "gid"): number {
  if (!isId(value, -1)) throw expected(name, "a number from -1 to 4294967295", value);
  return value === 0xffffffff ? -1 : value;
}

/** A number, or a string of octal digits. */
export function modeOf(value: unknown, otherwise?: number): number {
  if (value === undefined || value === null) {
    if (otherwise !== undefined) return otherwise;
  } else if (typeof value === "string" && /^[0-7]+$/.test(value)) return Number.parseInt(value, 8);
  else if (isId(value, 0)) return value;
  throw expected("mode", "a number or a string of octal digits", value);
}

/** A length to cut a file to; what is below 0 is 0. */
export function lengthOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number" || !Number.isInteger(value)) throw expected("len", "an integer", value);
  return Math.max(0, value);
}
