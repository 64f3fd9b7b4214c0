// A tree as a stream of bytes, in pre-order, and back: nothing in it has to be trusted but its syntax, for names are hashed
// anew, under this core's own key.
//
//   record     climb   levels up from the record before to this one's parent (0: the record before is the parent)
//              id      the cgroup id
//              length  of the name, then the name itself
//
//   The numbers are LEB128: 7 bits a byte, lowest first, the top bit set on all but the last. The root has no record.

import { EINVAL, NAME_MAX, VIEW_MAX } from "./abi";
import { hashLine, slashBefore } from "./line";
import { keep } from "./memory";
import { copyBytes, hashId, NEWLINE, SLASH } from "./name";
import { hierarchyOf, lengthOf, levelOf, nameOf, parentOf, record } from "./node";
import { viewInto } from "./path";
import { startOf } from "./starts";
import { ids, paths, touchLine } from "./table";
import { create, createHashed } from "./tree";
import { nextInSubtree } from "./walk";

const RECORD_MAX: usize = 5 + 10 + 2 + NAME_MAX + 16;

const LANES: usize = 32;
const LANE_BYTES: usize = 32;

// Records read ahead of being made: hashes first, then a touch of what they will need, then the making, as in batch.ts.
@unmanaged
class Lane {
  /** Of the path; 0 where it is too long for `way`. */
  hash: u64;
  id: u64;
  climb: u32;
  name: usize;
  size: u32;
}
const all = memory.data(1024, 16);

// The path of the last record that has been read, while it is one that a view would not cut.
const way = memory.data(8224, 16);
let wayEnd: usize = 0;
let level: u32 = 0;
let root: u32 = 0;

let at: usize = 0;
let last: u32 = 0;
let isBad: bool = false;
let records: u32 = 0;

/** Records written since the root's first. */
export function recordCount(): u32 {
  return records;
}

/** The last node that was written or made. */
export function lastNode(): u32 {
  return last;
}

/**
 * Writes the records of the nodes behind `after` (the root at first) in the subtree of `root` while `room` lasts; how many
 * bytes, 0 at the end.
 */
export function writeRecords(root: u32, after: u32, out: usize, room: u32): u32 {
  const top = out;
  const full = out + room - RECORD_MAX;
  last = after;
  if (after == root) records = 0;
  for (let node = nextInSubtree(root, after); node != 0 && out < full; node = nextInSubtree(root, node)) {
    out = writeNumber(out, levelOf(last) + 1 - levelOf(node));
    out = writeNumber(out, record(node).id);
    const length = lengthOf(node);
    out = writeNumber(out, length);
    copyBytes(out, nameOf(node), length);
    out += length;
    last = node;
    records++;
  }
  return <u32>(out - top);
}

function writeNumber(out: usize, value: u64): usize {
  for (; value > 127; value >>= 7) {
    store<u8>(out, <u8>value | 0x80);
    out++;
  }
  store<u8>(out, <u8>value);
  return out + 1;
}

/**
 * Makes the nodes of the whole records in [from, end), behind `after`; how many bytes they were, or -errno: EINVAL for what
 * is no record (with `isLast` also for half a one), EEXIST for a name or an id that is there.
 */
export function readRecords(after: u32, from: usize, length: u32, isLast: bool): i32 {
  const end = from + length;
  const hierarchy = hierarchyOf(after);
  last = after;
  at = from;
  isBad = false;
  openWay(after);
  let whole = from;
  let count = LANES;
  while (count == LANES) {
    count = 0;
    while (count < LANES && at < end && fill(laneAt(count), end)) count++;
    let sum: u32 = 0;
    for (let n: usize = 0; n < count; n++) sum += touch(laneAt(n), hierarchy);
    keep(sum);
    for (let n: usize = 0; n < count; n++) {
      const lane = laneAt(n);
      const made = make(lane);
      if (made < 0) return made;
      whole = lane.name + lane.size;
    }
  }
  return isBad || (isLast && whole < end) ? -EINVAL : <i32>(whole - from);
}

function laneAt(n: usize): Lane {
  return changetype<Lane>(all + n * LANE_BYTES);
}

// The way to the last record that has been read: its path, and its level.
function openWay(node: u32): void {
  root = node;
  while (parentOf(root) != 0) root = parentOf(root);
  level = levelOf(node);
  wayEnd = node == root ? way : viewInto(root, node, way);
}

/** Is the way no longer than a view may be? Once it is not, it stays as it is. */
function isWhole(): bool {
  return wayEnd - way < <usize>VIEW_MAX;
}

// Goes up so many levels and down to a name.
function turn(climb: u32, name: usize, size: usize): void {
  for (; climb > 0; climb--) wayEnd = slashBefore(wayEnd);
  store<u8>(wayEnd, SLASH);
  copyBytes(wayEnd + 1, name, size);
  wayEnd += size + 1;
  store<u8>(wayEnd, NEWLINE);
}

// With a whole record; false where there is none.
function fill(lane: Lane, end: usize): bool {
  const climb = readNumber(end, 5);
  lane.id = readNumber(end, 10);
  const size = readNumber(end, 2);
  isBad = isBad || climb > level || size > <u64>NAME_MAX;
  if (isBad || at > end || end - at < <usize>size) return false;
  level = level - <u32>climb + 1;
  if (isWhole()) turn(<u32>climb, at, <usize>size);
  lane.hash = isWhole() ? hashLine(startOf(root), way) : 0;
  lane.climb = <u32>climb;
  lane.name = at;
  lane.size = <u32>size;
  at += <usize>size;
  return true;
}

function touch(lane: Lane, hierarchy: u32): u32 {
  return touchLine(paths, lane.hash) + touchLine(ids, hashId(hierarchy, lane.id));
}

function make(lane: Lane): i32 {
  for (let climb = lane.climb; climb > 0; climb--) last = parentOf(last);
  const hash = lane.hash;
  const made = hash == 0 ? create(last, lane.name, lane.size, lane.id) : createHashed(last, hash, lane.name, lane.size, lane.id);
  if (made > 0) last = made;
  return made;
}

// A number of at most so many bytes; `at` is behind `end` where the stream ends inside it.
function readNumber(end: usize, most: u32): u64 {
  let value: u64 = 0;
  for (let i: u32 = 0; i < most; i++) {
    if (at >= end) {
      at = end + 1;
      return 0;
    }
    const byte = <u64>load<u8>(at);
    at++;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 128) {
      if (i == 9 && byte > 1) isBad = true;
      return value;
    }
  }
  isBad = true;
  return 0;
}

/** A checksum of all bytes so far, and these; not a secret, it finds damage. Lengths but the last are multiples of 8. */
export function checksum(sum: u64, from: usize, length: u32): u64 {
  const end = from + length;
  for (; from + 8 <= end; from += 8) sum = step(sum, load<u64>(from));
  let rest: u64 = 0;
  for (let i: u64 = 0; from < end; from++, i += 8) rest |= <u64>load<u8>(from) << i;
  return length & 7 ? step(sum, rest | (<u64>(length & 7) << 56)) : sum;
}

function step(sum: u64, word: u64): u64 {
  sum = (sum ^ word) * 0x9fb21c651e98df25;
  return sum ^ (sum >> 29);
}
