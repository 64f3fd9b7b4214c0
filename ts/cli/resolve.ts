// `cgroupns resolve SELECTOR...`, or `-` for a stream of them: pids, ids, paths, containers, pods and units to cgroups and
// who they are, in order, one line each.

import { Host } from "../host/index.ts";
import { chosen, listed } from "./columns.ts";
import { type Command, type Given, type Io, JSON_OPTION, MACHINE, Misuse } from "./command.ts";
import { inputLines } from "./input-lines.ts";
import { readOptions } from "./machine.ts";
import { type Answer, type Found, kindOf, Selectors } from "./selectors.ts";
import { json, jsonText, table, visible } from "./text.ts";

export const resolve: Command = {
  usage: "[options] SELECTOR... | -",
  summary: "Print the cgroup, container, pod and unit that selectors name.",
  options: [
    { long: "output", short: "o", argument: "list", help: "define which columns to use" },
    { long: "list-columns", short: "H", help: "list the available columns" },
    { long: "noheadings", short: "n", help: "don't print headings" },
    { long: "raw", short: "r", help: "use raw output format, as '-' does" },
    { long: "notruncate", short: "u", help: "don't truncate lines" },
    ...MACHINE,
    JSON_OPTION,
  ],
  notes: [
    "SELECTOR is pid:PID, id:CGROUP_ID, path:PATH, container:ID (or how it starts),",
    "pod:UID or unit:NAME. '-' reads selectors from standard input, one a line, and",
    "answers in raw format without headings, one line each in their order; with -J",
    "in one JSON object a line. The machine is read once, at the beginning.",
    "",
    "A column that says nothing is '-'; all columns of what is not resolved are '?',",
    "and the exit status is 1. Of several hierarchies the unified one is asked first.",
  ],
  run,
};

interface Column {
  readonly name: string;
  readonly help: string;
  cell(found: Found): string | number | null;
}

const path = ({ path }: Found): string | null => (path === null ? null : visible(path));

const COLUMNS: readonly Column[] = [
  { name: "ID", help: "the cgroup's id", cell: ({ id }) => id },
  { name: "PID", help: "the pid, of pid:PID", cell: ({ pid }) => pid },
  { name: "PATH", help: "the cgroup's path", cell: path },
  { name: "CONTAINER", help: "the innermost container's id", cell: ({ container }) => container },
  { name: "POD", help: "the pod's uid", cell: ({ pod }) => pod },
  { name: "UNIT", help: "systemd's unit", cell: ({ unit }) => unit },
  { name: "RUNTIME", help: "the container's runtime", cell: ({ runtime }) => runtime },
];
const DEFAULT = 6;

async function run(given: Given, io: Io): Promise<number> {
  if (given.flag("list-columns")) {
    io.out(listed(COLUMNS));
    return 0;
  }
  const columns = chosen(COLUMNS, DEFAULT, given.value("output"));
  const wanted = given.positionals;
  const stream = wanted.includes("-");
  if (wanted.length === 0 || (stream && wanted.length > 1)) throw new Misuse("selectors, or '-' alone, are expected");
  const odd = wanted.find((selector) => selector !== "-" && kindOf(selector) === undefined);
  if (odd !== undefined) throw new Misuse(`'${odd}' is no selector: pid:, id:, path:, container:, pod: or unit: is expected in front`);
  const host = await Host.read({ ...readOptions(given), roots: false, identities: true });
  const selectors = new Selectors(host);
  return stream ? answerStream(selectors, columns, given, io) : answerAll(selectors, columns, given, io);
}

function answerAll(selectors: Selectors, columns: readonly Column[], given: Given, io: Io): number {
  const wanted = given.positionals;
  // As a shell passes them: UTF-8.
  const answers = selectors.resolve(wanted.map((selector) => Buffer.from(selector).toString("latin1")));
  const tally = new Tally();
  for (const [row, answer] of answers.entries()) tally.count(wanted[row]!, answer);
  if (given.flag("json")) io.out(json({ resolve: wanted.map((selector, row) => ({ selector, ...jsonOf(answers[row]!) })) }));
  else if (given.flag("raw")) io.out(`${given.flag("noheadings") ? "" : `${columns.map(({ name }) => name).join(" ")}\n`}${answers.map((answer) => rawLine(columns, answer)).join("")}`);
  else io.out(drawn(columns, answers, given, io));
  return tally.status(io);
}

// A batch for each piece of input; the next is asked for when the answers have been written.
async function answerStream(selectors: Selectors, columns: readonly Column[], given: Given, io: Io): Promise<number> {
  const tally = new Tally();
  const lines = new Map<Found, string>();
  const asJson = given.flag("json");
  const unresolved = rawLine(columns, "");
  const rawOf = (answer: Answer): string => {
    if (typeof answer === "string") return unresolved;
    const known = lines.get(answer) ?? rawLine(columns, answer);
    lines.set(answer, known);
    return known;
  };
  for await (const batch of inputLines(io.input ?? process.stdin)) {
    const answers = selectors.resolve(batch);
    let out = "";
    for (let row = 0; row < batch.length; row++) {
      const answer = answers[row]!;
      tally.count(batch[row]!, answer);
      out += asJson ? `${JSON.stringify({ selector: jsonText(Buffer.from(batch[row]!, "latin1")), ...jsonOf(answer) })}\n` : rawOf(answer);
    }
    io.out(out);
  }
  return tally.status(io);
}

/** How many there were, and the first that was not resolved. */
class Tally {
  #all = 0;
  #unresolved = 0;
  #first = "";

  count(selector: string, answer: Answer): void {
    this.#all++;
    if (typeof answer !== "string") return;
    if (this.#unresolved++ === 0) this.#first = `'${visible(selector.slice(0, 200))}' (${answer})`;
  }

  status(io: Io): number {
    if (this.#unresolved === 0) return 0;
    io.err(`${this.#unresolved} of ${this.#all} not resolved, first ${this.#first}`);
    return 1;
  }
}

const cellOf = (column: Column, answer: Answer): string => (typeof answer === "string" ? "?" : String(column.cell(answer) ?? "-"));

function rawLine(columns: readonly Column[], answer: Answer): string {
  return `${columns.map((column) => cellOf(column, answer).replaceAll(" ", "\\x20")).join(" ")}\n`;
}

function drawn(columns: readonly Column[], answers: readonly Answer[], given: Given, io: Io): string {
  const rows = answers.map((answer) => columns.map((column) => cellOf(column, answer)));
  const width = io.tty && !given.flag("notruncate") ? Number(io.env.COLUMNS ?? process.stdout.columns ?? 0) : 0;
  return table(columns, rows, { headings: !given.flag("noheadings"), width });
}

function jsonOf(answer: Answer): object {
  if (typeof answer === "string") return { error: answer };
  return { ...answer, path: answer.path === null ? null : jsonText(answer.path) };
}
