// The last component of a path, read from its bytes without making a string: the forms that nearly every container has,
// `[PREFIX]<64 hex>[.scope]`, and `[…-]pod<UUID>[.slice]` of the pods above them. Everything else is left to the slow way.
// Knows bytes only.

import type { Runtime } from "./link.ts";

const SLASH = 0x2f;
export const ID_BYTES = 64;
const SCOPE = ascii(".scope");

const HEX = new Uint8Array(256);
for (const digit of "0123456789abcdef") HEX[digit.charCodeAt(0)] = 1;

/** What a leaf's code says: 0 nothing, 1 an id without a prefix, from 2 on the runtime of `PREFIXED[code - 2]`. */
export const BARE = 1;
const FIRST_PREFIX = 2;

const PREFIXED: readonly (readonly [prefix: Uint8Array, runtime: Runtime])[] = [
  [ascii("cri-containerd-"), "containerd"], [ascii("docker-"), "docker"], [ascii("crio-"), "cri-o"], [ascii("libpod-"), "podman"],
  [ascii("nerdctl-"), "containerd"],
];

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The runtime of a code from 2 on. */
export function runtimeOfCode(code: number): Runtime {
  return PREFIXED[code - FIRST_PREFIX]![1];
}

/** How many bytes stand between a leaf's `/` and its id. */
export function prefixBytes(code: number): number {
  return code < FIRST_PREFIX ? 0 : PREFIXED[code - FIRST_PREFIX]![0].length;
}

/** Reads one leaf at a time. */
export class Leaf {
  /** Where the id of the leaf that was read last begins. */
  id = 0;

  /** The code of the leaf that ends at `end`, in a path that begins at `start`. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const stop = endsWith(bytes, SCOPE, end) ? end - SCOPE.length : end;
    const id = stop - ID_BYTES;
    if (id <= start) return 0;
    for (let at = stop - 1; at >= id; at--) if (HEX[bytes[at]!] === 0) return 0;
    this.id = id;
    return bytes[id - 1] === SLASH ? BARE : prefixCode(bytes, id);
  }
}

function prefixCode(bytes: Uint8Array, id: number): number {
  for (let at = 0; at < PREFIXED.length; at++) {
    const prefix = PREFIXED[at]![0];
    if (bytes[id - prefix.length - 1] === SLASH && endsWith(bytes, prefix, id)) return at + FIRST_PREFIX;
  }
  return 0;
}

const SLICE = ascii(".slice");
const POD = ascii("pod");
const DASH = 0x2d;
const UNDERSCORE = 0x5f;
export const UUID_BYTES = 36;
const UUID_DASHES = [8, 13, 18, 23];

/** Where the uid begins in a path whose last component names a pod by a UUID, or -1: the slow way may know better. */
export function podUidAt(bytes: Uint8Array, end: number): number {
  const uid = (endsWith(bytes, SLICE, end) ? end - SLICE.length : end) - UUID_BYTES;
  const before = uid - POD.length - 1;
  if (!endsWith(bytes, POD, uid)) return -1;
  if (bytes[before] !== SLASH && bytes[before] !== DASH) return -1;
  for (const dash of UUID_DASHES) if (bytes[uid + dash] !== DASH && bytes[uid + dash] !== UNDERSCORE) return -1;
  let digits = 0;
  for (let at = uid; at < uid + UUID_BYTES; at++) digits += HEX[bytes[at]!]!;
  return digits === UUID_BYTES - UUID_DASHES.length ? uid : -1;
}

function endsWith(bytes: Uint8Array, word: Uint8Array, end: number): boolean {
  const from = end - word.length;
  for (let at = word.length - 1; at >= 0; at--) if (bytes[from + at] !== word[at]) return false;
  return true;
}
