// The places of paths in one buffer, the last few thousand distinct ones kept: what streams of paths share is their parents.
// Knows ranges of bytes; a range is remembered by where it stood, nothing is copied. Where two parents want the same slot
// the later one has it: paths chosen to collide cost their own reading, not more.

import { componentText, TOP } from "./path.ts";
import { Place } from "./place.ts";

const SLASH = 0x2f;
const SLOTS = 1 << 12;
const HASHED_BYTES = 24;

export class Parents {
  readonly #bytes: Uint8Array;
  readonly #starts: Uint32Array = new Uint32Array(SLOTS);
  readonly #ends: Uint32Array = new Uint32Array(SLOTS);
  readonly #places: (Place | undefined)[] = new Array<Place | undefined>(SLOTS).fill(undefined);

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The place of start…end: a path, or nothing for the root. */
  place(start: number, end: number): Place {
    const kept = this.#kept(start, end);
    if (kept !== undefined) return kept;
    const ends: number[] = [];
    let place: Place | undefined;
    for (let to = end; place === undefined; to = this.slash(start, to), place = this.#kept(start, to)) ends.push(to);
    for (const to of ends.reverse()) {
      place = this.#below(place, start, to);
      this.#keep(start, to, place);
    }
    return place;
  }

  /** The same, its last component read anew. */
  read(start: number, end: number): Place {
    return this.#below(this.place(start, this.slash(start, end)), start, end);
  }

  #below(above: Place, start: number, end: number): Place {
    const slash = this.slash(start, end);
    return slash === end - 1 ? above : new Place(above, componentText(this.#bytes.subarray(slash + 1, end)));
  }

  #kept(start: number, end: number): Place | undefined {
    if (start === end) return TOP;
    const slot = this.#slot(start, end);
    const kept = this.#places[slot];
    return kept !== undefined && this.#isAt(slot, start, end) ? kept : undefined;
  }

  #keep(start: number, end: number, place: Place): void {
    const slot = this.#slot(start, end);
    this.#places[slot] = place;
    this.#starts[slot] = start;
    this.#ends[slot] = end;
  }

  /** Where the last component's `/` stands. */
  slash(start: number, end: number): number {
    let at = end - 1;
    while (at > start && this.#bytes[at] !== SLASH) at--;
    return at;
  }

  #isAt(slot: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const shift = this.#ends[slot]! - end;
    if (this.#starts[slot]! !== start + shift) return false;
    for (let at = end - 1; at >= start; at--) if (bytes[at] !== bytes[at + shift]) return false;
    return true;
  }

  #slot(start: number, end: number): number {
    let hash = end - start;
    for (let at = Math.max(start, end - HASHED_BYTES); at < end; at++) hash = Math.imul(hash ^ this.#bytes[at]!, 0x01000193);
    return (hash ^ (hash >>> 15)) & (SLOTS - 1);
  }
}
