// Names chosen to collide, in families, each beside as many ordinary names of the same lengths: whatever a weak hash makes
// of them, ours has to be as quick with them as with the others.

import { Buffer } from "node:buffer";
import { keyFromSeed } from "../dist/ts/core/key.js";
import { Random } from "./random.mjs";

const COUNT = 2_048;
const PAIRS = 11;
const SHORTEST = 16;
const SLASH = 0x2f;
const NEWLINE = 0x0a;

/** Differences in the top bits of successive words cancel under h = (h ^ word) × odd, whatever the seed and the odd number. */
export function collidingNames(length = PAIRS * 16) {
  return Array.from({ length: COUNT }, (_, choice) => {
    const name = Buffer.alloc(length, "a");
    for (let pair = 0; pair < PAIRS; pair++) {
      if (((choice >> pair) & 1) === 0) continue;
      name[pair * 16 + 7] ^= 0x80;
      name[pair * 16 + 15] ^= 0x80;
    }
    return name;
  });
}

/** The same words in another order: one hash under any sum of words. */
export function permutations() {
  const words = ["alpha-01", "bravo-02", "charly03", "delta-04", "echo--05", "foxtro06", "golf--07", "hotel-08"];
  return Array.from({ length: COUNT }, (_, n) => {
    const left = [...words];
    let name = "";
    for (let rest = n, places = words.length; places > 0; places--) {
      name += left.splice(rest % places, 1)[0];
      rest = Math.floor(rest / places);
    }
    return Buffer.from(name);
  });
}

/** One byte repeated, every length: blocks that are all the same, and where a hash is padded, all zero behind the end. */
export function sameBlocks() {
  return Array.from({ length: COUNT }, (_, n) => Buffer.alloc(n + SHORTEST, "0"));
}

/**
 * Names of children of the root whose paths have one hash, all 64 bits, under the key of a known seed: the first word of a
 * product is made zero, so that the other may be anything. Under another key they are names like others.
 */
export function knownKey(count, seed) {
  const key = new DataView(keyFromSeed(seed).buffer);
  for (let block = 1; ; block++) {
    const word = -key.getUint32(block * 16, true) >>> 0;
    if (!isLegal(word)) continue;
    const names = [];
    for (let other = 0x61616161; names.length < count; other += 7) {
      if (!isLegal(other)) continue;
      // A path starts with a slash.
      const name = Buffer.alloc(block * 16 + 15, "a");
      name.writeUInt32LE(word, block * 16 - 1);
      name.writeUInt32LE(other, block * 16 + 7);
      names.push(name);
    }
    return names;
  }
}

/** As many ordinary names of the same lengths. */
export function ordinaryNames(names = collidingNames(), seed = 3) {
  const random = new Random(seed);
  return names.map(({ length }) => Buffer.from(random.hex(length)));
}

/** The hash that `collidingNames` is made against. */
export function xorMultiply(name, seed, odd) {
  let hash = seed;
  for (let at = 0; at + 8 <= name.length; at += 8) hash = ((hash ^ name.readBigUInt64LE(at)) * odd) & 0xffffffffffffffffn;
  return hash;
}

function isLegal(word) {
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (word >>> shift) & 0xff;
    if (byte === 0 || byte === SLASH || byte === NEWLINE) return false;
  }
  return true;
}
