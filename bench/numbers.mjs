// Numbers as one would keep them: cgroup ids in a Map of bigints, and of numbers, from the same BigUint64Array; and a value
// for each cgroup, summed up the parents.

import { overMade } from "./lane.mjs";
import { BATCH } from "./queries.mjs";

/** Batches of ids for batches of paths. */
export function idBatches(paths, batches) {
  return batches.map(({ indexes, hits }) => ({ indexes, hits, ids: BigUint64Array.from(indexes, (index) => paths.ids[index]) }));
}

function roomOfOne() {
  const room = new Uint8Array(BATCH * 8);
  return () => room;
}

/** Ids as they have just been read: put into `room` before the clock starts. */
export function justRead(room = roomOfOne()) {
  return ({ ids }) => {
    const { buffer, byteOffset } = room(BATCH * 8);
    const into = new BigUint64Array(buffer, byteOffset, ids.length);
    into.set(ids);
    return into;
  };
}

export function numberLanes(paths, batches) {
  const bigints = new Map();
  const numbers = new Map();
  for (let i = 0; i < paths.length; i++) {
    bigints.set(paths.ids[i], i);
    numbers.set(Number(paths.ids[i]), i);
  }
  return [
    overMade("Map<bigint>", batches, justRead(), (ids) => {
      let found = 0;
      for (let i = 0, { length } = ids; i < length; i++) if (bigints.get(ids[i]) !== undefined) found++;
      return found;
    }),
    overMade("Map<number>", batches, justRead(), (ids) => {
      // Two words are read for each id: faster than a bigint made and turned into a number.
      const words = new Uint32Array(ids.buffer, ids.byteOffset, ids.length * 2);
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
