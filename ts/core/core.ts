// The door: one instance of the core, its memory, and references to its cgroups. Nothing outside this folder says
// WebAssembly or memory, and node numbers leave it only in the lists of bulk calls.
// Answers are values or throws of CgroupError without a path: the caller knows what the user called it.

import { ENODEV, ENOENT, PAGE_BYTES } from "../../assembly/abi.ts";
import { CgroupError, errnoCode } from "../errors.ts";
import { Bulk, type Nodes } from "./bulk.ts";
import { keyFromSeed, randomKey } from "./key.ts";
import { type Exports, instantiate } from "./load.ts";
import { Memory } from "./memory.ts";
import { Parts } from "./parts.ts";
import { toBytes } from "./text.ts";

/** One cgroup in a core; `owner` is whatever the caller hangs on it. The same cgroup has the same reference. */
export class Ref<Owner> {
  readonly node: number;
  readonly birth: number;
  owner: Owner | undefined = undefined;
  /** When it was last known to be this cgroup's: records are given up at the end of an era only. */
  era = -1;

  constructor(node: number, birth: number) {
    this.node = node;
    this.birth = birth;
  }
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
const RECENT_FIRST = 1 << 6;
const RECENT_MOST = 1 << 16;

export class Core<Owner> {
  readonly #x: Exports;
  readonly #refs = new Map<number, Ref<Owner>>();
  /** Those that were asked for last, by a hash of their number: a few times as many places as there are references. */
  #recent: (Ref<Owner> | undefined)[] = new Array(RECENT_FIRST).fill(undefined);
  #recentShift = 32 - Math.log2(RECENT_FIRST);
  #era = 0;
  readonly #memory: Memory;
  #bulk: Bulk | undefined;

  constructor({ seed, maximumBytes }: CoreOptions = {}) {
    this.#x = instantiate();
    this.#memory = new Memory(this.#x);
    if (maximumBytes !== undefined) this.#x.setLimit(Math.floor(maximumBytes / PAGE_BYTES));
    this.#memory.bytes.set(seed === undefined ? randomKey() : keyFromSeed(seed), this.#x.key.value);
    this.#answer(this.#x.open());
    this.#memory.room(FIRST_ROOM);
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
    this.#era++;
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
    this.#era++;
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

  /** The view's bytes; gone with the next call, so copy or decode at once. */
  view(root: Ref<Owner>, ref: Ref<Owner>, limit: number): Uint8Array {
    return this.#scratch(this.#view(root, ref, limit));
  }

  /** The view as a string; undefined where it is not UTF-8. */
  viewText(root: Ref<Owner>, ref: Ref<Owner>, limit: number): string | undefined {
    return this.#memory.text(this.#view(root, ref, limit));
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

  /** Questions and answers many at a time. */
  get bulk(): Bulk {
    this.#bulk ??= new Bulk(this.#x, this.#memory);
    return this.#bulk;
  }

  statistics(): CoreStatistics {
    const x = this.#x;
    const slots = x.statistics(0, 1);
    return {
      cgroups: this.#x.liveCount(),
      tombstones: this.#x.tombstoneCount(),
      bytes: this.#memory.bytes.byteLength,
      loadFactor: this.#x.statistics(0, 0) / slots,
      // Takes a look at every entry, so only when it is asked for.
      get longestProbe() {
        return x.statistics(0, 4);
      },
      bucketsToMove: this.#x.statistics(0, 3),
    };
  }

  #collect(step: (after: number) => number): Nodes {
    const { stamp } = this.bulk;
    const found = new Parts(Uint32Array);
    let after = 0;
    for (;;) {
      const count = this.#answer(step(after));
      const part = this.#memory.u32(this.#memory.room(0), count);
      found.add(part);
      if (count < WALK_ROOM) return { numbers: found.all(), stamp };
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

  // Two places, side by side, may have it.
  #ref(node: number): Ref<Owner> {
    const place = Math.imul(node, GOLDEN) >>> this.#recentShift;
    const one = this.#recent[place];
    if (one !== undefined && one.node === node && one.era === this.#era) return one;
    const other = this.#recent[place ^ 1];
    if (other !== undefined && other.node === node && other.era === this.#era) return other;
    const ref = this.#checkedRef(node);
    ref.era = this.#era;
    this.#remember(ref);
    return ref;
  }

  // The place anew: there may be more of them by now.
  #remember(ref: Ref<Owner>): void {
    const place = Math.imul(ref.node, GOLDEN) >>> this.#recentShift;
    this.#recent[place ^ 1] = this.#recent[place];
    this.#recent[place] = ref;
  }

  #checkedRef(node: number): Ref<Owner> {
    const birth = this.#x.birth(node);
    const known = this.#refs.get(node);
    if (known !== undefined && known.birth === birth) return known;
    const ref = new Ref<Owner>(node, birth);
    this.#refs.set(node, ref);
    if (this.#refs.size === this.#recent.length >> 1) this.#widen();
    return ref;
  }

  // So many that most would be looked for in vain are not kept at all, but for a few.
  #widen(): void {
    const length = this.#recent.length < RECENT_MOST ? this.#recent.length * 2 : RECENT_FIRST;
    this.#recent = new Array(length).fill(undefined);
    this.#recentShift = 32 - Math.log2(length);
  }

  // How long the view is, which begins the scratch buffer then.
  #view(root: Ref<Owner>, ref: Ref<Owner>, limit: number): number {
    const length = this.#x.view(root.node, root.birth, ref.node, ref.birth, limit);
    if (limit === 0) this.#memory.moved();
    return this.#answer(length);
  }

  #scratch(length: number): Uint8Array {
    const at = this.#memory.room(0);
    return this.#memory.bytes.subarray(at, at + length);
  }

  #put(text: string | Uint8Array): number {
    if (typeof text !== "string") {
      const bytes = toBytes(text, "path");
      const at = this.#memory.room(bytes.length);
      this.#memory.bytes.set(bytes, at);
      return bytes.length;
    }
    const { written } = encoder.encodeInto(text, this.#memory.inbox(text.length * 3));
    if (written !== text.length && !text.isWellFormed()) toBytes(text);
    return written;
  }
}

const encoder = new TextEncoder();
const GOLDEN = 0x9e3779b1;
// Most ids are small, and a small one costs no arithmetic on bigints.
const low = (id: bigint): number => Number(id <= 0xffffffffn ? id : id & 0xffffffffn) | 0;
const high = (id: bigint): number => (id <= 0xffffffffn ? 0 : Number(id >> 32n) | 0);
