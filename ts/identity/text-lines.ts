// Texts as they come: /proc/PID/cgroup and mountinfo read line by line, so that one line nobody can read spoils no other.
// People paste files: a line may be indented, end in blanks or a carriage return. Knows lines; must not know identities.

import { decode } from "../core/text.ts";
import { mangledText } from "../proc/escape.ts";
import { parseProcCgroup } from "../proc/cgroup-file.ts";
import { type MountinfoEntry, parseMountinfo } from "../proc/mountinfo.ts";

export interface Read<T> {
  /** 1-based, in the text as given. */
  readonly line: number;
  readonly value: T;
  /** False where the kernel would have printed the line otherwise. */
  readonly exact: boolean;
}

/** The path of each line of a /proc/PID/cgroup; lines that have none are left out. */
export function cgroupPaths(text: string | Uint8Array): Read<string>[] {
  const string = textOf(text);
  const printed = asPrinted(string, (text) => parseProcCgroup(text))?.map(({ path }, at) => ({ line: at + 1, value: path, exact: true }));
  if (printed?.every(({ value }) => !BLANK_ENDS.test(value)) === true) return printed;
  return eachLine(string, (line) => {
    const value = printedPath(line);
    if (value !== undefined && !BLANK_ENDS.test(value)) return { value, exact: true };
    const pasted = pastedPath(line) ?? value;
    return pasted === undefined ? undefined : { value: pasted, exact: false };
  });
}

// A name of a cgroup may begin or end in a blank; none that means anything here does.
const BLANK_ENDS = /\/\s|\s(?:\/|$)/;

function printedPath(line: string): string | undefined {
  try {
    return parseProcCgroup(line)[0]!.path;
  } catch {
    return undefined;
  }
}

/**
 * The path of a line that the kernel did not print as it stands: blanks around it and around names are not part of it, and
 * a list of controllers may be missing.
 *
 *     line:   \t9:net_cls:/a        13::/docker/ab     13:pids:/docker/  ab     pids:/a       0::/a/
 *     result: /a                    /docker/ab         /docker/ab               undefined     undefined
 */
function pastedPath(line: string): string | undefined {
  const path = /^\s*\d+:[^:/]*:(\/.*)$/s.exec(line)?.[1];
  if (path === undefined) return undefined;
  const names = path.slice(1).split("/").map((name) => name.trim());
  if (names.length === 1 && names[0] === "") return "/";
  return names.includes("") || names.includes(".") ? undefined : `/${names.join("/")}`;
}

/** The mounts of a mountinfo; lines that are none are left out. */
export function mounts(text: string | Uint8Array): Read<MountinfoEntry>[] {
  const string = textOf(text);
  const printed = asPrinted(string, (text) => parseMountinfo(text));
  if (printed !== undefined) return printed.map((value, at) => ({ line: at + 1, value, exact: value.odd === undefined }));
  return eachLine(string, (line) => {
    const trimmed = line.trim();
    try {
      const value = parseMountinfo(trimmed)[0]!;
      return { value, exact: value.odd === undefined && trimmed.length === line.length };
    } catch {
      return undefined;
    }
  });
}

function textOf(text: string | Uint8Array): string {
  return typeof text === "string" ? text : (decode(text) ?? mangledText(text));
}

// A blank where the kernel prints none at either end of a line.
const ODD_ENDS = /^[^\S\n]|[^\S\n]$/m;

// What the kernel printed is read in one go, a value for each line; undefined where a line has to be read for itself.
function asPrinted<T>(text: string, parse: (text: string) => T[]): T[] | undefined {
  if (text === "" || ODD_ENDS.test(text)) return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function eachLine<T>(text: string, read: (line: string) => { value: T; exact: boolean } | undefined): Read<T>[] {
  const found: Read<T>[] = [];
  for (const [at, line] of text.split("\n").entries()) {
    if (line === "") continue;
    const one = read(line);
    if (one !== undefined) found.push({ line: at + 1, ...one });
  }
  return found;
}
