// /proc/PID/mountinfo as text: parse and format, inverse of each other, byte for byte. Lines that the kernel would print
// otherwise are read as far as they make sense and keep their bytes in `odd`.
// Knows lines and fields; must not know mounts' effects, namespaces or a file system.
import type { BufferOptions, EncodingOptions, Utf8Options } from "./bytes.ts";
import { type Format, formatLines, type Shape } from "./entries.ts";
import { mangle } from "./escape.ts";
import { Fields } from "./fields.ts";
import { type Lines, parseLines } from "./lines.ts";

/** One line of /proc/PID/mountinfo. `P` is how root, mount point and source are held. */
export interface MountinfoEntry<P extends string | Uint8Array = string> {
  readonly mountId: number;
  readonly parentId: number;
  readonly major: number;
  readonly minor: number;
  /** The mount root: which directory of the file system is mounted; for cgroups as the reader's namespace sees it. */
  readonly root: P;
  readonly mountPoint: P;
  readonly mountOptions: readonly string[];
  /** `shared:1`, `master:2`, `propagate_from:3`, `unbindable`. */
  readonly optionalFields: readonly string[];
  readonly fsType: string;
  readonly source: P;
  /** As printed, escapes and all: file systems do not agree on them. */
  readonly superOptions: readonly string[];
  /** The bytes of a line that does not follow from the fields, without its newline; formatting gives them back. */
  readonly odd?: Uint8Array;
  /** The text ended without a newline after this line. */
  readonly unterminated?: true;
}

const PATH_ESCAPES = " \t\n\\";
const WORD_ESCAPES = " \t\n\\#";

const SHAPE: Shape = [
  ["mountId", "a number"],
  ["parentId", "a number"],
  ["major", "a number"],
  ["minor", "a number"],
  ["root", "a string or Uint8Array"],
  ["mountPoint", "a string or Uint8Array"],
  ["mountOptions", "an array of strings"],
  ["optionalFields", "an array of strings"],
  ["fsType", "a string"],
  ["source", "a string or Uint8Array"],
  ["superOptions", "an array of strings"],
  ["odd", "a Uint8Array or absent"],
  ["unterminated", "true or absent"],
];

type Paths = string | Uint8Array;

/**
 * Reads the text of /proc/PID/mountinfo: proc_pid_mountinfo(5). Octal escapes in root, mount point, file-system type and
 * source are undone. Empty text gives [].
 *
 *     text:   41 31 0:38 /.. /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
 *     result: { mountId: 41, parentId: 31, major: 0, minor: 38, root: "/..", mountPoint: "/sys/fs/cgroup",
 *               mountOptions: ["rw", "nosuid"], optionalFields: ["shared:9"],
 *               fsType: "cgroup2", source: "cgroup2", superOptions: ["rw", "nsdelegate"] }
 *     text:   7 1 0:9 / /a\040b rw - tmpfs  rw       an empty source, as kernels before 5.1 print it
 *     result: { …, mountPoint: "/a b", source: "", superOptions: ["rw"] }
 *     text:   7 1 0:9 / /a rw - tmpfs none           no super options: { …, superOptions: [], odd }
 *
 * With encoding "buffer" no line is refused for its encoding: a word that is not UTF-8 has its bytes above ASCII as octal
 * escapes, and the line is in `odd`.
 *
 * @throws CgroupError EINVAL with `line` and `rule` for a line without six fields, ` - ` and a file-system type; EILSEQ for
 *   a line that is not UTF-8 unless `encoding` is "buffer"
 */
export function parseMountinfo(text: string | Uint8Array, options?: Utf8Options): MountinfoEntry[];
export function parseMountinfo(text: string | Uint8Array, options: BufferOptions): MountinfoEntry<Uint8Array>[];
export function parseMountinfo(text: string | Uint8Array, options?: EncodingOptions): MountinfoEntry<Paths>[];
export function parseMountinfo(text: string | Uint8Array, options?: EncodingOptions): MountinfoEntry<Paths>[] {
  return parseLines(text, options, readEntry);
}

/**
 * Writes the text that `parseMountinfo` reads as these entries.
 *
 * @throws CgroupError EINVAL with `line` and `rule` where no text is read back as the entry, such as an `odd` that says
 *   something else than the fields; EILSEQ for a path that is not UTF-8 unless `encoding` is "buffer"
 */
export function formatMountinfo(entries: readonly MountinfoEntry<Paths>[], options?: Utf8Options): string;
export function formatMountinfo(entries: readonly MountinfoEntry<Paths>[], options: BufferOptions): Uint8Array;
export function formatMountinfo(entries: readonly MountinfoEntry<Paths>[], options?: EncodingOptions): Paths;
export function formatMountinfo(entries: readonly MountinfoEntry<Paths>[], options?: EncodingOptions): Paths {
  const format: Format<MountinfoEntry<Paths>> = { shape: SHAPE, read: readEntry, write };
  return formatLines(entries, options, format);
}

function write(entry: MountinfoEntry<Paths>): readonly Paths[] {
  if (entry.odd !== undefined) return [entry.odd];
  const { mountId, parentId, major, minor, mountOptions, optionalFields, superOptions } = entry;
  return [
    `${mountId} ${parentId} ${major}:${minor} `,
    mangle(entry.root, PATH_ESCAPES), " ", mangle(entry.mountPoint, PATH_ESCAPES),
    ` ${[mountOptions.join(","), ...optionalFields].join(" ")} - `,
    mangle(entry.fsType, WORD_ESCAPES), " ", mangle(entry.source, WORD_ESCAPES), ` ${superOptions.join(",")}`,
  ];
}

function readEntry(lines: Lines): MountinfoEntry<Paths> {
  const fields = new Fields(lines);
  const entry = {
    mountId: fields.number("mount id"),
    parentId: fields.number("parent id"),
    major: fields.major("device"),
    minor: fields.minor(),
    root: fields.next("mount root").path(PATH_ESCAPES),
    mountPoint: fields.next("mount point").path(PATH_ESCAPES),
    mountOptions: fields.next("mount options").word().split(","),
    optionalFields: optionalFields(fields),
    fsType: fields.next("file-system type").name(WORD_ESCAPES),
    source: fields.after(false).path(WORD_ESCAPES),
    superOptions: superOptions(fields.after(true).word()),
  };
  return fields.odd ? { ...entry, odd: lines.bytes.slice(lines.start, lines.end) } : entry;
}

function optionalFields(fields: Fields): string[] {
  const found: string[] = [];
  for (;;) {
    const field = fields.next("separator ` - `").word();
    if (field === "-") return found;
    found.push(field);
  }
}

function superOptions(text: string): string[] {
  return text === "" ? [] : text.split(",");
}
