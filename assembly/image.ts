// A tree as a stream of bytes, in pre-order, and back: nothing in it has to be trusted but its syntax, for names are hashed
// anew, under this core's own key.
//
//   record     climb   levels up from the record before to this one's parent (0: the record before is the parent)
//              id      the cgroup id
//              length  of the name, then the name itself
//
//   The numbers are LEB128: 7 bits a byte, lowest first, the top bit set on all but the last. The root has no record.

import { EINVAL, NAME_MAX } from "./abi";
import { copyBytes } from "./name";
import { lengthOf, levelOf, nameOf, parentOf, record } from "./node";
import { create } from "./tree";
import { nextInSubtree } from "./walk";

const RECORD_MAX: usize = 5 + 10 + 2 + NAME_MAX + 16;

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
  last = after;
  at = from;
  let whole = from;
  while (at < end) {
    isBad = false;
    const climb = readNumber(end, 5);
    const id = readNumber(end, 10);
    const size = readNumber(end, 2);
    if (isBad || climb > levelOf(last) || size > <u64>NAME_MAX) return -EINVAL;
    if (at > end || end - at < <usize>size) return isLast ? -EINVAL : <i32>(whole - from);
    for (let i: u64 = 0; i < climb; i++) last = parentOf(last);
    const made = create(last, at, <u32>size, id);
    if (made < 0) return made;
    last = made;
    at += <usize>size;
    whole = at;
  }
  return <i32>(whole - from);
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
