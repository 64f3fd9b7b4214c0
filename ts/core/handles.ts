// Which object stands for a cgroup, by its node number: open addressing over plain numbers, so that a look-up reads neither
// the core nor the object that it finds. Numbers come in from the core and are never 0.

const FIRST_PLACES = 64;
const GOLDEN = 0x9e3779b1;

export class Handles<H> {
  /** The number at each place, 0 where there is none; at least half of them. */
  #nodes = new Uint32Array(FIRST_PLACES);
  #handles: (H | undefined)[] = new Array(FIRST_PLACES).fill(undefined);
  #shift = 32 - Math.log2(FIRST_PLACES);
  #size = 0;

  get(node: number): H | undefined {
    return this.#handles[this.#placeOf(node)];
  }

  /** For a number that has none yet. */
  set(node: number, handle: H): void {
    if (this.#size === this.#nodes.length >> 1) this.#grow();
    this.#put(node, handle);
    this.#size++;
  }

  /** For a number that has one. */
  delete(node: number): void {
    // What lies behind the gap moves up, unless it is at home there: no look-up has to pass a gap.
    let gap = this.#placeOf(node);
    const last = this.#nodes.length - 1;
    for (let place = (gap + 1) & last; this.#nodes[place] !== 0; place = (place + 1) & last) {
      const past = (place - this.#homeOf(this.#nodes[place]!)) & last;
      if (past < ((place - gap) & last)) continue;
      this.#nodes[gap] = this.#nodes[place]!;
      this.#handles[gap] = this.#handles[place];
      gap = place;
    }
    this.#nodes[gap] = 0;
    this.#handles[gap] = undefined;
    this.#size--;
  }

  // Where it is, or the empty place where it would be.
  #placeOf(node: number): number {
    const nodes = this.#nodes;
    let place = this.#homeOf(node);
    while (nodes[place] !== node && nodes[place] !== 0) place = (place + 1) & (nodes.length - 1);
    return place;
  }

  #homeOf(node: number): number {
    return Math.imul(node, GOLDEN) >>> this.#shift;
  }

  #put(node: number, handle: H | undefined): void {
    const place = this.#placeOf(node);
    this.#nodes[place] = node;
    this.#handles[place] = handle;
  }

  #grow(): void {
    const nodes = this.#nodes;
    const handles = this.#handles;
    this.#nodes = new Uint32Array(2 * nodes.length);
    this.#handles = new Array(2 * nodes.length).fill(undefined);
    this.#shift--;
    for (const [place, node] of nodes.entries()) if (node !== 0) this.#put(node, handles[place]);
  }
}
