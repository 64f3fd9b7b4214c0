// The way out of a refusal: steps are looked for by rule, done, and the question asked again, until nothing refuses; then
// all of it is taken back and the steps are the answer. So a way out that is given works.

import { CgroupError } from "../../errors.ts";
import type { Question } from "../question.ts";
import { suppose } from "../suppose.ts";
import type { Step } from "../verdict.ts";
import { wayByRule } from "./by-rule.ts";

/** A reason is given in place of steps where there are none. */
export type WayOut = readonly Step[] | string;

const MOST_STEPS = 200;
const DEEPEST = 24;

export function findWayOut(question: Question, depth = 0): WayOut {
  if (depth > DEEPEST) return "the rules wait for each other";
  return suppose(question.kernel, () => clear(question, depth));
}

function clear(question: Question, depth: number): WayOut {
  const steps: Step[] = [];
  for (let refusal = question.ask(); refusal !== undefined; refusal = question.ask()) {
    const found = wayByRule({ question, refusal, first: (other) => findWayOut(other, depth + 1) });
    if (typeof found === "string") return found;
    if (found.length === 0 || steps.length + found.length > MOST_STEPS) return "the rules refuse one after another without an end";
    const stuck = follow(found);
    if (stuck !== undefined) return stuck;
    steps.push(...found);
  }
  return steps;
}

/** Does them one after another; the reason where even root is refused. */
function follow(steps: readonly Step[]): string | undefined {
  try {
    for (const step of steps) step.apply();
    return undefined;
  } catch (error) {
    if (error instanceof CgroupError) return `root is refused too: ${error.code} (${error.rule ?? error.message})`;
    throw error;
  }
}
