// A refusal: the errno, the rule that gave it and what was at fault. Inside the model refusals are values, so that asking
// and acting share one answer and nothing is thrown on the way.

import type { ErrnoCode } from "../errors.ts";
import type { CgroupNode } from "./cgroup.ts";
import type { Credentials } from "./credentials.ts";
import type { RuleId } from "./rules.ts";

/** What was at fault. */
export interface Blame {
  readonly cgroup?: CgroupNode;
  /** The control file, where one was. */
  readonly file?: string;
  readonly credentials?: Credentials;
  /** What it would have needed, in a few words. */
  readonly needs?: string;
}

export class Refusal {
  readonly code: ErrnoCode;
  readonly rule: RuleId;
  readonly blame: Blame;
  /** What the kernel has done by then all the same. */
  done?: () => void;

  constructor(code: ErrnoCode, rule: RuleId, blame: Blame) {
    this.code = code;
    this.rule = rule;
    this.blame = blame;
  }
}

const NOBODY: Blame = {};

export const refuse = (code: ErrnoCode, rule: RuleId, blame: Blame = NOBODY): Refusal => new Refusal(code, rule, blame);

export const isRefusal = (answer: unknown): answer is Refusal => answer instanceof Refusal;
