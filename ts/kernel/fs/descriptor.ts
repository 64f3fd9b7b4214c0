// System calls on descriptors of one task: open, close, read and write at a place or where the file stands, seek, cut.
// Each throws what the model refuses, as Node words it.

import { CgroupError, expected } from "../../errors.ts";
import { type Bytes, toBuffer } from "../bytes.ts";
import type { OpenFile } from "../open-file.ts";
import { openFile } from "../open.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import type { Task } from "../task.ts";
import { asError } from "../throwing.ts";
import { CONSTANTS } from "./constants.ts";
import { requestOf } from "./flags.ts";
import { descriptorOf, type GivenPath, type PathLike, pathOf } from "./path-like.ts";

const CHUNK = 65536;

/** The answer, or its refusal thrown. */
export function must<T>(answer: T | Refusal, syscall: string, path?: GivenPath, dest?: GivenPath): T {
  if (isRefusal(answer)) throw asError(answer, syscall, path?.shown, dest?.shown);
  return answer;
}

export function fileOf(task: Task, fd: unknown, syscall: string): OpenFile {
  const file = task.process.files.get(descriptorOf(fd));
  if (file === undefined) throw new CgroupError("EBADF", { syscall });
  return file;
}

/** @returns the lowest free descriptor from 3 on */
export function open(task: Task, path: GivenPath, flags: number, mode: number, syscall = "open"): number {
  const file = must(openFile(task, path.bytes, requestOf(flags, mode)), syscall, path);
  return task.process.install(file.share());
}

export function close(task: Task, fd: unknown): void {
  fileOf(task, fd, "close").unshare();
  task.process.files.delete(fd as number);
}

/** Opens, acts, closes. */
export function during<T>(task: Task, path: GivenPath, flags: number, mode: number, act: (fd: number) => T): T {
  const fd = open(task, path, flags, mode);
  try {
    return act(fd);
  } finally {
    if (task.process.files.has(fd)) close(task, fd);
  }
}

/** A place in the file: where it stands for null, undefined and what is below 0. */
export function positionOf(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== "bigint" && !(typeof value === "number" && Number.isInteger(value))) throw expected("position", "an integer, a bigint or null", value);
  return value < 0 ? null : Number(value);
}

/** As pread(2) and pwrite(2): the file stands where it stood. */
function at<T>(file: OpenFile, position: number | null, act: () => T): T {
  if (position === null) return act();
  const stood = file.position;
  file.position = position;
  try {
    return act();
  } finally {
    file.position = stood;
  }
}

export function readBytes(task: Task, fd: unknown, count: number, position: number | null): Bytes {
  const file = fileOf(task, fd, "read");
  return must(at(file, position, () => file.read(task, count)), "read");
}

/** From where it stands to the end. */
export function readAll(task: Task, fd: unknown): Bytes {
  fileOf(task, fd, "fstat");
  let all = "";
  for (let part = readBytes(task, fd, CHUNK, null); part !== ""; part = readBytes(task, fd, CHUNK, null)) all += part;
  return all;
}

export function readInto(task: Task, fd: unknown, into: Uint8Array, position: number | null): number {
  const bytes = readBytes(task, fd, into.length, position);
  into.set(toBuffer(bytes));
  return bytes.length;
}

export function writeBytes(task: Task, fd: unknown, data: Bytes, position: number | null): number {
  const file = fileOf(task, fd, "write");
  return must(at(file, position, () => file.write(task, data)), "write");
}

export function truncateFile(task: Task, fd: unknown, length: number): void {
  const file = fileOf(task, fd, "ftruncate");
  const { mount, node } = file.place;
  must(file.mode.write ? mount.filesystem.truncate(node, length) : refuse("EINVAL", "write(2)"), "ftruncate");
}

/** Node's truncate opens the file to write to it. */
export function truncate(task: Task, path: PathLike | number, length: number): void {
  if (typeof path === "number") truncateFile(task, path, length);
  else during(task, pathOf(path), CONSTANTS.O_RDWR, 0, (fd) => truncateFile(task, fd, length));
}
