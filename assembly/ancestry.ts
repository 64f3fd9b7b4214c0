// Who is above whom. A node is its own ancestor and its own descendant. Alive or removed makes no difference here.

import { levelOf, parentOf } from "./node";

/** The ancestor `level` levels below the hierarchy's root, or 0 when the node itself is higher. */
export function ancestorAt(node: u32, level: u32): u32 {
  let climb = levelOf(node);
  if (level > climb) return 0;
  for (; climb > level; climb--) node = parentOf(node);
  return node;
}

export function isDescendant(node: u32, ancestor: u32): bool {
  return ancestorAt(node, levelOf(ancestor)) == ancestor;
}

/** The deepest node that is an ancestor of both; 0 when they are in different hierarchies. */
export function commonAncestor(a: u32, b: u32): u32 {
  const level = min(levelOf(a), levelOf(b));
  a = ancestorAt(a, level);
  b = ancestorAt(b, level);
  while (a != b) {
    a = parentOf(a);
    b = parentOf(b);
  }
  return a;
}
