// Files that keep what is written to them: a number, a flag, a limit that may be `max`, a list. Each keeps its value under
// its own name in the cgroup's settings.

import { type Bytes, strip } from "../bytes.ts";
import type { CgroupNode } from "../cgroup.ts";
import type { ControllerSet } from "../controller.ts";
import { integer, memorySize, type NumberErrno, signed64, unsigned64 } from "../number.ts";
import { refuse } from "../refusal.ts";
import { type FileType, NOTHING_TO_DO, READ_ONLY, READ_WRITE, WRITE_ONLY } from "./file.ts";

type Where = Pick<FileType, "where" | "longest">;

/** A file whose text is always the same while nothing runs: statistics, events, current use. */
export const fixed = (name: Bytes, controllers: ControllerSet, text: Bytes, where: Where = {}): FileType => ({
  name, controllers, mode: READ_ONLY, ...where, show: () => text,
});

/** A file that only takes commands. */
export const command = (name: Bytes, controllers: ControllerSet, takes: (text: Bytes) => boolean, where: Where = {}): FileType => ({
  name, controllers, mode: WRITE_ONLY, ...where,
  vetWrite: (_, text) => (takes(strip(text)) ? NOTHING_TO_DO : refuse("EINVAL", "7.1")),
});

/** A file that keeps a value: shown by `show`, parsed by `parse`. */
export function kept<T>(
  name: Bytes,
  controllers: ControllerSet,
  initial: T,
  parse: (text: Bytes, cgroup: CgroupNode) => T | NumberErrno,
  { show = String, where = {}, mode = READ_WRITE }: { show?: (value: T, cgroup: CgroupNode) => Bytes; where?: Where; mode?: number } = {},
): FileType {
  return {
    name, controllers, mode, ...where,
    show: (cgroup) => `${show(cgroup.settings.has(name) ? (cgroup.settings.get(name) as T) : initial, cgroup)}\n`,
    vetWrite: (cgroup, text) => {
      // rule 7.1
      const value = parse(text, cgroup);
      if (value === "EINVAL" || value === "ERANGE") return refuse(value as NumberErrno, "7.1", { cgroup, file: name });
      return () => {
        cgroup.settings.set(name, value);
      };
    },
  };
}

/** An unsigned number in a range. */
export const unsignedIn =
  (low: bigint, high: bigint, outside: NumberErrno = "EINVAL") =>
  (text: Bytes): bigint | NumberErrno => {
    const value = unsigned64(text);
    if (typeof value === "string") return value;
    return value < low || value > high ? outside : value;
  };

export const signedIn =
  (low: bigint, high: bigint, outside: NumberErrno = "EINVAL") =>
  (text: Bytes): bigint | NumberErrno => {
    const value = signed64(text);
    if (typeof value === "string") return value;
    return value < low || value > high ? outside : value;
  };

/** Stripped first, as most handlers of v2 do. */
export const stripped =
  <T>(parse: (text: Bytes, cgroup: CgroupNode) => T) =>
  (text: Bytes, cgroup: CgroupNode): T =>
    parse(strip(text), cgroup);

export const integerIn =
  (low: number, high: number, outside: NumberErrno = "ERANGE") =>
  (text: Bytes): number | NumberErrno => {
    const value = integer(strip(text));
    if (typeof value === "string") return value;
    return value < low || value > high ? outside : value;
  };

const PAGE = 4096n;
/** In pages: LONG_MAX over the page size. */
export const COUNTER_MAX: bigint = (2n ** 63n - 1n) / PAGE;

/** page_counter_memparse(): bytes with a suffix, or the word for no limit; in whole pages. */
export const pages =
  (unlimited: Bytes) =>
  (text: Bytes): bigint | NumberErrno => {
    const word = strip(text);
    if (word === unlimited) return COUNTER_MAX;
    const bytes = memorySize(word);
    if (bytes === undefined) return "EINVAL";
    return bytes / PAGE > COUNTER_MAX ? COUNTER_MAX : bytes / PAGE;
  };

export const pagesShown = (count: bigint): Bytes => (count === COUNTER_MAX ? "max" : String(count * PAGE));
export const bytesShown = (count: bigint): Bytes => String(count * PAGE);
