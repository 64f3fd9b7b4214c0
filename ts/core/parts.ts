// A list that comes in parts: put together at the end, or written into a list of the caller's.

type List = Uint8Array | Uint32Array;

export class Parts<L extends List> {
  readonly #kind: new (length: number) => L;
  readonly #out: L | undefined;
  readonly #parts: L[] = [];
  #length = 0;

  constructor(kind: new (length: number) => L, out?: L) {
    this.#kind = kind;
    this.#out = out;
  }

  /** Copies the part. @throws TypeError when the caller's list is full */
  add(part: L): void {
    if (this.#out === undefined) this.#parts.push(part.slice() as L);
    else if (this.#length + part.length > this.#out.length) throw new TypeError(`Expected \`out\` to have room for everything, got a length of ${this.#out.length}`);
    else this.#out.set(part, this.#length);
    this.#length += part.length;
  }

  /** Everything, in a list of its own; of a caller's list all of it. */
  all(): L {
    if (this.#out !== undefined) return this.#out;
    if (this.#parts.length === 1) return this.#parts[0]!;
    const all = new this.#kind(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  get length(): number {
    return this.#length;
  }
}
