// What strings found lately: one that comes again costs eight of its characters and one comparing, instead of its way into
// the core and through it. Whoever removes or renames a cgroup says so, and all is forgotten. A string is taken in when it
// comes the second time, 16,384 of them at most; where few come again they are not even looked at, for a while.

const SET_BITS = 12;
const WAYS = 4;
const PLACES = WAYS << SET_BITS;
const NOWHERE = -1;
/** The tag of an empty place. */
const NOBODY = 0;

// What looks cost, or save, beside each other: one in vain, one that takes a string in, one that finds.
const IN_VAIN = 1;
const TAKEN_IN = 3;
const FOUND = 2;
const MOST_CREDIT = 4 * PLACES;
const NEW_CREDIT = 1024;
const SLEEP = 16 * NEW_CREDIT;

export class Recent<H> {
  /** Of the string that came to each place last, known or not. */
  readonly #tags = new Uint32Array(PLACES).fill(NOBODY);
  readonly #paths: (string | undefined)[] = new Array(PLACES).fill(undefined);
  readonly #handles: (H | undefined)[] = new Array(PLACES).fill(undefined);
  #isEmpty = true;
  /** Who gives way next, of each set. */
  #turn = 0;
  #credit = MOST_CREDIT;
  #asleep = 0;
  /** Where the answer to the last look belongs. */
  #place = NOWHERE;

  /** What this path led to from a live cgroup, by its number. */
  get(from: number, path: string): H | undefined {
    this.#place = NOWHERE;
    if (this.#asleep > 0) {
      this.#asleep--;
      return undefined;
    }
    const tag = tagOf(from, path);
    if (tag === NOBODY) return undefined;
    const first = (tag >>> (32 - SET_BITS)) * WAYS;
    for (let place = first; place < first + WAYS; place++) {
      if (this.#tags[place] !== tag) continue;
      if (this.#paths[place] === path) {
        if (this.#credit < MOST_CREDIT) this.#credit += FOUND;
        return this.#handles[place];
      }
      this.#place = place;
      return this.#pay(TAKEN_IN);
    }
    this.#begin(first, tag);
    return this.#pay(IN_VAIN);
  }

  /** Does it want to have what it just did not know? */
  get wants(): boolean {
    return this.#place !== NOWHERE;
  }

  /** `path`: a string of its own, not a slice that would keep all of a long text. */
  put(path: string, handle: H): void {
    this.#paths[this.#place] = path;
    this.#handles[this.#place] = handle;
  }

  forget(): void {
    if (this.#isEmpty) return;
    this.#tags.fill(NOBODY);
    this.#isEmpty = true;
  }

  #begin(first: number, tag: number): void {
    this.#turn = (this.#turn + 1) % WAYS;
    this.#tags[first + this.#turn] = tag;
    this.#paths[first + this.#turn] = undefined;
    this.#isEmpty = false;
  }

  #pay(cost: number): undefined {
    this.#credit -= cost;
    if (this.#credit >= 0) return;
    this.#credit = NEW_CREDIT;
    this.#asleep = SLEEP;
  }
}

const GOLDEN = 0x9e3779b1;
// Of a long path every seventh character from the end on, eight of them: an id of 32 digits is met several times, and no usual
// distance of two ids is a multiple.
const MOST_BETWEEN = 6;

// No two cgroups have one tag of the same path: every step can be undone.
function tagOf(from: number, path: string): number {
  const last = path.length - 1;
  const step = Math.min(last >> 3, MOST_BETWEEN) + 1;
  const first = Math.max(last - 7 * step, 0);
  let tag = from + last;
  for (let at = last; at >= first; at -= step) tag = (Math.imul(tag, GOLDEN) + path.charCodeAt(at)) | 0;
  return Math.imul(tag, GOLDEN) >>> 0;
}
