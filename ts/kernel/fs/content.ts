// Whole contents and parts of them: readFile, writeFile, appendFile, read, readv, write, writev, with the many ways node:fs
// lets one say what and where.

import { expected } from "../../errors.ts";
import type { Task } from "../task.ts";
import { during, positionOf, readAll, readInto, writeBytes } from "./descriptor.ts";
import { contents, type Data, dataOf, encodingOf, memoryOf } from "./encoding.ts";
import { numberOf } from "./flags.ts";
import { modeOf, type PathLike, pathOf } from "./path-like.ts";

export interface ReadFileOptions {
  readonly encoding?: string | null | undefined;
  readonly flag?: string | number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WriteFileOptions extends ReadFileOptions {
  readonly mode?: number | string | undefined;
  readonly flush?: boolean | undefined;
}

/** Where a part of a buffer is, and where in the file. */
export interface Part {
  readonly offset?: number | null | undefined;
  readonly length?: number | null | undefined;
  readonly position?: number | bigint | null | undefined;
}

type File = PathLike | number;
const flagOf = (options: unknown): unknown => (typeof options === "object" ? (options as ReadFileOptions | null)?.flag : undefined);

export function readFile(task: Task, file: File, options?: unknown): string | Uint8Array {
  contents("", options);
  const bytes = typeof file === "number" ? readAll(task, file) : during(task, pathOf(file), numberOf(flagOf(options), "r"), 0o666, (fd) => readAll(task, fd));
  return contents(bytes, options);
}

export function writeFile(task: Task, file: File, data: unknown, options?: unknown, flag = "w"): void {
  const bytes = dataOf(data, encodingOf(options));
  const mode = modeOf((options as WriteFileOptions | null | undefined)?.mode, 0o666);
  if (typeof file === "number") writeBytes(task, file, bytes, null);
  else during(task, pathOf(file), numberOf(flagOf(options), flag), mode, (fd) => writeBytes(task, fd, bytes, null));
}

function bounded(value: unknown, name: string, most: number, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw expected(name, `an integer from 0 to ${most}`, value);
}

/** The part of a buffer that is meant, as `(buffer, offset, length, position)` or `(buffer, { offset, length, position })`. */
function partOf(buffer: unknown, offsetOrPart: unknown, length: unknown, position: unknown): { into: Uint8Array; position: number | null } {
  if (!ArrayBuffer.isView(buffer)) throw expected("buffer", "a Buffer, TypedArray or DataView", buffer);
  const part: { offset?: unknown; length?: unknown; position?: unknown } =
    typeof offsetOrPart === "object" && offsetOrPart !== null ? offsetOrPart : { offset: offsetOrPart, length, position };
  const memory = memoryOf(buffer);
  const offset = bounded(part.offset, "offset", memory.length, 0);
  const count = bounded(part.length, "length", memory.length - offset, memory.length - offset);
  return { into: memory.subarray(offset, offset + count), position: positionOf(part.position) };
}

export function read(task: Task, fd: number, buffer: ArrayBufferView, offset?: unknown, length?: unknown, position?: unknown): number {
  // Node asks no more of a read of nothing.
  if (length === 0 && typeof offset === "number") return 0;
  const part = partOf(buffer, offset, length, position);
  return readInto(task, fd, part.into, part.position);
}

/** Of a buffer a part; of a string all, where `offset` is the position and `length` the encoding. */
export function write(task: Task, fd: number, data: Data, offset?: unknown, length?: unknown, position?: unknown): number {
  if (typeof data === "string") return writeBytes(task, fd, dataOf(data, length ?? "utf8"), positionOf(offset));
  const part = partOf(data, offset, length, position);
  return writeBytes(task, fd, dataOf(part.into), part.position);
}

function viewsOf(buffers: unknown): Uint8Array[] {
  if (!Array.isArray(buffers) || !buffers.every((view) => ArrayBuffer.isView(view))) throw expected("buffers", "an array of Buffers", buffers);
  return buffers.map(memoryOf);
}

export function readv(task: Task, fd: number, buffers: unknown, position?: unknown): number {
  let [total, place] = [0, positionOf(position)];
  for (const view of viewsOf(buffers)) {
    const count = readInto(task, fd, view, place);
    total += count;
    if (place !== null) place += count;
    if (count < view.length) break;
  }
  return total;
}

/** One write of all of them, as the kernel's cgroup files take it. */
export function writev(task: Task, fd: number, buffers: unknown, position?: unknown): number {
  const bytes = viewsOf(buffers).map((view) => dataOf(view)).join("");
  return writeBytes(task, fd, bytes, positionOf(position));
}
