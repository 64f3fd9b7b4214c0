// Linear memory: pages, the runs of pages that are free again, and the scratch buffer.
// The only file that grows memory. Knows nothing of what the pages hold, except which of them are the arena's.
//
//   0 ┌──────────────────────────────────────────┐
//     │ static blocks (key, page kinds, heads)   │
//     ├──────────────────────────────────────────┤ first page boundary above __heap_base
//     │ runs of whole pages, in order of demand: │
//     │ scratch · tables · arena pages …         │
//     └──────────────────────────────────────────┘ memory.size()

import { PAGE_BYTES } from "./abi";

const PAGES_MAX: u32 = 65536;

// One byte a page: 1 where records live.
const kinds = memory.data(65536, 16);

/** Pages this core may use; u32 because 65,536 is legal. */
let limit: u32 = PAGES_MAX;

// Free runs, linked through their own first bytes: [next run: u32][pages: u32].
let freeRuns: usize = 0;

// Pages grown ahead of demand: [ahead, aheadEnd).
let ahead: u32 = 0;
let aheadEnd: u32 = 0;

let scratchAt: usize = 0;
let scratchPages: u32 = 0;

export function setLimit(pages: u32): void {
  limit = pages < PAGES_MAX ? pages : PAGES_MAX;
}

/** `count` pages in one run, or 0 when memory is exhausted. `zeroed` asks for zero bytes. */
export function takePages(count: u32, zeroed: bool): usize {
  const again = takeFreeRun(count);
  if (again != 0) {
    if (zeroed) memory.fill(again, 0, <usize>count * PAGE_BYTES);
    return again;
  }
  if (aheadEnd - ahead < count && !grow(count)) return 0;
  const first = ahead;
  ahead += count;
  return <usize>first * PAGE_BYTES;
}

/** Gives a run back. It serves the next demand that fits. */
export function giveRun(at: usize, count: u32): void {
  store<u32>(at, <u32>freeRuns);
  store<u32>(at + 4, count);
  freeRuns = at;
}

function takeFreeRun(count: u32): usize {
  let link: usize = 0;
  for (let run = freeRuns; run != 0; run = load<u32>(run)) {
    const pages = load<u32>(run + 4);
    if (pages >= count) {
      const next = load<u32>(run);
      if (pages > count) {
        // Cut the demand off the end; the run keeps its place in the list.
        store<u32>(run + 4, pages - count);
        return run + <usize>(pages - count) * PAGE_BYTES;
      }
      if (link == 0) freeRuns = next;
      else store<u32>(link, next);
      return run;
    }
    link = run;
  }
  return 0;
}

/** Grows memory for so many bytes to come, in one step where there is room: each step costs a process with a large heap dearly. */
export function growAhead(bytes: u32): void {
  const pages = bytes / PAGE_BYTES;
  if (aheadEnd - ahead < pages) grow(pages);
}

/** Pages grown ahead, which nothing has touched. */
export function idlePages(): u32 {
  return aheadEnd - ahead;
}

// A sixteenth more than is missing, as each step may have a process's whole heap collected. Nobody else grows memory, so new
// pages always continue what was grown ahead.
function grow(count: u32): bool {
  const size = <u32>memory.size();
  const room = limit > size ? limit - size : 0;
  if (ahead == 0) {
    ahead = size;
    aheadEnd = size;
  }
  const missing = count - (aheadEnd - ahead);
  if (missing > room) return false;
  const wish = missing + (size >> 4);
  const step = wish < room ? wish : room;
  if (memory.grow(step) >= 0) {
    aheadEnd += step;
    return true;
  }
  if (memory.grow(missing) < 0) return false;
  aheadEnd += missing;
  return true;
}

/** A buffer of at least `bytes` bytes and 16 more, its content undefined; 0 when memory is exhausted. */
export function scratch(bytes: u32): usize {
  let pages = <u32>((<u64>bytes + 16 + PAGE_BYTES - 1) / PAGE_BYTES);
  if (pages <= scratchPages) return scratchAt;
  // Twice the size where there is room: all the smaller ones together then take no more than the last.
  const ample = max(pages, scratchPages << 1);
  let at = takePages(ample, false);
  if (at != 0) pages = ample;
  else at = takePages(pages, false);
  if (at == 0) return 0;
  if (scratchPages != 0) giveRun(scratchAt, scratchPages);
  scratchAt = at;
  scratchPages = pages;
  return at;
}

export function markArena(page: usize): void {
  store<bool>(kinds + page / PAGE_BYTES, true);
}

export function isArena(address: usize): bool {
  return load<bool>(kinds + address / PAGE_BYTES);
}

/** What is read ahead of being needed; exported, so that no compiler may drop the reading. */
export let touched: u32 = 0;

export function keep(sum: u32): void {
  touched = sum;
}
