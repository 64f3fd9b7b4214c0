// The core's algorithm in plain JavaScript, as fast as it would go: a keyed multiply hash of every path, sixteen bytes at a
// time; open addressing in an Int32Array; records with their names in another; 32 look-ups in flight; every hit compared byte
// for byte. Without 64-bit products its hash gives no protection against chosen names.
//
//   table    hash, record · hash, record · …          at most half full
//   arena    parent, length, name … to 8 bytes        a record's number is its index

import { Random } from "./random.mjs";

const LANES = 32;
const SLASH = 0x2f;
const SLACK = 32;
const NEWLINES = 0x0a0a0a0a;
const SPACES = 0x20202020;
const ONES = 0x01010101;
const HIGH_BITS = 0x80808080;
// Keep the first n bytes of two words, n from 0 to 7.
const KEEP = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1, -1, -1, -1);
const KEEP_MORE = Int32Array.of(0, 0, 0, 0, 0, 0xff, 0xffff, 0xffffff);

export class TypedTree {
  /** The record's number of every path, in the order of the paths. */
  numbers;
  #table;
  #mask;
  #arena;
  #stored;
  #used = 4;
  #odd;
  #other;
  #scratch = new Uint8Array(0);
  #view = new DataView(this.#scratch.buffer);
  #ends = new Int32Array(LANES);
  #starts = new Int32Array(LANES);
  #hashes = new Int32Array(LANES);
  #guesses = new Int32Array(LANES);
  /** What the touch loops read, so that no compiler may drop them. */
  touched = 0;

  constructor(paths, seed = 7) {
    const random = new Random(seed);
    this.#odd = random.word() | 1;
    this.#other = random.word() | 1;
    let slots = 64;
    while (slots < paths.length * 2) slots *= 2;
    this.#mask = slots - 1;
    this.#table = new Int32Array(slots * 2);
    this.#arena = new Int32Array(2 * (10 + 2 * paths.length + (paths.nameBytes >> 3)));
    this.#stored = new DataView(this.#arena.buffer);
    this.numbers = new Int32Array(paths.length);
    for (let i = 0; i < paths.length; i++) this.numbers[i] = this.#create(paths, i);
  }

  /** Where lines are read to, to be read in place. */
  room(length) {
    if (this.#scratch.length < length + SLACK) {
      this.#scratch = new Uint8Array(2 * length + SLACK);
      this.#view = new DataView(this.#scratch.buffer);
    }
    return this.#scratch;
  }

  /** Newline-separated absolute paths, from the room's start on, to record numbers, 0 where there is none; answers how many were found. */
  resolveLines(bytes, out) {
    if (bytes.buffer !== this.#scratch.buffer) this.room(bytes.length).set(bytes);
    const end = bytes.length;
    let found = 0;
    let count = 0;
    for (let at = 0; at < end; ) {
      let lanes = 0;
      for (; lanes < LANES && at < end; lanes++) {
        this.#starts[lanes] = at;
        at = this.#hashLine(lanes, at);
      }
      this.#touch(lanes);
      for (let lane = 0; lane < lanes; lane++) {
        let number = this.#guesses[lane];
        if (number !== 0 && !this.#isPath(number, this.#starts[lane], this.#ends[lane])) number = this.#search(lane);
        if (number !== 0) found++;
        out[count++] = number;
      }
    }
    return found;
  }

  /** Memory of it all, in bytes. */
  get bytes() {
    return this.#table.byteLength + this.#arena.byteLength;
  }

  // Finds the newline and hashes in one pass, sixteen bytes at a time; answers where the next line starts.
  #hashLine(lane, start) {
    const view = this.#view;
    const odd = this.#odd;
    const other = this.#other;
    let at = start;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (;;) {
      const first = view.getInt32(at, true);
      const second = view.getInt32(at + 4, true);
      const third = view.getInt32(at + 8, true);
      const fourth = view.getInt32(at + 12, true);
      if ((((first - SPACES) | (second - SPACES) | (third - SPACES) | (fourth - SPACES)) & HIGH_BITS) !== 0) {
        // A byte is below 0x20, or not ASCII.
        if ((newlines(first) | newlines(second) | newlines(third) | newlines(fourth)) !== 0) break;
      }
      a = Math.imul(a ^ first, odd);
      b = Math.imul(b ^ second, other);
      c = Math.imul(c ^ third, odd);
      d = Math.imul(d ^ fourth, other);
      at = (at + 16) | 0;
    }
    let word = view.getInt32(at, true);
    let bits = newlines(word);
    for (; bits === 0; bits = newlines(word)) {
      a = Math.imul(a ^ word, odd);
      at = (at + 4) | 0;
      word = view.getInt32(at, true);
    }
    const rest = (31 - Math.clz32(bits & -bits)) >> 3;
    at = (at + rest) | 0;
    this.#ends[lane] = at;
    this.#hashes[lane] = mix((Math.imul(a ^ (word & KEEP[rest]), odd) + Math.imul(b, odd) + Math.imul(c, other) + d) | 0);
    return at + 1;
  }

  // The record it will most likely be, and a touch of what the comparison will read of it and of its parent.
  #touch(lanes) {
    const table = this.#table;
    const arena = this.#arena;
    const guesses = this.#guesses;
    const last = (this.#mask << 1) | 1;
    let sum = 0;
    for (let lane = 0; lane < lanes; lane++) {
      const hash = this.#hashes[lane];
      let slot = (hash & this.#mask) << 1;
      while (table[slot] !== hash && table[slot + 1] !== 0) slot = (slot + 2) & last;
      guesses[lane] = table[slot + 1];
    }
    for (let lane = 0; lane < lanes; lane++) sum += arena[guesses[lane]] + arena[guesses[lane] + 16];
    for (let lane = 0; lane < lanes; lane++) {
      const parent = arena[guesses[lane]];
      sum += arena[parent] + arena[parent + 16];
    }
    this.touched = sum | 0;
  }

  // When the guess was wrong: every record of this hash.
  #search(lane) {
    const hash = this.#hashes[lane];
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const number = this.#table[(slot << 1) + 1];
      if (number === 0) return 0;
      if (this.#table[slot << 1] === hash && this.#isPath(number, this.#starts[lane], this.#ends[lane])) return number;
    }
  }

  // From the last name up: each must be the record's, with a slash before it.
  #isPath(record, start, lineEnd) {
    const arena = this.#arena;
    const stored = this.#stored;
    const view = this.#view;
    let end = lineEnd;
    for (let number = record; number !== 0; number = arena[number]) {
      const length = arena[number + 1];
      let at = end - length;
      end = at - 1;
      if (end < start || view.getUint8(end) !== SLASH) return false;
      let name = (number + 2) << 2;
      if (length < 16) {
        if (!sameStart(view, at, stored, name, length)) return false;
        continue;
      }
      const last = (name + length - 16) | 0;
      for (; name < last; name = (name + 16) | 0) {
        if (!sameBlock(view, at, stored, name)) return false;
        at = (at + 16) | 0;
      }
      if (!sameBlock(view, (end + length - 15) | 0, stored, last)) return false;
    }
    return end === start;
  }

  #create(paths, index) {
    const number = this.#used;
    const parent = paths.parents[index];
    const name = paths.name(index);
    const arena = this.#arena;
    arena[number] = parent < 0 ? 0 : this.numbers[parent];
    arena[number + 1] = name.length;
    new Uint8Array(arena.buffer, (number + 2) * 4, name.length).set(paths.bytes(index).subarray(-name.length));
    this.#used = number + 4 + ((name.length >> 3) << 1);
    const hash = this.#hashOf(paths.lines(index, index + 1));
    let slot = hash & this.#mask;
    while (this.#table[(slot << 1) + 1] !== 0) slot = (slot + 1) & this.#mask;
    this.#table[slot << 1] = hash;
    this.#table[(slot << 1) + 1] = number;
    return number;
  }

  #hashOf(line) {
    this.room(line.length).set(line);
    this.#hashLine(0, 0);
    return this.#hashes[0];
  }
}

// The high bit of bytes that are a newline; the lowest set bit is right, those above it may not be.
function newlines(word) {
  const newline = word ^ NEWLINES;
  return (newline - ONES) & ~newline & HIGH_BITS;
}

// Sixteen bytes, as two doubles: equal ones are the same bytes, as a name has no zeros; others may both be NaN.
function sameBlock(a, at, b, other) {
  if (a.getFloat64(at, true) === b.getFloat64(other, true) && a.getFloat64(at + 8, true) === b.getFloat64(other + 8, true)) return true;
  for (let i = 0; i < 16; i += 4) if (a.getInt32(at + i, true) !== b.getInt32(other + i, true)) return false;
  return true;
}

// Less than sixteen.
function sameStart(a, at, b, other, length) {
  if ((length & 8) !== 0) {
    if (a.getInt32(at, true) !== b.getInt32(other, true) || a.getInt32(at + 4, true) !== b.getInt32(other + 4, true)) return false;
    at = (at + 8) | 0;
    other = (other + 8) | 0;
  }
  const low = (a.getInt32(at, true) ^ b.getInt32(other, true)) & KEEP[length & 7];
  const high = (a.getInt32(at + 4, true) ^ b.getInt32(other + 4, true)) & KEEP_MORE[length & 7];
  return (low | high) === 0;
}

function mix(hash) {
  let x = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
