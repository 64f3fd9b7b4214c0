// `cgroupns whoami`: which container, pod, unit or session this is, and which line says so; bare values for scripts.

import { Host, identify } from "../host/index.ts";
import type { Identification } from "../index.ts";
import { listed } from "./columns.ts";
import { type Command, type Given, type Io, JSON_OPTION, MACHINE, Misuse } from "./command.ts";
import { conflictText, IDENTITY_NAMES, identityJson, type IdentityRow, identityRows, sourceText } from "./identity-rows.ts";
import { readOptions } from "./machine.ts";
import { json, table, visible } from "./text.ts";

export const whoami: Command = {
  usage: "[options]",
  summary: "Print which container, pod, unit or session this is and what says so.",
  options: [
    { long: "output", short: "o", argument: "list", help: "which fields to print, known or not" },
    { long: "values", short: "v", help: "print bare values only, one a line" },
    { long: "list-columns", short: "H", help: "list the fields that -o can name" },
    { long: "noheadings", short: "n", help: "don't print headings" },
    { long: "notruncate", short: "u", help: "don't truncate lines" },
    ...MACHINE,
    JSON_OPTION,
  ],
  notes: [
    "What is known is printed, and of the container why not. Where a field that was",
    "named with -o, or everything, is not known, the exit status is 1 and standard",
    "error says why. The default output is subject to change: name fields in scripts:",
    " cgroupns whoami -v -o container.id",
  ],
  run,
};

async function run(given: Given, io: Io): Promise<number> {
  if (given.flag("list-columns")) {
    io.out(listed(IDENTITY_NAMES));
    return 0;
  }
  if (given.positionals.length > 0) throw new Misuse("no argument is expected: 'explain' says it of others");
  const names = asked(given.value("output"));
  const who = await read(given);
  const all = identityRows(who);
  const known = all.filter(({ value }) => value !== null);
  const usual = all.filter(({ name, value }) => value !== null || name === "container.id");
  const named = names?.map((name) => all.find((row) => row.name === name)!);
  const missing = named?.filter(({ value }) => value === null) ?? (known.length === 0 ? all.slice(0, 1) : []);
  if (given.flag("json")) io.out(json({ whoami: identityJson(who) }));
  else if (missing.length === 0) io.out(given.flag("values") ? values(named ?? known) : drawn(named ?? usual, given, io));
  for (const line of [...missing.map(({ name, reason }) => `${name}: ${reason}`), ...who.conflicts.map(conflictText)]) io.err(line);
  return missing.length > 0 ? 1 : 0;
}

async function read(given: Given): Promise<Identification> {
  const { file, root } = readOptions(given);
  return file === undefined ? identify("self", root === undefined ? {} : { root }) : (await Host.read({ file })).identify();
}

function asked(list: string | undefined): string[] | undefined {
  const names = list?.split(",");
  const unknown = names?.find((name) => !IDENTITY_NAMES.some((known) => known.name === name));
  if (unknown !== undefined) throw new Misuse(`unknown field '${unknown}'`);
  return names;
}

const values = (rows: readonly IdentityRow[]): string => rows.map(({ value }) => `${value}\n`).join("");

function drawn(rows: readonly IdentityRow[], given: Given, io: Io): string {
  const columns = [{ name: "FIELD" }, { name: "VALUE" }, { name: "HOW" }, { name: "SOURCE" }];
  const cells = rows.map(({ name, value, source, confidence, reason }) => [
    name, value === null ? "-" : visible(String(value)), confidence ?? "-", source === null ? `${reason}` : sourceText(source),
  ]);
  const width = io.tty && !given.flag("notruncate") ? Number(io.env.COLUMNS ?? process.stdout.columns ?? 0) : 0;
  return table(columns, cells, { headings: !given.flag("noheadings"), width });
}
