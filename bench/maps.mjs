// What one would write instead: a Map of whole paths, and a trie of Maps. From the same bytes, by whichever way makes
// strings fastest; from strings made before; from strings that are the very keys, which have their hash already.

import { overMade, overRead } from "./lane.mjs";

const decoder = new TextDecoder("latin1");

/** The ways from bytes to strings, of which the fastest is taken. */
export const MAP_LANES = ["Map, latin1Slice", "Map, TextDecoder", "Map, split"];

/** path → index */
export function mapOf(paths) {
  const map = new Map();
  for (let i = 0; i < paths.length; i++) map.set(paths.path(i), i);
  return map;
}

export function mapLanes(map, batches) {
  return [
    overRead(MAP_LANES[0], batches, (bytes) => each(bytes, (from, to) => map.get(bytes.latin1Slice(from, to)))),
    overRead(MAP_LANES[1], batches, (bytes) => each(bytes, (from, to) => map.get(decoder.decode(bytes.subarray(from, to))))),
    overRead(MAP_LANES[2], batches, (bytes) => {
      const lines = bytes.latin1Slice(0, bytes.length - 1).split("\n");
      let found = 0;
      for (const line of lines) if (map.get(line) !== undefined) found++;
      return found;
    }),
  ];
}

/** Strings made before the clock starts: fresh ones, whose hash has still to be computed, and the keys themselves. */
export function stringLanes(map, batches) {
  const keys = [...map.keys()];
  const inMap = (strings) => {
    let found = 0;
    for (const path of strings) if (map.get(path) !== undefined) found++;
    return found;
  };
  return [
    overMade("Map, fresh strings", batches, freshStrings, inMap),
    overMade("Map, interned strings", batches, ({ indexes }) => Array.from(indexes, (index) => keys[index]), inMap),
  ];
}

export function freshStrings({ bytes }) {
  const strings = [];
  each(bytes, (from, to) => strings.push(bytes.latin1Slice(from, to)));
  return strings;
}

export function trieLane(paths, batches) {
  const nodes = [];
  const root = { index: -1, children: new Map() };
  for (let i = 0; i < paths.length; i++) {
    const above = paths.parents[i] < 0 ? root : nodes[paths.parents[i]];
    above.children ??= new Map();
    nodes.push({ index: i, children: undefined });
    above.children.set(paths.name(i), nodes[i]);
  }
  const look = (path) => {
    let at = root;
    for (const name of path.slice(1).split("/")) {
      at = at.children?.get(name);
      if (at === undefined) return undefined;
    }
    return at;
  };
  return overRead("trie of Maps", batches, (bytes) => each(bytes, (from, to) => look(bytes.latin1Slice(from, to))));
}

/** Calls `look` with the ends of each line; answers how many it found. */
export function each(bytes, look) {
  let found = 0;
  let at = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, at)) {
    if (look(at, end) !== undefined) found++;
    at = end + 1;
  }
  return found;
}
