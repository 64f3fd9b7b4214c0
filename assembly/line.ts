// Lines of paths, hashed in one pass: names end at a slash or at the line's newline, whichever comes first. There is a
// newline behind every line; up to 15 bytes behind that are read.

import { NAME_MAX } from "./abi";
import { firstBytes, hashBlock, sumHash } from "./name";

const NEWLINE: u8 = 0x0a;
const SLASH: u8 = 0x2f;

let end: usize = 0;

/** Where the component that was hashed last ends: at a slash or a newline. */
export function hashedEnd(): usize {
  return end;
}

/** The hash of the name that starts here. One that is too long has some hash, and no node's. */
export function hashComponent(at: usize): u64 {
  const slashes = i8x16.splat(SLASH);
  const newlines = i8x16.splat(NEWLINE);
  const name = at;
  let sums = i64x2.splat(0);
  for (;;) {
    const block = v128.load(at);
    const bits = i8x16.bitmask(v128.or(i8x16.eq(block, slashes), i8x16.eq(block, newlines)));
    if (bits != 0) {
      const rest = <usize>ctz(bits);
      end = at + rest;
      return sumHash(i64x2.add(sums, hashBlock(firstBytes(block, rest), at - name)));
    }
    sums = i64x2.add(sums, hashBlock(block, at - name));
    at += 16;
    if (at - name > <usize>NAME_MAX) break;
  }
  end = endOfName(at);
  return 0;
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
