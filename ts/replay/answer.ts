// How an operation's outcome is written down, and the two ways one can fail to be an operation at all.

import type { Refusal } from "../kernel/refusal.ts";
import { isRefusal } from "../kernel/refusal.ts";
import type { Result } from "./operation.ts";

/** Thrown, and always caught by who runs the operation. No Error: to note where it was thrown costs as much as three operations. */
class Interruption {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The operation is not one, or is not allowed here: nothing was tried. */
export class Refused extends Interruption {}

/** An agent was told something it cannot even try: it ends, as a program with a bug would. */
export class Crash extends Interruption {}

export const DONE: Result = { ok: null };
export const DEAD: Result = { err: "AGENT_DEAD" };
export const TIMEOUT: Result = { err: "TIMEOUT" };

export const failed = (refusal: Refusal, at: string): Result => ({ err: refusal.code, at });

export const isError = (result: Result): result is Result & { readonly err: string } => "err" in result;

/** Done, or the errno of the call that refused. */
export const outcome = (answer: unknown, at: string): Result => (isRefusal(answer) ? failed(answer, at) : DONE);

// ---- fields of an operation

export function text(value: unknown, field: string): string {
  if (typeof value !== "string") throw new Refused(`bad op: '${field}' has to be a string`);
  return value;
}

export function integer(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isInteger(value)) throw new Refused(`bad op: '${field}' has to be an integer`);
  return value;
}

export function list(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Refused(`bad op: '${field}' has to be a list`);
  return value;
}
