// Linear memory as this side sees it: views that are made again when it has grown, the scratch buffer that questions and
// answers go through, and the input buffer that callers fill themselves. The one place that holds a view across calls. A view
// is told to be stale by having no first byte: to ask for its length is a call out of compiled code, once any memory has grown.

import { PAGE_BYTES } from "../../assembly/abi.ts";
import { CgroupError } from "../errors.ts";
import type { Exports } from "./load.ts";
import { decode } from "./text.ts";

/** What the core may read behind the last byte, and write. */
const SLACK = 32;

/** All that 32 bits can address. */
const PAGES_MAX = 65_536;

const NONE = new Uint8Array(0);

type List = Uint8Array | Uint32Array | BigUint64Array;

// A Buffer's own `slice` copies nothing.
const slice = Object.getPrototypeOf(Uint8Array.prototype).slice as (this: List) => List;

// Node's way from ASCII to a string, which needs no view of its own for the part; elsewhere there is none. Where it is
// imported from, the engine would not know which function it calls.
const latin1Slice: ((this: Uint8Array, start: number, end: number) => string) | undefined = globalThis.Buffer?.prototype.latin1Slice;

export class Memory {
  readonly #x: Exports;
  #bytes = NONE;
  #scratch = 0;
  #capacity = 0;
  /** The scratch buffer as a view of its own, or none. */
  #inbox = NONE;
  #input = 0;
  #inputBytes = 0;

  constructor(exports: Exports) {
    this.#x = exports;
  }

  /** All of it; good until the next call that may allocate. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes[0] === undefined) this.#bytes = new Uint8Array(this.#x.memory.buffer as ArrayBuffer);
    return this.#bytes as Uint8Array<ArrayBuffer>;
  }

  u8(at: number, count: number): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(at, at + count);
  }

  u32(at: number, count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.bytes.buffer, at, count);
  }

  u64(at: number, count: number): BigUint64Array<ArrayBuffer> {
    return new BigUint64Array(this.bytes.buffer, at, count);
  }

  /**
   * The address of a scratch buffer of so many bytes, a multiple of 16; it may move whenever a larger one is asked for.
   * @throws CgroupError ENOMEM
   */
  room(bytes: number): number {
    if (bytes <= this.#capacity) return this.#scratch;
    const at = this.#x.scratch(bytes + SLACK) >>> 0;
    if (at === 0) throw new CgroupError("ENOMEM");
    this.#scratch = at;
    this.#capacity = bytes;
    this.#inbox = NONE;
    return at;
  }

  /** The core has asked for room itself: the scratch buffer may be elsewhere. */
  moved(): void {
    this.#capacity = 0;
    this.#scratch = this.#x.scratch(0) >>> 0;
  }

  /** So many bytes of ASCII as a string. */
  ascii(at: number, length: number): string {
    return latin1Slice === undefined ? decode(this.u8(at, length))! : latin1Slice.call(this.bytes, at, at + length);
  }

  /** The scratch buffer as a view of its own, of at least so many bytes. */
  inbox(bytes: number): Uint8Array {
    if (bytes > this.#capacity || this.#inbox[0] === undefined) {
      const at = this.room(bytes);
      this.#inbox = this.u8(at, this.#capacity);
    }
    return this.#inbox;
  }

  /** The input buffer's first bytes; where it has not so many, it is another one from now on. @throws CgroupError ENOMEM */
  input(bytes: number): Uint8Array {
    if (bytes > this.#inputBytes) {
      const pages = Math.ceil((Math.max(bytes, 2 * this.#inputBytes) + SLACK) / PAGE_BYTES);
      const at = pages > PAGES_MAX ? 0 : this.#x.takePages(pages, 0) >>> 0;
      if (at === 0) throw new CgroupError("ENOMEM");
      this.#input = at;
      this.#inputBytes = pages * PAGE_BYTES - SLACK;
    }
    return this.u8(this.#input, bytes);
  }

  /** Where a list lies in the input buffer; 0 where it does not. */
  addressOf(list: List): number {
    if (this.#input === 0 || list.buffer !== this.bytes.buffer) return 0;
    const { byteOffset: at, byteLength } = list;
    return at >= this.#input && at + byteLength <= this.#input + this.#inputBytes ? at : 0;
  }

  /** A list that stays as it is when memory grows: where it lies in memory, a copy. */
  kept<L extends List>(list: L): L {
    return list.buffer === this.bytes.buffer ? (slice.call(list) as L) : list;
  }
}
