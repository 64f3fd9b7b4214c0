// A path taken apart into names. The same paths are walked again and again, so those of usual length are remembered, as is
// the hash that each name was once looked up by.

import type { Bytes } from "./bytes.ts";

export interface Split {
  readonly path: Bytes;
  readonly names: readonly Bytes[];
  readonly isAbsolute: boolean;
  /** A slash at the end asks for a directory. */
  readonly slash: boolean;
  /** The way it begins with (shortcuts.ts), once one was found. */
  lead: Bytes | undefined;
}

const LONGEST = 255;
const MOST = 4096;
const paths = new Map<Bytes, Split>();
const names = new Map<Bytes, Bytes>();

/** A path, or one taken apart before. */
export type Path = Bytes | Split;

/** `//` separates as `/` does. */
export function split(path: Path): Split {
  if (typeof path !== "string") return path;
  if (path.length > LONGEST) return takenApart(path, (name) => name);
  let found = paths.get(path);
  if (found === undefined) {
    found = takenApart(path, unique);
    if (paths.size === MOST) paths.clear();
    paths.set(path, found);
  }
  return found;
}

function takenApart(path: Bytes, keep: (name: Bytes) => Bytes): Split {
  const found: Bytes[] = [];
  for (let begin = 0, end = 0; begin < path.length; begin = end + 1) {
    end = path.indexOf("/", begin);
    if (end === -1) end = path.length;
    if (end > begin) found.push(keep(path.slice(begin, end)));
  }
  return { path, names: found, isAbsolute: path.startsWith("/"), slash: path.endsWith("/"), lead: undefined };
}

/** One string for equal ones, that which objects have as a key, so that to look it up or compare it is not to read it. */
export function unique(name: Bytes): Bytes {
  let found = names.get(name);
  if (found === undefined) {
    found = Object.keys({ [name]: 0 })[0]!;
    if (names.size === MOST) names.clear();
    names.set(found, found);
  }
  return found;
}
