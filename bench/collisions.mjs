// Names that collide under every seed of an xor-multiply hash, h = (h ^ word) × odd: the top bit of a word only ever
// reaches the top bit of h, so that flipping it in two words of a pair cancels out — whatever the seed and the odd number,
// with 32-bit words as with 64-bit ones.

import { random } from "./field.mjs";

const PAIRS = 11;
const NAME_BYTES = PAIRS * 16;

/** 2,048 legal names of 176 bytes: one for each choice of pairs to flip. */
export function collidingNames() {
  return Array.from({ length: 1 << PAIRS }, (_, choice) => {
    const name = Buffer.alloc(NAME_BYTES, "a");
    for (let pair = 0; pair < PAIRS; pair++) {
      if (((choice >> pair) & 1) === 0) continue;
      name[pair * 16 + 7] ^= 0x80;
      name[pair * 16 + 15] ^= 0x80;
    }
    return name;
  });
}

/** As many ordinary names of the same length. */
export function ordinaryNames(seed = 3) {
  const next = random(seed);
  return collidingNames().map(() => Buffer.from(Array.from({ length: NAME_BYTES }, () => 0x61 + ((next() * 26) | 0))));
}

/** The hash they are made against, 64-bit words. */
export function xorMultiply(name, seed, odd) {
  let hash = seed;
  for (let at = 0; at + 8 <= name.length; at += 8) hash = ((hash ^ name.readBigUInt64LE(at)) * odd) & 0xffffffffffffffffn;
  return hash;
}
