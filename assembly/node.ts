// The cgroup record: its layout, its allocation, its proof of life. Knows nothing of trees.
//
// A node number is the address of the record's hot part divided by 8. Records never move, and a slot that has held a
// record holds only records (or the long names of renamed ones) of the same size ever after: a number that has gone
// stale still points at a slot, and the slot says so.
//
//   slot         0      8     16     20         24     28     32    36 (8-aligned)  44
//                ├──────┼──────┼──────┼───────────┼──────┼──────┼─────┼────────┬───────┼─────────────────
//                │ hash │  id  │birth │first child│ next │ prev │ tag │ parent │ shape │ name … to 8 bytes
//                └──────┴──────┴──────┴───────────┴──────┴──────┴─────┴────────┴───────┴─────────────────
//                 cold: creation, removal, growth                      hot: look-ups and views
//
//   tag    hierarchy << 24 | pins      shape   level << 13 | moved << 12 | name length
//   moved  the name has outgrown the slot: the first 4 bytes are the address of [slot length: u32][name …]
//   prev   0: removed, or free; the first child's prev is the last child, the root's is itself
//   a free slot starts with the address of the next free slot of its size

import { LEVEL_MAX, NAME_MAX, PAGE_BYTES } from "./abi";
import { isArena, markArena, takePages } from "./memory";
import { copyBytes } from "./name";

const NAME_OFFSET: usize = 44;
const HOT_OFFSET: usize = 36;
const LENGTH_MASK: u32 = 0xfff;
const MOVED: u32 = 0x1000;
const LEVEL_SHIFT: u32 = 13;
const PINS_MASK: u32 = 0xffffff;

// Every arena page opens with a bitmap: one bit for each 8 bytes, set where a record's hot part starts.
const BITMAP_BYTES: usize = PAGE_BYTES / 64;
// Reads of names run up to 15 bytes over, and touches of records up to 112 behind the hot part, whatever the name: no slot
// ends closer to the end of its page, which may be that of memory.
const TAIL_BYTES: usize = 112;

// Free slots by size: slots are multiples of 8 bytes, NAME_OFFSET + NAME_MAX at most.
const freeSlots = memory.data(2080, 16);

let bump: usize = 0;
let bumpEnd: usize = 0;

/** The birth stamp now: it moves on when a slot may be used again, so an older stamp never covers a younger record. */
let stamp: u32 = 1;
let freedSinceStamp: bool = false;

@unmanaged
export class Node {
  hash: u64;
  id: u64;
  birth: u32;
  firstChild: u32;
  next: u32;
  prev: u32;
  tag: u32;
  parent: u32;
  shape: u32;
}

export function record(node: u32): Node {
  return changetype<Node>((<usize>node << 3) - HOT_OFFSET);
}

export function parentOf(node: u32): u32 {
  return load<u32>(<usize>node << 3);
}

export function lengthOf(node: u32): u32 {
  return load<u32>(<usize>node << 3, 4) & LENGTH_MASK;
}

export function levelOf(node: u32): u32 {
  return load<u32>(<usize>node << 3, 4) >> LEVEL_SHIFT;
}

export function nameOf(node: u32): usize {
  const hot = <usize>node << 3;
  return load<u32>(hot, 4) & MOVED ? <usize>load<u32>(hot, 8) + 4 : hot + 8;
}

/** Reads the cache lines that a comparison with this node's name will read; 0 is no node, and harmless. */
export function touchRecord(node: u32): u32 {
  const hot = <usize>node << 3;
  return load<u8>(hot) + load<u8>(hot, 64) + load<u8>(hot, 112);
}

/** The same for its parent. */
export function touchParent(node: u32): u32 {
  const hot = <usize>parentOf(node) << 3;
  return load<u8>(hot) + load<u8>(hot, 64);
}

/** The line that proves a node's life, and the page's that says there is one; only of an `isArenaNode`. */
export function touchBirth(node: u32): u32 {
  const hot = <usize>node << 3;
  return load<u8>(bitmapByte(hot)) + load<u8>(hot - HOT_OFFSET, 16) + load<u8>(hot);
}

/** The line of its id. */
export function touchCold(node: u32): u32 {
  return load<u8>((<usize>node << 3) - HOT_OFFSET, 8);
}

export function hierarchyOf(node: u32): u32 {
  return record(node).tag >> 24;
}

export function pinsOf(node: u32): u32 {
  return record(node).tag & PINS_MASK;
}

/** False when the count is full. */
export function addPin(node: u32): bool {
  const it = record(node);
  if ((it.tag & PINS_MASK) == PINS_MASK) return false;
  it.tag = it.tag + 1;
  return true;
}

export function dropPin(node: u32): void {
  const it = record(node);
  it.tag = it.tag - 1;
}

export function isRemoved(node: u32): bool {
  return record(node).prev == 0;
}

export function currentStamp(): u32 {
  return stamp;
}

/** Does this number, which may be anything, point into the arena? */
export function isArenaNode(node: u32): bool {
  return node < 0x20000000 && isArena(<usize>node << 3);
}

/** Is this number, which may be anything, a record that was there when the stamp was taken? */
export function isNode(node: u32, upTo: u32): bool {
  return isRecord(node) && record(node).birth <= upTo;
}

/** Is this number, which may be anything, the record of this very birth? */
export function isOf(node: u32, birth: u32): bool {
  return isRecord(node) && record(node).birth == birth;
}

function isRecord(node: u32): bool {
  return isArenaNode(node) && (load<u8>(bitmapByte(<usize>node << 3)) & bitOf(node)) != 0;
}

function bitmapByte(hot: usize): usize {
  return (hot & ~(PAGE_BYTES - 1)) + ((hot & (PAGE_BYTES - 1)) >> 6);
}

function bitOf(node: u32): u32 {
  return 1 << (node & 7);
}

/** A record with its name copied in and every field set but the links; 0 when memory is exhausted. */
export function allocate(parent: u32, level: u32, hierarchy: u32, name: usize, length: u32): u32 {
  if (freedSinceStamp && stamp == u32.MAX_VALUE) return 0;
  const slot = takeSlot(NAME_OFFSET + length);
  if (slot == 0) return 0;
  if (freedSinceStamp) {
    stamp++;
    freedSinceStamp = false;
  }
  const it = changetype<Node>(slot);
  it.birth = stamp;
  it.firstChild = 0;
  it.next = 0;
  it.prev = 0;
  it.tag = hierarchy << 24;
  it.parent = parent;
  it.shape = (level << LEVEL_SHIFT) | length;
  copyBytes(slot + NAME_OFFSET, name, length);
  const node = <u32>((slot + HOT_OFFSET) >> 3);
  flipBit(node);
  return node;
}

/** The slot may be used again; every number and stamp that named this record is stale from now on. */
export function free(node: u32): void {
  const slot = changetype<usize>(record(node));
  let length = lengthOf(node);
  if (record(node).shape & MOVED) {
    const outside = <usize>load<u32>(slot + NAME_OFFSET);
    const first = load<u32>(outside);
    giveSlot(outside, 4 + length);
    length = first;
  }
  flipBit(node);
  giveSlot(slot, NAME_OFFSET + length);
  freedSinceStamp = true;
}

/** Gives a record another name; its number stays. False when memory is exhausted. */
export function setName(node: u32, name: usize, length: u32): bool {
  const it = record(node);
  const slot = changetype<usize>(it);
  const before = lengthOf(node);
  if (it.shape & MOVED) {
    const outside = <usize>load<u32>(slot + NAME_OFFSET);
    const again = takeSlot(4 + length);
    if (again == 0) return false;
    store<u32>(again, load<u32>(outside));
    copyBytes(again + 4, name, length);
    giveSlot(outside, 4 + before);
    store<u32>(slot + NAME_OFFSET, <u32>again);
  } else if (slotBytes(NAME_OFFSET + length) == slotBytes(NAME_OFFSET + before)) {
    copyBytes(slot + NAME_OFFSET, name, length);
  } else {
    const outside = takeSlot(4 + length);
    if (outside == 0) return false;
    store<u32>(outside, before);
    copyBytes(outside + 4, name, length);
    store<u32>(slot + NAME_OFFSET, <u32>outside);
    it.shape = it.shape | MOVED;
  }
  it.shape = (it.shape & ~LENGTH_MASK) | length;
  return true;
}

function flipBit(node: u32): void {
  const at = bitmapByte(<usize>node << 3);
  store<u8>(at, <u8>(load<u8>(at) ^ bitOf(node)));
}

function slotBytes(bytes: usize): usize {
  return (bytes + 7) & ~7;
}

function takeSlot(bytes: usize): usize {
  const size = slotBytes(bytes);
  const head = freeSlots + (size >> 1);
  const again = <usize>load<u32>(head);
  if (again != 0) {
    store<u32>(head, load<u32>(again));
    return again;
  }
  if (bumpEnd - bump < size && !nextPage()) return 0;
  const slot = bump;
  bump += size;
  return slot;
}

function giveSlot(slot: usize, bytes: usize): void {
  const head = freeSlots + (slotBytes(bytes) >> 1);
  store<u32>(slot, load<u32>(head));
  store<u32>(head, <u32>slot);
}

function nextPage(): bool {
  const page = takePages(1, false);
  if (page == 0) return false;
  memory.fill(page, 0, BITMAP_BYTES);
  // Its page faults one after the other: one amid the making of a record takes longer.
  for (let at = page + BITMAP_BYTES; at < page + PAGE_BYTES; at += 4096) store<u8>(at, 0);
  markArena(page);
  bump = page + BITMAP_BYTES + 4;
  bumpEnd = page + PAGE_BYTES - TAIL_BYTES;
  return true;
}
