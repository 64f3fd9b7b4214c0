// A subtree in pre-order, children in order of creation. No recursion, no stack: parents and siblings are enough.

import { parentOf, record } from "./node";

/** The node after `node` in the subtree of `top`, or 0 at its end. */
export function nextInSubtree(top: u32, node: u32): u32 {
  const child = record(node).firstChild;
  if (child != 0) return child;
  while (node != top) {
    const sibling = record(node).next;
    if (sibling != 0) return sibling;
    node = parentOf(node);
  }
  return 0;
}

/** Writes up to `room` nodes of the subtree behind `after` (0: from the top on) as u32; how many there were. */
export function walk(top: u32, after: u32, out: usize, room: u32): u32 {
  let node = after == 0 ? top : nextInSubtree(top, after);
  let count: u32 = 0;
  while (node != 0 && count < room) {
    store<u32>(out + (<usize>count << 2), node);
    count++;
    if (count == room) break;
    node = nextInSubtree(top, node);
  }
  return count;
}

/** The same for the children alone. */
export function children(parent: u32, after: u32, out: usize, room: u32): u32 {
  let node = after == 0 ? record(parent).firstChild : record(after).next;
  let count: u32 = 0;
  while (node != 0 && count < room) {
    store<u32>(out + (<usize>count << 2), node);
    count++;
    node = record(node).next;
  }
  return count;
}
