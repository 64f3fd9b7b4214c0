// A million look-ups of field-like paths, ours in bulk and the same from the same bytes through a JS Map, chunk by chunk in
// turn, so that both meet the same weather. The answers are compared; a progress bar shows how far it is.

import { SingleBar } from "cli-progress";
import { Hierarchy } from "../index.ts";
import { fieldPaths, queries } from "./field.ts";

const CHUNKS = 50;

export interface Race {
  readonly cgroups: number;
  readonly paths: number;
  /** Nanoseconds a path, the median of the chunks. */
  readonly ours: number;
  readonly map: number;
}

/** `paths` look-ups over `cgroups` cgroups. `progress` only makes sense on a terminal. */
export function race(cgroups: number, paths: number, progress: boolean): Race {
  const known = fieldPaths(cgroups);
  const tree = new Hierarchy();
  for (const path of known) tree.create(path, { recursive: true });
  const places = new Map(known.map((path) => [path, tree.get(path)!]));
  const size = Math.ceil(paths / CHUNKS);
  const chunks = Array.from({ length: CHUNKS }, (_, n) => queries(known, size, n + 2));
  const bar = new SingleBar({ format: "  {bar} {value} of {total} paths", hideCursor: true, noTTYOutput: false });
  if (progress) bar.start(CHUNKS * size, 0);
  const ours: number[] = [];
  const map: number[] = [];
  for (const [n, bytes] of chunks.entries()) {
    const [ourTime, nodes] = timed(() => tree.resolveMany(bytes));
    const [mapTime, found] = timed(() => inMap(places, bytes, size));
    if (n > 0) ours.push((ourTime * 1e6) / size);
    if (n > 0) map.push((mapTime * 1e6) / size);
    for (let i = 0; i < size; i += 97) {
      if (tree.at(nodes, i) !== found[i]) throw new Error(`the two disagree on path ${i}`);
    }
    if (progress) bar.update((n + 1) * size);
  }
  if (progress) bar.stop();
  return { cgroups, paths: CHUNKS * size, ours: median(ours), map: median(map) };
}

// What one would write: a string from the bytes, a look at the Map.
function inMap<T>(places: ReadonlyMap<string, T>, bytes: Buffer, count: number): (T | undefined)[] {
  const found: (T | undefined)[] = new Array(count);
  let at = 0;
  for (let n = 0; n < count; n++) {
    const end = bytes.indexOf(10, at);
    found[n] = places.get(bytes.toString("latin1", at, end));
    at = end + 1;
  }
  return found;
}

function timed<T>(work: () => T): [number, T] {
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
