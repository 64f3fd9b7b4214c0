// Paths, both ways: from a root down to a node, and the view of a node from a root. No namespaces here: a root is a node.
//
//   resolve   from /B/p/q   "/s/t"     → /B/p/q/s/t
//             from /B/p/q   "/../q2"   → /B/p/q2
//             from /B/p/q   "/a/.."    → EINVAL: `..` only at the start
//   view      from /B/p/q   of /B/p/q      "/"
//             from /B/p/q   of /B/p/q2     "/../q2"
//             from /B/p/q   of /           "/../../.."

import { ASCII, BLOCK_BYTES, EINVAL, ENAMETOOLONG, ENOENT, ENOMEM, NAME_MAX, VIEW_MAX } from "./abi";
import { hashLine } from "./line";
import { scratch } from "./memory";
import { copyBytes, firstBytes, isDotDot, isName, NEWLINE, sameBytes, SLASH } from "./name";
import { isRemoved, lengthOf, levelOf, nameOf, parentOf } from "./node";
import { startOf } from "./starts";
import { first, guessOf, next, paths } from "./table";

/** Where every view ends; there is room for a block before its first byte, and behind it for a slash. */
export const viewEnd = memory.data(VIEW_MAX + 33, 16) + VIEW_MAX + 17;

/** The live node at a path, seen from a root; or -EINVAL, -ENAMETOOLONG, -ENOENT. Writes a newline at `end` and reads up to 15 bytes behind that. */
export function resolve(from: u32, at: usize, end: usize): i32 {
  if (at == end || load<u8>(at) != SLASH) return -EINVAL;
  let start = from;
  let names = at;
  if (end - at == 1) names = end;
  while (names < end && isDotDot(names + 1, end)) {
    start = start == 0 ? 0 : parentOf(start);
    names += 3;
  }
  let found: u32 = 0;
  if (start != 0) found = names == end ? start : look(start, names, end);
  return found != 0 && !isRemoved(found) ? found : -whyNot(names, end);
}

// A newline in a name ends the hash too soon: no node has one, and none compares equal.
function look(start: u32, at: usize, end: usize): u32 {
  store<u8>(end, NEWLINE);
  const hash = hashLine(startOf(start), at);
  const guess = guessOf(hash);
  return guess != 0 && isPath(guess, start, at, end) ? guess : findPath(hash, start, at, end);
}

/** The node of this hash whose path from `start` is exactly these bytes, or 0. */
export function findPath(hash: u64, start: u32, at: usize, end: usize): u32 {
  for (let node = first(paths, hash); node != 0; node = next()) {
    if (isPath(node, start, at, end)) return node;
  }
  return 0;
}

function isPath(node: u32, start: u32, at: usize, end: usize): bool {
  return isPathHere(node, start, at, end);
}

/**
 * Is this the path of a node, seen from `start`? From the last name up: each must be the node's, with a slash before it, and the
 * climb must end at `start`. Written into the loop that calls it.
 */
// @ts-ignore: decorator
@inline
export function isPathHere(node: u32, start: u32, at: usize, end: usize): bool {
  while (node != start) {
    if (node == 0) return false;
    const length = <usize>lengthOf(node);
    if (end - at < length + 1 || load<u8>(end - length - 1) != SLASH) return false;
    if (!sameBytes(nameOf(node), end - length, length)) return false;
    end -= length + 1;
    node = parentOf(node);
  }
  return at == end;
}

/** Why these names were not found, as errno: they are no names, or they are and nobody is there. */
export function whyNot(at: usize, end: usize): i32 {
  while (at < end) {
    const name = ++at;
    while (at < end && load<u8>(at) != SLASH) at++;
    if (at - name > <usize>NAME_MAX) return ENAMETOOLONG;
    if (!isName(name, at - name)) return EINVAL;
  }
  return ENOENT;
}

/**
 * Writes the view of a node from a root as the kernel prints it, cut at VIEW_MAX, so that it ends at `viewEnd`, where the next
 * one overwrites it. Answers its length, with ASCII beside it where that is all it is; or -EINVAL across hierarchies,
 * -ENAMETOOLONG where the `/..` do not fit.
 */
export function view(root: u32, node: u32): i32 {
  // In turns from the same level on: where both have come to, or to 0 from two hierarchies.
  let at = node;
  let level = <i32>levelOf(node);
  let above = <i32>levelOf(root);
  let length: u32 = 0;
  let ups: u32 = 0;
  while (at != root) {
    if (level >= above) {
      length += lengthOf(at) + 1;
      at = parentOf(at);
      level--;
    } else {
      ups += 3;
      root = parentOf(root);
      above--;
    }
  }
  if (at == 0) return -EINVAL;
  if (ups > <u32>VIEW_MAX) return -ENAMETOOLONG;
  length += ups;
  const shown = min(max(length, 1), <u32>VIEW_MAX);
  const start = viewEnd - shown;
  const isAscii = writeNames(root, node, start + length, viewEnd);
  store<u8>(start, SLASH);
  for (let i: u32 = 0; i < ups; i += 3) store<u32>(start + i, 0x2f2e2e2f);
  return isAscii ? shown | ASCII : shown;
}

/** The same, to an address with room for VIEW_MAX bytes; answers where it ends: at `out` where there is no view. */
export function viewInto(root: u32, node: u32, out: usize): usize {
  const answer = view(root, node);
  if (answer < 0) return out;
  const length = <usize>(answer & ~ASCII);
  copyBytes(out, viewEnd - length, length);
  return out + length;
}

/** Writes the whole path of a node, never cut, BLOCK_BYTES into the scratch buffer; its length, or -ENOMEM. */
export function pathOf(node: u32): i32 {
  let length: u32 = 0;
  for (let at = node; parentOf(at) != 0; at = parentOf(at)) length += lengthOf(at) + 1;
  const out = scratch(BLOCK_BYTES + length);
  if (out == 0) return -ENOMEM;
  const end = out + BLOCK_BYTES + length;
  writeNames(0, node, end, end);
  store<u8>(out, SLASH, BLOCK_BYTES);
  return max(length, 1);
}

// The names below `top`, the last of which ends at `at`, as far as they are before `end`. Is all of it ASCII? From the last
// one up, and in whole blocks: what a block writes too much is overwritten by the name above.
function writeNames(top: u32, node: u32, at: usize, end: usize): bool {
  let bits = i8x16.splat(0);
  for (; node != top; node = parentOf(node)) {
    const length = <usize>lengthOf(node);
    at -= length + 1;
    if (at >= end) continue;
    const name = nameOf(node);
    let left = min(length, end - at - 1);
    for (; left > 16; left -= 16) bits = v128.or(bits, copyBlock(at + left - 15, name + left - 16));
    bits = v128.or(bits, firstBytes(v128.load(name), left));
    copyBlock(at + left - 15, name + left - 16);
    store<u8>(at, SLASH);
  }
  return i8x16.bitmask(bits) == 0;
}

function copyBlock(to: usize, from: usize): v128 {
  const block = v128.load(from);
  v128.store(to, block);
  return block;
}
