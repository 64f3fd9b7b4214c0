// Many look-ups in one call, 64 in flight: first all hashes, then a touch of every line they will need, then the
// comparisons. The touches are what makes it fast: the memory fetches overlap instead of queueing.
//
// A lane is one line of the input: the node its names are seen from (0: the line names nobody), where the names start
// and end, the hash of the whole path, and the node that it will most likely be.

import { endOfLine, hashedEnd, hashLineHere, Start } from "./line";
import { keep } from "./memory";
import { NEWLINE, SLASH } from "./name";
import { isRemoved, parentOf, touchParent, touchRecord } from "./node";
import { findPath, isPathHere } from "./path";
import { startOf } from "./starts";
import { bucketOf, guessIn, secondBucketOf } from "./table";

const LANES: usize = 64;

const starts = memory.data(256, 16);
const names = memory.data(256, 16);
const ends = memory.data(256, 16);
const hashes = memory.data(512, 16);
const guesses = memory.data(256, 16);
const buckets = memory.data(256, 16);
// The lanes whose path is not in its first bucket, as u8.
const stray = memory.data(64, 16);

/**
 * Resolves paths from one root into u32 nodes, 0 where there is none: lines, or one behind the other, as many as there are u32
 * `lengths`. Answers how many there were. A newline is behind each for a moment, and up to 15 bytes behind that are read.
 */
export function resolveLines(from: u32, at: usize, length: u32, lengths: usize, count: u32, out: usize): u32 {
  const end = at + length;
  const top = out;
  const last = lengths + (<usize>count << 2);
  let origin = startOf(from);
  while (at < end || lengths < last) {
    let lanes: usize = 0;
    for (; (at < end || lengths < last) && lanes < LANES; lanes++) {
      const stop = count == 0 ? end : at + load<u32>(lengths);
      const behind = load<u8>(stop);
      store<u8>(stop, NEWLINE);
      at = fillLane(from, origin, at, lanes);
      store<u8>(stop, behind);
      if (load<u32>(starts + (lanes << 2)) != from) origin = startOf(from);
      if (count == 0) {
        at++;
        continue;
      }
      // Where a newline is in it, it names nobody.
      if (at != stop) store<u32>(starts + (lanes << 2), 0);
      at = stop;
      lengths += 4;
    }
    touchLanes(lanes);
    for (let lane: usize = 0; lane < lanes; lane++) {
      store<u32>(out, resolveLane(lane));
      out += 4;
    }
  }
  return <u32>((out - top) >> 2);
}

// Fills a lane; answers where its line ends.
function fillLane(start: u32, origin: Start, at: usize, lane: usize): usize {
  const top = at;
  for (; start != 0 && isUp(at); at += 3) start = parentOf(start);
  if (at != top && start != 0) origin = startOf(start);
  let end = at;
  let hash: u64 = 0;
  if (start != 0 && load<u8>(at) == SLASH && (at > top || load<u8>(at, 1) != NEWLINE)) {
    hash = hashLineHere(origin, at);
    end = hashedEnd();
  } else {
    end = endOfLine(at);
    const isRoot = at > top ? at == end : load<u16>(at) == 0x0a2f;
    if (!isRoot) start = 0;
    at = end;
  }
  store<u64>(hashes + (lane << 3), hash);
  store<u32>(names + (lane << 2), <u32>at);
  store<u32>(starts + (lane << 2), start);
  store<u32>(ends + (lane << 2), <u32>end);
  return end;
}

/** Is there a `/..`, and no more of that name, at `at`? */
function isUp(at: usize): bool {
  const bytes = load<u32>(at);
  const after = <u8>(bytes >> 24);
  return (bytes & 0xffffff) == 0x2e2e2f && (after == SLASH || after == NEWLINE);
}

// Loops as tiny as can be, so that as many fetches as can be are on their way at once: what one reads the next one needs.
function touchLanes(lanes: usize): void {
  let sum: u32 = 0;
  for (let lane: usize = 0; lane < lanes; lane++) {
    const bucket = bucketOf(load<u64>(hashes + (lane << 3)));
    store<u32>(buckets + (lane << 2), <u32>bucket);
    sum += load<u8>(bucket);
  }
  let strays: usize = 0;
  for (let lane: usize = 0; lane < lanes; lane++) {
    const guess = guessIn(load<u32>(buckets + (lane << 2)), load<u64>(hashes + (lane << 3)));
    store<u32>(guesses + (lane << 2), guess);
    store<u8>(stray + strays, <u8>lane);
    // Not an `if`: it would be guessed wrong.
    strays += guess == 0 ? 1 : 0;
  }
  for (let n: usize = 0; n < strays; n++) {
    const lane = <usize>load<u8>(stray + n);
    const second = secondBucketOf(load<u32>(buckets + (lane << 2)), load<u64>(hashes + (lane << 3)));
    store<u32>(buckets + (lane << 2), <u32>second);
    sum += load<u8>(second);
  }
  for (let n: usize = 0; n < strays; n++) {
    const lane = <usize>load<u8>(stray + n);
    const second = <usize>load<u32>(buckets + (lane << 2));
    if (second != 0) store<u32>(guesses + (lane << 2), guessIn(second, load<u64>(hashes + (lane << 3))));
  }
  for (let lane: usize = 0; lane < lanes; lane++) sum += touchRecord(load<u32>(guesses + (lane << 2)));
  for (let lane: usize = 0; lane < lanes; lane++) sum += touchParent(load<u32>(guesses + (lane << 2)));
  keep(sum);
}

function resolveLane(lane: usize): u32 {
  const start = load<u32>(starts + (lane << 2));
  if (start == 0) return 0;
  const at = <usize>load<u32>(names + (lane << 2));
  const end = <usize>load<u32>(ends + (lane << 2));
  if (at == end) return isRemoved(start) ? 0 : start;
  const guess = load<u32>(guesses + (lane << 2));
  if (guess != 0 && isPathHere(guess, start, at, end)) return guess;
  return findPath(load<u64>(hashes + (lane << 3)), start, at, end);
}
