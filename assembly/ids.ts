// 64-bit cgroup ids. Each hierarchy numbers its cgroups on its own (kernfs ids), so an id is looked up in one. Id 0: none.

import { hashId } from "./name";
import { hierarchyOf, record } from "./node";
import { first, ids, insert, next, remove } from "./table";

export function findId(hierarchy: u32, id: u64): u32 {
  if (id == 0) return 0;
  for (let node = first(ids, hashId(hierarchy, id)); node != 0; node = next()) {
    if (record(node).id == id && hierarchyOf(node) == hierarchy) return node;
  }
  return 0;
}

let highest: u64 = 0;
let lowest: u32 = u32.MAX_VALUE;
let most: u32 = 0;

/** Is an id in this hierarchy known by its lower half? While none has an upper one, and there is no other hierarchy. */
export function isPlain(hierarchy: u32): bool {
  return highest >> 32 == 0 && lowest == hierarchy && most == hierarchy;
}

/** The highest id that any node ever had. */
export function highestId(): u64 {
  return highest;
}

/** Gives a node its id; room has been reserved. */
export function putId(node: u32, id: u64): void {
  highest = max(highest, id);
  lowest = min(lowest, hierarchyOf(node));
  most = max(most, hierarchyOf(node));
  record(node).id = id;
  if (id != 0) insert(ids, hashId(hierarchyOf(node), id), node);
}

export function dropId(node: u32): void {
  const id = record(node).id;
  if (id != 0) remove(ids, hashId(hierarchyOf(node), id), node);
}
