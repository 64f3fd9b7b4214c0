// From a refusal inside the model to the error a caller sees.

import { CgroupError } from "../errors.ts";
import type { Refusal } from "./refusal.ts";
import { RULES } from "./rules.ts";

export function asError(refusal: Refusal, syscall: string, path?: string | Uint8Array, dest?: string | Uint8Array): CgroupError {
  return new CgroupError(refusal.code, { syscall, path, dest, rule: RULES[refusal.rule] });
}
