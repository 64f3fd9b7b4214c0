// The effective limits of every cgroup of a hierarchy in one pass: a subtree in pre-order, so that each one's parent has
// been dealt with before it. Numbers only; Infinity is no limit.

import type { Cgroup } from "../cgroup.ts";
import { expected } from "../errors.ts";

/** What binds each cgroup of a walk, by its position in it. */
export interface EffectiveLimits {
  /** The least limit of the cgroup and its ancestors within the walk; Infinity where none of them sets one. */
  readonly max: Float64Array;
  /** The position of the one that sets it, of several the outermost; -1 where none does. */
  readonly from: Int32Array;
}

/**
 * The minimum over all ancestors for every cgroup of a walk.
 * `parents`: each one's parent as a position in the same walk, which is an earlier one; -1 for the top. `own`: each one's
 * own limit. Without `out` the lists are made.
 *
 *     parents   -1   0    1    1          own   ∞   512   ∞   256
 *     max        ∞  512  512  256         from  -1   1    1    3
 *
 * @throws TypeError for lists of different lengths, or a parent that does not come before its child
 */
export function effectiveLimits(parents: Int32Array, own: Float64Array, out: EffectiveLimits = room(own.length)): EffectiveLimits {
  const { length } = own;
  for (const [name, list] of [["parents", parents], ["out.max", out.max], ["out.from", out.from]] as const) {
    if (list.length !== length) throw expected(name, `as long as \`own\`: ${length}`, list);
  }
  const { max, from } = out;
  for (let at = 0; at < length; at++) {
    const parent = parents[at]!;
    if (parent >= at || parent < -1) throw expected("parents", `positions before their own: not ${parent} at ${at}`, parents);
    const inherited = parent === -1 ? Infinity : max[parent]!;
    const mine = own[at]!;
    max[at] = mine < inherited ? mine : inherited;
    from[at] = mine < inherited ? at : parent === -1 ? -1 : from[parent]!;
  }
  return out;
}

/** The parents' positions of a walk in pre-order, as `Hierarchy.walk` gives it: -1 for its top. */
export function parentsIn(walk: readonly Cgroup[]): Int32Array {
  const parents = new Int32Array(walk.length);
  // The last position seen at each level: in pre-order the one above is the parent.
  const last: number[] = [];
  for (const [at, { level }] of walk.entries()) {
    parents[at] = at === 0 ? -1 : last[level - 1]!;
    last[level] = at;
  }
  return parents;
}

const room = (length: number): EffectiveLimits => ({ max: new Float64Array(length), from: new Int32Array(length) });
