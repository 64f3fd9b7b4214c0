// Where a process is: its cgroups as the host, the process itself and the reader of the machine see them, the namespace it
// is in, and the directories. Knows a Host; nothing of who the process is.

import type { Host, HostCgroup, HostRoot, View } from "../host/index.ts";
import { parseProcCgroup } from "../index.ts";
import type { Lines } from "./story-lines.ts";
import { jsonText, visible } from "./text.ts";

export interface Place {
  readonly pid: number;
  readonly tid: number;
  readonly command: string;
  readonly ns: string | null;
  readonly root: HostRoot | undefined;
  readonly views: Readonly<Record<"host" | "own" | "reader", View<"buffer">>>;
  readonly cgroups: readonly HostCgroup[];
  readonly json: object;
}

/** @throws CgroupError ESRCH */
export function placeOf(host: Host, target: string): Place {
  const { pid, tid, ns, user, command } = host.task(target);
  const views = { host: viewFrom(host, target, "init"), own: viewFrom(host, target, target), reader: viewFrom(host, target, "self") };
  const root = ns === null ? undefined : host.rootsOf(target)[0];
  const cgroups = host.cgroupsOf(target);
  const json = {
    pid, tid, user, command,
    namespace: { ns, root: root?.path == null ? null : jsonText(root.path), how: root?.how ?? "unknown", below: root?.below ?? 0, reason: root?.reason ?? null },
    views: Object.fromEntries(Object.entries(views).map(([name, { text, how, reason }]) => [name, { text: text === null ? null : jsonText(text), how, reason }])),
    cgroups: cgroups.map(({ hierarchy, cgroup, path, directory }) => ({
      hierarchy, path: jsonText(path), directory: directory === null ? null : jsonText(directory), id: directory === null ? null : `${cgroup.id}`,
    })),
  };
  return { pid, tid, command: visible(command), ns, root, views, cgroups, json };
}

// Who looks may not be in that /proc.
function viewFrom(host: Host, target: string, from: string): View<"buffer"> {
  try {
    return host.view(target, { from, encoding: "buffer" });
  } catch (error) {
    return { text: null, how: "unknown", reason: (error as Error).message };
  }
}

export function placeLines({ ns, root, views, cgroups }: Place): Lines {
  const where = root === undefined || root.path === null ? "?" : `${visible(root.path)}${root.below > 0 ? ` (+${root.below} removed)` : ""}`;
  return [
    ...viewLines("cgroup (host view)", views.host),
    ...viewLines("cgroup (own view)", views.own),
    ["", `namespace ${ns === null ? "not known" : `cgroup:[${ns}]`}, root ${where}`],
    ...viewLines("cgroup (your view)", views.reader),
    ...directoryLines(cgroups),
  ];
}

// Hierarchies that say the same on one line.
function viewLines(about: string, { text, how, reason }: View<"buffer">): Lines {
  if (text === null) return [[about, `unknown: ${reason}`]];
  const paths = new Map<string, string[]>();
  for (const { controllers, name, path } of parseProcCgroup(text, { encoding: "buffer" })) {
    const key = [...controllers, ...(name === null ? [] : [`name=${name}`])].join(",") || "v2";
    const shown = visible(path);
    paths.set(shown, [...(paths.get(shown) ?? []), key]);
  }
  const doubt = how === "inferred" ? `  inferred: ${reason}` : "";
  const lines = [...paths].map(([path, keys]) => `${path}${paths.size > 1 ? `  ${keys.join(" ")}` : ""}${doubt}`);
  return lines.map((line, n) => [n === 0 ? about : "", line]);
}

function directoryLines(cgroups: readonly HostCgroup[]): Lines {
  const deep = cgroups.filter(({ path }) => path.length > 1);
  const shown = (deep.length > 0 ? deep : cgroups).filter(({ directory }) => directory !== null);
  return shown.map(({ directory, cgroup }, n) => [n === 0 ? "directory" : "", `${visible(directory!)}  id ${cgroup.id}`]);
}
