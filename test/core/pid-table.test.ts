// Processes by pid and start time: a pid that is used again, a cgroup that is removed and made again, are never confused.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Hierarchy } from "../../ts/index.ts";

const u32 = (...numbers: number[]): Uint32Array => Uint32Array.from(numbers);
const u64 = (...numbers: number[]): BigUint64Array => BigUint64Array.from(numbers, BigInt);

test("random puts, gets and deletes are those of a map", () => {
  const pid = fc.constantFrom(1, 2, 4095, 4096, 70_000, 4_194_303, 4_194_304, 0xffffffff);
  const step = fc.record({ kind: fc.constantFrom("put", "get", "delete", "remove"), pids: fc.array(pid, { maxLength: 5 }), start: fc.nat({ max: 3 }), exact: fc.boolean(), place: fc.nat({ max: 3 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const tree = new Hierarchy();
      const places = ["/a", "/b", "/c", "/d"];
      tree.createMany(places);
      const known = new Map<number, { start: number; path: string }>();
      const isKnown = (one: number, start: number, exact: boolean): boolean => known.has(one) && (!exact || known.get(one)!.start === start);
      for (const { kind, pids, start, exact, place } of steps) {
        const path = places[place]!;
        const list = Uint32Array.from(pids);
        const starts = BigUint64Array.from(pids, () => BigInt(start));
        if (kind === "put") {
          const legal = pids.filter((one) => one < 4_194_304);
          expect(tree.pids.put(list, starts, tree.resolveMany(pids.map(() => path)))).toBe(legal.length);
          for (const one of legal) known.set(one, { start, path });
        } else if (kind === "get") {
          const found = tree.pids.get(list, exact ? starts : undefined);
          expect(pids.map((_, n) => tree.at(found, n)?.path)).toEqual(pids.map((one) => (isKnown(one, start, exact) ? known.get(one)!.path : undefined)));
        } else if (kind === "delete") {
          const gone = new Set(pids.filter((one) => isKnown(one, start, exact)));
          expect(tree.pids.delete(list, exact ? starts : undefined)).toBe(gone.size);
          for (const one of gone) known.delete(one);
        } else {
          tree.resolve(path).remove();
          tree.create(path);
          for (const [one, entry] of known) if (entry.path === path) known.delete(one);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("views of pids in bulk, and two hierarchies of one core that know nothing of each other", () => {
  const tree = new Hierarchy();
  const legacy = new Hierarchy({ id: 3, beside: tree });
  const nodes = tree.createMany(["/a", "/a/b"]);
  expect(tree.pids.put(u32(10, 11), u64(7, 8), nodes)).toBe(2);
  expect(legacy.pids.put(u32(10, 11), u64(7, 8), nodes)).toBe(0);
  expect(tree.viewMany(tree.pids.get(u32(11, 12, 10)), { from: tree.resolve("/a"), as: "strings" })).toEqual(["/b", null, "/"]);
  expect([...legacy.pids.get(u32(10, 11)).numbers]).toEqual([0, 0]);
});

test("without memory for a page nothing is put", () => {
  const tree = new Hierarchy({ maximumBytes: 1 << 20 });
  const nodes = tree.createMany(["/a"]);
  const many = Array.from({ length: 1024 }, (_, n) => n * 4096);
  const list = { numbers: new Uint32Array(1024).fill(nodes.numbers[0]!), stamp: nodes.stamp };
  expect(() => tree.pids.put(u32(...many), new BigUint64Array(1024), list)).toThrow(/^ENOMEM/);
  expect(tree.pids.get(u32(...many)).numbers.every((number) => number === 0)).toBe(true);
});

test("lists of other lengths and kinds are refused", () => {
  const tree = new Hierarchy();
  expect(() => tree.pids.get([1] as never)).toThrow(/Uint32Array/);
  expect(() => tree.pids.get(u32(1), [1n] as never)).toThrow(/BigUint64Array/);
  expect(() => tree.pids.get(u32(1), u64(1, 2))).toThrow(/as many/);
  expect(() => tree.pids.put(u32(1), u64(1), tree.resolveMany([]))).toThrow(/as many/);
});
