// A verdict: what a call would come to. Yes, or the errno with its rule, what was at fault, and a way out. Made of the same
// refusal that the acting call throws. How ways out are found is in ways-out/.

import { CgroupError, type ErrnoCode } from "../errors.ts";
import { toText } from "./bytes.ts";
import { capabilityNames, type CapabilityName } from "./capability.ts";
import type { Credentials, Owned } from "./credentials.ts";
import { fileOwned } from "./files/table.ts";
import { pathOf, readable } from "./place.ts";
import type { Question } from "./question.ts";
import type { Refusal } from "./refusal.ts";
import { RULES, type RuleId } from "./rules.ts";
import { findWayOut } from "./ways-out/index.ts";

/** One thing to do, as root of the initial namespaces unless it says whose it is. */
export interface Step {
  /** A shell command, or a sentence. */
  readonly words: string;
  /** Does it on the model. @throws CgroupError where the model has changed since and it is refused */
  apply(): void;
}

/** Who was refused, with the machine's ids. */
export interface DeniedCredentials {
  readonly uid: number;
  readonly euid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly capabilities: readonly CapabilityName[];
  /** Inode number of its user namespace. */
  readonly userNamespace: number;
}

export class Verdict {
  /** What was asked, for people. */
  readonly asked: string;
  readonly allowed: boolean;
  readonly code: ErrnoCode | null;
  /** The negated Linux errno, as in Node. */
  readonly errno: number | null;
  readonly rule: { readonly id: RuleId; readonly text: string } | null;
  /** The path of the cgroup at fault, in its hierarchy. */
  readonly cgroup: string | null;
  /** The control file at fault. */
  readonly file: string | null;
  /** Owner and mode of that file, or of the cgroup's directory. */
  readonly owner: Owned | null;
  readonly credentials: DeniedCredentials | null;
  /** What would have been needed, in a few words. */
  readonly needs: string | null;
  readonly #question: Question;
  #wayOut: readonly Step[] | string | undefined;

  constructor(question: Question, refusal: Refusal | undefined) {
    const { cgroup, file, credentials, needs } = refusal?.blame ?? {};
    const owned = cgroup === undefined ? null : file === undefined ? cgroup.owned : fileOwned(cgroup, file);
    this.#question = question;
    this.asked = readable(question.words);
    this.allowed = refusal === undefined;
    this.code = refusal?.code ?? null;
    this.errno = refusal === undefined ? null : new CgroupError(refusal.code).errno;
    this.rule = refusal === undefined ? null : { id: refusal.rule, text: RULES[refusal.rule] };
    this.cgroup = cgroup === undefined ? null : toText(pathOf(cgroup));
    this.file = file === undefined ? null : toText(file);
    this.owner = owned === null ? null : { uid: owned.uid, gid: owned.gid, mode: owned.mode };
    this.credentials = credentials === undefined ? null : denied(credentials);
    this.needs = needs ?? null;
    if (refusal === undefined) this.#wayOut = [];
  }

  /**
   * What to do, in this order, so that the same is allowed; null where there is nothing. Worked out at the first look, on
   * the state of then.
   */
  get wayOut(): readonly Step[] | null {
    this.#wayOut ??= findWayOut(this.#question);
    return typeof this.#wayOut === "string" ? null : this.#wayOut;
  }

  /** Why there is no way out. */
  get noWayOut(): string | null {
    return this.wayOut === null ? String(this.#wayOut) : null;
  }

  /** Lines for people: the answer, the rule, what was at fault, and what to do about it. */
  toString(): string {
    if (this.allowed) return `yes: ${this.asked}`;
    const lines = [`no: ${this.code} ${this.asked}`, `  rule   ${this.rule!.id}: ${this.rule!.text}`, ...this.#fault()];
    const fixes = this.wayOut?.map(({ words }) => words) ?? [`none: ${this.noWayOut}`];
    return [...lines, ...fixes.map((words) => `  fix    ${words}`)].join("\n");
  }

  toJSON(): object {
    const { asked, allowed, code, errno, rule, cgroup, file, owner, credentials, needs, noWayOut } = this;
    const mode = owner === null ? null : { uid: owner.uid, gid: owner.gid, mode: octal(owner.mode) };
    const wayOut = allowed ? null : (this.wayOut?.map(({ words }) => words) ?? null);
    return { asked, allowed, code, errno, rule, cgroup, file, owner: mode, credentials, needs, wayOut, noWayOut };
  }

  #fault(): string[] {
    const who = this.credentials === null ? "" : `uid ${this.credentials.euid}`;
    if (this.cgroup === null) return who === "" ? [] : [`  who    ${who}${this.#capabilities()}: denied`];
    const label = this.rule!.id === "5.1.8" ? "common" : this.file === null ? "cgroup" : "file";
    const what = this.file ?? (this.code === "EACCES" || this.code === "EPERM" ? "directory" : "");
    const owner = this.owner === null || who === "" ? "" : ` owner ${this.owner.uid}:${this.owner.gid} mode ${octal(this.owner.mode)}, writer ${who}: denied`;
    const needs = this.needs === null ? "" : ` needs ${this.needs}`;
    return [`  ${label.padEnd(6)} ${readable(this.cgroup)}   ${what}${owner}${needs}`.trimEnd()];
  }

  #capabilities(): string {
    const { capabilities = [] } = this.credentials ?? {};
    return capabilities.length === 0 ? " without capabilities" : ` with ${capabilities.length} capabilities`;
  }
}

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");

const denied = ({ uid, euid, gid, groups, effective, userNamespace }: Credentials): DeniedCredentials => ({
  uid, euid, gid, groups, capabilities: capabilityNames(effective), userNamespace: userNamespace.inode,
});

export const judge = (question: Question): Verdict => new Verdict(question, question.ask());
