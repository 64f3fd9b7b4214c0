// The bulk calls of a hierarchy: what they take is checked here, and what they give is made ready. The work is the core's.

import { asking, rootOf, type Viewer } from "./cgroup.ts";
import type { Made, Nodes, Place } from "./core/bulk.ts";
import { chunksOf, countOf } from "./core/lines.ts";
import { Parts } from "./core/parts.ts";
import { decode, toBytes } from "./core/text.ts";
import { expected } from "./errors.ts";
import type { Hierarchy } from "./hierarchy.ts";

/** Paths as newline-separated bytes, or as strings. */
export type Paths = Uint8Array | readonly string[];

export interface ViewManyOptions {
  /** Who looks. @defaultValue the hierarchy's root */
  readonly from?: Viewer;
  /** @defaultValue "bytes" */
  readonly as?: "bytes" | "strings";
  /** Where bytes go; it must have room for all views. */
  readonly out?: Uint8Array;
}

export function linesOf(paths: Paths): Uint8Array {
  if (paths instanceof Uint8Array) return there(paths, "paths");
  if (!Array.isArray(paths)) throw expected("paths", "a Uint8Array or an array of strings", paths);
  // A path with a newline would be two lines: no cgroup is called that, so any other unknown path may stand for it.
  return toBytes(paths.map((path) => (path.includes("\n") ? "" : path)).join("\n") + (paths.length > 0 ? "\n" : ""));
}

/** Bytes of paths one behind the other, and the length of each, as they are when they are checked. */
export function piecesOf(paths: Paths, given: Uint32Array): { readonly bytes: Uint8Array; readonly lengths: Uint32Array } {
  if (!(paths instanceof Uint8Array)) throw expected("paths", "a Uint8Array, where `lengths` are given", paths);
  if (!(given instanceof Uint32Array)) throw expected("lengths", "a Uint32Array", given);
  // What another thread may change after the checking is copied.
  const lengths = there(given, "lengths").buffer instanceof ArrayBuffer ? given : new Uint32Array(given);
  let sum = 0;
  for (let i = 0, { length } = lengths; i < length; i++) sum += lengths[i]!;
  if (sum !== there(paths, "paths").length) throw new TypeError(`Expected \`lengths\` to add up to the bytes of the paths (${paths.length}), got ${sum}`);
  return { bytes: paths, lengths };
}

export function checkNodes(nodes: Nodes, name = "nodes"): Nodes {
  if (!(nodes?.numbers instanceof Uint32Array) || typeof nodes.stamp !== "number") throw expected(name, "the result of a bulk call: { numbers, stamp }", nodes);
  there(nodes.numbers, `${name}.numbers`);
  return nodes;
}

/** The caller's list, long enough; or a new one. */
export function outOf<L extends Uint8Array | Uint32Array | BigUint64Array | Float64Array>(kind: new (length: number) => L, length: number, out: L | undefined): L {
  if (out === undefined) return new kind(length);
  if (!(out instanceof kind)) throw expected("out", `a ${kind.name}`, out);
  if (out.length < length) throw new TypeError(`Expected \`out\` to be as long as the input (${length}), got ${out.length}`);
  return out;
}

export function checkIds(ids: BigUint64Array): BigUint64Array {
  if (!(ids instanceof BigUint64Array)) throw expected("ids", "a BigUint64Array", ids);
  return there(ids, "ids");
}

/** Not a view of what is gone: of an input buffer from before memory grew, say. That would be read as an empty list. */
export function there<L extends Uint8Array | Uint32Array | BigUint64Array>(list: L, name: string): L {
  if (list.length > 0) return list;
  try {
    new Uint8Array(list.buffer);
  } catch {
    throw new TypeError(`Expected \`${name}\` to be a view of what is there, got one of a buffer that is detached`);
  }
  return list;
}

export function sameLength(a: { readonly length: number }, b: { readonly length: number }, name: string): void {
  if (a.length !== b.length) throw new TypeError(`Expected \`${name}\` to be as many as the other list (${a.length}), got ${b.length}`);
}

export function createMany(tree: Hierarchy, paths: Paths, ids: BigUint64Array | undefined, nextId: bigint, recursive: boolean): Made & { readonly nextId: bigint } {
  const given = linesOf(paths);
  // Lines are counted before they are made: what another thread may change in between is copied.
  const bytes = given.buffer instanceof ArrayBuffer ? given : new Uint8Array(given);
  const chunks = chunksOf(bytes);
  const count = countOf(chunks);
  if (ids !== undefined && checkIds(ids).length !== count) throw new TypeError(`Expected \`ids\` to be as many as the paths (${count}), got ${ids.length}`);
  return asking("mkdir", undefined, () => tree.core.bulk.createLines(tree.root, bytes, chunks, ids, nextId, recursive));
}

export function viewMany(tree: Hierarchy, nodes: Nodes, options: ViewManyOptions): Uint8Array | (string | null)[] {
  const { from = tree.root, as = "bytes", out } = options;
  const root = rootOf(from, tree);
  if (as === "strings") return viewStrings(tree, root, checkNodes(nodes));
  if (as !== "bytes") throw expected("as", '"bytes" or "strings"', as);
  if (out !== undefined && !(out instanceof Uint8Array)) throw expected("out", "a Uint8Array", out);
  return viewBytes(tree, root, checkNodes(nodes), out);
}

function viewBytes(tree: Hierarchy, root: Place, nodes: Nodes, out: Uint8Array | undefined): Uint8Array {
  const views = new Parts(Uint8Array, out);
  asking("view", undefined, () => tree.core.bulk.viewLines(root, nodes, (lines) => views.add(lines)));
  return views.all().subarray(0, views.length);
}

function viewStrings(tree: Hierarchy, root: Place, nodes: Nodes): (string | null)[] {
  const all: (string | null)[] = [];
  asking("view", undefined, () =>
    tree.core.bulk.viewLines(root, nodes, (lines) => {
      // One decoding for all, unless a name is not UTF-8: then line by line.
      const texts = decode(lines)?.split("\n") ?? eachLine(lines).map((line) => decode(line) ?? null);
      if (texts.at(-1) === "") texts.pop();
      for (const text of texts) all.push(text === "" ? null : text);
    }),
  );
  return all;
}

function eachLine(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}
