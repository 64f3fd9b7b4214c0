// Columns as -o and -H know them: which there are, and which somebody wants. Knows no commands.

import { Misuse } from "./command.ts";
import { table } from "./text.ts";

interface Named {
  readonly name: string;
  readonly help: string;
}

/** What -H prints: each name with what it is. */
export function listed(all: readonly Named[]): string {
  return table([{ name: "" }, { name: "" }], all.map(({ name, help }) => [name, help]), { headings: false });
}

/** The columns that -o names, in its order; with a `+` in front beside the first `usual` ones, which are all where it is not given. */
export function chosen<C extends Named>(all: readonly C[], usual: number, list: string | undefined): readonly C[] {
  const first = all.slice(0, usual);
  if (list === undefined) return first;
  const picked = list.replace(/^\+/, "").split(",").map((name) => {
    const column = all.find((known) => known.name === name.toUpperCase());
    if (column === undefined) throw new Misuse(`unknown column '${name}'`);
    return column;
  });
  return list.startsWith("+") ? [...first, ...picked] : picked;
}
