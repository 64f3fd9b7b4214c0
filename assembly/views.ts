// Views of many nodes from one root, as lines. Names are written from the top down, 16 bytes at a time, over each other's
// tails; up to 64 levels of a path are remembered on the climb, deeper ones are written the slow way.

import { VIEW_MAX } from "./abi";
import { keep } from "./memory";
import { NEWLINE, SLASH } from "./name";
import { lengthOf, levelOf, nameOf, parentOf, touchParent, touchRecord } from "./node";
import { sift } from "./lists";
import { viewInto } from "./path";

const LANES: u32 = 32;
const DEPTH: u32 = 64;

// The root's ancestors by level; the climbed nodes of the path in hand.
const above = memory.data(256, 16);
const climbed = memory.data(256, 16);

let written: u32 = 0;

/** Bytes that the last call wrote. */
export function viewBytes(): u32 {
  return written;
}

/**
 * The view of each of `count` u32 nodes with a newline behind it, as the kernel prints it: names are cut at VIEW_MAX. An
 * empty line where there is no view: no node that the stamp covers, another hierarchy, `/..` beyond VIEW_MAX. Stops before
 * `room` bytes are full, leaving 2 × VIEW_MAX unused; answers how many nodes have been written.
 */
export function viewLines(root: u32, at: usize, count: u32, stamp: u32, out: usize, room: u32): u32 {
  const level = levelOf(root);
  if (level < DEPTH) rememberRoot(root, level);
  const top = out;
  const full = out + room - 2 * VIEW_MAX - 32;
  let done: u32 = 0;
  while (done < count && out < full) {
    const lanes = min(LANES, count - done);
    const first = at + (<usize>done << 2);
    sift(first, lanes, stamp);
    touchLanes(first, lanes);
    let lane: u32 = 0;
    for (; lane < lanes && out < full; lane++) {
      const node = load<u32>(first + (<usize>lane << 2));
      if (node != 0) out = viewLine(root, level, node, out);
      store<u8>(out, NEWLINE);
      out++;
    }
    done += lane;
  }
  written = <u32>(out - top);
  return done;
}

function rememberRoot(root: u32, level: u32): void {
  for (let node = root; ; level--) {
    store<u32>(above + (<usize>level << 2), node);
    if (level == 0) return;
    node = parentOf(node);
  }
}

function touchLanes(at: usize, lanes: u32): void {
  let sum: u32 = 0;
  for (let lane: u32 = 0; lane < lanes; lane++) sum += touchRecord(load<u32>(at + (<usize>lane << 2)));
  for (let lane: u32 = 0; lane < lanes; lane++) sum += touchParent(load<u32>(at + (<usize>lane << 2)));
  keep(sum);
}

// Answers where the view ends.
function viewLine(root: u32, rootLevel: u32, node: u32, out: usize): usize {
  if (rootLevel >= DEPTH) return viewInto(root, node, out);
  let names: usize = 0;
  let at = node;
  let level = levelOf(at);
  while (level > rootLevel || load<u32>(above + (<usize>level << 2)) != at) {
    if (names == DEPTH) return viewInto(root, node, out);
    store<u32>(climbed + (names << 2), at);
    names++;
    at = parentOf(at);
    if (at == 0) return out;
    level--;
  }
  if (names == 0 && level == rootLevel) {
    store<u8>(out, SLASH);
    return out + 1;
  }
  const limit = out + VIEW_MAX;
  for (; level < rootLevel; level++) {
    store<u32>(out, 0x2e2e2f);
    out += 3;
  }
  while (names > 0 && out < limit) {
    names--;
    out = writeName(load<u32>(climbed + (names << 2)), out);
  }
  return min(out, limit);
}

function writeName(node: u32, out: usize): usize {
  const length = <usize>lengthOf(node);
  const name = nameOf(node);
  store<u8>(out, SLASH);
  out++;
  for (let offset: usize = 0; offset < length; offset += 16) v128.store(out + offset, v128.load(name + offset));
  return out + length;
}
