// Many cgroups made in one call, from their paths, as lines in any order. Each line is made or not for itself, with an
// errno. Hashes first, then a touch of what they will need, then the making, as in batch.ts.

import { EEXIST, EINVAL, ENOENT } from "./abi";
import { endOfLine, hashedEnd, hashLine } from "./line";
import { keep } from "./memory";
import { hashId } from "./name";
import { hierarchyOf, touchRecord } from "./node";
import { findPath, whyNot } from "./path";
import { startOf } from "./starts";
import { guessOf, ids, paths, touchLine } from "./table";
import { childOf, create, createHashed } from "./tree";

const LANES: usize = 32;
const NEWLINE: u8 = 0x0a;
const SLASH: u8 = 0x2f;

// One lane: where its path starts, where its last name's slash is, where it ends; the hashes of its parent and of itself.
const starts = memory.data(128, 16);
const slashes = memory.data(128, 16);
const ends = memory.data(128, 16);
const above = memory.data(256, 16);
const hashes = memory.data(256, 16);

let nextId: u64 = 0;

/** The id that the next cgroup without one will get. */
export function idToCome(): u64 {
  return nextId;
}

export function setNextId(id: u64): void {
  nextId = id;
}

/**
 * Makes the cgroups at newline-separated paths below a root: u32 nodes and u8 errnos, one of them 0. With `given` the u64
 * ids, else the next ones. `recursive` makes missing parents and takes what is there already. Writes a newline behind the
 * last byte and reads up to 15 bytes behind that.
 */
export function createLines(root: u32, at: usize, length: u32, given: usize, recursive: bool, nodes: usize, errnos: usize): u32 {
  const end = at + length;
  store<u8>(end, NEWLINE);
  let made: u32 = 0;
  while (at < end) {
    let lanes: usize = 0;
    for (; at < end && lanes < LANES; lanes++) at = fillLane(root, at, lanes) + 1;
    touchLanes(hierarchyOf(root), lanes, given == 0 ? 0 : given + (<usize>made << 3));
    for (let lane: usize = 0; lane < lanes; lane++) {
      const id = given == 0 ? nextId : load<u64>(given + (<usize>made << 3));
      const answer = makeLane(root, lane, id, recursive);
      store<u32>(nodes + (<usize>made << 2), <u32>max(answer, 0));
      store<u8>(errnos + made, <u8>(answer < 0 ? -answer : 0));
      made++;
    }
  }
  return made;
}

// Fills a lane; where its line ends.
function fillLane(root: u32, at: usize, lane: usize): usize {
  let end = at;
  let slash = at;
  if (load<u8>(at) == SLASH) {
    store<u64>(hashes + (lane << 3), hashLine(startOf(root), at));
    end = hashedEnd();
    slash = lastSlash(end);
    store<u8>(slash, NEWLINE);
    store<u64>(above + (lane << 3), hashLine(startOf(root), at));
    store<u8>(slash, SLASH);
  } else {
    end = endOfLine(at);
    store<u64>(hashes + (lane << 3), 0);
    store<u64>(above + (lane << 3), 0);
  }
  store<u32>(starts + (lane << 2), <u32>at);
  store<u32>(slashes + (lane << 2), <u32>slash);
  store<u32>(ends + (lane << 2), <u32>end);
  return end;
}

// The last slash before `end`: there is one.
function lastSlash(end: usize): usize {
  const slashes = i8x16.splat(SLASH);
  let at = end - 16;
  let bits = i8x16.bitmask(i8x16.eq(v128.load(at), slashes));
  while (bits == 0) {
    at -= 16;
    bits = i8x16.bitmask(i8x16.eq(v128.load(at), slashes));
  }
  return at + 31 - <usize>clz(bits);
}

function touchLanes(hierarchy: u32, lanes: usize, given: usize): void {
  let sum: u32 = 0;
  for (let lane: usize = 0; lane < lanes; lane++) {
    sum += touchLine(paths, load<u64>(above + (lane << 3))) + touchLine(paths, load<u64>(hashes + (lane << 3)));
    sum += touchLine(ids, hashId(hierarchy, given == 0 ? nextId + lane : load<u64>(given + (lane << 3))));
  }
  for (let lane: usize = 0; lane < lanes; lane++) sum += touchRecord(guessOf(load<u64>(above + (lane << 3))));
  keep(sum);
}

// The node made or found, or -errno.
function makeLane(root: u32, lane: usize, id: u64, recursive: bool): i32 {
  const at = <usize>load<u32>(starts + (lane << 2));
  const slash = <usize>load<u32>(slashes + (lane << 2));
  const end = <usize>load<u32>(ends + (lane << 2));
  if (at == end || load<u8>(at) != SLASH) return -EINVAL;
  if (end - at == 1) return recursive ? <i32>root : -EEXIST;
  let parent: i32 = slash == at ? <i32>root : <i32>findPath(load<u64>(above + (lane << 3)), root, at, slash);
  if (parent == 0) {
    const why = whyNot(at, recursive ? end : slash);
    if (!recursive || why != ENOENT) return -why;
    parent = makeParents(root, at, slash);
    if (parent < 0) return parent;
    id = max(id, nextId);
  }
  return makeChild(parent, load<u64>(hashes + (lane << 3)), slash + 1, end, id, recursive);
}

function makeChild(parent: u32, hash: u64, at: usize, end: usize, id: u64, recursive: bool): i32 {
  const answer = createHashed(parent, hash, at, <u32>(end - at), id);
  if (answer >= 0) nextId = max(nextId, id + 1);
  if (answer != -EEXIST || !recursive) return answer;
  const there = childOf(parent, at, <u32>(end - at));
  return there == 0 ? -EEXIST : <i32>there;
}

// The node of a path of which some names are not there yet.
function makeParents(root: u32, at: usize, end: usize): i32 {
  let node = <i32>root;
  while (at < end && node > 0) {
    const name = ++at;
    while (at < end && load<u8>(at) != SLASH) at++;
    const there = <i32>childOf(node, name, <u32>(at - name));
    if (there == 0) {
      node = create(node, name, <u32>(at - name), nextId);
      if (node > 0) nextId++;
    } else node = there;
  }
  return node;
}
