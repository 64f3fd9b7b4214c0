// The door: one instance of the core, its memory, and references to its cgroups. Nothing outside this folder says
// WebAssembly or memory, and node numbers leave it only in the lists of bulk calls.
// Answers are values or throws of CgroupError without a path: the caller knows what the user called it.

import { ENODEV, ENOENT, PAGE_BYTES } from "../../assembly/abi.ts";
import { CgroupError, errnoCode } from "../errors.ts";
import { keyFromSeed, randomKey } from "./key.ts";
import { type Exports, instantiate } from "./load.ts";
import { toBytes } from "./text.ts";

/** One cgroup in a core; `owner` is whatever the caller hangs on it. The same cgroup has the same reference. */
export class Ref<Owner> {
  readonly node: number;
  readonly birth: number;
  owner: Owner | undefined = undefined;

  constructor(node: number, birth: number) {
    this.node = node;
    this.birth = birth;
  }
}

/** Node numbers of a bulk call (0: none), good for as long as nothing younger has taken a number's place. */
export interface Nodes {
  readonly numbers: Uint32Array;
  /** What the core's clock of re-used records said when the list was made. */
  readonly stamp: number;
}

export interface CoreOptions {
  /** Makes the hash key reproducible: for tests only. */
  readonly seed?: number | undefined;
  /** Linear memory this core may use, in bytes; at least 512 KiB. */
  readonly maximumBytes?: number | undefined;
}

export interface CoreStatistics {
  readonly cgroups: number;
  readonly tombstones: number;
  /** All linear memory, in bytes. */
  readonly bytes: number;
  /** Entries per slot of the path table, 0…1. */
  readonly loadFactor: number;
  /** Buckets that the longest look-up may have to read. */
  readonly longestProbe: number;
  /** Buckets of the path table's predecessor that have still to be moved. */
  readonly bucketsToMove: number;
}

// What fits the scratch buffer that every core has, so that a tree can be walked when memory is exhausted.
const WALK_ROOM = 16_000;
const FIRST_ROOM = 65_000;
const CHUNK_BYTES = 1 << 18;
const SLACK = 16;

export class Core<Owner> {
  readonly #x: Exports;
  readonly #refs = new Map<number, Ref<Owner>>();
  #memory = new Uint8Array(0);
  #inboxAt = 0;
  #inboxView = new Uint8Array(0);

  constructor({ seed, maximumBytes }: CoreOptions = {}) {
    this.#x = instantiate();
    if (maximumBytes !== undefined) this.#x.setLimit(Math.floor(maximumBytes / PAGE_BYTES));
    this.#bytes.set(seed === undefined ? randomKey() : keyFromSeed(seed), this.#x.key.value);
    this.#answer(this.#x.open());
    this.#room(FIRST_ROOM);
  }

  createHierarchy(id: bigint): Ref<Owner> {
    return this.#ref(this.#answer(this.#x.createHierarchy(low(id), high(id))));
  }

  create(parent: Ref<Owner>, name: string | Uint8Array, id: bigint): Ref<Owner> {
    const length = this.#put(name);
    return this.#ref(this.#answer(this.#x.create(parent.node, parent.birth, length, low(id), high(id))));
  }

  remove(ref: Ref<Owner>): void {
    this.#answer(this.#x.remove(ref.node, ref.birth));
    if (this.#x.birth(ref.node) === 0) this.#refs.delete(ref.node);
  }

  rename(ref: Ref<Owner>, name: string | Uint8Array): void {
    const length = this.#put(name);
    this.#answer(this.#x.rename(ref.node, ref.birth, length));
  }

  pin(ref: Ref<Owner>): void {
    this.#answer(this.#x.pin(ref.node, ref.birth));
  }

  unpin(ref: Ref<Owner>): void {
    this.#answer(this.#x.unpin(ref.node, ref.birth));
    if (this.#x.birth(ref.node) === 0) this.#refs.delete(ref.node);
  }

  child(parent: Ref<Owner>, name: string | Uint8Array): Ref<Owner> | undefined {
    const length = this.#put(name);
    return this.#refOrNone(this.#answer(this.#x.child(parent.node, parent.birth, length)));
  }

  resolve(from: Ref<Owner>, path: string | Uint8Array): Ref<Owner> {
    const length = this.#put(path);
    return this.#ref(this.#answer(this.#x.resolve(from.node, from.birth, length)));
  }

  /** As `resolve`, but undefined where nobody is there. */
  find(from: Ref<Owner>, path: string | Uint8Array): Ref<Owner> | undefined {
    const length = this.#put(path);
    const node = this.#x.resolve(from.node, from.birth, length);
    return node === -ENOENT ? undefined : this.#ref(this.#answer(node));
  }

  /** Newline-separated paths to node numbers, a chunk at a time. `out` must have room for every path. */
  resolveLines(from: Ref<Owner>, paths: Uint8Array, out: Uint32Array): number {
    let count = 0;
    for (let at = 0; at < paths.length; ) {
      const end = endOfChunk(paths, at);
      const length = end - at;
      const scratch = this.#room(length + 4 + 4 * (length + 1));
      const nodesAt = scratch + ((length + 3) & ~3);
      this.#bytes.set(paths.subarray(at, end), scratch);
      const lines = this.#answer(this.#x.resolveLines(from.node, from.birth, length));
      out.set(new Uint32Array(this.#bytes.buffer, nodesAt, lines), count);
      count += lines;
      at = end;
    }
    return count;
  }

  /** The view's bytes; gone with the next call, so copy or decode at once. */
  view(root: Ref<Owner>, ref: Ref<Owner>, limit: number): Uint8Array {
    return this.#scratch(this.#answer(this.#x.view(root.node, root.birth, ref.node, ref.birth, limit)));
  }

  /** The name's bytes; gone with the next call. */
  name(ref: Ref<Owner>): Uint8Array {
    return this.#scratch(this.#answer(this.#x.name(ref.node, ref.birth)));
  }

  byId(hierarchy: Ref<Owner>, id: bigint): Ref<Owner> | undefined {
    const number = this.#answer(this.#x.hierarchy(hierarchy.node, hierarchy.birth));
    return this.#refOrNone(this.#x.byId(number, low(id), high(id)));
  }

  id(ref: Ref<Owner>): bigint {
    this.#check(ref);
    const above = this.#x.idHigh(ref.node, ref.birth) >>> 0;
    return (BigInt(above) << 32n) | BigInt(this.#x.idLow(ref.node, ref.birth) >>> 0);
  }

  level(ref: Ref<Owner>): number {
    return this.#answer(this.#x.level(ref.node, ref.birth));
  }

  ancestorAt(ref: Ref<Owner>, level: number): Ref<Owner> | undefined {
    return this.#refOrNone(this.#answer(this.#x.ancestorAt(ref.node, ref.birth, level)));
  }

  commonAncestor(a: Ref<Owner>, b: Ref<Owner>): Ref<Owner> | undefined {
    return this.#refOrNone(this.#answer(this.#x.commonAncestor(a.node, a.birth, b.node, b.birth)));
  }

  isDescendant(ref: Ref<Owner>, ancestor: Ref<Owner>): boolean {
    return this.#answer(this.#x.isDescendant(ref.node, ref.birth, ancestor.node, ancestor.birth)) === 1;
  }

  isLive(ref: Ref<Owner>): boolean {
    return this.#x.isLive(ref.node, ref.birth) !== 0;
  }

  /** Is the record still there, if only as a tombstone? */
  isKept(ref: Ref<Owner>): boolean {
    return this.#x.birth(ref.node) === ref.birth;
  }

  /** A subtree in pre-order, the top first. */
  walk(top: Ref<Owner>): Nodes {
    return this.#collect((after) => this.#x.walk(top.node, top.birth, after, WALK_ROOM));
  }

  children(parent: Ref<Owner>): Nodes {
    return this.#collect((after) => this.#x.children(parent.node, parent.birth, after, WALK_ROOM));
  }

  /** The reference behind a number of a list, or undefined when the cgroup is gone or there never was one. */
  at(node: number, stamp: number): Ref<Owner> | undefined {
    return this.#x.isKnown(node, stamp) ? this.#ref(node) : undefined;
  }

  stamp(): number {
    return this.#x.stamp() >>> 0;
  }

  statistics(): CoreStatistics {
    const x = this.#x;
    const slots = x.statistics(0, 1);
    return {
      cgroups: this.#x.liveCount(),
      tombstones: this.#x.tombstoneCount(),
      bytes: this.#x.memory.buffer.byteLength,
      loadFactor: this.#x.statistics(0, 0) / slots,
      // Takes a look at every entry, so only when it is asked for.
      get longestProbe() {
        return x.statistics(0, 4);
      },
      bucketsToMove: this.#x.statistics(0, 3),
    };
  }

  #collect(step: (after: number) => number): Nodes {
    const stamp = this.stamp();
    const parts: Uint32Array[] = [];
    let after = 0;
    for (;;) {
      const count = this.#answer(step(after));
      const part = new Uint32Array(this.#x.memory.buffer, this.#x.scratch(0) >>> 0, count).slice();
      parts.push(part);
      if (count < WALK_ROOM) return { numbers: joined(parts), stamp };
      after = part[count - 1]!;
    }
  }

  #check(ref: Ref<Owner>): void {
    if (!this.isKept(ref)) throw new CgroupError(errnoCode(ENODEV));
  }

  #answer(value: number): number {
    if (value < 0) throw new CgroupError(errnoCode(-value));
    return value;
  }

  #refOrNone(node: number): Ref<Owner> | undefined {
    return node === 0 ? undefined : this.#ref(node);
  }

  #ref(node: number): Ref<Owner> {
    const birth = this.#x.birth(node);
    const known = this.#refs.get(node);
    if (known !== undefined && known.birth === birth) return known;
    const ref = new Ref<Owner>(node, birth);
    this.#refs.set(node, ref);
    return ref;
  }

  // The one place that re-makes the view which a growing memory detaches.
  get #bytes(): Uint8Array<ArrayBuffer> {
    if (this.#memory.byteLength === 0) this.#memory = new Uint8Array(this.#x.memory.buffer as ArrayBuffer);
    return this.#memory as Uint8Array<ArrayBuffer>;
  }

  // The scratch buffer may move whenever the core wants a larger one, so its address is asked for each time.
  #room(bytes: number): number {
    const at = this.#x.scratch(bytes + SLACK) >>> 0;
    if (at === 0) throw new CgroupError("ENOMEM");
    return at;
  }

  #scratch(length: number): Uint8Array {
    const at = this.#x.scratch(0) >>> 0;
    return this.#bytes.subarray(at, at + length);
  }

  // The scratch buffer as a view of its own, kept for as long as it is where it was.
  #inbox(bytes: number): Uint8Array {
    const at = this.#room(bytes);
    if (at !== this.#inboxAt || bytes > this.#inboxView.byteLength) {
      this.#inboxAt = at;
      this.#inboxView = this.#bytes.subarray(at, at + Math.max(bytes, FIRST_ROOM));
    }
    return this.#inboxView;
  }

  #put(text: string | Uint8Array): number {
    if (typeof text !== "string") {
      const bytes = toBytes(text, "path");
      const at = this.#room(bytes.length);
      this.#bytes.set(bytes, at);
      return bytes.length;
    }
    const { written } = encoder.encodeInto(text, this.#inbox(text.length * 3));
    if (written !== text.length && !text.isWellFormed()) toBytes(text);
    return written;
  }
}

const encoder = new TextEncoder();
// Most ids are small, and a small one costs no arithmetic on bigints.
const low = (id: bigint): number => Number(id <= 0xffffffffn ? id : id & 0xffffffffn) | 0;
const high = (id: bigint): number => (id <= 0xffffffffn ? 0 : Number(id >> 32n) | 0);

// The end of a chunk: behind a newline where there is one, so that no path is cut.
function endOfChunk(paths: Uint8Array, at: number): number {
  if (paths.length - at <= CHUNK_BYTES) return paths.length;
  const newline = paths.lastIndexOf(10, at + CHUNK_BYTES - 1);
  if (newline >= at) return newline + 1;
  const next = paths.indexOf(10, at);
  return next === -1 ? paths.length : next + 1;
}

function joined(parts: Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
