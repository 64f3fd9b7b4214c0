// The menu of the core: what the module exports, and nothing else.

import { ABI_VERSION } from "./abi";

export function abiVersion(): i32 {
  return ABI_VERSION;
}

export {
  ancestorAt, birth, byId, child, children, commonAncestor, create, createHierarchy, hierarchy, id,
  isDescendant, isKnown, isLive, level, name, open, pathOf, pin, pins, remove, rename, resolve, unpin, view, walk,
} from "./door";
export {
  ancestorsAt, areDescendants, checksum, commonAncestors, createLines, expect, getPids, idsOf, levelsOf, nextId,
  parentsOf, putPids, readImage, removePids, reservePids, resolveIds, resolveLines, setNextId, viewLines, writeImage,
} from "./bulk";
export { highestId } from "./ids";
export { idlePages, scratch, setLimit, takePages, touched } from "./memory";
export { key } from "./name";
export { viewEnd } from "./path";
export { currentStamp as stamp } from "./node";
export { lastNode, recordCount } from "./image";
export { viewBytes } from "./views";
export { liveCount, tombstoneCount } from "./tree";
export { statistics } from "./table";
