// Cgroups made in bulk, against cgroups made one by one: the same tree, the same errno for each line, the same ids.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CgroupError, Hierarchy } from "../../ts/index.ts";

const ERRNO: Readonly<Record<string, number>> = { ENOENT: 2, ENOMEM: 12, EEXIST: 17, EINVAL: 22, ENAMETOOLONG: 36 };
const shape = (tree: Hierarchy): [string, bigint][] => [...tree.walk()].map(({ path, id }) => [path, id]);

function oneByOne(tree: Hierarchy, lines: readonly string[], recursive: boolean, ids?: BigUint64Array): number[] {
  return lines.map((line, n) => {
    try {
      tree.create(line, { recursive, ...(ids === undefined ? {} : { id: ids[n]! }) });
      return 0;
    } catch (error) {
      if (error instanceof CgroupError) return ERRNO[error.code]!;
      throw error;
    }
  });
}

test("any lines, siblings in a row among them, with and without their parents, with and without ids", () => {
  const name = fc.constantFrom("a", "b", "c", "x".repeat(16), "x".repeat(40), "..", ".", "", "é");
  const line = fc.oneof(fc.array(name, { maxLength: 5 }).map((names) => `/${(names[0] === ".." ? ["a", ...names] : names).join("/")}`), fc.constantFrom("", "a", "/", "/a/", "//", `/${"q".repeat(4096)}`, `/${"q".repeat(4095)}`));
  const siblings = fc.tuple(line, fc.array(name, { minLength: 1, maxLength: 5 })).map(([above, names]) => names.map((last) => `${above}/${last}`));
  const runs = fc.array(fc.oneof(line.map((one) => [one]), siblings), { maxLength: 50 });
  fc.assert(
    fc.property(runs.map((some) => some.flat()), fc.boolean(), fc.boolean(), (lines, recursive, withIds) => {
      const [bulk, single] = [new Hierarchy(), new Hierarchy()];
      const ids = withIds && !recursive ? BigUint64Array.from(lines, (_, n) => BigInt(2 + ((n * 7) % 50))) : undefined;
      const made = bulk.createMany(lines, { recursive, ...(ids === undefined ? {} : { ids }) });
      expect([...made.errnos]).toEqual(oneByOne(single, lines, recursive, ids));
      expect(shape(bulk)).toEqual(shape(single));
      for (const [n, path] of lines.entries()) expect(bulk.at(made, n)?.path).toBe(made.errnos[n] === 0 ? bulk.resolve(path).path : undefined);
    }),
    { numRuns: 500 },
  );
});

test("a hundred thousand in one call, across chunks, are all there; the next id follows", () => {
  const tree = new Hierarchy();
  const lines = Array.from({ length: 100_000 }, (_, n) => `/slice-${n % 50}.slice/${"p".repeat(n % 60)}pod-${n % 4000}/container-${n}.scope`);
  const made = tree.createMany(Buffer.from(lines.join("\n")), { recursive: true });
  expect(made.errnos.every((errno) => errno === 0)).toBe(true);
  expect(tree.resolveMany(lines).numbers).toEqual(made.numbers);
  const highest = tree.idsOf(tree.subtree()).reduce((most, id) => (id > most ? id : most));
  expect(tree.create("/next").id).toBe(highest + 1n);
});

test("with memory exhausted each line says so for itself, and the tree is as good as before", () => {
  const tree = new Hierarchy({ maximumBytes: 2 << 20 });
  const lines = Array.from({ length: 60_000 }, (_, n) => `/${"n".repeat(40)}${n}`);
  const made = tree.createMany(lines);
  const done = [...made.errnos].filter((errno) => errno === 0).length;
  expect(done).toBeGreaterThan(100);
  expect(new Set(made.errnos)).toEqual(new Set([0, ERRNO.ENOMEM]));
  expect([...tree.resolveMany(lines.slice(0, 500)).numbers].filter((number) => number > 0)).toHaveLength(Math.min(500, done));
  expect([...tree.walk()]).toHaveLength(done + 1);
});

test("lines that another thread changes meanwhile are as many as they were, and the tree stays whole", async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(1 << 17));
  const worker = new Worker("const { workerData: bytes, parentPort } = require('worker_threads'); parentPort.postMessage(0); for (;;) { bytes.fill(97); bytes.fill(10); }", { eval: true, workerData: shared });
  await once(worker, "message");
  const tree = new Hierarchy();
  for (let n = 0; n < 100; n++) tree.create(`/c${n}`);
  try {
    for (let n = 0; n < 200; n++) expect(new Set(tree.createMany(shared).errnos)).toEqual(new Set([ERRNO.EINVAL]));
  } finally {
    await worker.terminate();
  }
  expect(shape(tree).slice(1).map(([path]) => path)).toEqual(Array.from({ length: 100 }, (_, n) => `/c${n}`));
});

test("ids must be as many as the paths, and nothing is made before they are", () => {
  const tree = new Hierarchy();
  expect(() => tree.createMany(["/a", "/b"], { ids: BigUint64Array.of(5n) })).toThrow(/Expected `ids` to be as many/);
  expect(() => tree.createMany(["/a"], { ids: [5n] as never })).toThrow(/BigUint64Array/);
  expect(() => tree.createMany("/a" as never)).toThrow(TypeError);
  expect(shape(tree)).toEqual([["/", 1n]]);
});

test("a sibling of what failed fails for itself; one of the last call's, or of a line that is no path, is looked for anew", () => {
  const tree = new Hierarchy();
  const errnos = (lines: readonly string[], recursive = false): number[] => [...tree.createMany(lines, { recursive }).errnos];
  expect(errnos(["/aa/x", "/aa/y", "/bb", "/bb/x", "/bb/y", "/cc/x", "/bb/z"])).toEqual([2, 2, 0, 0, 0, 2, 0]);
  expect(errnos(["/aa", "/aa/x", "aa/y", "/aa/z", "/bb/w", "/", "/dd", "/bb/v"])).toEqual([0, 0, 22, 0, 0, 17, 0, 0]);
  for (const path of ["/aa/x", "/aa/z", "/aa"]) tree.resolve(path).remove();
  expect(errnos(["/aa/x", "/aa/y"])).toEqual([2, 2]);
  expect([errnos(["/bb/u"]), errnos(["/aa/u"])]).toEqual([[0], [2]]);
  expect(errnos(["/../x", "/../y", "/aa/x", "/aa/y", "/aa/x/p", "/aa/x/p", "/aa/x/q"], true)).toEqual([22, 22, 0, 0, 0, 0, 0]);
  expect(shape(tree).map(([path]) => path)).toEqual(["/", "/bb", "/bb/x", "/bb/y", "/bb/z", "/bb/w", "/bb/v", "/bb/u", "/dd", "/aa", "/aa/x", "/aa/x/p", "/aa/x/q", "/aa/y"]);
});

test("each of many lines has the id that was given for it", () => {
  const tree = new Hierarchy();
  const ids = BigUint64Array.from({ length: 100 }, (_, n) => BigInt(1000 - n));
  const made = tree.createMany(Array.from(ids, (id) => `/c${id}`), { ids });
  expect([...made.errnos].every((errno) => errno === 0)).toBe(true);
  expect(tree.idsOf(made)).toEqual(ids);
});
