// Streams of look-ups over the paths of a tree, cut into batches: uniform, Zipf (exponent 1, ranks shuffled), bursts of the
// same path, and uniform with 10 % misses. Long enough that no cache holds what a stream touches of a large tree.

import { Buffer } from "node:buffer";
import { Random } from "./random.mjs";

export const BATCH = 2048;
const BURST = 32;
const SLACK = 64;

const choosers = {
  uniform: (count, random) => () => random.below(count),
  zipf: (count, random) => {
    const ranked = shuffled(count, random);
    return () => ranked[Math.min(count - 1, Math.floor((count + 1) ** random.next()) - 1)];
  },
  bursts: (count, random) => {
    let left = 0;
    let index = 0;
    return () => {
      if (left-- <= 0) [left, index] = [random.below(BURST), random.below(count)];
      return index;
    };
  },
  misses: (count, random) => () => (random.next() < 0.1 ? ~random.below(count) : random.below(count)),
};

/** The kinds of streams, the first the one that ratios are taken from. */
export const KINDS = Object.keys(choosers);

/**
 * Batches of BATCH look-ups: `bytes` are the lines, `indexes` says whose paths they are (an index's complement where it is a
 * miss), `hits` how many there are to find.
 */
export function batches(paths, kind = "uniform", seed = 2) {
  const random = new Random(seed);
  const choose = choosers[kind](paths.length, random);
  const count = BATCH * Math.min(256, Math.max(32, paths.length >> 12));
  const indexes = Int32Array.from({ length: count }, choose);
  const size = indexes.reduce((sum, index) => sum + paths.bytes(index < 0 ? ~index : index).length + 1, 0);
  const bytes = Buffer.alloc(size + SLACK);
  const cut = [];
  let at = 0;
  for (let first = 0; first < count; first += BATCH) {
    const start = at;
    const part = indexes.subarray(first, first + BATCH);
    for (const index of part) at = writeLine(bytes, at, paths, index);
    cut.push({ bytes: bytes.subarray(start, at), indexes: part, hits: part.reduce((hits, index) => hits + (index < 0 ? 0 : 1), 0) });
  }
  return cut;
}

// A miss is a path with another last byte: nobody is called that.
function writeLine(bytes, at, paths, index) {
  const path = paths.bytes(index < 0 ? ~index : index);
  bytes.set(path, at);
  const end = at + path.length;
  if (index < 0) bytes[end - 1] = 0x3f;
  bytes[end] = 0x0a;
  return end + 1;
}

function shuffled(count, random) {
  const list = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [list[i], list[other]] = [list[other], list[i]];
  }
  return list;
}

/** One after another, for ever. */
export function cycle(list) {
  let at = list.length - 1;
  return () => {
    at = at + 1 === list.length ? 0 : at + 1;
    return list[at];
  };
}
