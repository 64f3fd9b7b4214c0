// The hash of a path, and of lines of them in one pass: a line ends at its newline; up to 15 bytes behind that are read.
//
// A path is all bytes from its hierarchy's root down, slashes too, cut into chunks, those into blocks of 16 bytes, the last of
// 0 to 15 bytes and padded with zeros: no path has a NUL, so none is another's padding. A line may go on from a node's path:
//
//       /kubepods.slice/kubepods-burst│able.slice   /cri-containerd-…
//       ├── blocks: summed ──────────┤├─ tail ──┤   ├─ the line
//                                     ├── the next block ──┤

import { CHUNK, chunkHash, firstBytes, hashBlock, mix, NEWLINE, SLASH, sumHash } from "./name";


// 16 bytes that choose none, then 16 that choose themselves: read at +16-n it moves a block's bytes n places up.
const up = memory.data<u64>([0x8080808080808080, 0x8080808080808080, 0x0706050403020100, 0x0f0e0d0c0b0a0908]);

/** What the path of a node is to the hash of every path that goes on from it. */
@unmanaged
export class Start {
  /** The bytes behind the last whole block, zeros behind them. */
  tail: v128;
  /** The hierarchy's seed, and all whole chunks. */
  chunks: u64;
  /** The whole blocks behind them. */
  blocks: u64;
  /** Of the path, in bytes. */
  length: u32;
  node: u32;
  birth: u32;
}

let end: usize = 0;

/** Where the line that was hashed last ends. */
export function hashedEnd(): usize {
  return end;
}

/** The hash of a path that goes on from another with these bytes, up to the line's end. */
export function hashLine(start: Start, at: usize): u64 {
  return hashLineHere(start, at);
}

/** The same, written into a loop that calls it. */
// @ts-ignore: decorator
@inline
export function hashLineHere(start: Start, at: usize): u64 {
  const newlines = i8x16.splat(NEWLINE);
  const tail = <usize>start.length & 15;
  let offset = (<usize>start.length & (CHUNK - 1)) - tail;
  let chunk = start.length / CHUNK;
  let chunks = start.chunks;
  let sums = i64x2.replace_lane(i64x2.splat(0), 0, start.blocks);
  let block = v128.or(start.tail, v128.swizzle(v128.load(at), v128.load(up + 16 - tail)));
  at -= tail;
  let bits = i8x16.bitmask(i8x16.eq(block, newlines));
  while (bits == 0) {
    sums = i64x2.add(sums, hashBlock(block, offset));
    at += 16;
    offset += 16;
    if (offset == CHUNK) {
      chunks += chunkHash(sums, chunk);
      sums = i64x2.splat(0);
      offset = 0;
      chunk++;
    }
    block = v128.load(at);
    bits = i8x16.bitmask(i8x16.eq(block, newlines));
  }
  const rest = <usize>ctz(bits);
  end = at + rest;
  sums = i64x2.add(sums, hashBlock(firstBytes(block, rest), offset));
  return mix(chunks + (chunk == 0 ? sumHash(sums) : chunkHash(sums, chunk)));
}

export function endOfLine(at: usize): usize {
  const newlines = i8x16.splat(NEWLINE);
  let bits = i8x16.bitmask(i8x16.eq(v128.load(at), newlines));
  while (bits == 0) {
    at += 16;
    bits = i8x16.bitmask(i8x16.eq(v128.load(at), newlines));
  }
  return at + <usize>ctz(bits);
}

/** The last slash before `end`: there is one. Reads up to 15 bytes before it. */
export function slashBefore(end: usize): usize {
  const slashes = i8x16.splat(SLASH);
  let at = end - 16;
  let bits = i8x16.bitmask(i8x16.eq(v128.load(at), slashes));
  while (bits == 0) {
    at -= 16;
    bits = i8x16.bitmask(i8x16.eq(v128.load(at), slashes));
  }
  return at + 31 - <usize>clz(bits);
}
