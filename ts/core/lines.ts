// Newline-separated bytes: how many lines, and where to cut them so that none is cut in two.

const NEWLINE = 10;
/** What stays in a processor's second cache, with what is made of it. */
const CHUNK_BYTES = 1 << 16;

/** Lines, the last with or without its newline. */
export function countLines(bytes: Uint8Array): number {
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
