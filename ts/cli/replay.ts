// `cgroupns replay`: operations in, what the kernel would answer out, in the language and the form of a double that any team
// can drive. With --live the machine's own kernel answers too, and the first difference is printed.

import { readFileSync } from "node:fs";
import { formatResults, isHugePageSize, type Operation, OPERATIONS, RELEASE, Replay, type ReplayOptions, type Result } from "../replay/index.ts";
import { type Batch, batches, type Input, isBatch, wholeBatch } from "./batches.ts";
import { type Command, type Given, type Io, Misuse } from "./command.ts";
import { compareLive, type Duel } from "./live/duel.ts";
import { hugePagesHere } from "./huge-pages.ts";
import { LiveMachine } from "./live/machine.ts";

export const replay: Command = {
  usage: "[options] [--live FILE]",
  summary: "Run operations on a model of the kernel and print its answers.",
  options: [
    { long: "serve", help: "a list per line in, a list per line out" },
    { long: "base", argument: "name", help: "the directory under each hierarchy (cgroupns)" },
    { long: "v1", argument: "list", help: "v1 hierarchies to use, or 'none' (pids)" },
    { long: "nsdelegate", help: "mount the unified hierarchy with nsdelegate" },
    { long: "exclusive", help: "allow changes of global mount options" },
    { long: "root-controllers", argument: "list", help: "controllers the unified root hands down" },
    { long: "huge-pages", argument: "list", help: "their sizes (this machine's, else 2MB)" },
    { long: "timeout", argument: "seconds", help: "for each batch (60)" },
    { long: "live", argument: "file", help: "run FILE's list on this kernel and on the model" },
  ],
  notes: [
    "Operations are a JSON list of objects; results a list of {ok}, {err, at} or",
    "{refused}. With --live (root, Linux) the first difference is printed, exit 1;",
    "what shells cannot drive is left out on both sides, and counted.",
    "", "Operations:", ...columns(OPERATIONS),
  ],
  run,
};

async function run(given: Given, io: Io): Promise<number> {
  if (given.positionals.length > 0) throw new Misuse("no argument is expected");
  const options = optionsOf(given);
  const seconds = secondsOf(given.value("timeout"));
  const live = given.value("live");
  if (live !== undefined) return runLive(live, given, options, io);
  const why = whyNot(options);
  if (why !== undefined) return said(io, why);
  const input = io.input ?? process.stdin;
  if (given.flag("serve")) return serve(input, options, seconds, io);
  const batch = await wholeBatch(input);
  io.out(`${answered(batch, options, seconds, true)}\n`);
  return isBatch(batch) ? 0 : 1;
}

async function serve(input: Input, options: ReplayOptions, seconds: number, io: Io): Promise<number> {
  for await (const batch of batches(input)) io.out(`${answered(batch, options, seconds, false)}\n`);
  return 0;
}

// ---- options

function optionsOf(given: Given): ReplayOptions {
  const base = given.value("base");
  const v1 = given.value("v1");
  if (base !== undefined && (/[/\0\n]/.test(base) || ["", ".", ".."].includes(base))) throw new Misuse(`'${base}' is no name for a base`);
  return {
    ...(base === undefined ? {} : { base }), ...(v1 === undefined ? {} : { v1: v1 === "none" ? [] : words(v1) }),
    hugePages: hugePagesOf(given.value("huge-pages")), nsdelegate: given.flag("nsdelegate"), exclusive: given.flag("exclusive"), rootControllers: words(given.value("root-controllers") ?? ""),
  };
}

function hugePagesOf(list: string | undefined): string[] {
  const sizes = list === undefined ? (hugePagesHere() ?? ["2MB"]) : words(list);
  const wrong = sizes.find((size) => !isHugePageSize(size));
  if (wrong !== undefined) throw new Misuse(`'${wrong}' is no size of huge pages, such as 2MB`);
  return sizes;
}

const words = (list: string): string[] => list.split(",").filter((word) => word !== "");

function secondsOf(value: string | undefined): number {
  const seconds = Number(value ?? 60);
  if (value === "" || !(seconds > 0)) throw new Misuse(`--timeout is a number of seconds, not '${value}'`);
  return seconds;
}

/** What the model's machine does not have. */
function whyNot(options: ReplayOptions): string | undefined {
  const model = new Replay(options);
  const missing = ["v2", ...(options.v1 ?? [])].find((hier) => !("ok" in model.run({ op: "ls", hier })));
  if (missing !== undefined) return `no base '${model.base}' in a hierarchy '${missing}'`;
  const enabled = model.run({ op: "read", path: "^cgroup.subtree_control" });
  const handed = "ok" in enabled ? String(enabled.ok).split(/\s/) : [];
  const refused = options.rootControllers?.find((name) => !handed.includes(name));
  return refused === undefined ? undefined : `the unified root has no controller '${refused}'`;
}

// ---- the model

/** A batch's results as text, whatever is in it. */
function answered(batch: Batch, options: ReplayOptions, seconds: number, spread: boolean): string {
  if (!isBatch(batch)) return formatResults(batch, { spread });
  const until = performance.now() + seconds * 1000;
  const model = new Replay(options);
  const results: Result[] = [];
  for (const op of batch) {
    results.push(isPlain(op, spread) ? tried(model, op) : { refused: "bad op: 'id' is nested too deeply" });
    if (performance.now() > until) return formatResults({ error: "the batch took too long" }, { spread });
  }
  return formatResults(results, { spread });
}

/** One operation; what the model itself trips over ends that operation alone. */
function tried(model: Replay, op: unknown): Result {
  try {
    return model.run(op);
  } catch (error) {
    return { refused: `internal error: ${(error as Error).message}` };
  }
}

/** Can its id be echoed? */
function isPlain(op: unknown, spread: boolean): boolean {
  const id = (op as Operation | null)?.id;
  if (typeof id !== "object" || id === null) return true;
  try {
    return formatResults([{ ok: null, id }], { spread }) !== "";
  } catch {
    return false;
  }
}

// ---- the model and this machine's kernel

async function runLive(file: string, given: Given, options: ReplayOptions, io: Io): Promise<number> {
  const why = LiveMachine.whyNot();
  if (why !== undefined) return said(io, `this machine cannot be driven: ${why}`);
  for (const flag of ["serve", "nsdelegate", "root-controllers", "huge-pages"]) {
    if (given.flag(flag) || given.value(flag) !== undefined) throw new Misuse(`--${flag} does not go with --live`);
  }
  const batch = await wholeBatch(file === "-" ? (io.input ?? process.stdin) : [readFileSync(file)]);
  if (!isBatch(batch)) return said(io, `${file}: ${batch.error}`);
  const { base = `cgroupns-replay-${process.pid}`, v1 = ["pids"] } = options;
  const machine = opened({ base, v1 });
  if (typeof machine === "string") return said(io, machine);
  await using live = machine;
  const { nsdelegate, rootControllers } = live;
  const model = new Replay({ ...options, base, v1, nsdelegate, rootControllers });
  const duel = await compareLive(batch, (op) => live.run(op), (op) => tried(model, op), v1);
  io.out(report(duel, live.release));
  return duel.difference === undefined ? 0 : 1;
}

function opened(options: { readonly base: string; readonly v1: readonly string[] }): LiveMachine | string {
  try {
    return new LiveMachine(options);
  } catch (error) {
    return (error as Error).message;
  }
}

/** What came of it, in lines. */
export function report({ compared, difference, undriven }: Duel, release: string): string {
  const lines: string[] = [];
  if (!release.startsWith(`${RELEASE}.`) && release !== RELEASE) lines.push(`this kernel is ${release}, the model's ${RELEASE}`);
  if (difference === undefined) lines.push(`${compared} operations, no difference`);
  else {
    const { number, op, kernel, model } = difference;
    lines.push(`operation ${number} differs, after ${compared} alike: ${formatted(op)}`, `  kernel ${formatted(kernel)}`, `  model  ${formatted(model)}`);
  }
  for (const [why, operations] of undriven) {
    const total = [...operations.values()].reduce((sum, times) => sum + times, 0);
    lines.push(`${total} not driven (${[...operations].map(([op, times]) => `${times} ${op}`).join(", ")}): ${why}`);
  }
  return `${lines.join("\n")}\n`;
}

const formatted = (value: unknown): string => formatResults([value as Result]).slice(1, -1);

// ---- saying

function said(io: Io, line: string): number {
  io.err(line);
  return 1;
}

/** Words in lines of less than 80 columns. */
function columns(names: readonly string[]): string[] {
  const lines = [""];
  for (const name of names) {
    if (lines.at(-1)!.length + name.length > 76) lines.push("");
    lines[lines.length - 1] += ` ${name}`;
  }
  return lines;
}
