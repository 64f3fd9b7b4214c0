// `cgroupns limits [TARGET]`: what limits a process, which cgroup sets it, what is left; bare values for entrypoints.

import { Host, limits as limitsNow } from "../host/index.ts";
import { heapSize, type Limits } from "../index.ts";
import { listed } from "./columns.ts";
import { type Command, type Given, type Io, JSON_OPTION, MACHINE, Misuse } from "./command.ts";
import { NAMES, type Row, rowOf, usualRows } from "./limit-rows.ts";
import { readOptions, taskOf } from "./machine.ts";
import { json, jsonText, table, visible } from "./text.ts";
import { isAscii } from "./tree.ts";

export const limits: Command = {
  usage: "[options] [TARGET]",
  summary: "Print what limits a process, which cgroup sets it and what is left.",
  options: [
    { long: "output", short: "o", argument: "list", help: "which limits to print; +list adds to the usual" },
    { long: "values", short: "v", help: "print bare values only, one a line" },
    { long: "heap", argument: "percent", help: "print Node's flag for that much of the memory" },
    { long: "list-columns", short: "H", help: "list the limits that -o can name" },
    { long: "noheadings", short: "n", help: "don't print headings" },
    { long: "notruncate", short: "u", help: "don't truncate lines" },
    ...MACHINE,
    JSON_OPTION,
  ],
  notes: [
    "TARGET is a pid, PID/task/TID for a thread, or 'self', the default. No limit is",
    "'max', null in JSON. CHAIN is what each cgroup sets, from the process's own to",
    "the outermost that can be seen. What is not exact is said on standard error;",
    "where a limit that was named is not known, nothing is printed and the exit",
    "status is 1.",
    "",
    "--heap 80% prints --max-old-space-size=MIB, with -v only MIB: so much of the",
    "least of memory.max, memory.high and the machine's memory, rounded down.",
    "",
    "The default output is subject to change: name limits in scripts, as in",
    " cgroupns limits -o memory.max -v",
    " NODE_OPTIONS=$(cgroupns limits --heap 80%) node app.js",
  ],
  run,
};

type Found = Limits<Uint8Array>;

async function run(given: Given, io: Io): Promise<number> {
  if (given.flag("list-columns")) {
    io.out(listed(NAMES));
    return 0;
  }
  const [target = "self", ...more] = given.positionals;
  if (more.length > 0) throw new Misuse("one TARGET is expected");
  taskOf(target);
  const names = asked(given.value("output"));
  const percent = percentOf(given.value("heap"));
  const found = await read(target, given);
  return percent === undefined ? print(target, names, found, given, io) : printHeap(percent, found, given, io);
}

async function read(target: string, given: Given): Promise<Found> {
  const { file, root } = readOptions(given);
  if (file !== undefined) return (await Host.read({ file })).limits(target, { encoding: "buffer" });
  return limitsNow(target, { encoding: "buffer", ...(root === undefined ? {} : { root }) });
}

interface Asked {
  readonly names: readonly string[];
  /** Besides the usual ones. */
  readonly more: boolean;
}

function asked(list: string | undefined): Asked {
  const names = list === undefined ? [] : list.replace(/^\+/, "").split(",");
  const unknown = names.find((name) => !NAMES.some((known) => known.name === name.replace(/^hugetlb\.\d+[KMG]B\./, "hugetlb.SIZE.")));
  if (unknown !== undefined || names.includes("hugetlb.SIZE.max")) throw new Misuse(`unknown limit '${unknown ?? "hugetlb.SIZE.max"}'`);
  return { names, more: list === undefined || list.startsWith("+") };
}

function print(target: string, { names, more }: Asked, found: Found, given: Given, io: Io): number {
  const named = names.map((name) => rowOf(name, found) ?? missing(name));
  const rows = more ? [...usualRows(found), ...named] : named;
  for (const line of new Set(rows.filter(({ how }) => how !== "exact").map(doubt))) io.err(line);
  const known = rows.filter(({ how }) => how !== "unknown");
  const lacking = more ? known.length === 0 : known.length < rows.length;
  if (given.flag("json")) io.out(json({ limits: { target, ...Object.fromEntries(rows.map((row) => [row.name, jsonOf(row)])) } }));
  else if (given.flag("values")) io.out(lacking ? "" : rows.map(({ bare }) => `${bare}\n`).join(""));
  else if (!lacking) io.out(drawn(rows, given, io));
  return lacking ? 1 : 0;
}

const missing = (name: string): Row => ({
  name, shown: "?", bare: "?", value: null, used: "-", left: "-", from: null, chain: [],
  how: "unknown", reason: "no cgroup that can be seen has such a file",
});

const doubt = ({ name, reason }: Row): string => `${name}: ${reason ?? "not known"}`;

const COLUMNS = [
  { name: "LIMIT" }, { name: "EFFECTIVE", right: true }, { name: "USED", right: true }, { name: "LEFT", right: true },
  { name: "CHAIN" }, { name: "BOUND BY" },
];

function drawn(rows: readonly Row[], given: Given, io: Io): string {
  const arrow = isAscii(io) ? " -> " : " → ";
  const cells = rows.map(({ name, shown, used, left, from, chain }) => [
    name, shown, used, left, chain.map((level) => level.shown).reverse().join(arrow) || "-", from === null ? "-" : visible(from),
  ]);
  const width = io.tty && !given.flag("notruncate") ? Number(io.env.COLUMNS ?? process.stdout.columns ?? 0) : 0;
  return table(COLUMNS, cells, { headings: !given.flag("noheadings"), width });
}

function jsonOf({ value, from, how, reason, chain, current, available, availableFrom }: Row): object {
  const path = (bytes: Uint8Array | null): unknown => (bytes === null ? null : jsonText(bytes));
  const use = current === undefined ? {} : { current, available, availableFrom: path(availableFrom ?? null) };
  return { value, from: path(from), how, reason, ...use, chain: chain.map((level) => ({ path: path(level.path), value: level.value })) };
}

function printHeap(percent: number, found: Found, given: Given, io: Io): number {
  const { how, reason } = found.memory;
  if (how !== "exact" && reason !== null) io.err(`memory.max: ${reason}`);
  const size = heapSize(found, percent);
  if (size === null) {
    io.err("neither a memory limit nor the machine's memory is known");
    return 1;
  }
  if (given.flag("json")) io.out(json({ limits: { heap: { mib: size, flag: `--max-old-space-size=${size}`, how, reason } } }));
  else io.out(given.flag("values") ? `${size}\n` : `--max-old-space-size=${size}\n`);
  return 0;
}

function percentOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const percent = /^[0-9]{1,3}(?:\.[0-9]{1,3})?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (!(percent > 0 && percent <= 100)) throw new Misuse(`--heap is a percentage above 0% up to 100%, not '${text}'`);
  return percent;
}
