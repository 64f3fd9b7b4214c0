// Many cgroups made in one call, from their paths, as lines in any order. Each line is made or not for itself, with an
// errno. Hashes first, then a touch of what they will need, then the making, as in batch.ts.

import { EEXIST, EINVAL, ENOENT } from "./abi";
import { endOfLine, hashedEnd, hashLine, slashBefore } from "./line";
import { keep } from "./memory";
import { hashId, NEWLINE, sameBytes, SLASH } from "./name";
import { hierarchyOf, touchRecord } from "./node";
import { findPath, whyNot } from "./path";
import { startOf } from "./starts";
import { guessOf, ids, paths, touchLine } from "./table";
import { childOf, create, createHashed } from "./tree";

const LANES: usize = 32;
const LANE_BYTES: usize = 40;

// A line read ahead of being made.
@unmanaged
class Lane {
  hash: u64;
  /** Of its parent's path. */
  above: u64;
  id: u64;
  at: usize;
  /** Before its last name. */
  slash: usize;
  end: usize;
  /** Has the line before it the same parent? */
  isSibling: bool;
}
const all = memory.data(1280, 16);

function laneAt(n: usize): Lane {
  return changetype<Lane>(all + n * LANE_BYTES);
}

let nextId: u64 = 0;

// Siblings come one after the other, mostly: the parent's path of the last path that was filled in, and the parent of the last
// that was made, 0 where there is none.
let above: usize = 0;
let aboveLength: usize = 0;
let parent: u32 = 0;

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
  aboveLength = usize.MAX_VALUE;
  let made: u32 = 0;
  while (at < end) {
    let lanes: usize = 0;
    for (; at < end && lanes < LANES; lanes++) {
      const lane = laneAt(lanes);
      at = fill(lane, root, at) + 1;
      lane.id = given == 0 ? nextId + lanes : load<u64>(given + ((<usize>made + lanes) << 3));
    }
    touchLanes(hierarchyOf(root), lanes);
    for (let n: usize = 0; n < lanes; n++) {
      const lane = laneAt(n);
      const answer = make(lane, root, given == 0 ? nextId : lane.id, recursive);
      store<u32>(nodes + (<usize>made << 2), <u32>max(answer, 0));
      store<u8>(errnos + made, <u8>(answer < 0 ? -answer : 0));
      made++;
    }
  }
  return made;
}

// Answers where the line ends. What is no path keeps the hashes of another: a touch does no harm.
function fill(lane: Lane, root: u32, at: usize): usize {
  lane.at = at;
  if (load<u8>(at) == SLASH) {
    lane.hash = hashLine(startOf(root), at);
    lane.end = hashedEnd();
    lane.slash = slashBefore(lane.end);
    const length = lane.slash - at;
    lane.isSibling = length == aboveLength && sameBytes(at, above, length);
    above = at;
    aboveLength = length;
    if (lane.isSibling) return lane.end;
    store<u8>(lane.slash, NEWLINE);
    lane.above = hashLine(startOf(root), at);
    store<u8>(lane.slash, SLASH);
  } else lane.end = endOfLine(at);
  return lane.end;
}

function touchLanes(hierarchy: u32, lanes: usize): void {
  let sum: u32 = 0;
  for (let n: usize = 0; n < lanes; n++) {
    const lane = laneAt(n);
    sum += touchLine(paths, lane.above) + touchLine(paths, lane.hash) + touchLine(ids, hashId(hierarchy, lane.id));
  }
  for (let n: usize = 0; n < lanes; n++) sum += touchRecord(guessOf(laneAt(n).above));
  keep(sum);
}

// The node made or found, or -errno.
function make(lane: Lane, root: u32, id: u64, recursive: bool): i32 {
  const at = lane.at;
  const slash = lane.slash;
  const end = lane.end;
  if (at == end || load<u8>(at) != SLASH) return -EINVAL;
  if (end - at == 1) return recursive ? <i32>root : -EEXIST;
  if (slash == at) parent = root;
  else if (!lane.isSibling) parent = findPath(lane.above, root, at, slash);
  if (parent == 0) {
    const why = whyNot(at, recursive ? end : slash);
    if (!recursive || why != ENOENT) return -why;
    const made = makeParents(root, at, slash);
    if (made < 0) return made;
    parent = made;
    id = max(id, nextId);
  }
  return makeChild(parent, lane.hash, slash + 1, end, id, recursive);
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
