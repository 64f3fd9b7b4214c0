// Paths of one tree as newline-separated bytes, every parent before its children: what the lanes are built from. Also
// who is whose parent, and a cgroup id for each, as kernfs gives them: rising, with gaps for the files of every cgroup.

import { Buffer } from "node:buffer";

const FILES_OF_A_CGROUP = 40;

export class Paths {
  /** Index of the parent of each, -1 for a child of the root. */
  parents;
  ids;
  length = 0;
  #bytes;
  #starts;
  #firstId;

  constructor(capacity, { bytesEach = 200, firstId = 2 } = {}) {
    this.#firstId = firstId;
    this.#bytes = Buffer.allocUnsafeSlow(capacity * bytesEach);
    this.#starts = new Float64Array(capacity + 1);
    this.parents = new Int32Array(capacity);
    this.ids = new BigUint64Array(capacity);
  }

  /** Adds a child of `parent`; answers its index. */
  add(parent, name) {
    const bytes = this.#bytes;
    let at = this.#starts[this.length];
    if (parent >= 0) at += bytes.copy(bytes, at, this.#starts[parent], this.#starts[parent + 1] - 1);
    bytes[at++] = 0x2f;
    at += bytes.latin1Write(name, at);
    bytes[at++] = 0x0a;
    this.parents[this.length] = parent;
    this.ids[this.length] = BigInt((this.length + this.#firstId) * FILES_OF_A_CGROUP + (name.length % 7));
    this.#starts[++this.length] = at;
    return this.length - 1;
  }

  /** All of them, or some in a row, each line with its newline. */
  lines(from = 0, to = this.length) {
    return this.#bytes.subarray(this.#starts[from], this.#starts[to]);
  }

  /** The bytes of one path, without the newline. */
  bytes(index) {
    return this.#bytes.subarray(this.#starts[index], this.#starts[index + 1] - 1);
  }

  path(index) {
    return this.#bytes.latin1Slice(this.#starts[index], this.#starts[index + 1] - 1);
  }

  name(index) {
    const path = this.path(index);
    return path.slice(path.lastIndexOf("/") + 1);
  }

  /** Their average length in bytes, without the newline. */
  get average() {
    return this.#starts[this.length] / this.length - 1;
  }

  /** Bytes of all names. */
  get nameBytes() {
    let sum = 0;
    for (let i = 0; i < this.length; i++) sum += this.#starts[i + 1] - this.#starts[i] - 2 - this.#parentBytes(i);
    return sum;
  }

  #parentBytes(index) {
    const parent = this.parents[index];
    return parent < 0 ? 0 : this.#starts[parent + 1] - this.#starts[parent] - 1;
  }
}
