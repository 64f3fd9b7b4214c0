// A mutation: a change of one place in the model's sources that switches a rule off. The text to change has to be there
// exactly once, so that a list of them cannot fall behind the sources unnoticed.

import type { Variant } from "../variant.ts";

export interface Mutant {
  readonly rule: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** What no operation of a replay reaches is asked of the kernel itself: the answer has to differ. */
  readonly ask?: (variant: Variant) => unknown;
}

type Change = readonly [rule: string, from: string, to: string];

/** Mutations of one source, by its path below ts/. */
export const inside = (file: string, changes: readonly Change[]): Mutant[] => changes.map(([rule, from, to]) => ({ rule, file: `ts/${file}`, from, to }));

/** In place of a condition that refuses. */
export const NEVER = "if (false) {";
