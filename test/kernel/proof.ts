// The proof's loop: scripts made with the model, run on the kernel, compared; the next script is made while the kernel
// is still busy with the last.

import type { Operation, ReplayOptions, Result } from "../../ts/replay/operation.ts";
import { compare, type Difference, normal } from "./compare.ts";
import type { Coverage } from "./coverage.ts";
import { generate, type Script } from "./generator.ts";
import { machine, replayed } from "./machine.ts";
import { Oracle } from "./oracle.ts";
import { printed, shrink, simplify } from "./shrink.ts";

/** How a part of the scripts' machines is set up. */
export interface Part {
  readonly name: string;
  readonly options: ReplayOptions;
  readonly share: number;
}

export const SHARED: readonly Part[] = [
  { name: "v2 and pids", options: { v1: ["pids"] }, share: 0.52 },
  { name: "v2, pids and freezer", options: { v1: ["pids", "freezer"] }, share: 0.15 },
  { name: "v2 alone", options: { v1: [] }, share: 0.06 },
];

/** These change something global: one at a time, and nobody else meanwhile. */
export const EXCLUSIVE: readonly Part[] = [
  { name: "nsdelegate", options: { nsdelegate: true, exclusive: true }, share: 0.14 },
  { name: "controllers", options: { rootControllers: ["hugetlb"], exclusive: true }, share: 0.13 },
];

/** The model and the kernel differ; the message is the smallest script that shows it. */
export class Disagreement extends Error {}

export interface Budget {
  /** Operations that are left to do. */
  left: number;
  /** The next script's seed. */
  seed: number;
  /** How long the scripts are; as the generator likes unless told. */
  readonly size?: number | undefined;
}

/** Works on one oracle until the budget is spent; two may share a budget. */
export async function prove(part: Part, budget: Budget, coverage: Coverage): Promise<void> {
  const oracle = new Oracle(part.options);
  try {
    let last: Promise<void> = Promise.resolve();
    while (budget.left > 0) {
      const script = generate(budget.seed++, oracle.options, machine(oracle.options), budget.size);
      budget.left -= script.ops.length;
      const answers = oracle.batch(script.ops);
      answers.catch(() => {});
      await last;
      last = judge(script, answers, oracle, coverage);
      last.catch(() => {});
    }
    await last;
  } finally {
    await oracle.close();
  }
}

async function judge(script: Script, answers: Promise<Result[]>, oracle: Oracle, coverage: Coverage): Promise<void> {
  const real = await answers.catch((error: Error) => {
    if (coverage.stall(`seed ${script.seed} (${script.main}): ${error.message}`)) return undefined;
    throw new Error(`too many batches without an answer: ${coverage.stalled.join("; ")}`);
  });
  if (real === undefined) return;
  const { difference, parted } = compare(script.ops, real, script.results, script.options);
  const compared = difference ?? parted;
  coverage.add(compared === undefined ? script.ops : script.ops.slice(0, compared.index + 1), script.tags, real);
  if (parted !== undefined) coverage.part(parted);
  if (difference === undefined) return;
  if (await isRepeated(script, difference, oracle)) throw new Disagreement(await explained(script, difference, oracle));
  coverage.unrepeated.push(`seed ${script.seed}: ${JSON.stringify(difference)}`);
  if (coverage.unrepeated.length > MOST_UNREPEATED) throw new Error(`differences that do not repeat: ${coverage.unrepeated.join("; ")}`);
}

/** Differences that did not show again: a wait that the script lacks, or the machine's own haste. They are printed. */
const MOST_UNREPEATED = 5;

/** A frozen task that is woken for a moment may be seen twice on a busy machine; what the model does wrong shows every time. */
const REPEATS = 3;

async function isRepeated(script: Script, { index }: Difference, oracle: Oracle): Promise<boolean> {
  for (let times = 0; times < REPEATS; times++) {
    const again = await oracle.batch(script.ops).catch(() => undefined);
    if (again !== undefined && compare(script.ops, again, script.results, script.options).difference?.index !== index) return false;
  }
  return true;
}

/** How long to look for a smaller script, in ms: some wait long for nothing. */
const SHRINKING = 60_000;

/** The smallest script, the kernel's answers and the model's last. */
async function explained(script: Script, difference: Difference, oracle: Oracle): Promise<string> {
  const { options } = oracle;
  const same = ({ op, real, model }: Difference): string => `${op.op} ${gist(op, real, options)} ${gist(op, model, options)}`;
  const differs = async (ops: readonly Operation[]): Promise<Difference | undefined> => compare(ops, await oracle.batch(ops), replayed(ops, options), options).difference;
  const wanted = same(difference);
  const start = script.ops.slice(0, difference.index + 1);
  const until = performance.now() + SHRINKING;
  const shows = async (ops: readonly Operation[]): Promise<boolean> => {
    if (performance.now() > until) return false;
    const found = await differs(ops);
    return found !== undefined && same(found) === wanted;
  };
  const small = await shrink(await simplify(await shrink(start, shows), shows), shows);
  const results = await oracle.batch(small);
  const found = (await differs(small)) ?? difference;
  const { base: _, ...rest } = options;
  const head = `seed ${script.seed} (${script.main}): the kernel said ${JSON.stringify(found.real)}, the model ${JSON.stringify(found.model)}`;
  return `${head}\nto ${JSON.stringify(found.op)}\n${printed({ why: "", options: rest, base: options.base, ops: small, results })}`;
}

/** Enough of an answer to recognise the same difference by. */
function gist(op: Operation, result: Result, options: ReplayOptions): string {
  const answer = normal(op, result, options);
  return "ok" in result ? "ok" : JSON.stringify(answer);
}
