// Newline-separated bytes, and bytes with lengths: how many, and where to cut them so that none is cut in two.

const NEWLINE = 10;
const SLASH = 47;
/** Lines that are looked at to tell how long the names in all of them are. */
const SAMPLES = 64;
/** What stays in a processor's second cache, with what is made of it. */
export const CHUNK_BYTES: number = 1 << 16;

/** Lines, the last with or without its newline. */
function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE ? count + 1 : count;
}

/** The end of the chunk that starts here: behind a newline, or at the end; a line that is longer is a chunk of its own. */
export function endOfChunk(bytes: Uint8Array, at: number): number {
  if (bytes.length - at <= CHUNK_BYTES) return bytes.length;
  const newline = bytes.lastIndexOf(NEWLINE, at + CHUNK_BYTES - 1);
  if (newline >= at) return newline + 1;
  const next = bytes.indexOf(NEWLINE, at);
  return next === -1 ? bytes.length : next + 1;
}

/** Whole lines of a list, [from, end), that go to the core at once. */
export interface Chunk {
  readonly from: number;
  readonly end: number;
  readonly lines: number;
}

/** All of a list. */
export function chunksOf(bytes: Uint8Array): Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = 0, end: number; from < bytes.length; from = end) {
    end = endOfChunk(bytes, from);
    chunks.push({ from, end, lines: countLines(bytes.subarray(from, end)) });
  }
  return chunks;
}

/** Pieces that go to the core at once: at most so many, and a longer one alone. */
const CHUNK_PIECES = 1 << 12;

/** How many pieces of these lengths make a chunk from one of them on, and of how many bytes it is. */
export function piecesFrom(lengths: Uint32Array, from: number): { readonly count: number; readonly size: number } {
  const last = Math.min(lengths.length, from + CHUNK_PIECES);
  let size = 0;
  let at = from;
  while (at < last && (at === from || size + lengths[at]! <= CHUNK_BYTES)) size += lengths[at++]!;
  return { count: at - from, size };
}

export const countOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { lines }) => sum + lines, 0);

/** How long the last names of many paths are, more or less: the mean of some from all over them. */
export function meanNameLength(paths: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const start = paths.indexOf(NEWLINE, Math.floor((i * paths.length) / SAMPLES)) + 1;
    const end = paths.indexOf(NEWLINE, start);
    const line = paths.subarray(start, end === -1 ? paths.length : end);
    sum += line.length - 1 - line.lastIndexOf(SLASH);
  }
  return sum / SAMPLES;
}
