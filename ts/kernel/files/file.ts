// What a control file is: its name, mode and place, what it shows and what it takes. Knows no file in particular.

import type { Bytes } from "../bytes.ts";
import type { CgroupNs } from "../cgroup-namespace.ts";
import type { CgroupNode } from "../cgroup.ts";
import type { ControllerSet } from "../controller.ts";
import type { Credentials } from "../credentials.ts";
import type { Refusal } from "../refusal.ts";
import type { Task } from "../task.ts";

/** Who writes: the opener's credentials and namespace count, the writer says who `0` is (rule 5.9). */
export interface Use {
  readonly credentials: Credentials;
  readonly cgroupNs: CgroupNs;
  readonly by: Task;
}

/** What is left to do once nothing refuses. */
export type Act = () => void;

export const NOTHING_TO_DO: Act = () => {};

export interface FileType {
  readonly name: Bytes;
  readonly mode: number;
  readonly where?: "not root" | "root only";
  /** May be written at the root of a delegated namespace (/sys/kernel/cgroup/delegate). */
  readonly delegatable?: boolean;
  /** Longest write; otherwise a page (rule 5.1.2). */
  readonly longest?: number;
  /** The controllers it belongs to; none for the files every cgroup has. */
  readonly controllers?: ControllerSet;
  /** Hidden while cgroup.pressure is 0. */
  readonly pressure?: boolean;
  /** Without it a read is EINVAL. `again`: this open file was read before. */
  show?(cgroup: CgroupNode, by: Task, again: boolean): Bytes | Refusal;
  /** What a write would do, or why not; without it a write is EINVAL. Gets the text up to its first NUL, and changes nothing. */
  vetWrite?(cgroup: CgroupNode, text: Bytes, use: Use): Act | Refusal;
}

export const READ_ONLY = 0o444;
export const READ_WRITE = 0o644;
export const WRITE_ONLY = 0o200;

/** Files in both versions. */
export interface ControllerFiles {
  readonly unified: readonly FileType[];
  readonly legacy: readonly FileType[];
}
