// What a way out is looked for with: the question, the refusal, and the means to clear another question first.

import type { Question } from "../question.ts";
import type { Refusal } from "../refusal.ts";
import type { WayOut } from "./index.ts";

export interface Case {
  readonly question: Question;
  readonly refusal: Refusal;
  /** The steps after which that other question is answered with yes. */
  first(other: Question): WayOut;
}

/** One way out behind another. */
export function inTurn(...parts: readonly WayOut[]): WayOut {
  const reason = parts.find((part) => typeof part === "string");
  return reason ?? parts.flat() as WayOut;
}
