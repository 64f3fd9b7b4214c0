// Where a machine's files are, and reading them: under /, or under the directory where a container sees its host.
// Small files are read whole in one go into one buffer. Knows nothing of what they say.

import { closeSync, openSync, readlinkSync, readSync } from "node:fs";

const READ_BYTES = 1 << 16;
const buffer = Buffer.allocUnsafe(READ_BYTES);

export class Machine {
  /** "" for /, else the directory without a slash at its end. */
  readonly root: string;

  constructor(root = "/") {
    this.root = root.replace(/\/+$/, "");
  }

  path(absolute: string): string {
    return this.root + absolute;
  }

  /** The file's bytes. @throws ENOENT, EACCES, ESRCH … as node:fs does */
  read(absolute: string): Buffer {
    return readWhole(this.path(absolute));
  }

  /** The file's bytes, or undefined where it cannot be read. */
  readIfAny(absolute: string): Buffer | undefined {
    try {
      return this.read(absolute);
    } catch {
      return undefined;
    }
  }

  /** "4026531835" of a link `cgroup:[4026531835]`. @throws as node:fs does */
  namespace(absolute: string): string {
    const link = readlinkSync(this.path(absolute));
    return link.slice(link.indexOf("[") + 1, -1);
  }
}

/** A whole file of procfs, sysfs or a cgroup. @throws as node:fs does */
export function readWhole(path: string | Buffer): Buffer {
  const fd = openSync(path, "r");
  try {
    let length = readSync(fd, buffer, 0, READ_BYTES, null);
    if (length < READ_BYTES && !String(path).endsWith("mountinfo")) return copy(length);
    // Longer, or a file that the kernel hands out a page at a time.
    const parts: Buffer[] = [];
    for (; length > 0; length = readSync(fd, buffer, 0, READ_BYTES, null)) parts.push(copy(length));
    return Buffer.concat(parts);
  } finally {
    closeSync(fd);
  }
}

const copy = (length: number): Buffer => Buffer.from(buffer.subarray(0, length));

/** The errno name of an error of node:fs, or undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? code : undefined;
}

/** A process or cgroup that ended while it was being read. */
export function isGone(error: unknown): boolean {
  const code = errnoOf(error);
  return code === "ENOENT" || code === "ESRCH" || code === "ENODEV";
}
