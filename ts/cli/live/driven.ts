// What shells and the programs of util-linux and coreutils cannot do, and why: operations that are left out of a live
// replay, on both sides.

import type { Operation } from "../../replay/index.ts";
import { Fields, Refusal } from "./fields.ts";
import { GLOBAL_OPTIONS } from "./hierarchies.ts";
import { MOUNT_FLAGS } from "./mounting.ts";
import { NAMESPACES, theId } from "./tasks.ts";

const HOLDS_NO_FILES = "a shell cannot hold a file open from one operation to another";
const REAPS = "a shell reaps its children when it likes";
const NO_THREADS = "a shell has no threads";

const UNDRIVEN: Readonly<Record<string, string>> = {
  thread: NO_THREADS, texit: NO_THREADS,
  caps: "capabilities that are given up do not survive an exec as they are",
  open: HOLDS_NO_FILES, fdread: HOLDS_NO_FILES, fdwrite: HOLDS_NO_FILES, fdmkdir: HOLDS_NO_FILES, close: HOLDS_NO_FILES,
  sendfd: HOLDS_NO_FILES, nsopen: HOLDS_NO_FILES,
  exit: REAPS, kill: REAPS, wait_dead: REAPS, reap: REAPS, state: REAPS,
  rename: "mv does more than rename",
  handle: "no program prints file handles",
  userlimit: "the programs themselves would count",
  sysctl: "settings are this machine's own",
};

// Files that could keep an agent from starting a program.
const STARVING = /(^|\/)(pids\.max|memory\.(max|high|limit_in_bytes)|hugetlb\.[^/]*)$/;
// Names of controllers' files, which appear when a controller is enabled. A namespace that was rooted below a cgroup of that
// name, both of them removed, then leads a mount through a file: Linux 6.18 follows a null pointer (kernfs_node_dentry).
const FILES_TO_COME = /(^|\/)(cpuset|cpu|io|memory|perf_event|hugetlb|pids|rdma|misc|dmem)\.[^/]*(\/|$)/;
// Words that mount(8) does not hand on to the kernel as they are.
const MOUNT_WORDS =
  /^(ro|rw|(no)?(suid|dev|exec|atime|diratime|relatime|strictatime|lazytime|iversion|symfollow|mand|auto|user|users|owner|group|fail)|a?sync|dirsync|r?bind|move|remount|defaults|silent|loud|loop|helper|r?(private|shared|slave|unbindable)|x-.*|X-.*|_netdev|uid|gid|context)(=.*)?$/;

const UNDRIVEN_FIELDS: Readonly<Record<string, (op: Fields) => string | undefined>> = {
  spawn: (op) => (op.has("pid") ? "a pid is not for us to choose" : undefined),
  fork: (op) => {
    const field = ["into", "into_fd", "opath", "pid"].find((name) => op.has(name));
    return field === undefined ? namespaces(op, []) : `a shell's fork has no '${field}'`;
  },
  unshare: (op) => namespaces(op, ["cgroup"]) ?? controller(op, op.words("flags", ["cgroup"]).includes("user")),
  setns: (op) => {
    if (op.word("via", "agent") !== "agent") return HOLDS_NO_FILES;
    if (op.has("nstype") || op.has("nss")) return "nsenter chooses the type itself";
    return unknown([op.word("ns", "cgroup")]);
  },
  setid: (op) => {
    theId(op, "gid");
    theId(op, "uid");
    return controller(op, true);
  },
  write: (op) => {
    if (op.word("mode", "w") !== "w") return "a shell that opens for both creates";
    return STARVING.test(op.word("path", "")) ? "agents might not be able to start a program any more" : undefined;
  },
  access: (op) => (op.word("mode", "r") === "rw" ? "no program opens for both" : undefined),
  mkdir: (op) => {
    if (FILES_TO_COME.test(op.word("path", ""))) return "a control file may want that name, and mounts that lead there then could end this kernel";
    return op.number("mode", 0o755) & ~0o777 ? "mkdir sets special bits in a second step" : undefined;
  },
  chmod: (op) => (op.number("mode") < 0 || op.number("mode") > 0o7777 ? "that is no mode" : undefined),
  mountinfo: (op) => (op.flag("all") ? "what is mounted here is this machine's own" : undefined),
  mount: mounting,
  umount: (op) => (op.has("uflags") ? "flags of umount" : undefined),
  exec: (op) => controller(op, true),
};

/** Why an operation is left out, as far as can be told from itself alone. */
export function whyUndriven(operation: Operation, known: ReadonlySet<string>): string | undefined {
  const { op } = operation;
  if (Object.hasOwn(UNDRIVEN, op)) return UNDRIVEN[op];
  if (!known.has(op)) return `unknown op ${op}`;
  try {
    return Object.hasOwn(UNDRIVEN_FIELDS, op) ? UNDRIVEN_FIELDS[op]!(new Fields(operation)) : undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

function namespaces(op: Fields, otherwise: readonly string[]): string | undefined {
  return unknown(op.words("flags", otherwise).filter((flag) => flag !== "user"));
}

function unknown(namespaces: readonly string[]): string | undefined {
  const other = namespaces.find((name) => !Object.hasOwn(NAMESPACES, name));
  if (other === undefined) return undefined;
  return other === "user" ? "exec would take the capabilities of a new user namespace away" : `'${other}' is no namespace that exec keeps`;
}

function controller(op: Fields, matters: boolean): string | undefined {
  return matters && op.agent === "ctl" ? "the controller stays root as it is" : undefined;
}

function mounting(op: Fields): string | undefined {
  const fstype = op.word("fstype", "cgroup2");
  const flags = op.words("mflags", []);
  const words = op.word("opts", "").split(",");
  if (!["cgroup", "cgroup2", "bind", "remount"].includes(fstype)) return "that is not a cgroup file system";
  if (words.some((word) => GLOBAL_OPTIONS.includes(word))) return "options of the whole machine";
  if (fstype === "remount" && !flags.includes("bind")) return "that would be done to all mounts of the machine";
  const more = { bind: ["rec"], remount: ["bind"] }[fstype] ?? [];
  const other = flags.find((flag) => !Object.hasOwn(MOUNT_FLAGS, flag) && !more.includes(flag));
  if (other !== undefined) return `mount(8) has no '${other}' for that`;
  return words.some((word) => MOUNT_WORDS.test(word)) ? "mount(8) keeps some options to itself" : undefined;
}
