// Runs mutants: scripts made with the true model are run on the changed one until it answers otherwise. No kernel is needed:
// the true model answers as the kernel does, which is proved elsewhere.

import { isDeepStrictEqual } from "node:util";
import { Kernel } from "../../ts/kernel/kernel.ts";
import type { Operation, ReplayOptions, Result } from "../../ts/replay/operation.ts";
import { Replay } from "../../ts/replay/replay.ts";
import { compare } from "./compare.ts";
import { generate, type Script } from "./generator.ts";
import { machine } from "./machine.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { EXCLUSIVE, SHARED } from "./proof.ts";
import { sourceOf, type Variant, variant } from "./variant.ts";

export interface Outcome {
  readonly mutant: Mutant;
  /** Operations until the first different answer; undefined where all were alike. */
  readonly after: number | undefined;
  /** The call that told. */
  readonly by?: string;
  /** Operations that were run. */
  readonly run: number;
}

/** From here on the fourteenth script goes so deep that the way up does not fit, as one long script in four hundred does. */
const FROM_SEED = 71_000;
const [pids, freezer, alone, nsdelegate, controllers] = [...SHARED, ...EXCLUSIVE].map(({ options }) => options) as [ReplayOptions, ...ReplayOptions[]];
/** How the machines are set up in turn: the usual one more often than the others. */
const PARTS = [pids, nsdelegate!, pids, controllers!, freezer!, pids, nsdelegate!, pids, controllers!, alone!];

/** Most are short, so that every family is met soon; some are as long as the generator likes. */
const SHORT = 400;
const LONG_EVERY = 7;

/** Scripts of all machines in turn, each made once. */
export class Scripts {
  readonly #made: Script[] = [];

  at(index: number): Script {
    for (let next = this.#made.length; next <= index; next++) {
      const options = PARTS[next % PARTS.length]!;
      this.#made.push(generate(FROM_SEED + next, options, machine(options), next % LONG_EVERY === LONG_EVERY - 1 ? undefined : SHORT));
    }
    return this.#made[index]!;
  }
}

/** How often the text to be changed is in its source. */
export const occurrences = ({ file, from }: Mutant): number => sourceOf(file).split(from).length - 1;

const mutated = ({ file, from, to }: Mutant): Promise<Variant> => variant((path, source) => (path === file ? source.replace(from, () => to) : source));

/** Runs one until it is caught, or so many operations were alike. */
export async function hunt(mutant: Mutant, scripts: Scripts, most: number): Promise<Outcome> {
  const changed = await mutated(mutant);
  if (mutant.ask !== undefined) return asked(mutant, mutant.ask, changed);
  let run = 0;
  for (let index = 0; run < most; index++) {
    const script = scripts.at(index);
    const found = differs(script, changed);
    if (found !== undefined) return { mutant, after: run + found.index + 1, by: found.op.op, run: run + found.index + 1 };
    run += script.ops.length;
  }
  return { mutant, after: undefined, run };
}

function asked(mutant: Mutant, ask: NonNullable<Mutant["ask"]>, changed: Variant): Outcome {
  const alike = isDeepStrictEqual(ask({ Replay, Kernel }), ask(changed));
  return { mutant, after: alike ? undefined : 1, by: "asked", run: 1 };
}

interface Found {
  readonly index: number;
  readonly op: Operation;
}

/** The first answer that differs; a model that breaks on the way has shown itself as well. */
function differs({ ops, results, options }: Script, { Replay: Changed }: Variant): Found | undefined {
  const replay = new Changed(options);
  const answers: Result[] = [];
  for (const op of ops) {
    try {
      answers.push(replay.run(op));
    } catch {
      answers.push({ err: "BROKEN" });
      break;
    }
  }
  const done = answers.length;
  return compare(ops.slice(0, done), results.slice(0, done), answers, options).difference;
}

/** The table, as text. */
export function table(outcomes: readonly Outcome[]): string {
  const line = ({ mutant: { rule, file, from, to }, after, by, run }: Outcome): string =>
    `${rule.padEnd(7)}${(after === undefined ? `NOT CAUGHT (${run})` : `${after} ${by}`).padEnd(24)}${file.replace(/^ts\//, "")}: ${shortened(from)}  →  ${shortened(to) || "(nothing)"}`;
  return [`${"rule".padEnd(7)}${"caught after, by".padEnd(24)}mutation`, ...outcomes.map(line)].join("\n");
}

const shortened = (text: string): string => {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length > 70 ? `${flat.slice(0, 69)}…` : flat;
};
