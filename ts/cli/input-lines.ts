// Lines out of a stream of bytes, a batch for each piece that ends a line, as strings of one character a byte. Holds one
// piece and at most one unfinished line.

/** No selector is as long: of a longer line only its beginning is kept. */
const LONGEST = 1 << 16;

export async function* inputLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string[], void, undefined> {
  let rest = "";
  for await (const piece of input) {
    const lines = (rest + Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString("latin1")).split("\n");
    rest = lines.pop()!.slice(0, LONGEST);
    if (lines.length > 0) yield lines.map(trimmed);
  }
  if (rest !== "") yield [trimmed(rest)];
}

const trimmed = (line: string): string => (line.endsWith("\r") ? line.slice(0, -1) : line);
