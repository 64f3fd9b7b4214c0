// Component bytes: is it a name, does it equal another; and what keyed hashes are made of. Knows nothing of nodes.
//
// The hash is NH of the UMAC family: 16 bytes at a time, four 32-bit words plus four secret key words, two
// 32 × 32 → 64 bit products. Without the key nobody can choose names that collide.

import { KEY_BYTES, NAME_MAX } from "./abi";

export const SLASH: u8 = 0x2f;
export const NEWLINE: u8 = 0x0a;
const DOT: u8 = 0x2e;

/** Bytes of a path that are hashed under keys of their own. */
export const CHUNK: u32 = KEY_BYTES - 32;

/** The secret: one key byte for each byte of a chunk, then 32 bytes for everything else that is hashed. */
export const key = memory.data(4128, 16);
const extra = key + KEY_BYTES - 32;

// 16 bytes of ones, 16 of zeros: read at +16-n it keeps the first n bytes of a block.
const keep = memory.data<u64>([0xffffffffffffffff, 0xffffffffffffffff, 0, 0]);

/** The block's first `count` bytes (0…16), the others zero. */
export function firstBytes(block: v128, count: usize): v128 {
  return v128.and(block, v128.load(keep + 16 - count));
}

/** Two partial sums of NH for the block that starts `offset` bytes into its chunk. */
export function hashBlock(block: v128, offset: usize): v128 {
  const words = i32x4.add(block, v128.load(key + offset));
  return i64x2.extmul_low_i32x4_u(words, v128.shuffle<i32>(words, words, 2, 3, 2, 3));
}

export function sumHash(sums: v128): u64 {
  return <u64>i64x2.extract_lane(sums, 0) + <u64>i64x2.extract_lane(sums, 1);
}

/** The hash of a chunk, of its sums and of where it is. */
export function chunkHash(sums: v128, chunk: u32): u64 {
  const factor = chunk == 0 ? 1 : mix(load<u64>(extra, 8) + chunk) | 1;
  return sumHash(sums) * factor;
}

/** The hash of a cgroup id in a hierarchy; its upper half is the id's lower one. */
export function hashId(hierarchy: u32, id: u64): u64 {
  return (id << 32) | indexOfId(idFactor(), seedOf(hierarchy) + load<u64>(extra, 8) * (id >> 32), <u32>id);
}

/** The lower half of that hash, of an id's lower half; the seed has the upper one in it. Numbers need no more mixing than once. */
export function indexOfId(factor: u64, seed: u64, low: u32): u32 {
  return <u32>(mixOnce(factor * low + seed) >> 32);
}

export function idFactor(): u64 {
  return load<u64>(extra);
}

export function seedOf(hierarchy: u32): u64 {
  return load<u64>(extra, 24) * (<u64>hierarchy + 1);
}

/** What the hashes of a hierarchy's paths start from. */
export function hashRoot(hierarchy: u32): u64 {
  return mix(load<u64>(extra, 16) + seedOf(hierarchy));
}

export function mix(x: u64): u64 {
  x = mixOnce(mixOnce(x));
  return x ^ (x >> 32);
}

function mixOnce(x: u64): u64 {
  return (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
}

/** Copies bytes that do not overlap; quicker for names than memory.copy, which leaves the module. */
export function copyBytes(to: usize, from: usize, length: usize): void {
  if (length >= 16) {
    const last = length - 16;
    for (let offset: usize = 0; offset < last; offset += 16) v128.store(to + offset, v128.load(from + offset));
    v128.store(to + last, v128.load(from + last));
  } else if (length >= 8) {
    store<u64>(to, load<u64>(from));
    store<u64>(to + length - 8, load<u64>(from + length - 8));
  } else {
    for (let offset: usize = 0; offset < length; offset++) store<u8>(to + offset, load<u8>(from + offset));
  }
}

/** Are these bytes the same? Reads up to 15 bytes behind both ends of what is shorter than a block. */
export function sameBytes(a: usize, b: usize, length: usize): bool {
  if (length < 16) return !v128.any_true(firstBytes(v128.xor(v128.load(a), v128.load(b)), length));
  const last = length - 16;
  let difference = v128.xor(v128.load(a + last), v128.load(b + last));
  for (let offset: usize = 0; offset < last; offset += 16) difference = v128.or(difference, v128.xor(v128.load(a + offset), v128.load(b + offset)));
  return !v128.any_true(difference);
}

/** Could the kernel have made a cgroup of this name? No `/`, NUL or newline, not empty, `.` or `..`, at most NAME_MAX. Reads up to 15 bytes behind it. */
export function isName(at: usize, length: usize): bool {
  if (length == 0 || length > <usize>NAME_MAX) return false;
  if (load<u8>(at) == DOT && (length == 1 || (length == 2 && load<u8>(at, 1) == DOT))) return false;
  const slashes = i8x16.splat(SLASH);
  const newlines = i8x16.splat(NEWLINE);
  const zeros = i8x16.splat(0);
  for (let offset: usize = 0; offset < length; offset += 16) {
    const block = v128.load(at + offset);
    const bad = v128.or(v128.or(i8x16.eq(block, slashes), i8x16.eq(block, newlines)), i8x16.eq(block, zeros));
    const bits = i8x16.bitmask(bad);
    if (bits != 0 && offset + <usize>ctz(bits) < length) return false;
  }
  return true;
}

/** Is there a `..` component at `at`, ending at `end` or at a slash? */
export function isDotDot(at: usize, end: usize): bool {
  if (end - at < 2 || load<u16>(at) != 0x2e2e) return false;
  return end - at == 2 || load<u8>(at, 2) == SLASH;
}
