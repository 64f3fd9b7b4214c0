// Numbers as one would keep them: cgroup ids in a Map of bigints, and of numbers, from the same BigUint64Array; and a value
// for each cgroup, summed up the parents.

import { overRead } from "./lane.mjs";

/** Batches of ids for batches of paths, as bytes. */
export function idBatches(paths, batches) {
  return batches.map(({ indexes, hits }) => ({ indexes, hits, bytes: new Uint8Array(BigUint64Array.from(indexes, (index) => paths.ids[index]).buffer) }));
}

/** The ids that these bytes are. */
export const idsIn = ({ buffer, byteOffset, length }) => new BigUint64Array(buffer, byteOffset, length >> 3);

export function numberLanes(paths, batches) {
  const bigints = new Map();
  const numbers = new Map();
  for (let i = 0; i < paths.length; i++) {
    bigints.set(paths.ids[i], i);
    numbers.set(Number(paths.ids[i]), i);
  }
  return [
    overRead("Map<bigint>", batches, (bytes) => {
      const ids = idsIn(bytes);
      let found = 0;
      for (let i = 0, { length } = ids; i < length; i++) if (bigints.get(ids[i]) !== undefined) found++;
      return found;
    }),
    overRead("Map<number>", batches, ({ buffer, byteOffset, length: bytes }) => {
      // Two words are read for each id: faster than a bigint made and turned into a number.
      const words = new Uint32Array(buffer, byteOffset, bytes >> 2);
      let found = 0;
      for (let i = 0, { length } = words; i < length; i += 2) if (numbers.get(words[i + 1] * 4294967296 + words[i]) !== undefined) found++;
      return found;
    }),
  ];
}

/** A roll-up over a list of parents: every parent lies before its children. */
export function rollUpLane(paths) {
  const { parents, length } = paths;
  const values = new Float64Array(length).fill(1);
  const sums = new Float64Array(length + 1);
  const run = () => {
    sums.set(values);
    sums[length] = 0;
    for (let i = length - 1; i >= 0; i--) sums[parents[i] < 0 ? length : parents[i]] += sums[i];
    return sums[length];
  };
  return { name: "JS, roll-up over parents", count: length, hits: () => length, run };
}
