// Asking from inside a cgroup namespace: short-lived helpers of util-linux, entered through descriptors that were opened
// before, so that a pid used again leads nowhere else. What they print is data; what it means is not decided here.

import { closeSync, fstatSync, openSync } from "node:fs";
import { type MountinfoEntry, parseMountinfo } from "../proc/mountinfo.ts";
import { errnoOf, type Machine } from "./machine.ts";
import { INITIAL_NAMESPACE } from "./snapshot.ts";
import { type Output, output, type Steps } from "./steps.ts";

type Mount = MountinfoEntry<Uint8Array>;

/** A mount seen from both sides. */
export interface TwoSided {
  readonly mountPoint: Uint8Array;
  readonly fsType: string;
  readonly superOptions: readonly string[];
  readonly outside: Uint8Array;
  readonly inside: Uint8Array;
}

export interface Asked {
  /** File → its text as read from inside. */
  readonly texts: ReadonlyMap<string, Buffer>;
  /** Why the namespace could not be entered. */
  readonly refusal: string | null;
}

export interface Mounted {
  /** By index of the demand; the words of mount(8) where it failed. */
  readonly mounts: readonly (TwoSided | string)[];
  /** Why there could be no private mounts at all. */
  readonly refusal: string | null;
}

const SELF_MOUNTINFO = "/proc/self/mountinfo";
const FILES_AT_ONCE = 10_000;

// In a mount namespace of its own and still in the caller's cgroup namespace: makes room, goes in, looks from both sides.
const MOUNT_OUTSIDE = `
mount -t tmpfs cgroupns "$1" || exit 8
nsenter --cgroup=/proc/self/fd/3 sh -c "$2" sh "$@"
printf '\\0'
cat ${SELF_MOUNTINFO}`;

// A cgroup filesystem is never mounted from the initial namespace: that would reset options of the whole machine.
const MOUNT_INSIDE = `
[ "$(readlink /proc/self/ns/cgroup)" = "cgroup:[$3]" ] || exit 9
[ "$3" != ${INITIAL_NAMESPACE} ] || exit 9
at=$1
shift 3
n=0
for options do
  mkdir "$at/$n"
  case $options in
    cgroup2) mount -t cgroup2 cgroupns "$at/$n" ;;
    *) mount -t cgroup -o "$options" cgroupns "$at/$n" ;;
  esac
  n=$((n + 1))
done
cat ${SELF_MOUNTINFO}`;

const BIND_OUTSIDE = `
at=$1
mount -t tmpfs cgroupns "$at" || exit 8
shift
n=0
for directory do
  mkdir "$at/$n"
  mount --bind "$directory" "$at/$n"
  n=$((n + 1))
done
cat ${SELF_MOUNTINFO}
printf '\\0'
nsenter --cgroup=/proc/self/fd/3 cat ${SELF_MOUNTINFO}`;

/** One cgroup namespace, held open. */
export class Inside implements Disposable {
  readonly ns: string;
  readonly #fds: number[];
  #mode: readonly string[] | undefined;

  private constructor(ns: string, fds: number[]) {
    this.ns = ns;
    this.#fds = fds;
  }

  /** Opens the namespace through a task in it; a reason where that cannot be done. */
  static open(machine: Machine, ns: string, pid: number, tid: number): Inside | string {
    const at = machine.path(`/proc/${pid}/task/${tid}/ns`);
    const fds: number[] = [];
    try {
      fds.push(openSync(`${at}/cgroup`, "r"));
      if (String(fstatSync(fds[0]!, { bigint: true }).ino) !== ns) throw new Error("the task has changed its namespace");
      fds.push(openSync(`${at}/user`, "r"));
      return new Inside(ns, fds);
    } catch (error) {
      for (const fd of fds) closeSync(fd);
      return errnoOf(error) ?? (error as Error).message;
    }
  }

  [Symbol.dispose](): void {
    for (const fd of this.#fds.splice(0)) closeSync(fd);
  }

  /** Reads files from inside; the first call finds out how the namespace can be entered. */
  *ask(files: readonly string[]): Steps<Asked> {
    const texts = new Map<string, Buffer>();
    for (let at = 0; at < files.length; at += FILES_AT_ONCE) {
      // With /dev/null grep always prints file names.
      const read = ["env", "LC_ALL=C", "grep", "-H", "", "/dev/null", ...files.slice(at, at + FILES_AT_ONCE)];
      const { stdout, stderr } = yield* this.#enter(read);
      if (stdout.length === 0) return { texts, refusal: firstLine(stderr) };
      collectLines(stdout, new Set(files), texts);
    }
    return { texts, refusal: null };
  }

  /** Mounts hierarchies inside, privately: "cgroup2" or the options that name a v1 hierarchy. */
  *mount(demands: readonly string[], temporary: string): Steps<Mounted> {
    const args = ["unshare", "--mount", "sh", "-c", MOUNT_OUTSIDE, "sh", temporary, MOUNT_INSIDE, this.ns, ...demands];
    const { stdout, stderr } = yield* this.#asRoot(args);
    const [inside, outside] = halves(stdout);
    return pairUp(outside, inside, demands.map((_, n) => `${temporary}/${n}`), stderr);
  }

  /** Looks at directories of a mounted hierarchy from both sides, by binding them privately. */
  *bind(directories: readonly string[], temporary: string): Steps<Mounted> {
    const args = ["unshare", "--mount", "sh", "-c", BIND_OUTSIDE, "sh", temporary, ...directories];
    const { stdout, stderr } = yield* this.#asRoot(args);
    const [outside, inside] = halves(stdout);
    return pairUp(outside, inside, directories.map((_, n) => `${temporary}/${n}`), stderr);
  }

  // Straight in, as root may; else through the user namespace that owns it, as its creator may.
  *#enter(args: readonly string[]): Steps<Output> {
    const ways = [
      ["--cgroup=/proc/self/fd/3"],
      ["--user=/proc/self/fd/4", "--preserve-credentials", "--cgroup=/proc/self/fd/3"],
    ];
    let result: Output | undefined;
    for (const way of this.#mode === undefined ? ways : [this.#mode]) {
      const tried = yield* output({ file: "nsenter", args: [...way, ...args], fds: this.#fds });
      result ??= tried;
      if (tried.stdout.length === 0) continue;
      this.#mode = way;
      return tried;
    }
    return result!;
  }

  *#asRoot(args: readonly string[]): Steps<Output> {
    if (this.#mode === undefined || this.#mode.length === 1) {
      return yield* output({ file: args[0]!, args: args.slice(1), fds: this.#fds });
    }
    return yield* output({ file: "nsenter", args: ["--user=/proc/self/fd/4", ...args], fds: this.#fds });
  }
}

// Lines of `grep -H`: the file's name, a colon, the line.
function collectLines(stdout: Buffer, files: ReadonlySet<string>, texts: Map<string, Buffer>): void {
  const parts = new Map<string, Buffer[]>();
  for (let at = 0; at < stdout.length; ) {
    const newline = stdout.indexOf(10, at);
    const end = newline === -1 ? stdout.length : newline + 1;
    let colon = stdout.indexOf(0x3a, at);
    while (colon !== -1 && colon < end && !files.has(stdout.toString("latin1", at, colon))) colon = stdout.indexOf(0x3a, colon + 1);
    if (colon !== -1 && colon < end) {
      const file = stdout.toString("latin1", at, colon);
      const lines = parts.get(file) ?? [];
      lines.push(stdout.subarray(colon + 1, end));
      parts.set(file, lines);
    }
    at = end;
  }
  for (const [file, lines] of parts) texts.set(file, Buffer.concat(lines));
}

function halves(stdout: Buffer): [Mount[], Mount[]] {
  const zero = stdout.indexOf(0);
  if (zero === -1) return [[], []];
  return [mountsOf(stdout.subarray(0, zero)), mountsOf(stdout.subarray(zero + 1))];
}

const mountsOf = (text: Buffer): Mount[] => parseMountinfo(text, { encoding: "buffer" });

function pairUp(outside: Mount[], inside: Mount[], points: readonly string[], complaints: string): Mounted {
  if (outside.length === 0 || inside.length === 0) return { mounts: [], refusal: firstLine(complaints) };
  const seen = new Map(inside.map((mount) => [mount.mountId, mount]));
  const mounts = points.map((point) => {
    const out = outside.find((mount) => Buffer.from(point).equals(mount.mountPoint));
    const inn = out === undefined ? undefined : seen.get(out.mountId);
    if (out !== undefined && inn !== undefined) return twoSided(out, inn);
    return complaints.split("\n").find((line) => line.includes(`${point}:`)) ?? "it was not mounted";
  });
  return { mounts, refusal: null };
}

function twoSided({ mountPoint, fsType, superOptions, root }: Mount, inside: Mount): TwoSided {
  return { mountPoint, fsType, superOptions, outside: root, inside: inside.root };
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] || "it printed nothing";
}
