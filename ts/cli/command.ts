// What a command is: its options in one list, from which come both the parser and the help. Knows no command in particular.

import { parseArgs } from "node:util";

/** Where a command speaks to the world. */
export interface Io {
  out(text: string | Uint8Array): void;
  err(line: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Is standard output a terminal? */
  readonly tty: boolean;
  /** Standard input, the process's own unless given. */
  readonly input?: AsyncIterable<Uint8Array>;
}

export interface Option {
  readonly long: string;
  readonly short?: string;
  /** What its argument is called; a flag has none. */
  readonly argument?: string;
  readonly help: string;
}

export interface Command {
  /** Behind the command's name in the usage line. */
  readonly usage: string;
  /** One line that says what it does. */
  readonly summary: string;
  readonly options: readonly Option[];
  /** More lines for the help, such as columns. */
  readonly notes?: readonly string[];
  run(given: Given, io: Io): Promise<number>;
}

/** The options and arguments as given. */
export class Given {
  readonly positionals: readonly string[];
  readonly #values: Readonly<Record<string, string | boolean | undefined>>;

  constructor(values: Record<string, string | boolean | undefined>, positionals: string[]) {
    this.#values = values;
    this.positionals = positionals;
  }

  flag(long: string): boolean {
    return this.#values[long] === true;
  }

  value(long: string): string | undefined {
    const value = this.#values[long];
    return typeof value === "string" ? value : undefined;
  }
}

/** The user called it wrongly: one line, exit 2. */
export class Misuse extends Error {}

/** Where it is read from: options of every command that reads a machine. */
export const MACHINE: readonly Option[] = [
  { long: "root", argument: "dir", help: "read the machine whose / is seen at this directory" },
  { long: "from-file", argument: "file", help: "read a capture instead of a machine" },
];

export const JSON_OPTION: Option = { long: "json", short: "J", help: "use JSON output format" };

const HELP: Option = { long: "help", short: "h", help: "display this help" };

/** @throws Misuse for what the command does not know */
export function parse({ options }: Command, args: readonly string[]): Given {
  const config = Object.fromEntries(
    [...options, HELP].map(({ long, short, argument }) => [
      long,
      { type: argument === undefined ? ("boolean" as const) : ("string" as const), ...(short === undefined ? {} : { short }) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: config, allowPositionals: true, strict: true });
    return new Given(values as Record<string, string | boolean | undefined>, positionals);
  } catch (error) {
    throw new Misuse((error as Error).message.split(/\.(?: |$)/, 1)[0]);
  }
}

/** In util-linux's manner. */
export function help(name: string, { usage, summary, options, notes = [] }: Command): string {
  const lines = [...options, HELP].map(({ long, short, argument, help }) => {
    const names = `${short === undefined ? "    " : `-${short}, `}--${long}${argument === undefined ? "" : ` <${argument}>`}`;
    return ` ${names.padEnd(24)} ${help}`;
  });
  const more = notes.length === 0 ? "" : `\n${notes.join("\n")}\n`;
  return `\nUsage:\n cgroupns ${name} ${usage}\n\n${summary}\n\nOptions:\n${lines.join("\n")}\n${more}`;
}
