// `limits()`: what binds a process of a live machine, now and as it changes.

import { type Encoding, fromBytes, type Text } from "../core/text.ts";
import { CgroupError, expected } from "../errors.ts";
import { type Limits, limitsOf } from "../limits/limits.ts";
import { withPaths } from "../limits/reading.ts";
import { readLimits } from "./limits-reading.ts";
import { Machine } from "./machine.ts";
import { nameOf, type Target } from "./target.ts";

export interface LimitsOptions<E extends Encoding = "utf8"> {
  /** The directory under which the machine's proc and sys are seen. @defaultValue "/" */
  readonly root?: string;
  /** How paths are given. @defaultValue "utf8" */
  readonly encoding?: E;
}

/**
 * What `watch` waits between two looks, in milliseconds: the kernel tells nobody that a limit file was written (neither
 * inotify nor poll), so it looks again.
 */
export const WATCH_INTERVAL = 250;

/**
 * What binds a process of this machine: the least over all of its cgroup's ancestors that can be seen, on v1, v2 or both,
 * by whichever mounts there are. Where no cgroups can be seen at all, every limit is unknown with the reason, and
 * `cpu.workers` comes from what else is known.
 * @throws CgroupError ESRCH (no such task), EILSEQ (a path that is not UTF-8, without encoding "buffer"); TypeError
 */
export function limits<E extends Encoding = "utf8">(target: Target = "self", options: LimitsOptions<E> = {}): TaskLimits<E> {
  return new TaskLimits(target, options);
}

/** The limits of one task at one moment, in bytes, CPUs and tasks; `null` is no limit. */
export class TaskLimits<E extends Encoding = "utf8"> implements Limits<Text<E>> {
  readonly memory: Limits<Text<E>>["memory"];
  readonly cpu: Limits<Text<E>>["cpu"];
  readonly pids: Limits<Text<E>>["pids"];
  readonly hugetlb: Limits<Text<E>>["hugetlb"];
  readonly notes: readonly string[];
  readonly #target: Target;
  readonly #options: LimitsOptions<E>;

  /** @internal They come from `limits`. */
  constructor(target: Target, options: LimitsOptions<E>) {
    const { root, encoding } = options;
    if (root !== undefined && typeof root !== "string") throw expected("root", "a directory", root);
    this.#target = target;
    this.#options = options;
    const found = limitsOf(withPaths(readLimits(new Machine(root), nameOf(target)), (path) => fromBytes(path, encoding)));
    this.memory = found.memory;
    this.cpu = found.cpu;
    this.pids = found.pids;
    this.hugetlb = found.hugetlb;
    this.notes = found.notes;
  }

  /**
   * The limits again each time that one of them, or the cgroup that sets it, is not what it was; use alone is no change. It
   * looks every `WATCH_INTERVAL` ms, keeps no process alive, and ends without an error when the signal aborts or the task
   * is gone.
   * @throws CgroupError as `limits`, but for ESRCH
   */
  async *watch({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<TaskLimits<E>, void, undefined> {
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw expected("signal", "an AbortSignal", signal);
    let last: TaskLimits<E> = this;
    while (signal?.aborted !== true) {
      const now = this.#again();
      if (now === undefined) return;
      if (bindings(now) === bindings(last)) {
        await pause(signal);
        continue;
      }
      last = now;
      yield now;
    }
  }

  #again(): TaskLimits<E> | undefined {
    try {
      return new TaskLimits(this.#target, this.#options);
    } catch (error) {
      if (error instanceof CgroupError && error.code === "ESRCH") return undefined;
      throw error;
    }
  }
}

// What is no change when it changes: use, what is left of it, and limits of levels that do not bind.
const PASSING = new Set(["current", "available", "availableFrom", "chain"]);

const bindings = (limits: TaskLimits<Encoding>): string => JSON.stringify(limits, (key, value) => (PASSING.has(key) ? undefined : value));

function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, WATCH_INTERVAL);
    timer.unref();
    signal?.addEventListener("abort", end);
  });
}
