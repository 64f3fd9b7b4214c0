// The way out of a refusal: steps are looked for by rule, done, and the question asked again, until nothing refuses; then
// all of it is taken back and the steps are the answer. So a way out that is given works.

import { CgroupError } from "../../errors.ts";
import type { Question } from "../question.ts";
import type { Refusal } from "../refusal.ts";
import { suppose } from "../suppose.ts";
import type { Step } from "../verdict.ts";
import { wayByRule } from "./by-rule.ts";

/** A reason is given in place of steps where there are none. */
export type WayOut = readonly Step[] | string;

const MOST_STEPS = 200;
const MOST_QUESTIONS = 300;

/** Questions asked so far for the sake of one, and those that wait for the answer to this one. */
interface Search {
  asked: number;
  readonly waiting: string[];
}

export function findWayOut(question: Question): WayOut {
  return search(question, { asked: 0, waiting: [] });
}

function search(question: Question, so: Search): WayOut {
  if (++so.asked > MOST_QUESTIONS) return "too much would have to be done first";
  const refusal = asked(question);
  if (refusal === undefined) return [];
  if (typeof refusal === "string") return refusal;
  const key = `${question.words} ${keyOf(refusal)}`;
  if (so.waiting.includes(key)) return "the rules wait for each other";
  so.waiting.push(key);
  const found = suppose(question.kernel, () => clear(question, so));
  so.waiting.pop();
  return found;
}

/** A step may take away the very cgroup that a question is about. */
function asked(question: Question): Refusal | string | undefined {
  try {
    return question.ask();
  } catch (error) {
    if (error instanceof CgroupError) return "what is in the way is what was asked about";
    throw error;
  }
}

const keyOf = ({ code, rule, blame }: Refusal): string => `${code} ${rule} ${blame.cgroup?.hierarchy.id} ${blame.cgroup?.id} ${blame.file} ${blame.needs}`;

function clear(question: Question, so: Search): WayOut {
  const steps: Step[] = [];
  const seen = new Map<string, number>();
  for (let refusal = asked(question); refusal !== undefined; refusal = asked(question)) {
    if (typeof refusal === "string") return refusal;
    const times = (seen.get(keyOf(refusal)) ?? 0) + 1;
    seen.set(keyOf(refusal), times);
    const found = wayByRule({ question, refusal, first: (other) => search(other, so) });
    if (typeof found === "string") return found;
    if (found.length === 0 || times > 3 || steps.length + found.length > MOST_STEPS) return "the rules refuse one after another without an end";
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
