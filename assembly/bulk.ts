// The half of the door for many at once. Input and output lie where the caller says: in the scratch buffer, but for input
// that callers read into their own. Images begin at the scratch buffer's start. Lists of nodes come with the stamp they were
// made under; whatever it does not cover counts as 0.

import * as batch from "./batch";
import { EINVAL, ENODEV, ENOMEM } from "./abi";
import * as builder from "./builder";
import * as image from "./image";
import * as lists from "./lists";
import { growAhead, scratch } from "./memory";
import { hierarchyOf, isNode, isOf } from "./node";
import * as pidTable from "./pids";
import * as table from "./table";
import * as views from "./views";

/** Paths at `at`, as lines or as `count` pieces of u32 `lengths`; u32 nodes to `nodes`. How many. */
export function resolveLines(from: u32, birth: u32, at: usize, length: u32, lengths: usize, count: u32, nodes: usize): i32 {
  return isOf(from, birth) ? batch.resolveLines(from, at, length, lengths, count, nodes) : -ENODEV;
}

/** Paths as lines at `at`, u64 ids at `given` or none; u32 nodes to `nodes`, u8 errnos to `errnos`. How many lines. */
export function createLines(root: u32, birth: u32, at: usize, length: u32, given: usize, recursive: i32, nodes: usize, errnos: usize): i32 {
  return isOf(root, birth) ? builder.createLines(root, at, length, given, recursive != 0, nodes, errnos) : -ENODEV;
}

export function setNextId(id: u64): void {
  builder.setNextId(id);
}

export function nextId(): u64 {
  return builder.idToCome();
}

/** Room for so many more cgroups in the tables, and memory for so many bytes of records, as far as there is some. */
export function expect(count: u32, bytes: u32): i32 {
  if (!table.expect(table.paths, count) || !table.expect(table.ids, count)) return -ENOMEM;
  growAhead(bytes);
  return 0;
}

/** Views as lines; how many nodes have been written, `viewBytes` says how many bytes. */
export function viewLines(root: u32, birth: u32, at: usize, count: u32, stamp: u32, out: usize, room: u32): i32 {
  return isOf(root, birth) ? <i32>views.viewLines(root, at, count, stamp, out, room) : -ENODEV;
}

export function idsOf(at: usize, count: u32, stamp: u32, out: usize): void {
  lists.sift(at, count, stamp);
  lists.idsOf(at, count, out);
}

export function levelsOf(at: usize, count: u32, stamp: u32, out: usize): void {
  lists.sift(at, count, stamp);
  lists.levelsOf(at, count, out);
}

export function parentsOf(at: usize, count: u32, stamp: u32, out: usize): void {
  lists.sift(at, count, stamp);
  lists.parentsOf(at, count, out);
}

export function ancestorsAt(at: usize, count: u32, stamp: u32, level: u32, out: usize): void {
  lists.sift(at, count, stamp);
  lists.ancestorsAt(at, count, level, out);
}

export function areDescendants(at: usize, stamp: u32, ancestors: usize, ancestorsStamp: u32, count: u32, out: usize): void {
  lists.sift(at, count, stamp);
  lists.sift(ancestors, count, ancestorsStamp);
  lists.areDescendants(at, ancestors, count, out);
}

export function commonAncestors(a: usize, aStamp: u32, b: usize, bStamp: u32, count: u32, out: usize): void {
  lists.sift(a, count, aStamp);
  lists.sift(b, count, bStamp);
  lists.commonAncestors(a, b, count, out);
}

/** u64 ids; u32 nodes to `out`. */
export function resolveIds(root: u32, birth: u32, at: usize, count: u32, out: usize): i32 {
  if (!isOf(root, birth)) return -ENODEV;
  lists.resolveIds(hierarchyOf(root), at, count, out);
  return 0;
}

export function reservePids(root: u32, birth: u32, at: usize, count: u32): i32 {
  return isOf(root, birth) ? pidTable.reserve(hierarchyOf(root), at, count) : -ENODEV;
}

export function putPids(root: u32, birth: u32, pids: usize, starts: usize, nodes: usize, stamp: u32, count: u32): i32 {
  if (!isOf(root, birth)) return -ENODEV;
  lists.sift(nodes, count, stamp);
  return pidTable.put(hierarchyOf(root), pids, starts, nodes, count);
}

/** `starts` may be 0: whoever has the pid. */
export function getPids(root: u32, birth: u32, pids: usize, starts: usize, count: u32, out: usize): i32 {
  if (!isOf(root, birth)) return -ENODEV;
  pidTable.get(hierarchyOf(root), pids, starts, count, out);
  return 0;
}

export function removePids(root: u32, birth: u32, pids: usize, starts: usize, count: u32): i32 {
  return isOf(root, birth) ? <i32>pidTable.remove(hierarchyOf(root), pids, starts, count) : -ENODEV;
}

/** Records behind a node into the scratch buffer, whole ones while `room` lasts; how many bytes, 0 at the end. */
export function writeImage(root: u32, birth: u32, after: u32, room: u32): i32 {
  if (!isOf(root, birth) || !isNode(after, u32.MAX_VALUE)) return -ENODEV;
  const out = scratch(room);
  return out == 0 ? -ENOMEM : image.writeRecords(root, after, out, room);
}

/** Nodes from the records in the scratch buffer; how many bytes of it were whole records. */
export function readImage(after: u32, length: u32, isLast: i32): i32 {
  return isNode(after, u32.MAX_VALUE) ? image.readRecords(after, scratch(0), length, isLast != 0) : -EINVAL;
}

/** Goes on with a checksum over the scratch buffer; from 0 on. */
export function checksum(sum: u64, length: u32): u64 {
  return image.checksum(sum, scratch(0), length);
}
