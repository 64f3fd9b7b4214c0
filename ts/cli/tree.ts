// `cgroupns tree`: a hierarchy drawn with its processes, as the reader or as another process sees it.

import { Host, type HostHierarchy, type HostTask } from "../host/index.ts";
import type { Cgroup } from "../index.ts";
import { type Command, type Given, type Io, JSON_OPTION, MACHINE, Misuse } from "./command.ts";
import { readOptions, taskOf, threadsOf, tidsOf } from "./machine.ts";
import { json, jsonText, visible } from "./text.ts";

export const tree: Command = {
  usage: "[options] [PATH]",
  summary: "Draw the cgroups of a hierarchy and their processes, from PATH on.",
  options: [
    { long: "from", short: "f", argument: "viewer", help: "draw it as this process, or 'init', sees it" },
    { long: "hierarchy", argument: "key", help: "controllers or name of a v1 hierarchy" },
    { long: "depth", short: "d", argument: "num", help: "how many levels to draw" },
    { long: "all", short: "a", help: "also cgroups without processes" },
    { long: "kernel-threads", short: "k", help: "also kernel threads" },
    { long: "full", short: "l", help: "don't cut long lines" },
    ...MACHINE,
    JSON_OPTION,
  ],
  notes: ["PATH is as the viewer sees it; what lies outside its root is not drawn."],
  run,
};

/** A cgroup that is drawn. */
interface Branch {
  readonly cgroup: Cgroup;
  readonly tasks: readonly HostTask[];
  readonly children: readonly Branch[];
}

async function run(given: Given, io: Io): Promise<number> {
  const [path = "/", ...more] = given.positionals;
  if (more.length > 0) throw new Misuse("one PATH is expected");
  const depth = depthOf(given.value("depth"));
  const from = given.value("from");
  const viewer = from === undefined || from === "init" ? undefined : taskOf(from);
  const host = await Host.read({ ...readOptions(given), threads: threadsOf([viewer]), roots: tidsOf(viewer) });
  const hierarchy = hierarchyOf(host, given.value("hierarchy"));
  const root = rootFor(host, hierarchy, from);
  if (typeof root === "string") {
    io.err(root);
    return 1;
  }
  const branch = grow(host, hierarchy.tree.resolve(path, root), { depth, all: given.flag("all"), kernel: given.flag("kernel-threads") });
  if (given.flag("json")) io.out(json({ tree: jsonOf(branch, path) }));
  else io.out(draw(branch, path, widthOf(given, io), isAscii(io)));
  return 0;
}

/** A drawing of what is below a cgroup, for others too. */
export function drawTree(host: Host, hierarchy: HostHierarchy, { depth, width, ascii }: { depth: number; width: number; ascii: boolean }): string {
  return draw(grow(host, hierarchy.origin, { depth, all: false, kernel: false }), "/", width, ascii);
}

function hierarchyOf(host: Host, key: string | undefined): HostHierarchy {
  const all = host.hierarchies();
  const found = key === undefined ? (all.find((one) => one.key === "") ?? all[0]) : all.find((one) => one.key === key);
  if (found === undefined) throw new Misuse(`no hierarchy '${key ?? ""}'; there are: ${all.map((one) => `'${one.key}'`).join(" ")}`);
  return found;
}

// What the viewer would mount: its root, or why there is none.
function rootFor(host: Host, { key, tree, origin }: HostHierarchy, from: string | undefined): Cgroup | string {
  if (from === undefined) return origin;
  const root = host.rootsOf(from).find(({ hierarchy }) => hierarchy === key);
  if (root === undefined || root.path === null) return `the root of ${from} is unknown: ${root?.reason ?? "not read"}`;
  if (root.how === "removed") return `the root of ${from} was removed, ${root.below} levels below ${visible(root.path)}: nothing can be mounted there`;
  return tree.resolve(root.path, origin);
}

/** What of a tree is drawn. */
interface Extent {
  readonly depth: number;
  readonly all: boolean;
  readonly kernel: boolean;
}

function grow(host: Host, cgroup: Cgroup, extent: Extent): Branch {
  const { depth, all } = extent;
  const tasks = tasksIn(host, cgroup, extent).sort((a, b) => a.pid - b.pid || a.tid - b.tid);
  const sorted = [...cgroup.children()].sort((a, b) => Buffer.compare(a.nameBytes, b.nameBytes));
  const grown = depth === 0 ? [] : sorted.map((child) => grow(host, child, { ...extent, depth: depth - 1 }));
  return { cgroup, tasks, children: all ? grown : grown.filter((child) => isPeopled(host, child, extent)) };
}

// A kernel thread has no command line; what stands for it is in brackets.
function tasksIn(host: Host, cgroup: Cgroup, { kernel }: Extent): HostTask[] {
  return host.tasksIn(cgroup).filter(({ command, exiting }) => kernel || exiting || !command.startsWith("["));
}

function isPeopled(host: Host, { cgroup, tasks, children }: Branch, extent: Extent): boolean {
  if (tasks.length > 0 || children.length > 0) return true;
  // Below the last level drawn there may still be somebody.
  return extent.depth === 1 && [...cgroup.hierarchy.walk(cgroup)].some((below) => tasksIn(host, below, extent).length > 0);
}

function draw(branch: Branch, label: string, width: number, ascii: boolean): string {
  const [tee, corner, bar] = ascii ? ["|-", "`-", "| "] : ["├─", "└─", "│ "];
  const lines = [visible(label)];
  const below = ({ tasks, children }: Branch, indent: string): void => {
    const rows = [...tasks.map((task) => ({ text: taskText(task), child: undefined })), ...children.map((child) => ({ text: visible(child.cgroup.nameBytes), child }))];
    for (const [n, { text, child }] of rows.entries()) {
      const last = n === rows.length - 1;
      lines.push(`${indent}${last ? corner : tee}${text}`);
      if (child !== undefined) below(child, `${indent}${last ? "  " : bar}`);
    }
  };
  below(branch, "");
  return lines.map((line) => `${width > 0 && line.length > width ? `${line.slice(0, width - 1)}${ascii ? "~" : "…"}` : line}\n`).join("");
}

const taskText = ({ pid, tid, command }: HostTask): string => `${pid === tid ? pid : `${pid}/task/${tid}`} ${visible(command)}`;

function jsonOf({ cgroup, tasks, children }: Branch, path: string): object {
  return {
    name: jsonText(cgroup.nameBytes), path, id: String(cgroup.id),
    processes: tasks.map(({ pid, tid, user, command }) => ({ pid, tid, user, command })),
    children: children.map((child) => jsonOf(child, `${path === "/" ? "" : path}/${visible(child.cgroup.nameBytes)}`)),
  };
}

function depthOf(value: string | undefined): number {
  if (value === undefined) return 64;
  if (!/^[0-9]{1,4}$/.test(value)) throw new Misuse(`--depth is a number of levels, not '${value}'`);
  return Number(value);
}

const widthOf = (given: Given, io: Io): number => (io.tty && !given.flag("full") ? Number(io.env.COLUMNS ?? process.stdout.columns ?? 0) : 0);

/** No line art where the locale has no UTF-8. */
export const isAscii = ({ env }: Io): boolean => /^(C|POSIX)$/.test(env.LC_ALL || env.LC_CTYPE || env.LANG || "");
