// The secret key of a core: random from the platform, or grown from a seed for reproducible tests.

import { KEY_BYTES } from "../../assembly/abi.ts";

export function randomKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

/** mulberry32: good enough to be different everywhere, never a secret. */
export function keyFromSeed(seed: number): Uint8Array {
  const words = new Uint32Array(KEY_BYTES / 4);
  let state = seed >>> 0;
  for (let i = 0; i < words.length; i++) {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    words[i] = x ^ (x >>> 14);
  }
  return new Uint8Array(words.buffer);
}
