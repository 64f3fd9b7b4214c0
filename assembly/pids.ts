// Which cgroup a process is in, by pid and start time: one table a hierarchy. A pid used again starts at another time, a
// node used again has another birth: neither is ever taken for the one that was put in.
//
//   directory   1,024 addresses (u32) of pages; page pid >> 12
//   page        4,096 entries; entry pid & 4095:    0           8        12       16
//                                                   ├───────────┼────────┼────────┤
//                                                   │ start u64 │ node   │ birth  │      birth 0: nobody
//                                                   └───────────┴────────┴────────┘

import { ENOMEM, PID_LIMIT } from "./abi";
import { keep, takePages } from "./memory";
import { hierarchyOf, isOf, record, touchBirth } from "./node";

const LANES: u32 = 32;
const PAGE_SHIFT: u32 = 12;
const ENTRY_SHIFT: usize = 4;

// One directory address a hierarchy; directories share pages of linear memory, 16 in each.
const directories = memory.data(1024, 16);
const DIRECTORY_BYTES: usize = 4096;
let freeDirectory: usize = 0;
let freeDirectories: u32 = 0;

// The entry of a pid, or 0 where its page is not there.
function entryOf(hierarchy: u32, pid: u32): usize {
  const directory = <usize>load<u32>(directories + (<usize>hierarchy << 2));
  if (directory == 0 || pid >= <u32>PID_LIMIT) return 0;
  const page = <usize>load<u32>(directory + (<usize>(pid >> PAGE_SHIFT) << 2));
  return page == 0 ? 0 : page + (<usize>(pid & 4095) << ENTRY_SHIFT);
}

/** Makes room for these u32 pids, so that `put` cannot fail; -ENOMEM when memory is exhausted. */
export function reserve(hierarchy: u32, at: usize, count: u32): i32 {
  const slot = directories + (<usize>hierarchy << 2);
  if (load<u32>(slot) == 0) {
    const made = takeDirectory();
    if (made == 0) return -ENOMEM;
    store<u32>(slot, <u32>made);
  }
  const directory = <usize>load<u32>(slot);
  for (let i: usize = 0; i < count; i++) {
    const pid = load<u32>(at + (i << 2));
    if (pid >= <u32>PID_LIMIT) continue;
    const link = directory + (<usize>(pid >> PAGE_SHIFT) << 2);
    if (load<u32>(link) != 0) continue;
    const page = takePages(1, true);
    if (page == 0) return -ENOMEM;
    store<u32>(link, <u32>page);
  }
  return 0;
}

function takeDirectory(): usize {
  if (freeDirectories == 0) {
    freeDirectory = takePages(1, true);
    if (freeDirectory == 0) return 0;
    freeDirectories = 16;
  }
  freeDirectories--;
  return freeDirectory + <usize>freeDirectories * DIRECTORY_BYTES;
}

/** Puts u32 pids with their u64 start times in sifted u32 nodes; a node of 0, or of another hierarchy, leaves a pid as it was. How many were put. */
export function put(hierarchy: u32, pids: usize, starts: usize, nodes: usize, count: u32): u32 {
  let done: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const node = load<u32>(nodes + (i << 2));
    const entry = entryOf(hierarchy, load<u32>(pids + (i << 2)));
    if (node == 0 || entry == 0 || hierarchyOf(node) != hierarchy) continue;
    store<u64>(entry, load<u64>(starts + (i << 3)));
    store<u32>(entry, node, 8);
    store<u32>(entry, record(node).birth, 12);
    done++;
  }
  return done;
}

/** u32 nodes of u32 pids, 0 where there is none. With `starts` only of processes that started then. */
export function get(hierarchy: u32, pids: usize, starts: usize, count: u32, out: usize): void {
  for (let done: u32 = 0; done < count; done += LANES) {
    const stop = min(done + LANES, count);
    touchEntries(hierarchy, pids, done, stop);
    for (let i: usize = done; i < stop; i++) {
      const entry = entryOf(hierarchy, load<u32>(pids + (i << 2)));
      store<u32>(out + (i << 2), isThere(entry, starts, i) ? load<u32>(entry, 8) : 0);
    }
  }
}

function touchEntries(hierarchy: u32, pids: usize, from: usize, to: usize): void {
  let sum: u32 = 0;
  for (let i = from; i < to; i++) {
    const entry = entryOf(hierarchy, load<u32>(pids + (i << 2)));
    if (entry != 0) sum += load<u8>(entry);
  }
  for (let i = from; i < to; i++) {
    const entry = entryOf(hierarchy, load<u32>(pids + (i << 2)));
    if (entry != 0 && load<u32>(entry, 12) != 0) sum += touchBirth(load<u32>(entry, 8));
  }
  keep(sum);
}

function isThere(entry: usize, starts: usize, index: usize): bool {
  if (entry == 0 || (starts != 0 && load<u64>(entry) != load<u64>(starts + (index << 3)))) return false;
  const node = load<u32>(entry, 8);
  const birth = load<u32>(entry, 12);
  return birth != 0 && isOf(node, birth);
}

/** Takes u32 pids out, with `starts` only those that started then; how many were there. */
export function remove(hierarchy: u32, pids: usize, starts: usize, count: u32): u32 {
  let done: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const entry = entryOf(hierarchy, load<u32>(pids + (i << 2)));
    if (!isThere(entry, starts, i)) continue;
    store<u32>(entry, 0, 12);
    done++;
  }
  return done;
}
