// How to open: the flags of node:fs, as words or numbers, as a request to the model.

import { expected } from "../../errors.ts";
import { opening, type OpenRequest } from "../open.ts";
import { CONSTANTS } from "./constants.ts";

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC, O_DIRECTORY, O_NOFOLLOW } = CONSTANTS;
const O_PATH = 0o10000000;
const WRITE = O_TRUNC | O_CREAT;
const APPEND = O_APPEND | O_CREAT;

const WORDS: Readonly<Record<string, number>> = {
  r: O_RDONLY, rs: O_RDONLY | O_SYNC, sr: O_RDONLY | O_SYNC, "r+": O_RDWR, "rs+": O_RDWR | O_SYNC, "sr+": O_RDWR | O_SYNC,
  w: WRITE | O_WRONLY, wx: WRITE | O_WRONLY | O_EXCL, xw: WRITE | O_WRONLY | O_EXCL,
  "w+": WRITE | O_RDWR, "wx+": WRITE | O_RDWR | O_EXCL, "xw+": WRITE | O_RDWR | O_EXCL,
  a: APPEND | O_WRONLY, ax: APPEND | O_WRONLY | O_EXCL, xa: APPEND | O_WRONLY | O_EXCL, as: APPEND | O_WRONLY | O_SYNC, sa: APPEND | O_WRONLY | O_SYNC,
  "a+": APPEND | O_RDWR, "ax+": APPEND | O_RDWR | O_EXCL, "xa+": APPEND | O_RDWR | O_EXCL, "as+": APPEND | O_RDWR | O_SYNC, "sa+": APPEND | O_RDWR | O_SYNC,
};

/** @throws TypeError for flags that Node does not know */
export function numberOf(flags: unknown, otherwise: string): number {
  const given = flags ?? otherwise;
  if (typeof given === "number" && Number.isInteger(given) && given >= 0) return given;
  if (typeof given === "string" && Object.hasOwn(WORDS, given)) return WORDS[given]!;
  throw expected("flags", `a number or one of ${Object.keys(WORDS).join(", ")}`, flags);
}

export function requestOf(flags: number, fileMode: number): OpenRequest {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const access = flags & 3;
  const pathOnly = has(O_PATH);
  return opening({
    read: access !== O_WRONLY && !pathOnly, write: access !== O_RDONLY && !pathOnly, append: has(O_APPEND), pathOnly,
    directory: has(O_DIRECTORY), noFollow: has(O_NOFOLLOW), fileMode,
    create: has(O_CREAT) && !pathOnly, exclusive: has(O_CREAT) && has(O_EXCL) && !pathOnly, truncate: has(O_TRUNC) && !pathOnly,
  });
}
