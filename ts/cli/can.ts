// `cgroupns can ACTION …`: what a call would come to on this machine, without making it. The exit status is the verdict.

import { Host, type HostKernel, kernelOf } from "../host/index.ts";
import { type Command, type Given, type Io, JSON_OPTION, Misuse } from "./command.ts";
import { type TaskName, taskOf, threadsOf, tidsOf } from "./machine.ts";
import { json } from "./text.ts";
import { type User, userOf } from "./user.ts";

export const can: Command = {
  usage: "[options] ACTION",
  summary: "Say whether a call would be allowed, and the way out of a no.",
  options: [
    { long: "user", short: "u", argument: "uid", help: "ask as this user, without capabilities" },
    { long: "pid", short: "p", argument: "pid", help: "ask as this process" },
    { long: "in", argument: "path", help: "be in this cgroup; the caller's otherwise" },
    JSON_OPTION,
    { long: "quiet", short: "q", help: "print nothing" },
  ],
  notes: [
    "Actions:",
    " move pid:N PATH          put a process into a cgroup; pid:N/task/T a thread",
    " create PATH              make a cgroup",
    " remove PATH              remove one",
    " unshare FLAGS            new namespaces: cgroup,user,mnt,pid,net,ipc,uts,time",
    " setns pid:N [NS]         enter a process's namespace, cgroup unless named",
    " mount cgroup2 [DIR]      mount the unified hierarchy at DIR, or anywhere",
    " write PATH [--] DATA     write DATA to a control file; -- if it starts with -",
    "",
    "PATH is a directory or file below a mount of cgroups, or a path in the unified",
    "hierarchy. Who asks is a new process of the caller's ids and capabilities; with",
    "--user of that user's ids and groups, in the caller's cgroup and namespaces.",
    "User 0 has the caller's capabilities. Nothing is done: the machine is read, and",
    "the kernel's rules say yes (exit 0) or no (exit 1).",
  ],
  run,
};

type Verdict = ReturnType<HostKernel["kernel"]["mayCreate"]>;
type Asker = ReturnType<HostKernel["process"]>;

/** An action that was read from the arguments. */
interface Action {
  readonly tasks: readonly TaskName[];
  readonly paths: readonly string[];
  readonly directories?: readonly string[];
  ask(host: HostKernel, by: Asker): Verdict;
}

async function run(given: Given, io: Io): Promise<number> {
  const user = uidOf(given.value("user"));
  const asking = pidOf(given.value("pid"));
  const at = given.value("in");
  if (asking !== undefined && (user !== undefined || at !== undefined)) throw new Misuse("--pid excludes --user and --in");
  const action = actionOf(given.positionals);
  const tasks = [...action.tasks, ...(asking === undefined ? [] : [asking])];
  const host = await Host.read({ threads: threadsOf(tasks), roots: tasks.flatMap(tidsOf) });
  const known = new Set(host.snapshot.tasks.map(({ tid }) => tid));
  const numbers = tasks.map(({ tid }) => Number(tid)).filter((tid) => known.has(tid));
  const model = kernelOf(host, { tasks: numbers, paths: [...action.paths, ...(at === undefined ? [] : [at])], directories: action.directories ?? [] });
  const by = asking === undefined ? model.process({ ...user, ...(at === undefined ? {} : { at }) }) : model.task(Number(asking.tid));
  return answer(action.ask(model, by), model.notes, given, io);
}

function answer(verdict: Verdict, notes: readonly string[], given: Given, io: Io): number {
  if (given.flag("json")) io.out(json({ verdict: { ...verdict.toJSON(), notes } }));
  else if (!given.flag("quiet")) {
    io.out(`${verdict}\n`);
    for (const note of notes) io.err(`not certain: ${note}`);
  }
  return verdict.allowed ? 0 : 1;
}

const ACTIONS: Readonly<Record<string, (args: readonly string[]) => Action>> = {
  move: ([name, path, ...more]) => moving(target(name), name!.includes("/task/") ? "thread" : "process", expectedPath(path, more)),
  create: ([path, ...more]) => onPath(expectedPath(path, more), "mayCreate"),
  remove: ([path, ...more]) => onPath(expectedPath(path, more), "mayRemove"),
  unshare: ([flags, ...more]) => unsharing(flags, more),
  setns: ([name, ns = "cgroup", ...more]) => entering(target(name), ns, more),
  mount: ([type, at, ...more]) => mounting(type, at, more),
  write: ([path, data, ...more]) => writing(expectedPath(path, more), data),
};

function actionOf([name, ...args]: readonly string[]): Action {
  const make = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (make === undefined) throw new Misuse(`an action is expected: ${Object.keys(ACTIONS).join(", ")}${name === undefined ? "" : `; not '${name}'`}`);
  return make(args);
}

/** A process that is not there is for the kernel to refuse. */
function moving(task: TaskName, unit: "process" | "thread", path: string): Action {
  const file = `${path.replace(/\/+$/, "")}/cgroup.${unit === "process" ? "procs" : "threads"}`;
  const ask = (host: HostKernel, by: Asker): Verdict => {
    const found = foundOf(host, task);
    return found === undefined ? host.kernel.mayWrite(file, String(task.tid), { by }) : host.kernel.mayMigrate(found, path, { by, unit });
  };
  return { tasks: [task], paths: [path], ask };
}

function foundOf(host: HostKernel, { tid }: TaskName): Asker | undefined {
  try {
    return host.task(Number(tid));
  } catch (error) {
    if ((error as { code?: string }).code === "ESRCH") return undefined;
    throw error;
  }
}

const onPath = (path: string, question: "mayCreate" | "mayRemove"): Action => ({
  tasks: [], paths: [path], ask: ({ kernel }, by) => kernel[question](path, { by }),
});

const NAMESPACES = ["cgroup", "user", "mnt", "pid", "net", "ipc", "uts", "time"] as const;
type Namespace = (typeof NAMESPACES)[number];

function namespaceOf(name: string): Namespace {
  const found = NAMESPACES.find((one) => one === (name === "mount" ? "mnt" : name));
  if (found === undefined) throw new Misuse(`a namespace is expected: ${NAMESPACES.join(", ")}; not '${name}'`);
  return found;
}

function unsharing(flags: string | undefined, more: readonly string[]): Action {
  if (flags === undefined || more.length > 0) throw new Misuse("one list of FLAGS is expected");
  const namespaces = flags.split(",").map(namespaceOf);
  return { tasks: [], paths: [], ask: ({ kernel }, by) => kernel.mayUnshare(namespaces, { by }) };
}

function entering(task: TaskName, ns: string, more: readonly string[]): Action {
  if (more.length > 0) throw new Misuse("pid:N and one NS are expected");
  const type = namespaceOf(ns);
  const path = task.pid === task.tid ? `/proc/${task.pid}/ns/${type}` : `/proc/${task.pid}/task/${task.tid}/ns/${type}`;
  const ask = (host: HostKernel, by: Asker): Verdict => {
    foundOf(host, task);
    return host.kernel.maySetns({ path, type }, { by });
  };
  return { tasks: [task], paths: [], ask };
}

function mounting(type: string | undefined, at = "/tmp", more: readonly string[] = []): Action {
  if (type !== "cgroup2" || more.length > 0) throw new Misuse("cgroup2 and one DIR are expected");
  return { tasks: [], paths: [], directories: [at], ask: ({ kernel }, by) => kernel.mayMount({ type, at }, { by }) };
}

function writing(path: string, data: string | undefined): Action {
  if (data === undefined) throw new Misuse("PATH and DATA are expected");
  return { tasks: [], paths: [path], ask: ({ kernel }, by) => kernel.mayWrite(path, data, { by }) };
}

function target(name: string | undefined): TaskName {
  const [, task] = /^(?:pid:)?(.+)$/.exec(name ?? "") ?? [];
  if (task === undefined) throw new Misuse("pid:N is expected");
  const found = taskOf(task);
  return found.pid === "self" ? { pid: process.pid, tid: process.pid } : found;
}

function expectedPath(path: string | undefined, more: readonly string[]): string {
  if (path === undefined || more.length > 0) throw new Misuse("one PATH is expected");
  if (!/^(?:[^/:]+:)?\//.test(path)) throw new Misuse(`a PATH from the root is expected, not '${path}'`);
  return path;
}

function uidOf(value: string | undefined): User | undefined {
  if (value === undefined) return undefined;
  if (!/^[0-9]{1,10}$/.test(value)) throw new Misuse(`--user is a number, not '${value}'`);
  return userOf(Number(value));
}

const pidOf = (value: string | undefined): TaskName | undefined => (value === undefined ? undefined : target(value));
