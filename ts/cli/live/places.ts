// From the path of an operation to the file it means, and no further: below our own base, or in a scratch mount as far as
// it shows our base, or a harmless file of one of our own processes.

import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { parseMountinfo } from "../../index.ts";
import { type Bytes, bytesOf } from "./bytes.ts";
import { type Fields, Refusal } from "./fields.ts";
import type { Hierarchies } from "./hierarchies.ts";

const LOOKS: readonly string[] = ["read", "access"];
/** Files that take a pid: only our own processes have one here. */
export const PID_FILES: readonly string[] = ["cgroup.procs", "cgroup.threads", "tasks"];
// What of the rest of the machine is not of this machine alone.
const COMMON_FILES: readonly string[] = [
  "cgroup.controllers", "cgroup.subtree_control", "cgroup.max.depth", "cgroup.max.descendants", "cgroup.type",
];
const PROCESS_FILES: readonly string[] = ["cgroup", "mountinfo", "uid_map", "gid_map", "setgroups", "status", "comm"];
const LONGEST = 4000;

export class Places {
  readonly #base: string;
  readonly #hierarchies: Hierarchies;
  readonly #scratch: Bytes;
  /** The pid of a name, or its /proc directory here. */
  readonly #pid: (name: string) => string;
  readonly #proc: string;

  constructor(base: string, hierarchies: Hierarchies, scratch: Bytes, proc: string, pid: (name: string) => string) {
    this.#base = base;
    this.#hierarchies = hierarchies;
    this.#scratch = scratch;
    this.#proc = proc;
    this.#pid = pid;
  }

  /** The file that `path` means. */
  file(op: Fields): Bytes {
    const path = op.bytes("path", "");
    if (path.includes("\0")) throw new Refusal("a path with a NUL");
    const file = op.has("mnt") ? this.#mounted(op, path) : path.startsWith("proc:") ? this.#ofProcess(op, path) : this.#cgroup(op, path);
    if (file.length >= LONGEST) throw new Refusal(`a path of ${LONGEST} bytes or more`);
    return file;
  }

  /** Where a scratch mount is, or will be. */
  mountPoint(name: string): Bytes {
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) throw new Refusal("the name of a mount point");
    return `${this.#scratch}/${bytesOf(name)}`;
  }

  /** The directory of our base in a hierarchy. */
  #cgroup(op: Fields, path: Bytes): Bytes {
    const top = this.#hierarchies.tops.get(op.word("hier", "v2"));
    if (top === undefined) throw new Refusal("an unknown hierarchy");
    if (path.startsWith("^")) return this.#atTop(op, top, path.slice(1).replace(/^\/+/, ""));
    return within(`${top}/${bytesOf(this.#base)}`, path);
  }

  #atTop(op: Fields, top: Bytes, file: Bytes): Bytes {
    allowOutside(op, file);
    return `${top}/${file}`;
  }

  #mounted(op: Fields, path: Bytes): Bytes {
    const top = this.mountPoint(op.word("mnt"));
    const file = within(top, path);
    const root = this.#rootOf(top, this.#pid(op.agent));
    if (root === undefined) return file;
    const shown = normal(`/${root}/${path}`);
    if (!isBelow(`/${bytesOf(this.#base)}`, shown)) allowOutside(op, path);
    return file;
  }

  // Which directory of its hierarchy is mounted there, as the initial namespace names it.
  #rootOf(mountPoint: Bytes, pid: string): Bytes | undefined {
    const text = readFileSync(`${this.#proc}/${pid}/mountinfo`);
    const mounts = parseMountinfo(text, { encoding: "buffer" });
    const root = mounts.findLast((mount) => latin1(mount.mountPoint) === mountPoint)?.root;
    return root === undefined ? undefined : latin1(root);
  }

  #ofProcess(op: Fields, path: Bytes): Bytes {
    const [, name, file] = /^proc:([^/]*)\/(.*)$/s.exec(path) ?? [];
    if (name === undefined || !PROCESS_FILES.includes(file!)) throw new Refusal("that file of a process");
    if (!LOOKS.includes(op.op) && op.op !== "write") throw new Refusal("files of a process are read or written only");
    return `/proc/${this.#pid(name)}/${file}`;
  }
}

// Outside our base: reading what a model can know, and moving our own processes.
function allowOutside(op: Fields, file: Bytes): void {
  if (["write", "move", "move_thread"].includes(op.op) && PID_FILES.includes(posix.basename(file))) return;
  if (LOOKS.includes(op.op) && op.word("mode", "r") === "r" && COMMON_FILES.includes(file)) return;
  throw new Refusal("that shows cgroups of this machine that are not ours");
}

function within(top: Bytes, path: Bytes): Bytes {
  const file = path === "" ? top : `${top}/${path}`;
  if (!isBelow(top, normal(file))) throw new Refusal("the path leads out of our own cgroups");
  return file;
}

const normal = (path: Bytes): Bytes => posix.normalize(path).replace(/(?<=.)\/$/, "");

const isBelow = (top: Bytes, path: Bytes): boolean => path === top || path.startsWith(`${top}/`);

const latin1 = (bytes: Uint8Array): Bytes => Buffer.from(bytes).toString("latin1");
