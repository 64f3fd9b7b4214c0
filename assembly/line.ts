// Lines of paths, hashed in one pass: names end at a slash or at the line's newline, whichever comes first. There is a
// newline behind every line; up to 15 bytes behind that are read.

import { NAME_MAX } from "./abi";
import { compose, firstBytes, hashBlock, sumHash } from "./name";

const NEWLINE: u8 = 0x0a;
const SLASH: u8 = 0x2f;

let end: usize = 0;
let lastSlash: usize = 0;
let above: u64 = 0;

/** Where the line that was hashed last ends. */
export function hashedEnd(): usize {
  return end;
}

/** Where the slash before its last name is. */
export function hashedSlash(): usize {
  return lastSlash;
}

/** The hash without its last name. */
export function hashedAbove(): u64 {
  return above;
}

/**
 * The hash of a path that goes on with these names, each behind a slash, up to the line's end. With a name that is too long
 * it is some hash, and no node's.
 */
// @ts-ignore: decorator
@inline
export function hashNames(hash: u64, at: usize): u64 {
  const slashes = i8x16.splat(SLASH);
  const newlines = i8x16.splat(NEWLINE);
  let parent = hash;
  let slash = at;
  do {
    parent = hash;
    slash = at;
    const name = ++at;
    let sums = i64x2.splat(0);
    let block = v128.load(at);
    let bits = i8x16.bitmask(v128.or(i8x16.eq(block, slashes), i8x16.eq(block, newlines)));
    while (bits == 0 && at - name <= <usize>NAME_MAX) {
      sums = i64x2.add(sums, hashBlock(block, at - name));
      at += 16;
      block = v128.load(at);
      bits = i8x16.bitmask(v128.or(i8x16.eq(block, slashes), i8x16.eq(block, newlines)));
    }
    if (bits == 0) at = endOfName(at);
    else {
      const rest = <usize>ctz(bits);
      sums = i64x2.add(sums, hashBlock(firstBytes(block, rest), at - name));
      at += rest;
    }
    hash = compose(hash, sumHash(sums));
  } while (load<u8>(at) == SLASH);
  end = at;
  lastSlash = slash;
  above = parent;
  return hash;
}

function endOfName(at: usize): usize {
  while (load<u8>(at) != SLASH && load<u8>(at) != NEWLINE) at++;
  return at;
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
