// Seeded random numbers (mulberry32): the same for the same seed, on every machine.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 2³² - 1. */
  word() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    const state = this.#state;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (x ^ (x >>> 14)) >>> 0;
  }

  /** From 0 up to 1. */
  next() {
    return this.word() / 4294967296;
  }

  /** An integer from 0 up to `end`. */
  below(end) {
    return Math.floor(this.next() * end);
  }

  hex(length) {
    let text = "";
    while (text.length < length) text += this.word().toString(16).padStart(8, "0");
    return text.slice(0, length);
  }
}
