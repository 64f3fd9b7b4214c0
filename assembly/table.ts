// A hash table of nodes, growing a little with each insertion. Knows where a hash lives, not what it stands for.
//
// A bucket is one cache line; a look-up goes on to another bucket, a stride of its hash's away, only while insertions that
// passed it by live.
//
//   0              12        16                                          64
//   ├──────────────┼─────────┼───────────────────────────────────────────┤
//   │ 12 tags (u8) │ passed  │ 12 nodes (u32)                            │      by path; tag 0: empty
//   └──────────────┴─────────┴───────────────────────────────────────────┘
//   0                         28        32                           60  64
//   ├─────────────────────────┼─────────┼─────────────────────────────┼──┤
//   │ 7 keys (u32)            │ passed  │ 7 nodes (u32)               │  │      by id; node 0: empty
//   └─────────────────────────┴─────────┴─────────────────────────────┴──┘
//
// A tag is the upper byte of a hash, a key the upper half: of an id's hash that is the id's lower half, so that most look-ups
// of ids need no record.
//
// Growth: a table of twice the size (or of as many pages as are asked for) is put beside the old one, and each insertion
// moves two of the old buckets over.

import { PAGE_BYTES } from "./abi";
import { giveRun, keep, takePages } from "./memory";
import { hashId } from "./name";
import { hierarchyOf, record } from "./node";

const SLOTS: u32 = 12;
const SLOT_BITS: u32 = 0xfff;
const NODES: usize = 16;
const PASSED: usize = 12;
const ID_SLOTS: u32 = 7;
const ID_SLOT_BITS: u32 = 0x7f;
const ID_NODES: usize = 32;
const ID_PASSED: usize = 28;
const BUCKET_SHIFT: u32 = 6;
/** A page of them. */
const FIRST_BUCKETS: u32 = PAGE_BYTES >> 6;
const MOST_BUCKETS: u32 = 1 << 25;
/** Entries up to which room for many is room for twice as many, so that hardly one lies outside its bucket. */
const ROOMY: u64 = 1 << 14;

@unmanaged
export class Table {
  base: usize;
  buckets: u32;
  count: u32;
  old: usize;
  oldBuckets: u32;
  /** Buckets of the old table that are empty already. */
  moved: u32;
  byId: u32;

  get slots(): u32 {
    return this.byId ? ID_SLOTS : SLOTS;
  }

  /** Where a slot's node is. */
  slot(bucket: usize, slot: u32): usize {
    return bucket + (this.byId ? ID_NODES : NODES) + (<usize>slot << 2);
  }

  /** Where it is counted how many insertions passed a bucket by. */
  passed(bucket: usize): usize {
    return bucket + (this.byId ? ID_PASSED : PASSED);
  }

  /** The slots that may have this hash, as bits. */
  matches(bucket: usize, hash: u64): u32 {
    return this.byId ? keyed(bucket, hash) : tagged(bucket, tagOf(hash));
  }

  empty(bucket: usize): u32 {
    return this.byId ? lanesWith(bucket + ID_NODES, 0) & ID_SLOT_BITS : tagged(bucket, 0);
  }

  full(bucket: usize): u32 {
    return ~this.empty(bucket) & (this.byId ? ID_SLOT_BITS : SLOT_BITS);
  }
}

/** path hash → node */
export const paths = changetype<Table>(memory.data(32, 16));
/** (hierarchy, cgroup id) → node; not those of id 0 */
export const ids = changetype<Table>(memory.data(32, 16));

export function openTables(): bool {
  ids.byId = 1;
  return open(paths) && open(ids);
}

function open(table: Table): bool {
  table.base = takePages(1, true);
  table.buckets = FIRST_BUCKETS;
  return table.base != 0;
}

/** Makes sure that one more insertion will find room. False when memory is exhausted. */
export function reserve(table: Table): bool {
  const slots = table.buckets * table.slots;
  if (table.count + 1 <= slots - (slots >> 3)) return true;
  while (table.old != 0) moveBucket(table);
  return startGrowth(table, table.buckets << 1) || table.count + 1 <= slots - (slots >> 5);
}

/**
 * Makes room for so many more insertions at once, so that no table between is made; less by id, where it costs more. False
 * when memory is exhausted.
 */
export function expect(table: Table, more: u32): bool {
  const wanted = <u64>table.count + more;
  const eighths = wanted < ROOMY ? 4 : table.byId ? 7 : 6;
  const pages = (wanted * 8 / (eighths * table.slots)) / FIRST_BUCKETS + 1;
  const now = <u64>(table.buckets / FIRST_BUCKETS);
  if (pages <= now) return true;
  // By an eighth at least: many small demands shall not make a table each.
  const buckets = max(pages, now + (now >> 3)) * FIRST_BUCKETS;
  while (table.old != 0) moveBucket(table);
  return buckets <= <u64>MOST_BUCKETS && startGrowth(table, <u32>buckets);
}

/** Puts a node in; `reserve` has been asked before. */
export function insert(table: Table, hash: u64, node: u32): void {
  if (table.old != 0) moveBucket(table);
  if (table.old != 0) moveBucket(table);
  place(table, hash, node);
  table.count = table.count + 1;
}

export function remove(table: Table, hash: u64, node: u32): void {
  if (!clear(table, table.base, table.buckets, hash, node)) clear(table, table.old, table.oldBuckets, hash, node);
  table.count = table.count - 1;
}

/** Reads the cache lines that a look-up will read first, of either table. */
export function touchLine(table: Table, hash: u64): u32 {
  const touched = load<u8>(bucketAt(table.base, table.buckets, <u32>hash));
  return table.old == 0 ? touched : touched + load<u8>(bucketAt(table.old, table.oldBuckets, <u32>hash));
}

/** The bucket that a look-up by path reads first. */
export function bucketOf(hash: u64): usize {
  return bucketAt(paths.base, paths.buckets, <u32>hash);
}

/** The node a look-up by path will most likely compare first, or 0. Not one function for both tables: a branch here is felt. */
// @ts-ignore: decorator
@inline
export function guessOf(hash: u64): u32 {
  const guess = guessIn(bucketOf(hash), hash);
  return guess != 0 || paths.old == 0 ? guess : guessIn(bucketAt(paths.old, paths.oldBuckets, <u32>hash), hash);
}

/** The bucket that it reads second, or 0 where there is none; this is the first. */
export function secondBucketOf(bucket: usize, hash: u64): usize {
  if (load<u32>(bucket, PASSED) != 0) return bucketAt(paths.base, paths.buckets, <u32>hash + strideOf(<u32>hash));
  return paths.old == 0 ? 0 : bucketAt(paths.old, paths.oldBuckets, <u32>hash);
}

/** The same of one bucket, without a branch. */
export function guessIn(bucket: usize, hash: u64): u32 {
  const slots = tagged(bucket, tagOf(hash));
  const first = <usize>ctz(slots) & 15;
  return select<u32>(load<u32>(bucket + NODES + (first << 2)), 0, slots != 0);
}

/** The same by id. */
export function guessById(hash: u64): u32 {
  const guess = guessByIdIn(ids.base, ids.buckets, hash);
  return guess != 0 || ids.old == 0 ? guess : guessByIdIn(ids.old, ids.oldBuckets, hash);
}

function guessByIdIn(base: usize, buckets: u32, hash: u64): u32 {
  const bucket = bucketAt(base, buckets, <u32>hash);
  const slots = keyed(bucket, hash);
  return slots == 0 ? 0 : load<u32>(bucket + ID_NODES + (<usize>ctz(slots) << 2));
}

/** The node of a key in its first bucket, or 0, without a branch and without a record; for keys that nobody shares. */
export function nodeByKey(base: usize, buckets: u32, index: u32, key: u32): u32 {
  return nodeIn(bucketAt(base, buckets, index), key);
}

/** The same in whatever bucket it is, of either table. */
export function nodeBeyond(index: u32, key: u32): u32 {
  let node: u32 = 0;
  let base = ids.base;
  let buckets = ids.buckets;
  let at = index;
  while (base != 0) {
    const bucket = bucketAt(base, buckets, at);
    node = nodeIn(bucket, key);
    if (node != 0) break;
    if (load<u32>(bucket, ID_PASSED) != 0) {
      at += strideOf(index);
      continue;
    }
    base = base == ids.old ? 0 : ids.old;
    buckets = ids.oldBuckets;
    at = index;
  }
  return node;
}

// Without a branch. Behind the seven nodes is a 0, so it does no harm that behind the keys there is none.
function nodeIn(bucket: usize, key: u32): u32 {
  const keys = i32x4.splat(key);
  const low = v128.and(v128.load(bucket, ID_NODES), i32x4.eq(v128.load(bucket), keys));
  const high = v128.and(v128.load(bucket, ID_NODES + 16), i32x4.eq(v128.load(bucket, 16), keys));
  const both = v128.or(low, high);
  const half = v128.or(both, v128.shuffle<i32>(both, both, 2, 3, 0, 1));
  return i32x4.extract_lane(v128.or(half, v128.shuffle<i32>(half, half, 1, 0, 3, 2)), 0);
}

// A look-up in progress: the table it reads, the bucket, and the slots of it still to try.
let tryTable: Table = paths;
let tryBase: usize = 0;
let tryBuckets: u32 = 0;
let tryOld: usize = 0;
let tryOldBuckets: u32 = 0;
let tryHash: u64 = 0;
let tryIndex: u32 = 0;
let tryBucket: usize = 0;
let trySlots: u32 = 0;
let tryStride: u32 = 0;

/** The first node that may be the one looked for, or 0; the caller compares, and asks `next` for others. */
export function first(table: Table, hash: u64): u32 {
  if (table.old == 0) {
    // Who makes a cgroup asks for what is hardly ever there.
    const bucket = bucketAt(table.base, table.buckets, <u32>hash);
    if (table.matches(bucket, hash) == 0 && load<u32>(table.passed(bucket)) == 0) return 0;
  }
  tryTable = table;
  tryBase = table.base;
  tryBuckets = table.buckets;
  tryOld = table.old;
  tryOldBuckets = table.oldBuckets;
  tryHash = hash;
  tryIndex = <u32>hash;
  tryStride = strideOf(<u32>hash);
  enterBucket();
  return next();
}

export function next(): u32 {
  while (trySlots == 0) {
    if (load<u32>(tryTable.passed(tryBucket)) != 0) {
      tryIndex += tryStride;
    } else {
      if (tryOld == 0) return 0;
      tryBase = tryOld;
      tryBuckets = tryOldBuckets;
      tryOld = 0;
      tryIndex = <u32>tryHash;
    }
    enterBucket();
  }
  const slot = ctz(trySlots);
  trySlots &= trySlots - 1;
  return load<u32>(tryTable.slot(tryBucket, slot));
}

function enterBucket(): void {
  tryBucket = bucketAt(tryBase, tryBuckets, tryIndex);
  trySlots = tryTable.matches(tryBucket, tryHash);
}

// The index is a fraction of the table, in 2^32nds: a table may have any number of buckets.
function bucketAt(base: usize, buckets: u32, index: u32): usize {
  return base + (<usize>((<u64>index * buckets) >> 32) << BUCKET_SHIFT);
}

function tagOf(hash: u64): u8 {
  const tag = <u8>(hash >> 56);
  return tag == 0 ? 1 : tag;
}

// Odd, so that it comes by every index, and a small odd multiple of the golden ratio, so that it comes by every bucket soon;
// different for those of one bucket, so that full ones do not cluster.
function strideOf(index: u32): u32 {
  const byte = index & 0xff;
  return ((byte << 1) | 1) * 0x9e3779b1;
}

function tagged(bucket: usize, tag: u8): u32 {
  return i8x16.bitmask(i8x16.eq(v128.load(bucket), i8x16.splat(tag))) & SLOT_BITS;
}

// What was in an empty slot may still be read there: its node is 0.
function keyed(bucket: usize, hash: u64): u32 {
  return lanesWith(bucket, <u32>(hash >> 32)) & ~lanesWith(bucket + ID_NODES, 0) & ID_SLOT_BITS;
}

// Which of the eight u32 at `at` are this one, as bits.
function lanesWith(at: usize, value: u32): u32 {
  const all = i32x4.splat(value);
  const low = i32x4.bitmask(i32x4.eq(v128.load(at), all));
  return low | (i32x4.bitmask(i32x4.eq(v128.load(at, 16), all)) << 4);
}

function place(table: Table, hash: u64, node: u32): void {
  let index = <u32>hash;
  let bucket = bucketAt(table.base, table.buckets, index);
  let empty = table.empty(bucket);
  while (empty == 0) {
    store<u32>(table.passed(bucket), load<u32>(table.passed(bucket)) + 1);
    index += strideOf(<u32>hash);
    bucket = bucketAt(table.base, table.buckets, index);
    empty = table.empty(bucket);
  }
  const slot = ctz(empty);
  if (table.byId) store<u32>(bucket + (<usize>slot << 2), <u32>(hash >> 32));
  else store<u8>(bucket + slot, tagOf(hash));
  store<u32>(table.slot(bucket, slot), node);
}

function vacate(table: Table, bucket: usize, slot: u32): void {
  if (table.byId) store<u32>(table.slot(bucket, slot), 0);
  else store<u8>(bucket + slot, 0);
}

function clear(table: Table, base: usize, buckets: u32, hash: u64, node: u32): bool {
  if (base == 0) return false;
  let index = <u32>hash;
  for (;;) {
    const bucket = bucketAt(base, buckets, index);
    for (let slots = table.matches(bucket, hash); slots != 0; slots &= slots - 1) {
      const slot = ctz(slots);
      if (load<u32>(table.slot(bucket, slot)) != node) continue;
      vacate(table, bucket, slot);
      for (let passed = <u32>hash; passed != index; passed += strideOf(<u32>hash)) {
        const at = table.passed(bucketAt(base, buckets, passed));
        store<u32>(at, load<u32>(at) - 1);
      }
      return true;
    }
    if (load<u32>(table.passed(bucket)) == 0) break;
    index += strideOf(<u32>hash);
  }
  return false;
}

function startGrowth(table: Table, buckets: u32): bool {
  const base = takePages(buckets / FIRST_BUCKETS, true);
  if (base == 0) return false;
  table.old = table.base;
  table.oldBuckets = table.buckets;
  table.moved = 0;
  table.base = base;
  table.buckets = buckets;
  return true;
}

// The records of the next bucket are touched while this one's are moved: they lie anywhere.
function moveBucket(table: Table): void {
  const bucket = table.old + (<usize>table.moved << BUCKET_SHIFT);
  if (table.moved + 1 < table.oldBuckets) keep(touchHashes(table, bucket + 64));
  for (let slots = table.full(bucket); slots != 0; slots &= slots - 1) {
    const slot = ctz(slots);
    const node = load<u32>(table.slot(bucket, slot));
    vacate(table, bucket, slot);
    place(table, hashIn(table, node), node);
  }
  table.moved = table.moved + 1;
  if (table.moved < table.oldBuckets) return;
  giveRun(table.old, (table.oldBuckets << BUCKET_SHIFT) / PAGE_BYTES);
  table.old = 0;
}

function touchHashes(table: Table, bucket: usize): u32 {
  let sum: u32 = 0;
  for (let slots = table.full(bucket); slots != 0; slots &= slots - 1) sum += <u32>record(load<u32>(table.slot(bucket, ctz(slots)))).hash;
  return sum;
}

function hashIn(table: Table, node: u32): u64 {
  return table.byId ? hashId(hierarchyOf(node), record(node).id) : record(node).hash;
}

/** What a table is like: 0 entries, 1 slots, 2 bytes, 3 buckets still to move, 4 longest probe in buckets. */
export function statistics(byId: u32, what: u32): u32 {
  const table = byId ? ids : paths;
  if (what == 0) return table.count;
  if (what == 1) return table.buckets * table.slots;
  const oldBuckets = table.old == 0 ? 0 : table.oldBuckets;
  if (what == 2) return (table.buckets + oldBuckets) << BUCKET_SHIFT;
  if (what == 3) return table.old == 0 ? 0 : oldBuckets - table.moved;
  return longestProbe(table);
}

function longestProbe(table: Table): u32 {
  let longest: u32 = 1;
  for (let n: u32 = 0; n < table.buckets; n++) {
    const bucket = table.base + (<usize>n << BUCKET_SHIFT);
    for (let slots = table.full(bucket); slots != 0; slots &= slots - 1) {
      const hash = hashIn(table, load<u32>(table.slot(bucket, ctz(slots))));
      let probes: u32 = 1;
      for (let at = <u32>hash; bucketAt(table.base, table.buckets, at) != bucket; at += strideOf(<u32>hash)) probes++;
      longest = max(longest, probes);
    }
  }
  return longest;
}
