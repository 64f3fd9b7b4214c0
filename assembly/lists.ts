// Questions about many nodes in one call. A list comes with the stamp it was made under: first whatever the stamp does not
// cover becomes 0, in place, and 0 answers 0 to everything. Records are touched 32 ahead of being read.

import { ancestorAt, commonAncestor, isDescendant } from "./ancestry";
import { findId, isPlain } from "./ids";
import { keep } from "./memory";
import { hashId, idFactor, indexOfId, seedOf } from "./name";
import { isArenaNode, isNode, levelOf, parentOf, record, touchBirth, touchCold, touchParent } from "./node";
import { guessById, ids, nodeBeyond, nodeByKey, touchLine } from "./table";

const LANES: usize = 32;
const hashes = memory.data(256, 16);

/** Zeroes the numbers among `count` u32 that are no nodes, or younger than the stamp. */
export function sift(at: usize, count: u32, stamp: u32): void {
  const end = at + (<usize>count << 2);
  for (; at < end; at += LANES << 2) {
    const stop = min(at + (LANES << 2), end);
    let sum: u32 = 0;
    for (let one = at; one < stop; one += 4) {
      const node = load<u32>(one);
      if (isArenaNode(node)) sum += touchBirth(node);
      else store<u32>(one, 0);
    }
    keep(sum);
    for (let one = at; one < stop; one += 4) {
      if (!isNode(load<u32>(one), stamp)) store<u32>(one, 0);
    }
  }
}

/** u64 ids of u32 nodes, 0 for 0. */
export function idsOf(at: usize, count: u32, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const node = load<u32>(at + (i << 2));
    store<u64>(out + (i << 3), node == 0 ? 0 : record(node).id);
  }
}

/** u32 levels, u32.MAX_VALUE for 0. */
export function levelsOf(at: usize, count: u32, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const node = load<u32>(at + (i << 2));
    store<u32>(out + (i << 2), node == 0 ? u32.MAX_VALUE : levelOf(node));
  }
}

/** u32 parents, 0 for a root. */
export function parentsOf(at: usize, count: u32, out: usize): void {
  for (let i: usize = 0; i < count; i++) {
    const node = load<u32>(at + (i << 2));
    store<u32>(out + (i << 2), node == 0 ? 0 : parentOf(node));
  }
}

/** u32 ancestors at a level, 0 for what is higher. */
export function ancestorsAt(at: usize, count: u32, level: u32, out: usize): void {
  touchParents(at, count);
  for (let i: usize = 0; i < count; i++) {
    const node = load<u32>(at + (i << 2));
    store<u32>(out + (i << 2), node == 0 ? 0 : ancestorAt(node, level));
  }
}

/** u8: 1 where the first of a pair is a descendant of the second. */
export function areDescendants(at: usize, ancestors: usize, count: u32, out: usize): void {
  touchParents(at, count);
  for (let i: usize = 0; i < count; i++) {
    const node = load<u32>(at + (i << 2));
    const ancestor = load<u32>(ancestors + (i << 2));
    store<u8>(out + i, node != 0 && ancestor != 0 && isDescendant(node, ancestor) ? 1 : 0);
  }
}

/** u32: the deepest ancestor of both, 0 across hierarchies. */
export function commonAncestors(a: usize, b: usize, count: u32, out: usize): void {
  touchParents(a, count);
  touchParents(b, count);
  for (let i: usize = 0; i < count; i++) {
    const one = load<u32>(a + (i << 2));
    const other = load<u32>(b + (i << 2));
    store<u32>(out + (i << 2), one == 0 || other == 0 ? 0 : commonAncestor(one, other));
  }
}

function touchParents(at: usize, count: u32): void {
  let sum: u32 = 0;
  for (let i: usize = 0; i < count; i++) sum += touchParent(load<u32>(at + (i << 2)));
  keep(sum);
}

/** u32 nodes with these u64 ids in a hierarchy, 0 where there is none. */
export function resolveIds(hierarchy: u32, at: usize, count: u32, out: usize): void {
  if (isPlain(hierarchy)) return resolvePlainIds(hierarchy, at, count, out);
  for (let done: usize = 0; done < count; done += LANES) {
    const lanes = min(LANES, <usize>count - done);
    const first = at + (done << 3);
    let sum: u32 = 0;
    for (let lane: usize = 0; lane < lanes; lane++) {
      const hash = hashId(hierarchy, load<u64>(first + (lane << 3)));
      store<u64>(hashes + (lane << 3), hash);
      sum += touchLine(ids, hash);
    }
    for (let lane: usize = 0; lane < lanes; lane++) {
      const guess = guessById(load<u64>(hashes + (lane << 3)));
      store<u32>(out + ((done + lane) << 2), guess);
      if (guess != 0) sum += touchCold(guess);
    }
    keep(sum);
    for (let lane: usize = 0; lane < lanes; lane++) {
      const id = load<u64>(first + (lane << 3));
      const guess = load<u32>(out + ((done + lane) << 2));
      if (guess != 0 && record(guess).id == id && record(guess).tag >> 24 == hierarchy) continue;
      store<u32>(out + ((done + lane) << 2), findId(hierarchy, id));
    }
  }
}

// Whoever is in the table under a plain id has it: lines are read, no record, and processors read several ahead. What the
// loop reads again and again it holds, as it may change by a store for all a compiler knows.
function resolvePlainIds(hierarchy: u32, at: usize, count: u32, out: usize): void {
  const base = ids.base;
  const buckets = ids.buckets;
  const factor = idFactor();
  const seed = seedOf(hierarchy);
  const end = at + (<usize>count << 3);
  let above: u32 = 0;
  for (; at < end; at += 8, out += 4) {
    const low = load<u32>(at);
    const index = indexOfId(factor, seed, low);
    let node = nodeByKey(base, buckets, index, low);
    if (node == 0) node = nodeBeyond(index, low);
    store<u32>(out, node);
    above |= load<u32>(at, 4);
  }
  if (above == 0) return;
  // Nobody has an id that is not plain.
  for (; count > 0; count--) {
    at -= 8;
    out -= 4;
    if (load<u32>(at, 4) != 0) store<u32>(out, 0);
  }
}
