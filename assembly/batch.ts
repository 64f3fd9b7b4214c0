// Many look-ups in one call, 32 in flight: first all hashes, then a touch of every line they will need, then the
// comparisons. The touches are what makes it fast: the memory fetches overlap instead of queueing.

import { isDotDot } from "./name";
import { parentOf, record } from "./node";
import { findPath, hashPath, resolve } from "./path";
import { guessOf, lineOf, paths } from "./table";

const LANES: usize = 32;
const NEWLINE: u8 = 0x0a;

// One lane: where its path starts and ends, its hash, the node it will most likely be.
const starts = memory.data(128, 16);
const ends = memory.data(128, 16);
const hashes = memory.data(256, 16);
const guesses = memory.data(128, 16);

/** What the touch loops read; exported, so that no compiler may drop them. */
export let touched: u32 = 0;

/** Resolves newline-separated paths from one root into u32 nodes, 0 where there is none. Answers how many paths there were. */
export function resolveLines(from: u32, at: usize, length: u32, out: usize): u32 {
  const end = at + length;
  const top = out;
  const hash = record(from).hash;
  while (at < end) {
    let lanes: usize = 0;
    while (at < end && lanes < LANES) {
      const stop = endOfLine(at, end);
      store<u32>(starts + (lanes << 2), <u32>at);
      store<u32>(ends + (lanes << 2), <u32>stop);
      store<u64>(hashes + (lanes << 3), hashPath(hash, at, stop));
      lanes++;
      at = stop + 1;
    }
    touchTable(lanes);
    touchRecords(lanes);
    touchParents(lanes);
    for (let lane: usize = 0; lane < lanes; lane++) {
      store<u32>(out, resolveLane(from, lane));
      out += 4;
    }
  }
  return <u32>((out - top) >> 2);
}

function endOfLine(at: usize, end: usize): usize {
  const newlines = i8x16.splat(NEWLINE);
  for (; at < end; at += 16) {
    const bits = i8x16.bitmask(i8x16.eq(v128.load(at), newlines));
    if (bits != 0) return min(at + <usize>ctz(bits), end);
  }
  return end;
}

function touchTable(lanes: usize): void {
  let sum: u32 = 0;
  for (let lane: usize = 0; lane < lanes; lane++) {
    sum += load<u8>(lineOf(paths, load<u64>(hashes + (lane << 3))));
  }
  touched = sum;
}

function touchRecords(lanes: usize): void {
  let sum: u32 = 0;
  for (let lane: usize = 0; lane < lanes; lane++) {
    const guess = guessOf(paths, load<u64>(hashes + (lane << 3)));
    store<u32>(guesses + (lane << 2), guess);
    sum += touch(guess);
  }
  touched = sum;
}

function touchParents(lanes: usize): void {
  let sum: u32 = 0;
  for (let lane: usize = 0; lane < lanes; lane++) {
    const guess = load<u32>(guesses + (lane << 2));
    if (guess != 0) sum += touch(parentOf(guess));
  }
  touched = sum;
}

function touch(node: u32): u32 {
  const hot = <usize>node << 3;
  return load<u8>(hot) + load<u8>(hot, 64);
}

// A path of names alone is found by its hash or not at all; `/` and `/..` take the longer way.
function resolveLane(from: u32, lane: usize): u32 {
  const at = <usize>load<u32>(starts + (lane << 2));
  const end = <usize>load<u32>(ends + (lane << 2));
  if (end - at < 2 || isDotDot(at + 1, end)) return max(resolve(from, at, end), 0);
  return findPath(load<u64>(hashes + (lane << 3)), from, at, end);
}
