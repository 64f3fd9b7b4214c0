// `cgroupns ns`: the cgroup namespaces of a machine, as lsns lists them, plus where each is rooted and how that is known.

import { Host, type HostNamespace, type HostRoot } from "../host/index.ts";
import { chosen, listed } from "./columns.ts";
import { type Command, type Given, type Io, JSON_OPTION, MACHINE } from "./command.ts";
import { readOptions, taskOf, threadsOf } from "./machine.ts";
import { type Column, json, jsonText, table, visible } from "./text.ts";

interface NsColumn extends Column {
  readonly help: string;
  cell(namespace: HostNamespace): string;
}

const main = ({ roots }: HostNamespace): HostRoot | undefined => roots[0];
const orDash = (value: unknown): string => (value === null ? "-" : visible(String(value)));

const COLUMNS: readonly NsColumn[] = [
  { name: "NS", right: true, help: "namespace number", cell: ({ ns }) => ns ?? "?" },
  { name: "NPROCS", right: true, help: "number of processes in it", cell: ({ nprocs }) => String(nprocs) },
  { name: "PID", right: true, help: "its first process", cell: ({ pid }) => orDash(pid) },
  { name: "USER", help: "whose that process is", cell: ({ user }) => orDash(user) },
  { name: "ROOT", help: "its root in the unified, else the first v1 hierarchy", cell: (namespace) => rootText(main(namespace)) },
  { name: "HOW", help: "exact, removed, inferred or unknown", cell: (namespace) => main(namespace)?.how ?? "unknown" },
  { name: "COMMAND", help: "that process's command", cell: ({ command }) => orDash(command) },
  { name: "ROOTS", help: "its roots in all hierarchies", cell: ({ roots }) => roots.map((root) => `${root.hierarchy}=${rootText(root)}`).join(" ") },
  { name: "REASON", help: "why the root is not exact", cell: (namespace) => main(namespace)?.reason ?? "-" },
];
const DEFAULT = 7;

/** The usual table, for others too. */
export function nsTable(host: Host): string {
  const columns = COLUMNS.slice(0, DEFAULT);
  return table(columns, host.namespaces().map((namespace) => columns.map((column) => column.cell(namespace))));
}

export const ns: Command = {
  usage: "[options] [PID...]",
  summary: "List cgroup namespaces: all of them, or those of these processes.",
  options: [
    ...MACHINE,
    JSON_OPTION,
    { long: "list-columns", short: "H", help: "list the available columns" },
    { long: "noheadings", short: "n", help: "don't print headings" },
    { long: "output", short: "o", argument: "list", help: "define which columns to use; +list adds to the default" },
    { long: "raw", short: "r", help: "use raw output format" },
    { long: "notruncate", short: "u", help: "don't truncate text in columns" },
    { long: "threads", short: "t", help: "look at all threads, not at leaders alone" },
  ],
  notes: ["The default output is subject to change: name your columns in scripts."],
  run,
};

async function run(given: Given, io: Io): Promise<number> {
  if (given.flag("list-columns")) {
    io.out(listed(COLUMNS));
    return 0;
  }
  const columns = chosen(COLUMNS, DEFAULT, given.value("output"));
  const wanted = given.positionals.map((name) => ({ name, task: taskOf(name) }));
  const threads = given.flag("threads") || threadsOf(wanted.map(({ task }) => task));
  const host = await Host.read({ ...readOptions(given), threads });
  const numbers = new Set(wanted.map(({ name }) => host.task(name).ns));
  const namespaces = host.namespaces().filter(({ ns }) => wanted.length === 0 || numbers.has(ns));
  if (given.flag("json")) io.out(json({ namespaces: namespaces.map(jsonOf) }));
  else io.out(drawn(columns, namespaces, given, io));
  return namespaces.length === 0 ? 1 : 0;
}

function drawn(columns: readonly NsColumn[], namespaces: readonly HostNamespace[], given: Given, io: Io): string {
  const rows = namespaces.map((namespace) => columns.map((column) => column.cell(namespace)));
  const headings = !given.flag("noheadings");
  if (given.flag("raw")) {
    const lines = headings ? [columns.map(({ name }) => name), ...rows] : rows;
    return lines.map((cells) => `${cells.map((cell) => cell.replaceAll(" ", "\\x20")).join(" ")}\n`).join("");
  }
  const width = io.tty && !given.flag("notruncate") ? Number(io.env.COLUMNS ?? process.stdout.columns ?? 0) : 0;
  return table(columns, rows, { headings, width });
}

function rootText(root: HostRoot | undefined): string {
  if (root === undefined || root.path === null) return "?";
  return `${visible(root.path)}${root.below > 0 ? ` (+${root.below} removed)` : ""}`;
}

function jsonOf(namespace: HostNamespace): object {
  const { ns, nprocs, pid, user, command, roots } = namespace;
  const by = <T>(of: (root: HostRoot) => T): Record<string, T> => Object.fromEntries(roots.map((root) => [root.hierarchy, of(root)]));
  const path = (root: HostRoot | undefined): unknown => (root?.path == null ? null : jsonText(root.path));
  return {
    ns, nprocs, pid, user, root: path(main(namespace)), how: main(namespace)?.how ?? "unknown", roots: by(path), command,
    below: by(({ below }) => below), hows: by(({ how }) => how), reasons: by(({ reason }) => reason),
  };
}
