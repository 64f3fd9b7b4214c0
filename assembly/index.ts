// The menu of the core: what the module exports, and nothing else.

import { ABI_VERSION } from "./abi";

export function abiVersion(): i32 {
  return ABI_VERSION;
}

export {
  ancestorAt, birth, byId, child, children, commonAncestor, create, createHierarchy, hierarchy, idHigh, idLow,
  isDescendant, isKnown, isLive, level, name, open, pin, pins, remove, rename, resolve, resolveLines, unpin, view, walk,
} from "./door";
export { scratch, setLimit } from "./memory";
export { key } from "./name";
export { currentStamp as stamp } from "./node";
export { touched } from "./batch";
export { liveCount, tombstoneCount } from "./tree";
export { statistics } from "./table";
