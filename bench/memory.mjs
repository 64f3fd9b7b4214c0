// What something takes, in bytes: the heap and the buffers, after collecting garbage before and behind its making.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** Makes it and weighs it. */
export function weigh(make) {
  const before = inUse();
  const value = make();
  return { value, bytes: inUse() - before };
}

function inUse() {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
