// The trees: hierarchies, and creating, renaming, removing the cgroups in them. Every change is whole or not at all.
// A removed cgroup's record stays while something pins it or a removed child of it is kept: a tombstone.

import { EAGAIN, EBUSY, EEXIST, EINVAL, ENAMETOOLONG, ENODEV, ENOENT, ENOMEM, ENOSPC, HIERARCHY_MAX, LEVEL_MAX, NAME_MAX } from "./abi";
import { dropId, findId, putId } from "./ids";
import { hashRoot, isName, sameBytes } from "./name";
import {
  addPin, allocate, dropPin, free, hierarchyOf, isRemoved, lengthOf, levelOf, nameOf, parentOf, pinsOf, record, setName,
} from "./node";
import { forgetStarts, hashChild } from "./starts";
import { first, ids, insert, next, paths, remove as removeFrom, reserve } from "./table";
import { nextInSubtree } from "./walk";

let hierarchies: u32 = 0;
let live: u32 = 0;
let tombstones: u32 = 0;

export function liveCount(): u32 {
  return live;
}

export function tombstoneCount(): u32 {
  return tombstones;
}

/** A new hierarchy's root. */
export function createHierarchy(id: u64): i32 {
  if (hierarchies == HIERARCHY_MAX) return -ENOSPC;
  if (!reserve(ids)) return -ENOMEM;
  const root = allocate(0, 0, hierarchies + 1, 0, 0);
  if (root == 0) return -ENOMEM;
  hierarchies++;
  record(root).hash = hashRoot(hierarchies);
  record(root).prev = root;
  putId(root, id);
  live++;
  return root;
}

export function create(parent: u32, name: usize, length: u32, id: u64): i32 {
  return createHashed(parent, hashChild(parent, name, length), name, length, id);
}

/** The same for a path whose hash is known. */
export function createHashed(parent: u32, hash: u64, name: usize, length: u32, id: u64): i32 {
  if (isRemoved(parent)) return -ENOENT;
  if (length > <u32>NAME_MAX) return -ENAMETOOLONG;
  if (!isName(name, length)) return -EINVAL;
  if (childWith(parent, hash, name, length) != 0) return -EEXIST;
  if (findId(hierarchyOf(parent), id) != 0) return -EEXIST;
  if (levelOf(parent) == LEVEL_MAX) return -EAGAIN;
  if (!reserve(paths) || !reserve(ids)) return -ENOMEM;
  const node = allocate(parent, levelOf(parent) + 1, hierarchyOf(parent), name, length);
  if (node == 0) return -ENOMEM;
  record(node).hash = hash;
  link(parent, node);
  insert(paths, hash, node);
  putId(node, id);
  live++;
  return node;
}

export function childOf(parent: u32, name: usize, length: u32): u32 {
  return childWith(parent, hashChild(parent, name, length), name, length);
}

/** Frees the record, or leaves a tombstone while pins ask for it. */
export function remove(node: u32): i32 {
  const it = record(node);
  if (isRemoved(node)) return -ENODEV;
  if (it.firstChild != 0 || it.parent == 0) return -EBUSY;
  removeFrom(paths, it.hash, node);
  dropId(node);
  unlink(node);
  live--;
  tombstones++;
  // What the record holds of its parent's, as a tombstone, it may give back at once.
  addPin(it.parent);
  bury(node);
  return 0;
}

export function pin(node: u32): i32 {
  return addPin(node) ? 0 : -ENOSPC;
}

export function unpin(node: u32): i32 {
  if (pinsOf(node) == 0) return -EINVAL;
  dropPin(node);
  bury(node);
  return 0;
}

/** v1 only in the kernel: another name at the same place. The paths of all descendants change with it. */
export function rename(node: u32, name: usize, length: u32): i32 {
  const it = record(node);
  if (isRemoved(node)) return -ENODEV;
  if (it.parent == 0) return -EBUSY;
  if (length > <u32>NAME_MAX) return -ENAMETOOLONG;
  if (!isName(name, length)) return -EINVAL;
  const hash = hashChild(it.parent, name, length);
  const there = childWith(it.parent, hash, name, length);
  if (there == node) return 0;
  if (there != 0) return -EEXIST;
  if (!setName(node, name, length)) return -ENOMEM;
  forgetStarts();
  for (let below = node; below != 0; below = nextInSubtree(node, below)) rehash(below);
  return 0;
}

// One out, one in: the table never grows here.
function rehash(node: u32): void {
  const it = record(node);
  removeFrom(paths, it.hash, node);
  it.hash = hashChild(it.parent, nameOf(node), lengthOf(node));
  insert(paths, it.hash, node);
}

function childWith(parent: u32, hash: u64, name: usize, length: u32): u32 {
  for (let node = first(paths, hash); node != 0; node = next()) {
    if (parentOf(node) == parent && lengthOf(node) == length && sameBytes(nameOf(node), name, length)) return node;
  }
  return 0;
}

// Frees a tombstone that nothing holds, then its parent's if that was the last hold on it, and so on up.
function bury(node: u32): void {
  while (isRemoved(node) && pinsOf(node) == 0) {
    const parent = parentOf(node);
    free(node);
    tombstones--;
    dropPin(parent);
    node = parent;
  }
}

function link(parent: u32, node: u32): void {
  const above = record(parent);
  const it = record(node);
  if (above.firstChild == 0) {
    above.firstChild = node;
    it.prev = node;
    return;
  }
  const head = record(above.firstChild);
  record(head.prev).next = node;
  it.prev = head.prev;
  head.prev = node;
}

function unlink(node: u32): void {
  const it = record(node);
  const above = record(it.parent);
  const head = above.firstChild;
  if (it.next != 0) record(it.next).prev = it.prev;
  else record(head).prev = it.prev;
  if (node == head) above.firstChild = it.next;
  else record(it.prev).next = it.next;
  it.next = 0;
  it.prev = 0;
}
