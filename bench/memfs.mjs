// memfs, which one might take for a tree of cgroups: stat of a path. Too slow to be filled with more than a few thousand.

import { Volume } from "memfs";
import { overRead } from "./lane.mjs";
import { each } from "./maps.mjs";

export function memfsLane(paths, batches) {
  const volume = new Volume();
  for (let i = 0; i < paths.length; i++) volume.mkdirSync(paths.path(i), { recursive: true });
  return overRead("memfs statSync", batches, (bytes) => each(bytes, (from, to) => volume.statSync(bytes.latin1Slice(from, to))));
}
