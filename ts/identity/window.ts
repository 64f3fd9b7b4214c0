// Strings out of a large buffer, a window at a time: one decoding serves the thousand ids that stand in it.
// Knows bytes and offsets; must not know what they say.

const BYTES = 1 << 16;

/** ASCII ranges of a buffer as strings, `edit` done to each. A string keeps at most one window of text alive. */
export class Window {
  readonly #bytes: Uint8Array;
  readonly #edit: (text: string) => string;
  readonly #decoder = new TextDecoder();
  #from = 0;
  #to = 0;
  #text = "";

  /** `edit` puts one character for another. */
  constructor(bytes: Uint8Array, edit: (text: string) => string = (text) => text) {
    this.#bytes = bytes;
    this.#edit = edit;
  }

  /** `length` bytes from `start` on, which must be ASCII and fit a window. */
  text(start: number, length: number): string {
    if (start < this.#from || start + length > this.#to) this.#move(start);
    const at = start - this.#from;
    if (this.#text.length === this.#to - this.#from) return this.#text.slice(at, at + length);
    return this.#edit(this.#decoder.decode(this.#bytes.subarray(start, start + length)));
  }

  // Where not all is ASCII the text is of another length, and offsets mean nothing.
  #move(start: number): void {
    this.#from = start;
    this.#to = Math.min(start + BYTES, this.#bytes.length);
    this.#text = this.#edit(this.#decoder.decode(this.#bytes.subarray(this.#from, this.#to)));
  }
}
