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
  const parents = parentPositions(tree, nodes);
  const { length } = parents;
  for (let i = 0; i < length; i++) out[i] = parents[i] === STALE ? Number.NaN : values[i]!;
  for (let i = length - 1; i >= 0; i--) if (parents[i]! < TOP) out[parents[i]!]! += out[i]!;
  return out;
}

/** How many cgroups are in the subtree of each node of a pre-order list, itself included, as far as the list has them; 0 for stale numbers. */
export function subtreeCounts(tree: Hierarchy, nodes: Nodes): Uint32Array {
  const parents = parentPositions(tree, nodes);
  const counts = new Uint32Array(parents.length);
  for (let i = parents.length - 1; i >= 0; i--) {
    if (parents[i] === STALE) continue;
    counts[i]!++;
    if (parents[i]! < TOP) counts[parents[i]!]! += counts[i]!;
  }
  return counts;
}

const STALE = 0xffffffff;
const TOP = 0xfffffffe;

interface Positions extends Nodes {
  readonly core: Core<Cgroup>;
  readonly removals: number;
  readonly parents: Uint32Array;
}

const kept = new WeakMap<Nodes, Positions>();

/** Where in a pre-order list each node's parent is; TOP where it is not there. */
function parentPositions({ core }: Hierarchy, nodes: Nodes): Uint32Array {
  const last = kept.get(checkNodes(nodes));
  if (last?.core === core && last.removals === core.removals && last.stamp === nodes.stamp && areSame(last.numbers, nodes.numbers)) return last.parents;
  const { removals } = core;
  const parents = findPositions(core, nodes);
  kept.set(nodes, { core, removals, stamp: nodes.stamp, numbers: nodes.numbers.slice(), parents });
  return parents;
}

function areSame(some: Uint32Array, others: Uint32Array): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}

function findPositions({ bulk }: Core<Cgroup>, nodes: Nodes): Uint32Array {
  const { numbers } = nodes;
  const levels = new Uint32Array(numbers.length);
  const parents = new Uint32Array(numbers.length);
  asking("ancestor", undefined, () => {
    bulk.levelsOf(nodes, levels);
    bulk.parentsOf(nodes, parents);
  });
  // The last node at each level so far.
  const last = new Uint32Array(1 + deepest(levels));
  let top = 0;
  for (let i = 0; i < numbers.length; i++) {
    const level = levels[i]!;
    if (level === STALE) {
      parents[i] = STALE;
      continue;
    }
    if (i === 0 || level <= top) {
      top = level;
      parents[i] = TOP;
    } else if (numbers[last[level - 1]!] === parents[i]) parents[i] = last[level - 1]!;
    else throw new TypeError("Expected `nodes` to be in pre-order, as `subtree` lists them");
    last[level] = i;
  }
  return parents;
}

function deepest(levels: Uint32Array): number {
  let most = 0;
  for (const level of levels) if (level !== STALE && level > most) most = level;
  return most;
}
