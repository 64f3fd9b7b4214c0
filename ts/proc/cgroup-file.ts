// /proc/PID/cgroup as text: parse and format, inverse of each other, byte for byte. What the kernel prints is accepted;
// what it cannot print is refused with the reason.
// Knows lines and paths; must not know cgroups, namespaces or a file system.
import { type BufferOptions, decimal, type EncodingOptions, find, paddedDecimal, type Utf8Options } from "./bytes.ts";
import { type Format, formatLines, type Shape } from "./entries.ts";
import { type Lines, parseLines } from "./lines.ts";

/** One line of /proc/PID/cgroup: one hierarchy and the process's place in it. `P` is how paths are held. */
export interface ProcCgroupEntry<P extends string | Uint8Array = string> {
  /** 0 is the unified (v2) hierarchy. */
  readonly hierarchyId: number;
  /** The v1 controllers attached to the hierarchy; none for v2, which lists them elsewhere. */
  readonly controllers: readonly string[];
  /** `systemd` of `name=systemd`: the name of a v1 hierarchy that has one. */
  readonly name: string | null;
  /** The cgroup as the reader's cgroup namespace sees it: `/`, or `/..` any number of times, then names. */
  readonly path: P;
  /** v2 only: the cgroup was removed and a zombie is still in it. A live cgroup may also be named `x (deleted)`. */
  readonly deleted: boolean;
  /** The path has 4,095 bytes, where the kernel cuts without a word: it may be the beginning of a longer one. */
  readonly truncated?: "possible";
  /** The text ended without a newline after this line. */
  readonly unterminated?: true;
}

const COLON = 0x3a;
const SLASH = 0x2f;
const DOT = 0x2e;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const LONGEST_PATH = 4095;
const LONGEST_NAME = 63;
const LARGEST_ID = 2147483647;
const DELETED = " (deleted)";
const NO_EMPTY = "the kernel prints no empty component";

const SHAPE: Shape = [
  ["hierarchyId", "a number"],
  ["controllers", "an array of strings"],
  ["name", "a string or null"],
  ["path", "a string or Uint8Array"],
  ["deleted", "a boolean"],
  ["truncated", '"possible" or absent'],
  ["unterminated", "true or absent"],
];

type Paths = string | Uint8Array;

/**
 * Reads the text of /proc/PID/cgroup: cgroups(7), one line for each hierarchy, `ID:CONTROLLERS:PATH`. Only the first two
 * colons split. Empty text gives [].
 *
 *     text:   0::/kubepods.slice/x:y      → { hierarchyId: 0, controllers: [], name: null, path: "/kubepods.slice/x:y", … }
 *     text:   4:cpu,cpuacct:/a            → { hierarchyId: 4, controllers: ["cpu", "cpuacct"], name: null, path: "/a", … }
 *     text:   1:name=systemd:/a           → { hierarchyId: 1, controllers: [], name: "systemd", path: "/a", … }
 *     text:   0::/../b (deleted)          → { …, path: "/../b", deleted: true }
 *     text:   0:cpuset,cpu:/batch/job     → { hierarchyId: 0, controllers: ["cpuset", "cpu"], … }, the form of 2014
 *
 * @throws CgroupError EINVAL with `line` and `rule` for anything the kernel cannot print; EILSEQ for a path that is not
 *   UTF-8 unless `encoding` is "buffer"
 */
export function parseProcCgroup(text: string | Uint8Array, options?: Utf8Options): ProcCgroupEntry[];
export function parseProcCgroup(text: string | Uint8Array, options: BufferOptions): ProcCgroupEntry<Uint8Array>[];
export function parseProcCgroup(text: string | Uint8Array, options?: EncodingOptions): ProcCgroupEntry<Paths>[];
export function parseProcCgroup(text: string | Uint8Array, options?: EncodingOptions): ProcCgroupEntry<Paths>[] {
  return parseLines(text, options, reader());
}

/**
 * Writes the text that `parseProcCgroup` reads as these entries; `truncated` may be left out.
 *
 * @throws CgroupError EINVAL with `line` and `rule` where no text is read back as the entry, such as a live v2 cgroup
 *   whose name ends in ` (deleted)`; EILSEQ for a path that is not UTF-8 unless `encoding` is "buffer"
 */
export function formatProcCgroup(entries: readonly ProcCgroupEntry<Paths>[], options?: Utf8Options): string;
export function formatProcCgroup(entries: readonly ProcCgroupEntry<Paths>[], options: BufferOptions): Uint8Array;
export function formatProcCgroup(entries: readonly ProcCgroupEntry<Paths>[], options?: EncodingOptions): Paths;
export function formatProcCgroup(entries: readonly ProcCgroupEntry<Paths>[], options?: EncodingOptions): Paths {
  const format: Format<ProcCgroupEntry<Paths>> = { shape: SHAPE, read: reader(), write };
  return formatLines(entries, options, format);
}

function write({ hierarchyId, controllers, name, path, deleted }: ProcCgroupEntry<Paths>): (string | Uint8Array)[] {
  const list = (name === null ? controllers : [...controllers, `name=${name}`]).join(",");
  return [`${hierarchyId}:${list}:`, path, deleted ? DELETED : ""];
}

/** Reads lines of one file: a hierarchy may appear once. */
function reader(): (lines: Lines) => ProcCgroupEntry<Paths> {
  const seen = new Set<number>();
  let known: Lines | undefined;
  let dotted = true;
  return (lines) => {
    if (lines !== known) dotted = lines.mention("/.") || lines.mention("//");
    known = lines;
    const entry = readEntry(lines, dotted);
    if (seen.has(entry.hierarchyId)) throw lines.refusal("a hierarchy has one line: this id was already there");
    seen.add(entry.hierarchyId);
    return entry;
  };
}

/** `dotted`: somewhere in the text is a component that may be empty, `.` or `..`, so that paths must be looked through. */
function readEntry(lines: Lines, dotted: boolean): ProcCgroupEntry<Paths> {
  const { bytes, start, end } = lines;
  const idEnd = find(bytes, COLON, start, end);
  const listEnd = find(bytes, COLON, idEnd + 1, end);
  if (listEnd === end) throw lines.refusal("a line is ID:CONTROLLERS:PATH");
  const hierarchyId = readId(lines, start, idEnd);
  const { controllers, name } = readList(lines, hierarchyId, idEnd + 1, listEnd);
  const from = listEnd + 1;
  const unified = hierarchyId === 0 && controllers.length === 0;
  const deleted = unified && isDeleted(bytes, from, end, dotted);
  const to = deleted ? end - DELETED.length : end;
  const fault = deleted ? undefined : pathFault(bytes, from, to, dotted);
  if (fault !== undefined) throw lines.refusal(fault);
  const entry = { hierarchyId, controllers, name, path: lines.path(from, to), deleted };
  return to - from === LONGEST_PATH ? { ...entry, truncated: "possible" } : entry;
}

function readId(lines: Lines, start: number, end: number): number {
  const id = decimal(lines.bytes, start, end, LARGEST_ID);
  if (id < 0) throw lines.refusal(`a hierarchy id is a decimal number up to ${LARGEST_ID}`);
  if (paddedDecimal(lines.bytes, start, end)) throw lines.refusal("the kernel prints ids without leading zeros");
  return id;
}

interface List {
  readonly controllers: readonly string[];
  readonly name: string | null;
}

/**
 * The controllers, then the name of the hierarchy if it has one.
 *
 *     list:   cpu,cpuacct           → ["cpu", "cpuacct"]
 *     list:   cpu,name=mine         → ["cpu"], "mine"
 *     list:   name=mine             → [], "mine"
 *     list:                         → [] in the unified hierarchy, refused in any other
 */
function readList(lines: Lines, hierarchyId: number, start: number, end: number): List {
  if (start === end) {
    if (hierarchyId > 0) throw lines.refusal("a v1 hierarchy has controllers or a name");
    return { controllers: [], name: null };
  }
  const marks = listMarks(lines.bytes, start, end);
  if (marks < 0) throw lines.refusal("controllers and names are letters, digits, `_`, `-` and `.`");
  const list = lines.string(start, end)!;
  if (marks === 0) return { controllers: [list], name: null };
  const words = list.split(",");
  const last = words.at(-1)!;
  const name = last.startsWith("name=") ? last.slice("name=".length) : null;
  const controllers = name === null ? words : words.slice(0, -1);
  const fault = controllersFault(controllers) ?? nameFault(name, hierarchyId);
  if (fault !== undefined) throw lines.refusal(fault);
  return { controllers, name };
}

function controllersFault(controllers: readonly string[]): string | undefined {
  if (controllers.includes("")) return "a controller has a name";
  if (controllers.some((controller) => controller.startsWith("name="))) return "name=NAME stands once, after the controllers";
  if (controllers.some((controller) => controller.includes("="))) return "only name=NAME has a `=`";
  return controllers.length > 1 && new Set(controllers).size < controllers.length ? "a controller is listed once" : undefined;
}

function nameFault(name: string | null, hierarchyId: number): string | undefined {
  if (name === null) return undefined;
  if (hierarchyId === 0) return "the unified hierarchy has no name";
  if (name === "") return "the name of a hierarchy is not empty";
  if (name.includes("=")) return "only name=NAME has a `=`";
  return name.length > LONGEST_NAME ? `the name of a hierarchy has at most ${LONGEST_NAME} bytes` : undefined;
}

const WORD_BYTES = new Uint8Array(256);
for (const letter of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") WORD_BYTES[letter.charCodeAt(0)] = 1;

/** How many `,` and `=` a list has, or -1 for bytes that have no place in one. */
function listMarks(bytes: Uint8Array, start: number, end: number): number {
  let marks = 0;
  for (let at = start; at < end; at++) {
    if (WORD_BYTES[bytes[at]!] === 1) continue;
    if (bytes[at] !== COMMA && bytes[at] !== EQUALS) return -1;
    marks++;
  }
  return marks;
}

/**
 * Whether a v2 path ends in the kernel's mark, and not in a name that looks like it: what is left must be a path.
 *
 *     text:   /a (deleted)     → /a, deleted
 *     text:   / (deleted)      → /, deleted: the reader's own cgroupns root
 *     text:   /a/ (deleted)    → /a/ (deleted), a live cgroup of that name
 */
function isDeleted(bytes: Uint8Array, start: number, end: number, dotted: boolean): boolean {
  const mark = end - DELETED.length;
  if (mark <= start || bytes[end - 1] !== DELETED.charCodeAt(DELETED.length - 1)) return false;
  for (let at = 0; at < DELETED.length; at++) if (bytes[mark + at] !== DELETED.charCodeAt(at)) return false;
  return pathFault(bytes, start, mark, dotted) === undefined;
}

/**
 * Why start…end is no path the kernel prints, or undefined.
 *
 *     /   /..   /../../a   /a/..b   /...      are paths
 *     a   /a/   /a//b   /./a   /a/../b        are not, but a path cut at 4,095 bytes may end in `/`, `/.` or `/..`
 */
function pathFault(bytes: Uint8Array, start: number, end: number, dotted: boolean): string | undefined {
  if (start === end || bytes[start] !== SLASH) return "a path starts with `/`";
  if (end - start > LONGEST_PATH) return `the kernel cuts a path at ${LONGEST_PATH} bytes`;
  if (end - start === 1) return undefined;
  const mayBeCut = end - start === LONGEST_PATH;
  if (bytes[end - 1] === SLASH && !mayBeCut) return NO_EMPTY;
  return dotted ? componentFault(bytes, start, end, mayBeCut) : undefined;
}

/** Why a component is none, looking at each; the last of a path that may be cut can be the beginning of any name. */
function componentFault(bytes: Uint8Array, start: number, end: number, mayBeCut: boolean): string | undefined {
  let climbing = true;
  for (let from = start + 1; from < end; ) {
    const to = find(bytes, SLASH, from, end);
    if (to === end && mayBeCut) return undefined;
    const dots = dotsOf(bytes, from, to);
    if (to === from) return NO_EMPTY;
    if (dots === 1) return "no cgroup is named `.`";
    climbing &&= dots === 2;
    if (dots === 2 && !climbing) return "`/..` comes only at the start of a path";
    from = to + 1;
  }
  return undefined;
}

/** 1 for `.`, 2 for `..`, else 0. */
function dotsOf(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== DOT || to - from > 2) return 0;
  return to - from === 1 ? 1 : Number(bytes[from + 1] === DOT) * 2;
}
