// Three cgroups, one in the other, in every hierarchy that limits something, and processes put into them: for the live
// suites of limits. Everything is below one name of its own and gone after `stop`. Knows nothing of the library.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { pause } from "./world.ts";

/** Where the v1 hierarchy of a controller is mounted whole; undefined where it is not. */
export function mountOf(controller: string): string | undefined {
  return find((type, options) => type === "cgroup" && options.includes(controller));
}

export const unifiedMount = (): string | undefined => find((type) => type === "cgroup2");

function find(wanted: (type: string, options: string[]) => boolean): string | undefined {
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [mount = "", source = ""] = line.split(" - ");
    const [, , , root, point] = mount.split(" ");
    const [type = "", , options = ""] = source.split(" ");
    if (root === "/" && wanted(type, options.split(","))) return point;
  }
  return undefined;
}

export const LEVELS = ["outer", "outer/middle", "outer/middle/inner"] as const;
export type LevelName = (typeof LEVELS)[number];

export class Nest implements Disposable {
  readonly name: string;
  /** Mount point by controller. */
  readonly mounts: Readonly<Record<string, string>>;
  readonly #children: ChildProcess[] = [];

  constructor(name: string, mounts: Readonly<Record<string, string>>) {
    this.name = name;
    this.mounts = mounts;
    for (const mount of this.#tops()) for (const level of LEVELS) mkdirSync(`${mount}/${name}/${level}`, { recursive: true });
  }

  /** A path as the initial namespace sees it. */
  path(level: LevelName): string {
    return `/${this.name}/${level}`;
  }

  directory(controller: string, level: LevelName | ""): string {
    return `${this.mounts[controller]}/${this.name}/${level}`;
  }

  write(controller: string, level: LevelName | "", file: string, value: string | number): void {
    writeFileSync(`${this.directory(controller, level)}/${file}`, String(value));
  }

  read(controller: string, level: LevelName | "", file: string): string {
    return readFileSync(`${this.directory(controller, level)}/${file}`, "utf8").trim();
  }

  move(pid: number, level: LevelName): void {
    for (const mount of this.#tops()) writeFileSync(`${mount}/${this.name}/${level}/cgroup.procs`, String(pid));
  }

  /** Runs a program that was put in its place before it started; it reads what is written to its standard input. */
  run(level: LevelName, argv: readonly string[], stderr: "inherit" | "pipe" = "inherit"): ChildProcess {
    const child = spawn("sh", ["-c", 'read go; exec "$@"', "sh", ...argv], { stdio: ["pipe", "pipe", stderr] });
    this.#children.push(child);
    this.move(child.pid!, level);
    child.stdin!.write("go\n");
    return child;
  }

  sleeper(level: LevelName): number {
    return this.run(level, ["sleep", "1000"]).pid!;
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const mount of this.#tops()) remove(`${mount}/${this.name}`);
  }

  #tops(): Set<string> {
    return new Set(Object.values(this.mounts));
  }
}

function remove(directory: string): void {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) if (entry.isDirectory()) remove(`${directory}/${entry.name}`);
  for (let tries = 0; existsSync(directory) && tries < 500; tries++) {
    for (const pid of readFileSync(`${directory}/cgroup.procs`, "utf8").split("\n").filter(Boolean)) kill(Number(pid));
    try {
      rmdirSync(directory);
    } catch {
      pause(10);
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** What a program printed until it ended, and how that was. */
export function ended(child: ChildProcess): Promise<{ out: string; err: string; status: number | null; signal: string | null }> {
  let [out, err] = ["", ""];
  child.stdout?.on("data", (data: Buffer) => (out += data));
  child.stderr?.on("data", (data: Buffer) => (err += data));
  return new Promise((resolve) => child.on("close", (status, signal) => resolve({ out, err, status, signal })));
}
