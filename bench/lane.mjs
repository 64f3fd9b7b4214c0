// What lanes are made of: a batch after the other from a stream, the answers counted.

import { Buffer } from "node:buffer";
import { BATCH, cycle } from "./queries.mjs";

/** A lane over batches: `work` answers how many it found in one; that it found them all is checked. */
export function over(name, batches, work) {
  const next = cycle(batches);
  let batch;
  return {
    name,
    count: BATCH,
    hits: () => batch.hits,
    run: () => {
      batch = next();
      return work(batch);
    },
  };
}

/** The same over bytes that have just been read: put into `room`, as read(2) would, before the clock starts. */
export function overRead(name, batches, work, room = roomOfOne(batches)) {
  const read = ({ bytes }) => {
    const into = room(bytes.length).subarray(0, bytes.length);
    into.set(bytes);
    return into;
  };
  return overMade(name, batches, read, work);
}

/** A buffer that any of these batches fits. */
function roomOfOne(batches) {
  const buffer = Buffer.alloc(Math.max(...batches.map(({ bytes }) => bytes.length)));
  return () => buffer;
}

/** The same with something made of each batch before the clock starts. */
export function overMade(name, batches, make, work) {
  const next = cycle(batches);
  let batch;
  let made;
  return {
    name,
    count: BATCH,
    hits: () => batch.hits,
    before: () => {
      batch = next();
      made = make(batch);
    },
    run: () => work(made, batch),
  };
}
