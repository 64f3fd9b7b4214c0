// The starts of paths: what hashing goes on from, for the few nodes that were asked for last, one a level. Made from the node's
// names, or from the part that a known ancestor has.

import { hashLine, Start } from "./line";
import { CHUNK, chunkHash, copyBytes, firstBytes, hashBlock, NEWLINE, SLASH, sumHash } from "./name";
import { lengthOf, levelOf, nameOf, parentOf, record } from "./node";

const KEPT: u32 = 8;
const KEPT_SHIFT: u32 = 6;

const kept = memory.data(512, 16);
// One chunk of a path while its blocks are summed, written from its end to its start.
const chunk = memory.data(4112, 16);
const slash = memory.data<u8>([0x2f]);

let at: u32 = 0;
let chunkAt: u32 = 0;

/** Of a node's path. Good until the next is asked for. */
export function startOf(node: u32): Start {
  const start = keptFor(node);
  if (!isKept(start, node)) make(start, node);
  return start;
}

/** The hash of a child's path. The bytes beside the name are others for a moment. */
export function hashChild(parent: u32, name: usize, length: u32): u64 {
  const start = startOf(parent);
  const before = name - 1;
  const behind = name + length;
  const first = load<u8>(before);
  const last = load<u8>(behind);
  store<u8>(before, SLASH);
  store<u8>(behind, NEWLINE);
  const hash = hashLine(start, before);
  store<u8>(before, first);
  store<u8>(behind, last);
  return hash;
}

/** To be called when a node's path has changed: its descendants' have, too. */
export function forgetStarts(): void {
  memory.fill(kept, 0, KEPT << KEPT_SHIFT);
}

function keptFor(node: u32): Start {
  return changetype<Start>(kept + ((levelOf(node) & (KEPT - 1)) << KEPT_SHIFT));
}

function isKept(start: Start, node: u32): bool {
  return start.node == node && start.birth == record(node).birth;
}

function make(start: Start, node: u32): void {
  let top = node;
  let names: u32 = 0;
  for (; parentOf(top) != 0 && !isKept(keptFor(top), top); top = parentOf(top)) names += lengthOf(top) + 1;
  if (top == node) begin(start, record(node).hash);
  else continueFrom(startOf(top), start, top, node, names);
  start.node = node;
  start.birth = record(node).birth;
}

// A hierarchy's root.
function begin(start: Start, seed: u64): void {
  start.tail = i64x2.splat(0);
  start.chunks = seed;
  start.blocks = 0;
  start.length = 0;
}

// From the last name up. The two starts may be the same slot.
function continueFrom(above: Start, start: Start, top: u32, node: u32, names: u32): void {
  const from = above.length;
  const tail = above.tail;
  const blocks = above.blocks;
  start.chunks = above.chunks;
  start.length = from + names;
  at = from + names;
  chunkAt = at & ~(CHUNK - 1);
  for (; node != top; node = parentOf(node)) {
    putBefore(start, nameOf(node), lengthOf(node));
    putBefore(start, slash, 1);
  }
  const first = (from - chunkAt) & ~15;
  v128.store(chunk + first, v128.bitselect(tail, v128.load(chunk + first), firstBytes(i8x16.splat(-1), from & 15)));
  sumChunk(start, first, blocks);
}

// Puts bytes of the path before those that are there, down to where a chunk starts, then on in the chunk before it.
function putBefore(start: Start, bytes: usize, length: u32): void {
  while (length > 0) {
    if (at == chunkAt) {
      sumChunk(start, 0, 0);
      chunkAt -= CHUNK;
    }
    const part = min(length, at - chunkAt);
    length -= part;
    at -= part;
    copyBytes(chunk + (at - chunkAt), bytes + length, part);
  }
}

// The chunk in hand: its blocks from `first` on, and the sum of those before.
function sumChunk(start: Start, first: u32, before: u64): void {
  const length = min(start.length - chunkAt, CHUNK);
  let sums = i64x2.replace_lane(i64x2.splat(0), 0, before);
  let offset = first;
  for (; offset + 16 <= length; offset += 16) sums = i64x2.add(sums, hashBlock(v128.load(chunk + offset), offset));
  if (length == CHUNK) {
    start.chunks = start.chunks + chunkHash(sums, chunkAt / CHUNK);
    return;
  }
  start.blocks = sumHash(sums);
  start.tail = firstBytes(v128.load(chunk + offset), length - offset);
}
