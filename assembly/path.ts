// Paths, both ways: from a root down to a node, and the view of a node from a root. No namespaces here: a root is a node.
//
//   resolve   from /B/p/q   "/s/t"     → /B/p/q/s/t
//             from /B/p/q   "/../q2"   → /B/p/q2
//             from /B/p/q   "/a/.."    → EINVAL: `..` only at the start
//   view      from /B/p/q   of /B/p/q      "/"
//             from /B/p/q   of /B/p/q2     "/../q2"
//             from /B/p/q   of /           "/../../.."

import { ASCII, EINVAL, ENAMETOOLONG, ENOENT, ENOMEM, NAME_MAX, VIEW_MAX } from "./abi";
import { commonAncestor } from "./ancestry";
import { hashLine } from "./line";
import { scratch } from "./memory";
import { copyBytes, isAscii, isDotDot, isName, NEWLINE, sameBytes, SLASH } from "./name";
import { isRemoved, lengthOf, levelOf, nameOf, parentOf } from "./node";
import { startOf } from "./starts";
import { first, guessOf, next, paths } from "./table";


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
 * Writes the view of a node from a root into the scratch buffer and answers its length. With a limit it does what the
 * kernel does: names are cut there, and `/..` that do not fit are -ENAMETOOLONG; and it says beside the length whether all is
 * ASCII. -EINVAL across hierarchies.
 */
export function view(root: u32, node: u32, limit: u32): i32 {
  const common = commonAncestor(root, node);
  if (common == 0) return -EINVAL;
  const ups = (levelOf(root) - levelOf(common)) * 3;
  if (limit != 0 && ups > limit) return -ENAMETOOLONG;
  const length = ups + namesLength(common, node);
  const shown = limit == 0 ? length : min(length, limit);
  const out = scratch(max(shown, 1));
  if (out == 0) return -ENOMEM;
  const written = writeView(common, ups, node, out, length, shown);
  return limit != 0 && isAscii(out, written) ? written | ASCII : written;
}

/** The same, to an address with room for VIEW_MAX bytes; answers where it ends: at `out` where there is no view. */
export function viewInto(root: u32, node: u32, out: usize): usize {
  const common = commonAncestor(root, node);
  if (common == 0) return out;
  const ups = (levelOf(root) - levelOf(common)) * 3;
  if (ups > <u32>VIEW_MAX) return out;
  const length = ups + namesLength(common, node);
  return out + writeView(common, ups, node, out, length, min(length, <u32>VIEW_MAX));
}

function namesLength(top: u32, node: u32): u32 {
  let length: u32 = 0;
  for (; node != top; node = parentOf(node)) length += lengthOf(node) + 1;
  return length;
}

// The first `shown` bytes of the view; names backwards from its end, so that one climb writes them all.
function writeView(top: u32, ups: u32, node: u32, out: usize, length: u32, shown: u32): u32 {
  if (length == 0) {
    store<u8>(out, SLASH);
    return 1;
  }
  for (let i: u32 = 0; i < ups; i += 3) {
    store<u8>(out + i, SLASH);
    store<u16>(out + i, 0x2e2e, 1);
  }
  let end = length;
  for (; node != top; node = parentOf(node)) {
    const name = lengthOf(node);
    end -= name + 1;
    if (end >= shown) continue;
    store<u8>(out + end, SLASH);
    copyBytes(out + end + 1, nameOf(node), min(name, shown - end - 1));
  }
  return shown;
}
