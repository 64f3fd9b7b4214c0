// Streams of lines, cut anywhere: the answers of one call over all of it, in order, at the reader's pace.

import fc from "fast-check";
import { expect, test } from "vitest";
import { CgroupNamespace, Hierarchy } from "../../ts/index.ts";

const tree = new Hierarchy();
tree.createMany(["/a", "/a/b", "/a/b/c", "/d", `/${"n".repeat(3000)}`]);
const text = ["/a", "/a/b", "", "/nowhere", "/d", `/${"n".repeat(3000)}`, "x", "/a/b/c", "/", "/.."];

async function collected(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

function streamOf(pieces: Iterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => {
      const { value, done } = pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

test("however a stream is cut, the lines are the same", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 });
  const lines = fc.array(fc.constantFrom(...text), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(lines, sizes, fc.boolean(), async (some, pieces, ended) => {
      const bytes = Buffer.from(some.join("\n") + (ended && some.length > 0 ? "\n" : ""));
      const whole = tree.resolveMany(bytes);
      const numbers: number[] = [];
      for await (const nodes of tree.resolveStream(cut(bytes, pieces))) numbers.push(...nodes.numbers);
      expect(numbers).toEqual([...whole.numbers]);
      const from = tree.resolve("/a");
      const to = new CgroupNamespace(tree.resolve("/d"));
      const views = await collected(streamOf(cut(bytes, pieces)).pipeThrough(tree.translation({ from, to })));
      expect(views).toBe(Buffer.from(tree.viewMany(tree.resolveMany(bytes, { from }), { from: to })).toString());
    }),
    { numRuns: 150 },
  );
});

test("a line without an end names nobody, and does not stay in memory", async () => {
  const piece = Buffer.alloc(1 << 16, "/a");
  function* endless(): Generator<Uint8Array> {
    yield Buffer.from("/a\n");
    for (let n = 0; n < 2_000; n++) yield piece;
    yield Buffer.from("\n/d\n");
  }
  const before = process.memoryUsage().arrayBuffers;
  const found: number[] = [];
  for await (const { numbers } of tree.resolveStream(endless())) found.push(...numbers);
  expect(found.map((number) => number > 0)).toEqual([true, false, true]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
});

test("what is not read is not asked for", async () => {
  let asked = 0;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      asked++;
      if (asked > 1_000) controller.close();
      else controller.enqueue(Buffer.from("/a\n/a/b\n"));
    },
  });
  const reader = source.pipeThrough(tree.translation()).getReader();
  for (let n = 0; n < 3; n++) expect(Buffer.from((await reader.read()).value!).toString()).toBe("/a\n/a/b\n");
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  expect(asked).toBeLessThan(20);
  await reader.cancel();
});

test("pieces that are no bytes are refused", async () => {
  await expect(tree.resolveStream(["/a"] as never).next()).rejects.toThrow(/Expected `piece` to be a Uint8Array/);
  expect(() => tree.translation({ from: "/" as never })).toThrow(/Expected `from`/);
});

test("a line that comes byte by byte is copied a few times, not once a byte", async () => {
  const line = Buffer.from(`/${"n".repeat(20_000)}\n/a\n`);
  const prototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const { set } = prototype;
  let copied = 0;
  prototype.set = function (this: Uint8Array, from, at) {
    copied += from.length;
    set.call(this, from, at);
  };
  const numbers: number[] = [];
  try {
    for await (const nodes of tree.resolveStream(cut(line, [1]))) numbers.push(...nodes.numbers);
  } finally {
    prototype.set = set;
  }
  expect(numbers).toEqual([0, ...tree.resolveMany(["/a"]).numbers]);
  expect(copied).toBeLessThan(10 * line.length);
});
