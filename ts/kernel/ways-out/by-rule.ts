// Which way leads out of which rule. A rule that is not here has none, and a reason that says so.

import { MAY_WRITE } from "../credentials.ts";
import { RULES, type RuleId } from "../rules.ts";
import { write } from "./as-root.ts";
import { type Case, inTurn } from "./case.ts";
import { becomeThreaded, control, disable, invalidDomain } from "./controllers.ts";
import { alone, becomeRoot, capable, giveFile, leaveCgroupNs, raiseLimit } from "./give.ts";
import type { WayOut } from "./index.ts";
import { inTheWay, missing, missingRoot, nameTaken, readOnly, unreachable, unwritable } from "./places.ts";

type Way = (from: Case) => WayOut;

const denied = (code: Case["refusal"]["code"], way: Way, otherwise: string): Way => (from) => (from.refusal.code === code ? way(from) : otherwise);

/** Root moves the process there once; from then on it is where it is wanted. */
const moveAsRoot: Way = (from) => {
  const { question, refusal } = from;
  const to = question.moves === undefined ? undefined : destination(from);
  if (to === undefined || question.moves!.unit === "thread") return [giveFile(question, refusal.blame.cgroup!, "cgroup.procs", MAY_WRITE)];
  return write(from, to, "cgroup.procs", pidOf(from));
};

const pidOf = ({ question: { kernel, moves } }: Case): string => String(moves!.task.process.leader.numberIn(kernel.initialPidNs));

function destination({ question, refusal }: Case): NonNullable<Case["refusal"]["blame"]["cgroup"]> | undefined {
  return question.destination?.() ?? refusal.blame.cgroup;
}

const moveWhole: Way = (from) => {
  const to = destination(from);
  return to === undefined || from.question.moves === undefined ? "a thread stays in its process's domain" : write(from, to, "cgroup.procs", pidOf(from));
};

const raiseHierarchyLimit: Way = (from) => {
  const { cgroup, file } = from.refusal.blame;
  return cgroup!.hierarchy.isUnified ? write(from, cgroup!, file!, "max") : "v1 has no such limit to raise";
};

const hasNoCpus: Way = (from) => {
  const cgroup = from.refusal.blame.cgroup!;
  const empty = ["cpuset.cpus", "cpuset.mems"].filter((file) => !cgroup.settings.get(file));
  return inTurn(...empty.map((file) => write(from, cgroup, file, "0")));
};

const removing: Way = (from) => {
  const { code } = from.refusal;
  if (code === "EACCES") return unwritable(from);
  return code === "EBUSY" || code === "EPERM" ? inTheWay(from) : NOT_TO_REMOVE[code]!;
};

/** A mount from a namespace, or a release agent from a user namespace. */
const onlyInitial: Way = (from) => (from.refusal.blame.credentials === undefined ? leaveCgroupNs(from.question) : becomeRoot(from.question));

const asAdmin: Way = (from) => capable(from, "SYS_ADMIN");
const inspecting: Way = (from) => capable(from, "SYS_PTRACE");

const NOT_TO_REMOVE: Readonly<Record<string, string>> = {
  ENOENT: "there is no cgroup of that name", ENOTDIR: "that is a file of a cgroup, which goes with it",
  EINVAL: "a path that ends in . names nothing to remove", ENOTEMPTY: "a path that ends in .. names nothing to remove",
};

const WAYS: Partial<Readonly<Record<RuleId, Way>>> = {
  "3.1": asAdmin,
  "3.3": denied("ENOSPC", ({ question }) => raiseLimit(question), "the value is not one"),
  "3.6": ({ question }) => alone(question, RULES["3.6"]),
  "3.11": denied("EACCES", inspecting, "the dead are in no namespace"),
  "4.2": asAdmin,
  "4.4": denied("EPERM", inspecting, "that is no such namespace's file, or its task is dead"),
  "5.1.1": unreachable,
  "5.1.3": () => "the cgroup was removed: another one of its name can be created, its files have to be opened anew",
  "5.1.6": () => "whoever asks has no such task in its pid namespace",
  "5.1.8": moveAsRoot,
  "5.1.9": ({ question }) => leaveCgroupNs(question),
  "5.1.10": (from) => disable(from, from.refusal.blame.cgroup!, from.refusal.blame.cgroup!.subtreeControl),
  "5.1.11": moveWhole,
  "5.1.12": hasNoCpus,
  "5.6": ({ question }) => becomeRoot(question),
  "6.1": denied("EACCES", unwritable, "the name is taken: it is there already, or a cgroup's own file"),
  "6.3": nameTaken,
  "6.5": raiseHierarchyLimit,
  "6.9": removing,
  "6.10": () => "the cgroup was removed: another one of its name can be created",
  "6.12": ({ question }) => leaveCgroupNs(question),
  "7.4": control,
  "8.4": denied("EOPNOTSUPP", (from) => becomeThreaded(from, from.refusal.blame.cgroup!), "the file takes the word threaded only"),
  "8.6": (from) => invalidDomain(from, from.refusal.blame.cgroup!),
  "10.1": asAdmin,
  "10.2": missingRoot,
  "10.3": readOnly,
  "10.5": denied("EPERM", onlyInitial, "no v1 hierarchy is mounted with those options"),
  "path_resolution(7)": denied("ENOENT", missing, "the path does not lead there"),
  "setns(2)": (from) => (from.refusal.code === "EPERM" ? capable(from, "SYS_CHROOT") : alone(from.question, RULES["setns(2)"])),
  "user_namespaces(7)": (from) => (from.refusal.code === "EPERM" ? asAdmin(from) : alone(from.question, RULES["user_namespaces(7)"])),
};

export function wayByRule(from: Case): WayOut {
  const way = WAYS[from.refusal.rule];
  return way === undefined ? `nothing changes that ${RULES[from.refusal.rule]}` : way(from);
}
