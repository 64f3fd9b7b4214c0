// Batches of operations from a stream of bytes: a JSON list, or one list a line. Holds one line at a time, however many
// come; what is no list becomes an error of that batch and nothing more.

/** Bytes as they come. */
export type Input = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Operations, not looked at yet; or why there are none. */
export type Batch = readonly unknown[] | { readonly error: string };

/** A line longer than this is not kept. */
const LONGEST = 256 * 2 ** 20;
const NEWLINE = 0x0a;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function isBatch(batch: Batch): batch is readonly unknown[] {
  return Array.isArray(batch);
}

/** The whole stream as one batch. */
export async function wholeBatch(input: Input): Promise<Batch> {
  const text = new Piece();
  for await (const chunk of input) text.add(chunk);
  return text.end();
}

/** A batch a line; blank lines are none. */
export async function* batches(input: Input): AsyncGenerator<Batch, void, undefined> {
  const line = new Piece();
  for await (const chunk of input) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      line.add(chunk.subarray(from, at));
      from = at + 1;
      if (line.isBlank) line.clear();
      else yield line.end();
    }
    line.add(chunk.subarray(from));
  }
  if (!line.isBlank) yield line.end();
}

/** Bytes that come in parts until they are whole. */
class Piece {
  #parts: Uint8Array[] = [];
  #length = 0;

  add(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > LONGEST) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  get isBlank(): boolean {
    return this.#length <= LONGEST && this.#parts.every((part) => part.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d));
  }

  clear(): void {
    this.#parts = [];
    this.#length = 0;
  }

  /** What they say; and it begins anew. */
  end(): Batch {
    const isTooLong = this.#length > LONGEST;
    const bytes = Buffer.concat(this.#parts);
    this.clear();
    return isTooLong ? { error: `longer than ${LONGEST} bytes` } : parsed(bytes);
  }
}

function parsed(bytes: Uint8Array): Batch {
  try {
    const value: unknown = JSON.parse(strict.decode(bytes));
    return Array.isArray(value) ? value : { error: "a list of operations is expected" };
  } catch (error) {
    return { error: error instanceof SyntaxError ? `no JSON: ${error.message}` : "not UTF-8" };
  }
}
