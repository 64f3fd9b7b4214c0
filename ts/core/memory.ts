// Linear memory as this side sees it: views that are made again when it has grown, and the scratch buffer that questions
// and answers go through. The one place that holds a view across calls.

import { CgroupError } from "../errors.ts";
import type { Exports } from "./load.ts";
import { decode, latin1Slice } from "./text.ts";

/** What the core may read behind the last byte, and write. */
const SLACK = 32;

export class Memory {
  readonly #x: Exports;
  #bytes = new Uint8Array(0);
  #scratch = 0;
  #capacity = 0;
  #inbox = new Uint8Array(0);

  constructor(exports: Exports) {
    this.#x = exports;
  }

  /** All of it; good until the next call that may allocate. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.byteLength === 0) this.#bytes = new Uint8Array(this.#x.memory.buffer as ArrayBuffer);
    return this.#bytes as Uint8Array<ArrayBuffer>;
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
    return at;
  }

  /** The core has asked for room itself: the scratch buffer may be elsewhere. */
  moved(): void {
    this.#capacity = 0;
    this.#scratch = this.#x.scratch(0) >>> 0;
  }

  /** The string that the scratch buffer begins with, or undefined where that is not UTF-8. */
  text(length: number): string | undefined {
    const at = this.room(0);
    if (latin1Slice !== undefined && this.#x.isText(length) !== 0) return latin1Slice.call(this.bytes, at, at + length);
    return decode(this.bytes.subarray(at, at + length));
  }

  /** The scratch buffer as a view of its own, of at least so many bytes. */
  inbox(bytes: number): Uint8Array {
    const at = this.room(bytes);
    if (at !== this.#inbox.byteOffset || bytes > this.#inbox.byteLength) this.#inbox = this.bytes.subarray(at, at + this.#capacity);
    return this.#inbox;
  }
}
