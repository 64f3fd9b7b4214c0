// The real kernel, driven by the shared oracle: one serving process, batches in and answers out. Says why it cannot run.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { hugePagesHere } from "../../ts/cli/huge-pages.ts";
import type { Operation, ReplayOptions, Result } from "../../ts/replay/operation.ts";

const PROGRAM = fileURLToPath(new URL("../../../shared/oracle/oracle.py", import.meta.url));
const BATCH_SECONDS = 60;
const SPARE_SECONDS = 20;
/** How long one that needs the machine for itself may wait for the others to end. */
const LOCK_SECONDS = 600;

/** Runs the program as if by its name, but in no supplementary group, whoever started us, and with the codec that it would load late. */
const PRELUDE = "import encodings.unicode_escape, os, runpy, sys; os.setgroups([]); sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')";

/** Why the real kernel cannot be asked here; empty where it can. */
export function whyNoOracle(): string {
  if (process.platform !== "linux") return "not Linux";
  if (process.getuid?.() !== 0) return "not root";
  if (!existsSync(PROGRAM)) return "no oracle beside the project (../shared/oracle)";
  if (!existsSync("/sys/fs/cgroup/unified/cgroup.procs")) return "no cgroup2 at /sys/fs/cgroup/unified";
  if (spawnSync("python3", ["--version"]).status !== 0) return "no python3 on PATH";
  return "";
}

let count = 0;

/** A name for a base directory that no other oracle of this machine uses. */
export const freshBase = (): string => `cgns-${process.pid}-${++count}`;

interface Waiting {
  readonly resolve: (results: Result[]) => void;
  readonly reject: (error: Error) => void;
}

export class Oracle {
  readonly options: ReplayOptions;
  readonly #child: ChildProcess;
  readonly #queue: Waiting[] = [];
  readonly #ended: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #complaints = "";
  #answered = false;

  constructor(options: ReplayOptions) {
    this.options = { base: freshBase(), hugePages: hugePagesHere() ?? [], ...options };
    this.#child = spawn("python3", ["-c", PRELUDE, PROGRAM, "--serve", ...argumentsOf(this.options)], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr!.on("data", (text) => { this.#complaints += String(text); });
    this.#child.stdin!.on("error", () => {});
    createInterface({ input: this.#child.stdout! }).on("line", (line) => this.#answer(line));
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", () => {
        this.#fail("the oracle ended");
        resolve();
      });
    });
  }

  /** The kernel's answers to a batch on a fresh machine. The next batch may be sent before they have come. */
  batch(ops: readonly Operation[]): Promise<Result[]> {
    const answers = new Promise<Result[]>((resolve, reject) => this.#queue.push({ resolve, reject }));
    if (this.#child.exitCode !== null) this.#fail("the oracle has ended");
    this.#child.stdin!.write(`${JSON.stringify(ops)}\n`);
    if (this.#queue.length === 1) this.#watch();
    return answers;
  }

  /** Ends the process once its cleaner has removed its cgroups. A signal that comes just before it reads goes unnoticed: then it reads the end. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#child.stdin!.end();
    this.#child.kill("SIGTERM");
    await this.#ended;
  }

  #answer(line: string): void {
    this.#answered = true;
    const waiting = this.#queue.shift();
    this.#watch();
    const answer = JSON.parse(line) as Result[] | { error: string };
    if (Array.isArray(answer)) waiting?.resolve(answer);
    else waiting?.reject(new Error(`${answer.error} ${this.#complaints}`));
  }

  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#queue.length === 0) return;
    const seconds = BATCH_SECONDS + (this.#answered ? SPARE_SECONDS : LOCK_SECONDS);
    this.#timer = setTimeout(() => this.#fail("no answer in time"), seconds * 1000);
  }

  #fail(why: string): void {
    clearTimeout(this.#timer);
    for (const { reject } of this.#queue.splice(0)) reject(new Error(`${why}: ${this.#complaints}`));
  }
}

function argumentsOf({ base, v1 = ["pids"], nsdelegate, exclusive, rootControllers = [] }: ReplayOptions): string[] {
  return [
    "--base", base!, "--v1", v1.length === 0 ? "none" : v1.join(","), "--timeout", String(BATCH_SECONDS),
    ...(nsdelegate === true ? ["--nsdelegate"] : []),
    ...(exclusive === true ? ["--exclusive"] : []),
    ...(rootControllers.length > 0 ? ["--root-controllers", rootControllers.join(",")] : []),
  ];
}
