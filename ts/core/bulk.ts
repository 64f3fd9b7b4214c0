// Many questions in one crossing of the door: input is copied into the scratch buffer a chunk at a time, whatever its
// length, unless it lies in the input buffer, and the answers out of it. Numbers and bytes only: what they mean to a caller
// is in ts/bulk.ts.

import { ENOMEM, VIEW_MAX } from "../../assembly/abi.ts";
import { CgroupError, errnoCode } from "../errors.ts";
import { type Chunk, CHUNK_BYTES, countOf, endOfChunk, meanNameLength, piecesFrom } from "./lines.ts";
import type { Exports } from "./load.ts";
import type { Memory } from "./memory.ts";
import { Parts } from "./parts.ts";

/** Numbers that cross at once: to cross costs as much as some hundred of them. */
const CHUNK_NUMBERS = 1 << 12;
const CHUNK_NODES = 1 << 10;
/** Views of a chunk of nodes; where it is full, the chunk ends. */
const VIEW_ROOM = (1 << 17) + 3 * VIEW_MAX;
const IMAGE_ROOM = 1 << 16;
/** What any question takes of the scratch buffer, but for lines that are chunks of their own. */
const MOST_ROOM = 6 * CHUNK_BYTES;

/** A cgroup as the core names it. */
export interface Place {
  readonly node: number;
  readonly birth: number;
}

/** Node numbers of a bulk call (0: none), good for as long as nothing younger has taken a number's place. */
export interface Nodes {
  readonly numbers: Uint32Array;
  /** What the core's clock of re-used records said when the list was made. */
  readonly stamp: number;
}

/** The cgroups that a bulk call made, or found there, and why not where it did not: an errno each, 0 for none. */
export interface Made extends Nodes {
  readonly errnos: Uint8Array;
}

/** Bytes of a record but its name, and what it takes of its page's bitmap: a little less than they are. */
const RECORD_HEAD = 46;

const recordBytes = (count: number, nameBytes: number): number => Math.min(0xffffffff, count * RECORD_HEAD + Math.floor(nameBytes));

type Numbers = Uint32Array | BigUint64Array;

export class Bulk {
  readonly #x: Exports;
  readonly #memory: Memory;

  constructor(exports: Exports, memory: Memory) {
    this.#x = exports;
    this.#memory = memory;
  }

  get stamp(): number {
    return this.#x.stamp() >>> 0;
  }

  /** The input buffer: lists that lie in it are read where they are. While they are, memory does not grow for what is asked. */
  inputBuffer(bytes: number): Uint8Array {
    this.#memory.room(MOST_ROOM);
    return this.#memory.input(bytes);
  }

  /** Newline-separated paths to node numbers, 0 where there is none; into `out`, or a new list of the right length. */
  resolveLines(from: Place, paths: Uint8Array, out?: Uint32Array): Uint32Array {
    const found = new Parts(Uint32Array, out);
    const address = this.#memory.addressOf(paths);
    const lines = address === 0 ? this.#memory.kept(paths) : paths;
    for (let at = 0; at < lines.length; ) {
      const end = endOfChunk(lines, at);
      const length = end - at;
      // A line has a byte at least, and gives four; a chunk that is longer than others is one line.
      const answers = 4 * Math.min(length, CHUNK_BYTES);
      const nodes = this.#memory.room(address === 0 ? answers + length + 1 : answers);
      const start = address === 0 ? nodes + answers : address + at;
      if (address === 0) this.#memory.bytes.set(lines.subarray(at, end), start);
      found.add(this.#memory.u32(nodes, this.#answer(this.#x.resolveLines(from.node, from.birth, start, length, 0, 0, nodes))));
      at = end;
    }
    return found.all();
  }

  /** The same of paths one behind the other, of these lengths, which are as many bytes together. */
  resolvePieces(from: Place, paths: Uint8Array, lengths: Uint32Array, out?: Uint32Array): Uint32Array {
    const found = new Parts(Uint32Array, out);
    const address = this.#memory.addressOf(paths);
    const bytes = address === 0 ? this.#memory.kept(paths) : paths;
    const own = this.#memory.kept(lengths);
    for (let at = 0, done = 0; done < own.length; ) {
      const { count, size } = piecesFrom(own, done);
      const lengthsAt = this.#memory.room(8 * count + (address === 0 ? size + 1 : 0));
      const nodes = lengthsAt + 4 * count;
      const start = address === 0 ? nodes + 4 * count : address + at;
      this.#memory.u32(lengthsAt, count).set(own.subarray(done, done + count));
      if (address === 0) this.#memory.bytes.set(bytes.subarray(at, at + size), start);
      this.#answer(this.#x.resolveLines(from.node, from.birth, start, size, lengthsAt, count, nodes));
      found.add(this.#memory.u32(nodes, count));
      at += size;
      done += count;
    }
    return found.all();
  }

  /** Makes the cgroups at newline-separated paths, cut into chunks; `given` has an id for each line, or they are counted on from `nextId`. */
  createLines(root: Place, lines: Uint8Array, chunks: readonly Chunk[], given: BigUint64Array | undefined, nextId: bigint, recursive: boolean): Made & { readonly nextId: bigint } {
    const count = countOf(chunks);
    const paths = this.#memory.kept(lines);
    const ids = given && this.#memory.kept(given);
    const numbers = new Parts(Uint32Array, new Uint32Array(count));
    const errnos = new Parts(Uint8Array, new Uint8Array(count));
    this.#x.setNextId(nextId);
    // Nothing that would have to grow on the way; where there is no memory for it, each line will say so for itself.
    this.#x.expect(count, paths.length > CHUNK_BYTES ? recordBytes(count, count * meanNameLength(paths)) : 0);
    for (const { from, end, lines } of chunks) {
      const done = numbers.length;
      this.#createChunk(root, paths.subarray(from, end), lines, ids?.subarray(done, done + lines), recursive, numbers, errnos);
    }
    return { numbers: numbers.all(), stamp: this.stamp, errnos: errnos.all(), nextId: BigInt.asUintN(64, this.#x.nextId()) };
  }

  #createChunk(root: Place, paths: Uint8Array, lines: number, ids: BigUint64Array | undefined, recursive: boolean, numbers: Parts<Uint32Array>, errnos: Parts<Uint8Array>): void {
    const [pathsAt, idsAt, nodesAt, errnosAt] = this.#lay([paths.length + 1, ids === undefined ? 0 : 8 * lines, 4 * lines, lines]) ?? [];
    if (pathsAt === undefined) {
      numbers.add(new Uint32Array(lines));
      errnos.add(new Uint8Array(lines).fill(ENOMEM));
      return;
    }
    this.#memory.bytes.set(paths, pathsAt);
    if (ids !== undefined) this.#memory.u64(idsAt!, lines).set(ids);
    const given = ids === undefined ? 0 : idsAt!;
    this.#answer(this.#x.createLines(root.node, root.birth, pathsAt, paths.length, given, recursive ? 1 : 0, nodesAt!, errnosAt!));
    numbers.add(this.#memory.u32(nodesAt!, lines));
    errnos.add(this.#memory.u8(errnosAt!, lines));
  }

  /** Views as lines, empty where there is none: `each` gets them chunk by chunk, and copies what it keeps. */
  viewLines(root: Place, { numbers, stamp }: Nodes, each: (lines: Uint8Array) => void): void {
    for (let at = 0; at < numbers.length; ) {
      const count = Math.min(CHUNK_NODES, numbers.length - at);
      const nodesAt = this.#memory.room(4 * count + 16 + VIEW_ROOM);
      const out = nodesAt + 4 * count;
      this.#memory.u32(nodesAt, count).set(numbers.subarray(at, at + count));
      at += this.#answer(this.#x.viewLines(root.node, root.birth, nodesAt, count, stamp, out, VIEW_ROOM));
      each(this.#memory.u8(out, this.#x.viewBytes()));
    }
  }

  idsOf({ numbers, stamp }: Nodes, out: BigUint64Array): void {
    this.#ask([numbers], 8, ([at], count, to) => this.#x.idsOf(at!, count, stamp, to), (at, count, done) => out.set(this.#memory.u64(at, count), done));
  }

  /** 0xffffffff for what is no node. */
  levelsOf({ numbers, stamp }: Nodes, out: Uint32Array): void {
    this.#askNumbers([numbers], out, ([at], count, to) => this.#x.levelsOf(at!, count, stamp, to));
  }

  parentsOf({ numbers, stamp }: Nodes, out: Uint32Array): void {
    this.#askNumbers([numbers], out, ([at], count, to) => this.#x.parentsOf(at!, count, stamp, to));
  }

  ancestorsAt({ numbers, stamp }: Nodes, level: number, out: Uint32Array): void {
    this.#askNumbers([numbers], out, ([at], count, to) => this.#x.ancestorsAt(at!, count, stamp, level, to));
  }

  commonAncestors(a: Nodes, b: Nodes, out: Uint32Array): void {
    this.#askNumbers([a.numbers, b.numbers], out, ([one, other], count, to) => this.#x.commonAncestors(one!, a.stamp, other!, b.stamp, count, to));
  }

  areDescendants(nodes: Nodes, ancestors: Nodes, out: Uint8Array): void {
    this.#ask(
      [nodes.numbers, ancestors.numbers], 1,
      ([at, above], count, to) => this.#x.areDescendants(at!, nodes.stamp, above!, ancestors.stamp, count, to),
      (at, count, done) => out.set(this.#memory.u8(at, count), done),
    );
  }

  resolveIds(root: Place, ids: BigUint64Array, out: Uint32Array): void {
    this.#askNumbers([ids], out, ([at], count, to) => this.#answer(this.#x.resolveIds(root.node, root.birth, at!, count, to)));
  }

  /** How many were put. Either all find room, or ENOMEM and none is put. */
  putPids(root: Place, pids: Uint32Array, starts: BigUint64Array, { numbers, stamp }: Nodes): number {
    let put = 0;
    const own = this.#memory.kept(pids);
    const lists = [this.#memory.kept(starts), own, this.#memory.kept(numbers)];
    this.#ask([own], 0, ([at], count) => this.#answer(this.#x.reservePids(root.node, root.birth, at!, count)));
    this.#ask(lists, 0, ([from, at, nodes], count) => {
      put += this.#answer(this.#x.putPids(root.node, root.birth, at!, from!, nodes!, stamp, count));
    });
    return put;
  }

  getPids(root: Place, pids: Uint32Array, starts: BigUint64Array | undefined, out: Uint32Array): void {
    const inputs = starts === undefined ? [pids] : [starts, pids];
    this.#askNumbers(inputs, out, (ats, count, to) => {
      this.#answer(this.#x.getPids(root.node, root.birth, ats.at(-1)!, starts === undefined ? 0 : ats[0]!, count, to));
    });
  }

  removePids(root: Place, pids: Uint32Array, starts: BigUint64Array | undefined): number {
    let removed = 0;
    this.#ask(starts === undefined ? [pids] : [starts, pids], 0, (ats, count) => {
      removed += this.#answer(this.#x.removePids(root.node, root.birth, ats.at(-1)!, starts === undefined ? 0 : ats[0]!, count));
    });
    return removed;
  }

  /** The records of what is below a node, in pieces that are gone with the next call. */
  *imageRecords(root: Place): Generator<Uint8Array, void, undefined> {
    for (let after = root.node; ; after = this.#x.lastNode() >>> 0) {
      const at = this.#memory.room(IMAGE_ROOM);
      const length = this.#answer(this.#x.writeImage(root.node, root.birth, after, IMAGE_ROOM));
      if (length === 0) return;
      yield this.#memory.u8(at, length);
    }
  }

  /** Room in an empty core for so many cgroups, whose names have about so many bytes. @throws CgroupError ENOMEM */
  expect(count: number, nameBytes: number): void {
    this.#answer(this.#x.expect(count, recordBytes(count, nameBytes)));
  }

  /** Makes what the records say, below a node. @throws CgroupError EINVAL (no records), EEXIST (a name or an id twice), ENOMEM */
  readImage(root: Place, records: Uint8Array): void {
    let after = root.node;
    for (let at = 0; at < records.length; ) {
      const end = Math.min(records.length, at + IMAGE_ROOM);
      this.#putIn(records.subarray(at, end));
      const used = this.#answer(this.#x.readImage(after, end - at, end === records.length ? 1 : 0));
      after = this.#x.lastNode() >>> 0;
      at += used;
    }
  }

  /** How many records the last image had. */
  get recordCount(): number {
    return this.#x.recordCount();
  }

  /** The highest id that any cgroup ever had. */
  get highestId(): bigint {
    return BigInt.asUintN(64, this.#x.highestId());
  }

  /** 64 bits that change when bytes do; no secret. All parts but the last have a multiple of 8 bytes. */
  checksum(parts: readonly Uint8Array[]): bigint {
    let sum = 0n;
    for (const bytes of parts) {
      for (let at = 0; at < bytes.length; at += IMAGE_ROOM) {
        const piece = bytes.subarray(at, at + IMAGE_ROOM);
        this.#putIn(piece);
        sum = this.#x.checksum(sum, piece.length);
      }
    }
    return BigInt.asUintN(64, sum);
  }

  // The address first: asking for it may move the memory.
  #putIn(bytes: Uint8Array): void {
    const at = this.#memory.room(bytes.length);
    this.#memory.bytes.set(bytes, at);
  }

  #askNumbers(inputs: readonly Numbers[], out: Uint32Array, ask: (ats: readonly number[], count: number, to: number) => void): void {
    this.#ask(inputs, 4, ask, (at, count, done) => out.set(this.#memory.u32(at, count), done));
  }

  // Lists of one length, those of 64-bit numbers first, and answers of so many bytes each; `take` copies them.
  #ask(
    inputs: readonly Numbers[], bytesEach: number,
    ask: (ats: readonly number[], count: number, to: number) => void,
    take?: (at: number, count: number, done: number) => void,
  ): void {
    const total = inputs[0]!.length;
    const places = inputs.map((input) => this.#memory.addressOf(input));
    for (let done = 0; done < total; done += CHUNK_NUMBERS) {
      const count = Math.min(CHUNK_NUMBERS, total - done);
      const sizes = inputs.map(({ BYTES_PER_ELEMENT }, i) => (places[i] === 0 ? BYTES_PER_ELEMENT * count : 0));
      sizes.push(bytesEach * count);
      const ats = this.#lay(sizes);
      if (ats === undefined) throw new CgroupError("ENOMEM");
      const to = ats.pop()!;
      for (let i = 0; i < inputs.length; i++) {
        if (places[i] === 0) this.#copyIn(inputs[i]!, done, count, ats[i]!);
        else ats[i] = places[i]! + done * inputs[i]!.BYTES_PER_ELEMENT;
      }
      ask(ats, count, to);
      take?.(to, count, done);
    }
  }

  #copyIn(input: Numbers, from: number, count: number, at: number): void {
    const part = count === input.length ? input : input.subarray(from, from + count);
    if (part instanceof BigUint64Array) this.#memory.u64(at, count).set(part);
    else this.#memory.u32(at, count).set(part);
  }

  // Addresses of so many bytes each, one behind the other, each a multiple of 16; undefined when memory is exhausted.
  #lay(sizes: readonly number[]): number[] | undefined {
    const padded = sizes.map((size) => (size + 47) & ~15);
    try {
      let at = this.#memory.room(padded.reduce((sum, size) => sum + size, 0));
      return padded.map((size) => {
        at += size;
        return at - size;
      });
    } catch {
      return undefined;
    }
  }

  #answer(value: number): number {
    if (value < 0) throw new CgroupError(errnoCode(-value));
    return value;
  }
}
