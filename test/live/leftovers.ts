// Taking away what containers of the live suites leave on the machine: cgroups with all that is in them, mounts, folders.
// Only what carries the prefix. Knows nothing of runtimes.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pause } from "./world.ts";

export const PREFIX = "cgroupns-test";

export function readIfAny(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

export function hierarchies(): string[] {
  const lines = readIfAny("/proc/self/mountinfo").split("\n").filter((line) => / - cgroup2? /.test(line));
  return [...new Set(lines.map((line) => line.split(" ")[4] ?? ""))].filter((top) => existsSync(top));
}

// As runc, podman and LXC call the cgroups of NAME: NAME itself, PREFIX-PID, lxc.payload.NAME, lxc.payload.NAME-1.
export const isNamed = (cgroup: string, name: string): boolean =>
  cgroup === name || cgroup.startsWith(`${name}-`) || cgroup.endsWith(`.${name}`) || cgroup.includes(`.${name}-`);

// The cgroups so called at the top of a hierarchy, or below a folder of ours there, with all that is in them.
export function removeCgroups(wanted: (name: string) => boolean): void {
  for (const top of hierarchies()) {
    for (const name of foldersOf(top)) {
      const found = wanted(name) ? [""] : name.startsWith(`${PREFIX}-`) ? foldersOf(join(top, name)).filter(wanted) : [];
      for (const inner of found) removeCgroup(join(top, name, inner));
    }
  }
}

function removeCgroup(folder: string): void {
  for (let tries = 0; existsSync(folder) && tries < 500; tries++) {
    for (const name of foldersOf(folder)) removeCgroup(join(folder, name));
    for (const pid of readIfAny(join(folder, "cgroup.procs")).split("\n").filter((line) => line !== "" && line !== "0")) kill(Number(pid));
    if (removeDirectory(folder)) return;
    pause(10);
  }
}

export function removeIfEmpty(cgroups: string[]): void {
  for (const top of hierarchies()) for (const cgroup of cgroups) removeDirectory(join(top, cgroup));
}

function removeDirectory(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

export function foldersOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

// A folder, once nothing is mounted below it any more: what is mounted is not ours to delete.
export function removeFolder(folder: string): void {
  for (const point of mountedBelow(folder)) spawnSync("umount", ["--lazy", point]);
  if (mountedBelow(folder).length === 0) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function mountedBelow(folder: string): string[] {
  const points = readIfAny("/proc/self/mountinfo").split("\n").map((line) => line.split(" ")[4] ?? "");
  return points.filter((at) => at === folder || at.startsWith(`${folder}/`)).reverse();
}
