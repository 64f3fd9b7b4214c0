// Identities in bulk: of newline-separated paths, and of the nodes of a tree. Compact while it scans, objects only where
// they are asked for. Knows rows; what a path says is read elsewhere.

import type { Cgroup } from "../cgroup.ts";
import { isBytes } from "../core/text.ts";
import { expected } from "../errors.ts";
import type { Hierarchy, Nodes } from "../hierarchy.ts";
import { BARE, ID_BYTES, Leaf, podUidAt, prefixBytes, runtimeOfCode, UUID_BYTES } from "./leaf.ts";
import type { PathIdentity, Runtime } from "./link.ts";
import { Parents } from "./parents.ts";
import { componentText, TOP } from "./path.ts";
import { containerBelow, Place, podUidBelow } from "./place.ts";
import { takesLongIds } from "./trees.ts";
import { Window } from "./window.ts";

/** One row for each path or node, in their order. */
export interface Identities {
  readonly length: number;
  /** The whole identity of a row, as `identifyPath` gives it; undefined for rows that are no cgroup. */
  at(row: number): PathIdentity | undefined;
  /** The id of the innermost container, or null. */
  containerId(row: number): string | null;
  /** Its runtime, or null. */
  runtime(row: number): Runtime | null;
  /** The uid of the innermost pod, or null. */
  podUid(row: number): string | null;
}

/**
 * Identifies many paths in one pass: newline-separated bytes, one row a line, a last line without its newline included.
 * The bytes must stay as they are for as long as the answer is used.
 *
 * @throws TypeError for what is no Uint8Array
 */
export function identifyMany(paths: Uint8Array): Identities {
  if (!isBytes(paths)) throw expected("paths", "a Uint8Array", paths);
  return new LineIdentities(paths);
}

/** Identifies the cgroups behind the node numbers of a bulk call; what nodes share above them is read once. */
export function identifyNodes(tree: Hierarchy, nodes: Nodes): Identities {
  const known = new Map<Cgroup, Place>();
  const placeOf = (cgroup: Cgroup): Place => {
    const { parent } = cgroup;
    if (parent === null || parent === undefined) return TOP;
    const found = known.get(cgroup) ?? new Place(placeOf(parent), componentText(cgroup.nameBytes));
    known.set(cgroup, found);
    return found;
  };
  const places = Array.from(nodes.numbers, (_, row) => {
    const cgroup = tree.at(nodes, row);
    return cgroup === undefined ? undefined : placeOf(cgroup);
  });
  return new PlaceIdentities(places);
}

class PlaceIdentities implements Identities {
  readonly #places: readonly (Place | undefined)[];

  constructor(places: readonly (Place | undefined)[]) {
    this.#places = places;
  }

  get length(): number {
    return this.#places.length;
  }

  at(row: number): PathIdentity | undefined {
    return this.#places[row]?.identity;
  }

  containerId(row: number): string | null {
    return this.#places[row]?.container?.id ?? null;
  }

  runtime(row: number): Runtime | null {
    return this.#places[row]?.container?.runtime ?? null;
  }

  podUid(row: number): string | null {
    return this.#places[row]?.pod?.uid ?? null;
  }
}

const NEWLINE = 0x0a;
const SLASH = 0x2f;

// A row is where its line begins, what its leaf is (leaf.ts) and where the leaf's id begins; the rest is read when asked for.
class LineIdentities implements Identities {
  readonly #bytes: Uint8Array;
  readonly #window: Window;
  readonly #uids: Window;
  readonly #parents: Parents;
  readonly #leaf = new Leaf();
  #starts: Uint32Array = new Uint32Array(1024);
  #ids: Uint32Array = new Uint32Array(1024);
  #codes: Uint8Array = new Uint8Array(1024);
  length = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#window = new Window(bytes);
    this.#uids = new Window(bytes, (text) => text.replaceAll("_", "-"));
    this.#parents = new Parents(bytes);
    for (let start = 0; start < bytes.length; start = this.#add(start) + 1);
  }

  at(row: number): PathIdentity | undefined {
    if (!(row >= 0 && row < this.length)) return undefined;
    const start = this.#starts[row]!;
    return this.#isPath(row) ? this.#parents.read(start, this.#end(row)).identity : TOP.identity;
  }

  containerId(row: number): string | null {
    if (!this.#isPath(row)) return null;
    const code = this.#codes[row]!;
    if (code > BARE || (code === BARE && this.#isBareId(row))) return this.#window.text(this.#ids[row]!, ID_BYTES);
    const start = this.#starts[row]!;
    const end = this.#end(row);
    if (podUidAt(this.#bytes, end) === -1) return this.#slow(row, containerBelow)?.id ?? null;
    return this.#parents.place(start, this.#parents.slash(start, end)).container?.id ?? null;
  }

  runtime(row: number): Runtime | null {
    if (!this.#isPath(row)) return null;
    const code = this.#codes[row]!;
    return code > BARE ? runtimeOfCode(code) : (this.#slow(row, containerBelow)?.runtime ?? null);
  }

  podUid(row: number): string | null {
    if (!this.#isPath(row)) return null;
    const start = this.#starts[row]!;
    const code = this.#codes[row]!;
    const end = code === 0 ? this.#end(row) : this.#slash(row);
    const uid = podUidAt(this.#bytes, end);
    if (uid !== -1) return this.#uids.text(uid, UUID_BYTES);
    return code > BARE ? (this.#parents.place(start, end).pod?.uid ?? null) : this.#slow(row, podUidBelow);
  }

  // Reads the line at `start`; gives its end.
  #add(start: number): number {
    const row = this.length++;
    if (row === this.#codes.length) this.#grow();
    const newline = this.#bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? this.#bytes.length : newline;
    this.#starts[row] = start;
    this.#codes[row] = this.#leaf.read(this.#bytes, start, end);
    this.#ids[row] = this.#leaf.id;
    return end;
  }

  // A line with `/` in front and none at its end.
  #isPath(row: number): boolean {
    const end = row >= 0 && row < this.length ? this.#end(row) : 0;
    return end > 0 && this.#bytes[this.#starts[row]!] === SLASH && this.#bytes[end - 1] !== SLASH;
  }

  #end(row: number): number {
    if (row + 1 < this.length) return this.#starts[row + 1]! - 1;
    return this.#bytes[this.#bytes.length - 1] === NEWLINE ? this.#bytes.length - 1 : this.#bytes.length;
  }

  #slash(row: number): number {
    return this.#ids[row]! - 1 - prefixBytes(this.#codes[row]!);
  }

  // Whether 64 hex digits are a container where they stand: below a pod, or in a tree that takes them.
  #isBareId(row: number): boolean {
    const start = this.#starts[row]!;
    const slash = this.#slash(row);
    if (podUidAt(this.#bytes, slash) !== -1) return true;
    const { tree } = this.#parents.place(start, slash);
    return tree !== null && takesLongIds(tree);
  }

  #slow<T>(row: number, below: (above: Place, component: string) => T): T {
    const start = this.#starts[row]!;
    const end = this.#end(row);
    const slash = this.#parents.slash(start, end);
    return below(this.#parents.place(start, slash), componentText(this.#bytes.subarray(slash + 1, end)));
  }

  #grow(): void {
    const length = this.#codes.length * 2;
    this.#starts = enlarged(this.#starts, new Uint32Array(length));
    this.#ids = enlarged(this.#ids, new Uint32Array(length));
    this.#codes = enlarged(this.#codes, new Uint8Array(length));
  }
}

function enlarged<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
