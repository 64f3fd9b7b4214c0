// What one does on /proc and /sys/fs/cgroup, shaped like node:fs, as one task of the model: code that takes an `fs`, or a test
// that mocks node:fs with it, runs unchanged.

import type { Task } from "../task.ts";
import { CONSTANTS } from "./constants.ts";
import { Dir, Dirent } from "./directory.ts";
import { type CallbackCalls, callbackCalls, type PromiseCalls, promiseCalls } from "./forms.ts";
import type { PathLike } from "./path-like.ts";
import { BigIntStats, Stats } from "./stats.ts";
import { type ReadableStream, readStream, type StreamOptions, type WritableStream, writeStream } from "./stream.ts";
import { type SyncCalls, syncCalls } from "./sync.ts";

const Forms: new (calls: SyncCalls) => SyncCalls & CallbackCalls = class {
  constructor(calls: SyncCalls) {
    Object.assign(this, calls, callbackCalls(calls));
  }
} as unknown as new (calls: SyncCalls) => SyncCalls & CallbackCalls;

/** node:fs/promises, and itself as its default export. */
export type TaskFsPromises = PromiseCalls & { readonly constants: typeof CONSTANTS; readonly default: TaskFsPromises };

/**
 * The synchronous, callback and promise forms of node:fs: paths are strings, bytes or file: URLs, descriptors are the task's,
 * errors are CgroupErrors with Node's code, errno, syscall, path, dest and words, and the kernel's rule. Every function works
 * on its own (`const { readFileSync } = task.fs`).
 *
 * @example vi.mock("node:fs", () => task.fs)
 */
export class TaskFs extends Forms {
  /** Who acts. */
  readonly task: Task;
  readonly promises: TaskFsPromises;
  readonly constants: typeof CONSTANTS = CONSTANTS;
  readonly F_OK: 0 = CONSTANTS.F_OK;
  readonly X_OK: 1 = CONSTANTS.X_OK;
  readonly W_OK: 2 = CONSTANTS.W_OK;
  readonly R_OK: 4 = CONSTANTS.R_OK;
  readonly Stats: typeof Stats = Stats;
  readonly BigIntStats: typeof BigIntStats = BigIntStats;
  readonly Dirent: typeof Dirent = Dirent;
  readonly Dir: typeof Dir = Dir;
  /** Streams are Node's: elsewhere a TypeError. */
  readonly createReadStream: (path: PathLike, options?: string | StreamOptions | null) => ReadableStream;
  readonly createWriteStream: (path: PathLike, options?: string | StreamOptions | null) => WritableStream;
  /** Itself, as `import fs from "node:fs"` wants it. */
  readonly default: this;

  constructor(task: Task) {
    const calls = syncCalls(task);
    super(calls);
    this.task = task;
    const promises = { ...promiseCalls(calls), constants: CONSTANTS };
    this.promises = Object.assign(promises, { default: promises }) as unknown as TaskFsPromises;
    this.createReadStream = (path, options) => readStream(calls, path, options);
    this.createWriteStream = (path, options) => writeStream(calls, path, options);
    this.default = this;
  }
}
