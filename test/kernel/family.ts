// A family of operations that belong together: a weighted list of steps, each of which says one operation after another
// and is told what came of it.

import type { Operation, Result } from "../../ts/replay/operation.ts";
import type { Scene } from "./scene.ts";

/** Operations one after another; every `yield` answers with the result. */
export type Step = Generator<Operation, void, Result>;

export interface Family {
  readonly name: string;
  /** Its steps make sense only on a machine set up with this. */
  readonly needs?: "nsdelegate" | "controllers";
  readonly next: (scene: Scene) => Step;
}

export type Choice = readonly [weight: number, step: (scene: Scene) => Step];

export function family(name: string, choices: readonly Choice[], needs?: Family["needs"]): Family {
  const next = (scene: Scene): Step => scene.random.weighted(choices)(scene);
  return needs === undefined ? { name, next } : { name, needs, next };
}

export const worked = (result: Result): boolean => "ok" in result;
