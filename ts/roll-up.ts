// Roll-ups over a pre-order list: sums and counts of subtrees. No cgroup ever gets another parent, so where the parents of a
// list are in it is kept with the list, until something is removed or the list is changed.

import { checkNodes } from "./bulk.ts";
import { asking, type Cgroup } from "./cgroup.ts";
import type { Nodes } from "./core/bulk.ts";
import type { Core } from "./core/core.ts";
import type { Hierarchy } from "./hierarchy.ts";

/**
 * For each node of a pre-order list, the sum of its value and of those below it in the list. Stale numbers are NaN.
 * @throws TypeError when a parent that is in the list does not lead its subtree
 */
export function subtreeSums(tree: Hierarchy, nodes: Nodes, values: Float64Array, out: Float64Array): Float64Array {
  const { parents, stale } = positionsOf(tree, nodes);
  out.set(values);
  for (const position of stale) out[position] = Number.NaN;
  for (let i = parents.length - 1; i >= 0; i--) {
    const parent = parents[i]!;
    if (parent >= 0) out[parent]! += out[i]!;
  }
  return out;
}

/** How many cgroups are in the subtree of each node of a pre-order list, itself included, as far as the list has them; 0 for stale numbers. */
export function subtreeCounts(tree: Hierarchy, nodes: Nodes): Uint32Array {
  const { parents, stale } = positionsOf(tree, nodes);
  const counts = new Uint32Array(parents.length).fill(1);
  for (const position of stale) counts[position] = 0;
  for (let i = parents.length - 1; i >= 0; i--) {
    const parent = parents[i]!;
    if (parent >= 0) counts[parent]! += counts[i]!;
  }
  return counts;
}

interface Positions {
  /** Where in the list each node's parent is, or NONE. */
  readonly parents: Int32Array;
  /** Where stale numbers are. */
  readonly stale: readonly number[];
}

const NONE = -1;

/** Positions, and what they hold for. */
interface Kept extends Positions, Nodes {
  readonly core: Core<Cgroup>;
  readonly removals: number;
}

const kept = new WeakMap<Nodes, Kept>();

function positionsOf({ core }: Hierarchy, nodes: Nodes): Positions {
  const last = kept.get(checkNodes(nodes));
  if (last?.core === core && last.removals === core.removals && last.stamp === nodes.stamp && areSame(last.numbers, nodes.numbers)) return last;
  const found = { ...findPositions(core, nodes), core, removals: core.removals, stamp: nodes.stamp, numbers: nodes.numbers.slice() };
  kept.set(nodes, found);
  return found;
}

// Without a branch for each.
function areSame(some: Uint32Array, others: Uint32Array): boolean {
  const { length } = some;
  if (length !== others.length) return false;
  let difference = 0;
  for (let i = 0; i < length; i++) difference |= some[i]! ^ others[i]!;
  return difference === 0;
}

/** What the core says of a stale number. */
const NO_LEVEL = 0xffffffff;

function findPositions({ bulk }: Core<Cgroup>, nodes: Nodes): Positions {
  const { numbers } = nodes;
  const { length } = numbers;
  const levels = new Uint32Array(length);
  const above = new Uint32Array(length);
  asking("ancestor", undefined, () => {
    bulk.levelsOf(nodes, levels);
    bulk.parentsOf(nodes, above);
  });
  const parents = new Int32Array(length).fill(NONE);
  const stale: number[] = [];
  // The last node at each level so far.
  const last: number[] = [];
  let top = Number.POSITIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const level = levels[i]!;
    if (level === NO_LEVEL) {
      stale.push(i);
      continue;
    }
    if (level <= top) top = level;
    else if (numbers[last[level - 1]!] === above[i]) parents[i] = last[level - 1]!;
    else throw new TypeError("Expected `nodes` to be in pre-order, as `subtree` lists them");
    last[level] = i;
  }
  return { parents, stale };
}
