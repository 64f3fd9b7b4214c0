// Bulk calls on streams of any length, in constant memory: lines that are cut anywhere are put together, and nothing is
// asked for before the answer to what came before has been taken.

import { asking, rootOf, type Viewer } from "./cgroup.ts";
import type { Nodes } from "./core/bulk.ts";
import { isBytes } from "./core/text.ts";
import { expected } from "./errors.ts";
import type { Hierarchy } from "./hierarchy.ts";

/** Bytes that come in pieces: a ReadableStream, a Node stream, a generator. */
export type Source = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A longer line is no path that a view could show: it answers as one that names nobody, and is not kept. */
const LONGEST_LINE = 1 << 20;
const NEWLINE = 10;

/** Whole lines out of pieces. */
class Lines {
  /** The line that was cut, and room for more of it. */
  #rest = new Uint8Array(0);
  #length = 0;
  #overlong = false;

  /** The whole lines so far, each with its newline; undefined where there are none. */
  take(piece: Uint8Array): Uint8Array | undefined {
    if (!isBytes(piece)) throw expected("piece", "a Uint8Array", piece);
    const end = piece.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#keep(piece);
      return undefined;
    }
    const lines = this.#join(piece.subarray(0, end));
    this.#length = 0;
    this.#overlong = false;
    this.#keep(piece.subarray(end));
    return lines;
  }

  /** The last line, where no newline ends it. */
  end(): Uint8Array | undefined {
    if (this.#length === 0 && !this.#overlong) return undefined;
    return this.#join(new Uint8Array([NEWLINE]));
  }

  #join(piece: Uint8Array): Uint8Array {
    // What is left of a line that was too long is an empty one.
    const from = this.#overlong ? piece.indexOf(NEWLINE) : 0;
    if (this.#length === 0) return piece.subarray(from);
    const lines = new Uint8Array(this.#length + piece.length - from);
    lines.set(this.#rest.subarray(0, this.#length));
    lines.set(piece.subarray(from), this.#length);
    return lines;
  }

  #keep(piece: Uint8Array): void {
    if (this.#overlong || piece.length === 0) return;
    const length = this.#length + piece.length;
    if (length > LONGEST_LINE) {
      this.#overlong = true;
      this.#length = 0;
      return;
    }
    // Twice as much each time: a line may come byte by byte.
    if (length > this.#rest.length) {
      const rest = new Uint8Array(Math.max(length, 2 * this.#rest.length));
      rest.set(this.#rest.subarray(0, this.#length));
      this.#rest = rest;
    }
    this.#rest.set(piece, this.#length);
    this.#length = length;
  }
}

/** Paths in, as lines cut anywhere; lists of nodes out, one for each piece that ends a line. */
export async function* resolveStream(tree: Hierarchy, source: Source, from: Viewer): AsyncGenerator<Nodes, void, undefined> {
  const lines = new Lines();
  for await (const piece of source) {
    const whole = lines.take(piece);
    if (whole !== undefined) yield tree.resolveMany(whole, { from });
  }
  const last = lines.end();
  if (last !== undefined) yield tree.resolveMany(last, { from });
}

/** Lines of paths as one viewer sees them in, the same cgroups as another sees them out: line by line, empty where there is none. */
export function translation(tree: Hierarchy, from: Viewer, to: Viewer): TransformStream<Uint8Array, Uint8Array> {
  for (const viewer of [from, to]) asking("view", undefined, () => rootOf(viewer, tree));
  const lines = new Lines();
  const translate = (whole: Uint8Array | undefined, out: TransformStreamDefaultController<Uint8Array>): void => {
    if (whole !== undefined) out.enqueue(tree.viewMany(tree.resolveMany(whole, { from }), { from: to }));
  };
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (piece, out) => translate(lines.take(piece), out),
    flush: (out) => translate(lines.end(), out),
  });
}
