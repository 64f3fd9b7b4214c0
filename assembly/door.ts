// What crosses the door: every call that takes a cgroup first proves that the caller's number still names it.
// A handle is a node and its birth stamp; a bare number from a list comes with the stamp the list was made under.
// Answers: >= 0 the answer, < 0 -errno; a call whose answer is a node or an address says 0 for none.

import * as ancestry from "./ancestry";
import { EINVAL, ENODEV, ENOENT, ENOMEM } from "./abi";
import { findId } from "./ids";
import { scratch } from "./memory";
import { copyBytes } from "./name";
import { currentStamp, hierarchyOf, isNode, isOf, isRemoved, lengthOf, levelOf, nameOf, pinsOf, record } from "./node";
import * as path from "./path";
import { openTables } from "./table";
import * as tree from "./tree";
import * as walking from "./walk";

let isOpen: bool = false;

/** To be called once, when the key is in place. */
export function open(): i32 {
  if (isOpen) return -EINVAL;
  isOpen = openTables();
  return isOpen ? 0 : -ENOMEM;
}

export function createHierarchy(id: u64): i32 {
  return tree.createHierarchy(id);
}

/** The name is read from the scratch buffer, here and below. In a removed cgroup nothing is made: ENOENT, as mkdir(2) says. */
export function create(parent: u32, birth: u32, length: u32, id: u64): i32 {
  return isOf(parent, birth) ? tree.create(parent, scratch(0), length, id) : -ENOENT;
}

export function remove(node: u32, birth: u32): i32 {
  return isOf(node, birth) ? tree.remove(node) : -ENODEV;
}

export function rename(node: u32, birth: u32, length: u32): i32 {
  return isOf(node, birth) ? tree.rename(node, scratch(0), length) : -ENODEV;
}

export function pin(node: u32, birth: u32): i32 {
  return isOf(node, birth) ? tree.pin(node) : -ENODEV;
}

export function unpin(node: u32, birth: u32): i32 {
  return isOf(node, birth) ? tree.unpin(node) : -ENODEV;
}

export function child(parent: u32, birth: u32, length: u32): i32 {
  return isOf(parent, birth) ? tree.childOf(parent, scratch(0), length) : -ENODEV;
}

export function resolve(from: u32, birth: u32, length: u32): i32 {
  const at = scratch(0);
  return isOf(from, birth) ? path.resolve(from, at, at + length) : -ENODEV;
}

export function view(root: u32, rootBirth: u32, node: u32, birth: u32): i32 {
  return isOf(root, rootBirth) && isOf(node, birth) ? path.view(root, node) : -ENODEV;
}

export function pathOf(node: u32, birth: u32): i32 {
  return isOf(node, birth) ? path.pathOf(node) : -ENODEV;
}

/** Copies the name into the scratch buffer; its length. */
export function name(node: u32, birth: u32): i32 {
  if (!isOf(node, birth)) return -ENODEV;
  const length = lengthOf(node);
  const out = scratch(length);
  if (out == 0) return -ENOMEM;
  copyBytes(out, nameOf(node), length);
  return length;
}

export function byId(hierarchy: u32, id: u64): u32 {
  return findId(hierarchy, id);
}

export function id(node: u32, birth: u32): u64 {
  return isOf(node, birth) ? record(node).id : 0;
}

export function level(node: u32, birth: u32): i32 {
  return isOf(node, birth) ? levelOf(node) : -ENODEV;
}

export function hierarchy(node: u32, birth: u32): i32 {
  return isOf(node, birth) ? hierarchyOf(node) : -ENODEV;
}

export function pins(node: u32, birth: u32): i32 {
  return isOf(node, birth) ? pinsOf(node) : -ENODEV;
}

export function ancestorAt(node: u32, birth: u32, atLevel: u32): i32 {
  return isOf(node, birth) ? ancestry.ancestorAt(node, atLevel) : -ENODEV;
}

export function commonAncestor(a: u32, aBirth: u32, b: u32, bBirth: u32): i32 {
  return isOf(a, aBirth) && isOf(b, bBirth) ? ancestry.commonAncestor(a, b) : -ENODEV;
}

export function isDescendant(node: u32, birth: u32, ancestor: u32, ancestorBirth: u32): i32 {
  if (!isOf(node, birth) || !isOf(ancestor, ancestorBirth)) return -ENODEV;
  return i32(ancestry.isDescendant(node, ancestor));
}

/** Writes u32 nodes into the scratch buffer, at most `room`; `after` is the last one of the call before, or 0. */
export function walk(top: u32, birth: u32, after: u32, room: u32): i32 {
  if (!isOf(top, birth)) return -ENODEV;
  const out = scratch(room << 2);
  return out == 0 ? -ENOMEM : walking.walk(top, after, out, room);
}

export function children(parent: u32, birth: u32, after: u32, room: u32): i32 {
  if (!isOf(parent, birth)) return -ENODEV;
  const out = scratch(room << 2);
  return out == 0 ? -ENOMEM : walking.children(parent, after, out, room);
}

/** Is this number, which may be anything, a cgroup of a root's hierarchy that was there when the stamp was taken? */
export function isKnown(root: u32, node: u32, stamp: u32): bool {
  return isNode(node, stamp) && hierarchyOf(node) == hierarchyOf(root);
}

/** 0 when the number names nothing. */
export function birth(node: u32): u32 {
  return isNode(node, currentStamp()) ? record(node).birth : 0;
}

/** Is this handle's record there, and not as a tombstone? */
export function isLive(node: u32, birth: u32): bool {
  return isOf(node, birth) && !isRemoved(node);
}
