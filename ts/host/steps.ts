// One description of a long job, run two ways: at a stretch, or in slices between which the event loop breathes.
// The job is a generator: it yields a command to be run and gets its output back, or yields nothing to offer a pause.

import { spawn, spawnSync } from "node:child_process";

/** A short-lived program; `fds` become its descriptors 3, 4, …. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly fds: readonly number[];
}

export interface Output {
  /** What it wrote, or the empty bytes where it could not be started. */
  readonly stdout: Buffer;
  readonly stderr: string;
  /** 0 when it went well; null when it was killed or never started. */
  readonly status: number | null;
}

export type Steps<T> = Generator<Command | undefined, T, Output | undefined>;

/** Runs a command from within a job. */
export function* output(command: Command): Steps<Output> {
  const result = yield command;
  if (result === undefined) throw new Error("a command was run without an output");
  return result;
}

const TIMEOUT_MS = 20_000;
const SLICE_MS = 10;
const MOST_OUTPUT = 1 << 30;
// The C locale: messages and bytes as they are.
const ENV = { ...process.env, LC_ALL: "C" };

export function runSync<T>(job: Steps<T>): T {
  let step = job.next();
  while (!step.done) step = job.next(step.value === undefined ? undefined : outputSync(step.value));
  return step.value;
}

/** @throws whatever the signal was aborted with */
export async function run<T>(job: Steps<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted();
  let slice = performance.now();
  let step = job.next();
  try {
    while (!step.done) {
      let result: Output | undefined;
      if (step.value !== undefined) result = await outputOf(step.value, signal);
      else if (performance.now() - slice > SLICE_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        slice = performance.now();
      }
      signal?.throwIfAborted();
      step = job.next(result);
    }
  } finally {
    // An aborted job closes what it holds.
    job.return(undefined as T);
  }
  return step.value;
}

function outputSync({ file, args, fds }: Command): Output {
  const { stdout, stderr, status, error } = spawnSync(file, args, {
    stdio: ["ignore", "pipe", "pipe", ...fds],
    env: ENV,
    timeout: TIMEOUT_MS,
    maxBuffer: MOST_OUTPUT,
  });
  if (error !== undefined && status === null) return failed(error);
  return { stdout, stderr: String(stderr), status };
}

function outputOf({ file, args, fds }: Command, signal?: AbortSignal): Promise<Output> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe", ...fds], env: ENV });
    const kill = (): void => void child.kill("SIGKILL");
    // spawn's own timer would outlive a program that was never found.
    const timer = setTimeout(kill, TIMEOUT_MS);
    signal?.addEventListener("abort", kill);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const end = (result: Output): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", kill);
      resolve(result);
    };
    child.stdout?.on("data", (data: Buffer) => out.push(data));
    child.stderr?.on("data", (data: Buffer) => err.push(data));
    child.on("error", (error) => end(failed(error)));
    child.on("close", (status) => end({ stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString(), status }));
  });
}

function failed(error: Error & { code?: string }): Output {
  const why = error.code === "ENOENT" ? "not found on PATH" : (error.code ?? error.message);
  return { stdout: Buffer.alloc(0), stderr: why, status: null };
}
