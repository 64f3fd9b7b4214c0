// What OCI runtimes write down about each container while it runs, read where runc, crun and those above them keep it.
// Knows their directories and formats; must not know processes.
//
//     /run/runc/ID/state.json                              runc: id, init's pid and start time, its cgroups as directories
//     /run/docker/runtime-runc/moby/ID/state.json          the same, for Docker
//     /run/containerd/runc/NAMESPACE/ID/state.json         the same, for containerd
//     /run/crun/ID/status                                  crun: init's pid and start time, its cgroup as a path

import { readdirSync } from "node:fs";
import type { Runtime } from "../identity/link.ts";
import { errnoOf, readWhole } from "./machine.ts";

/** A container as its runtime wrote it down. */
export interface StateFile {
  /** Where, as the machine itself would call it. */
  readonly file: string;
  readonly id: string;
  readonly runtime: Runtime;
  /** Its init, as the runtime numbers it. */
  readonly pid: number;
  /** When that started: field 22 of /proc/PID/stat. */
  readonly start: number;
  /** Its cgroups: directories below cgroup mounts (runc), or paths as in /proc/PID/cgroup (crun). */
  readonly cgroups: readonly string[];
}

interface Keeper {
  readonly runtime: Runtime;
  readonly directory: string;
}

/** Where they are by default; `user` is whose runtime directory is looked at too. */
function keepers(root: string, user: number): Keeper[] {
  const runtimes = ["runc", "crun"] as const;
  const usual = runtimes.flatMap((runtime) => [`/run/${runtime}`, `/run/user/${user}/${runtime}`].map((directory) => ({ runtime, directory })));
  const docker = { runtime: "docker", directory: "/run/docker/runtime-runc/moby" } as const;
  const containerd = namesIn(`${root}/run/containerd/runc`).map((namespace) => ({
    runtime: namespace === "moby" ? ("docker" as const) : ("containerd" as const),
    directory: `/run/containerd/runc/${namespace}`,
  }));
  return [...usual, docker, ...containerd];
}

/**
 * All that can be read below `root` ("" for /), in the usual directories and in `more`, which are runc's or crun's by what is
 * in them. `refused` gets a line for each directory that may not be read.
 */
export function stateFiles(root: string, user: number, more: readonly string[], refused: string[]): StateFile[] {
  const given = more.map((directory) => ({ runtime: "runc", directory: directory.replace(/\/+$/, "") }) as const);
  return [...given, ...keepers(root, user)].flatMap(({ runtime, directory }) =>
    namesIn(root + directory, refused).flatMap((id) => readState(root, `${directory}/${id}`, id, runtime) ?? []),
  );
}

function namesIn(directory: string, refused: string[] = []): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "EACCES" || code === "EPERM") refused.push(`${directory} may not be read (${code})`);
    return [];
  }
}

function readState(root: string, directory: string, id: string, runtime: Runtime): StateFile | undefined {
  const runc = parsed(`${root}${directory}/state.json`);
  if (runc !== undefined) return runcState(runc, `${directory}/state.json`, runtime);
  const crun = parsed(`${root}${directory}/status`);
  return crun === undefined ? undefined : crunState(crun, `${directory}/status`, id);
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

// Nobody promises that it is whole, or what is in it.
function parsed(file: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(readWhole(file).toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function runcState(json: Json, file: string, runtime: Runtime): StateFile | undefined {
  const { id, init_process_pid: pid, init_process_start: start, cgroup_paths: paths } = json;
  if (typeof id !== "string" || id === "" || typeof pid !== "number" || typeof start !== "number" || !isObject(paths)) return undefined;
  return { file, id, runtime, pid, start, cgroups: Object.values(paths).filter(isPath) };
}

function crunState(json: Json, file: string, id: string): StateFile | undefined {
  const { pid, "process-start-time": start, "cgroup-path": path } = json;
  if (typeof pid !== "number" || typeof start !== "number") return undefined;
  return { file, id, runtime: "crun", pid, start, cgroups: [path].filter(isPath) };
}

const isPath = (value: unknown): value is string => typeof value === "string" && value.startsWith("/");
