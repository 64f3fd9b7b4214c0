// The door: one instance of the core, its memory, and the handles of its cgroups. Nothing outside this folder says
// WebAssembly or memory, and node numbers leave it only in handles and in the lists of bulk calls.
// Answers are values or throws of CgroupError without a path: the caller knows what the user called it.

import { ASCII, BLOCK_BYTES, ENODEV, ENOENT, PAGE_BYTES } from "../../assembly/abi.ts";
import { CgroupError, errnoCode } from "../errors.ts";
import { Bulk, type Nodes, type Place } from "./bulk.ts";
import { Handles } from "./handles.ts";
import { keyFromSeed, randomKey } from "./key.ts";
import { type Exports, instantiate } from "./load.ts";
import { Memory } from "./memory.ts";
import { Parts } from "./parts.ts";
import { Recent } from "./recent.ts";
import { decode, toBytes } from "./text.ts";

/** What stands for one cgroup of a core, always the same: its node number, its birth, and how to make another's beside it. */
export interface Handle<H> extends Place {
  beside(node: number, birth: number): H;
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
  /** Linear memory in use, in bytes. */
  readonly bytes: number;
  /** Linear memory that has been reserved ahead of need and is untouched, in bytes. */
  readonly reservedBytes: number;
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

export class Core<H extends Handle<H>> {
  readonly #x: Exports;
  /** Of those live cgroups that were asked for: none is removed but here. */
  readonly #live = new Handles<H>();
  #recent: Recent<H> | undefined;
  /** Of all tombstones. */
  readonly #removed = new Map<number, H>();
  /** How often a number may have become nobody's. */
  removals = 0;
  readonly #memory: Memory;
  /** Where the core ends every view it writes. */
  readonly #viewEnd: number;
  #bulk: Bulk | undefined;

  constructor({ seed, maximumBytes }: CoreOptions = {}) {
    this.#x = instantiate();
    this.#memory = new Memory(this.#x);
    this.#viewEnd = this.#x.viewEnd.value;
    if (maximumBytes !== undefined) this.#x.setLimit(Math.floor(maximumBytes / PAGE_BYTES));
    this.#memory.bytes.set(seed === undefined ? randomKey() : keyFromSeed(seed), this.#x.key.value);
    this.#answer(this.#x.open());
    this.#memory.room(FIRST_ROOM);
  }

  /** Its root, which `make` makes the handle of. */
  createHierarchy(id: bigint, make: (node: number, birth: number) => H): H {
    const node = this.#answer(this.#x.createHierarchy(id));
    return this.#keep(make(node, this.#x.birth(node)));
  }

  create(parent: H, name: string | Uint8Array, id: bigint): H {
    const length = this.#put(name);
    return this.#handle(this.#answer(this.#x.create(parent.node, parent.birth, length, id)), parent);
  }

  remove(cgroup: H): void {
    this.#answer(this.#x.remove(cgroup.node, cgroup.birth));
    this.#live.delete(cgroup.node);
    this.#recent?.forget();
    this.removals++;
    if (this.isKept(cgroup)) this.#removed.set(cgroup.node, cgroup);
  }

  rename(cgroup: H, name: string | Uint8Array): void {
    const length = this.#put(name);
    this.#answer(this.#x.rename(cgroup.node, cgroup.birth, length));
    this.#recent?.forget();
  }

  pin(cgroup: H): void {
    this.#answer(this.#x.pin(cgroup.node, cgroup.birth));
  }

  unpin(cgroup: H): void {
    const tombstones = this.#tombstonesFrom(cgroup);
    this.#answer(this.#x.unpin(cgroup.node, cgroup.birth));
    this.removals++;
    for (const one of tombstones) if (!this.isKept(one)) this.#removed.delete(one.node);
  }

  child(parent: H, name: string | Uint8Array): H | undefined {
    const length = this.#put(name);
    return this.#handleOrNone(this.#answer(this.#x.child(parent.node, parent.birth, length)), parent);
  }

  /** Who is at a path, seen from a cgroup; undefined where nobody is. What strings found lately, from live ones, is known. */
  find(from: H, path: string | Uint8Array): H | undefined {
    const text = typeof path === "string" && this.#live.get(from.node) === from ? path : undefined;
    const known = text === undefined ? undefined : this.#lately.get(from.node, text);
    if (known !== undefined) return known;
    const length = this.#put(path);
    const node = this.#x.resolve(from.node, from.birth, length);
    if (node === -ENOENT) return undefined;
    const found = this.#handle(this.#answer(node), from);
    // Only ASCII is as long there as it is here.
    if (length === text?.length && this.#lately.wants) this.#lately.put(this.#memory.ascii(this.#memory.room(0), length), found);
    return found;
  }

  /** The view as the kernel has it, cut at its limit; its bytes are gone with the next call, so copy or decode at once. */
  view(root: H, cgroup: H): Uint8Array {
    const length = this.#view(root, cgroup) & ~ASCII;
    return this.#memory.u8(this.#viewEnd - length, length);
  }

  /** The same as a string; undefined where it is not UTF-8. */
  viewText(root: H, cgroup: H): string | undefined {
    const answer = this.#view(root, cgroup);
    const length = answer & ~ASCII;
    const at = this.#viewEnd - length;
    return answer === length ? decode(this.#memory.u8(at, length)) : this.#memory.ascii(at, length);
  }

  /** The whole path's bytes; gone with the next call. */
  path(cgroup: H): Uint8Array {
    const length = this.#answer(this.#x.pathOf(cgroup.node, cgroup.birth));
    this.#memory.moved();
    return this.#memory.u8(this.#memory.room(0) + BLOCK_BYTES, length);
  }

  /** The name's bytes; gone with the next call. */
  name(cgroup: H): Uint8Array {
    const length = this.#answer(this.#x.name(cgroup.node, cgroup.birth));
    return this.#memory.u8(this.#memory.room(0), length);
  }

  byId(root: H, id: bigint): H | undefined {
    const number = this.#answer(this.#x.hierarchy(root.node, root.birth));
    return this.#handleOrNone(this.#x.byId(number, id), root);
  }

  id(cgroup: H): bigint {
    this.#check(cgroup);
    return BigInt.asUintN(64, this.#x.id(cgroup.node, cgroup.birth));
  }

  level(cgroup: H): number {
    return this.#answer(this.#x.level(cgroup.node, cgroup.birth));
  }

  ancestorAt(cgroup: H, level: number): H | undefined {
    return this.#handleOrNone(this.#answer(this.#x.ancestorAt(cgroup.node, cgroup.birth, level)), cgroup);
  }

  commonAncestor(a: H, b: H): H | undefined {
    return this.#handleOrNone(this.#answer(this.#x.commonAncestor(a.node, a.birth, b.node, b.birth)), a);
  }

  isDescendant(cgroup: H, ancestor: H): boolean {
    return this.#answer(this.#x.isDescendant(cgroup.node, cgroup.birth, ancestor.node, ancestor.birth)) === 1;
  }

  isLive(cgroup: H): boolean {
    return this.#x.isLive(cgroup.node, cgroup.birth) !== 0;
  }

  /** Is the record still there, if only as a tombstone? */
  isKept(cgroup: H): boolean {
    return this.#x.birth(cgroup.node) === cgroup.birth;
  }

  /** A subtree in pre-order, the top first. */
  walk(top: H): Nodes {
    return this.#collect((after) => this.#x.walk(top.node, top.birth, after, WALK_ROOM));
  }

  children(parent: H): Nodes {
    return this.#collect((after) => this.#x.children(parent.node, parent.birth, after, WALK_ROOM));
  }

  /** The cgroup behind a number of a list; undefined when it is gone, is in another hierarchy, or never was. */
  at(root: H, node: number, stamp: number): H | undefined {
    return this.#x.isKnown(root.node, node, stamp) ? this.#handle(node, root) : undefined;
  }

  /** Questions and answers many at a time. */
  get bulk(): Bulk {
    this.#bulk ??= new Bulk(this.#x, this.#memory);
    return this.#bulk;
  }

  statistics(): CoreStatistics {
    const x = this.#x;
    const slots = x.statistics(0, 1);
    const reservedBytes = x.idlePages() * PAGE_BYTES;
    return {
      cgroups: this.#x.liveCount(),
      tombstones: this.#x.tombstoneCount(),
      bytes: this.#memory.bytes.byteLength - reservedBytes,
      reservedBytes,
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

  get #lately(): Recent<H> {
    this.#recent ??= new Recent();
    return this.#recent;
  }

  #check(cgroup: H): void {
    if (!this.isKept(cgroup)) throw new CgroupError(errnoCode(ENODEV));
  }

  #answer(value: number): number {
    if (value < 0) throw new CgroupError(errnoCode(-value));
    return value;
  }

  #handleOrNone(node: number, beside: H): H | undefined {
    return node === 0 ? undefined : this.#handle(node, beside);
  }

  #handle(node: number, beside: H): H {
    return this.#live.get(node) ?? this.#removed.get(node) ?? this.#keep(beside.beside(node, this.#x.birth(node)));
  }

  #keep(handle: H): H {
    this.#live.set(handle.node, handle);
    return handle;
  }

  // The cgroup and those above it, up to a live one: with the last hold on it, all of them may go.
  #tombstonesFrom(cgroup: H): H[] {
    const found: H[] = [];
    for (let at: H | undefined = cgroup; at !== undefined && !this.isLive(at); at = this.ancestorAt(at, this.level(at) - 1)) found.push(at);
    return found;
  }

  #view(root: H, cgroup: H): number {
    return this.#answer(this.#x.view(root.node, root.birth, cgroup.node, cgroup.birth));
  }

  #put(text: string | Uint8Array): number {
    if (typeof text !== "string") {
      const given = toBytes(text, "path");
      const bytes = given.length > FIRST_ROOM ? this.#memory.kept(given) : given;
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
