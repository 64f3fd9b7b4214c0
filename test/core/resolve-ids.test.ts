// Ids to nodes in bulk, where one line of a table is enough: the same as `byId` one at a time, while tables grow, for ids that
// are there and ids that are not.

import { describe, expect, test } from "vitest";
import { keyFromSeed } from "../../ts/core/key.ts";
import { Hierarchy } from "../../ts/index.ts";
import { seeded } from "../seeded.ts";

const FIRST_HIERARCHY = 1;

/** So many ids fill the first table; the next ones move it. */
const FIRST_TABLE = 6272;

/** Asks for each id both ways. */
function agree(tree: Hierarchy, ids: readonly bigint[]): void {
  const { numbers, stamp } = tree.resolveIds(BigUint64Array.from(ids));
  const found = ids.map((_, i) => tree.at({ numbers, stamp }, i)?.id);
  expect(found).toEqual(ids.map((id) => tree.byId(id)?.id));
  for (const [i, id] of ids.entries()) if (found[i] !== undefined) expect(found[i]).toBe(id);
}

describe("plain ids are those of byId", () => {
  test.each([["in a row", (i: number) => i + 2], ["scattered", (i: number) => Math.imul(i + 1, 0x9e3779b1) >>> 0], ["a power of two apart", (i: number) => (i + 1) << 8]])("%s, with every cgroup that is made", (_, idOf) => {
    const tree = new Hierarchy({ seed: 1 });
    const all: bigint[] = [];
    for (let i = 0; i < 7000; i++) {
      all.push(BigInt(idOf(i)));
      tree.root.create(`n${i}`, { id: all[i]! });
      if (i % 1999 === 0 || (i > FIRST_TABLE && i % 120 === 0)) agree(tree, [...all, 0n, 1n, BigInt(idOf(i + 1)), 0xffffffffn]);
    }
  });

  test("while cgroups come and go", () => {
    const random = seeded(7);
    const tree = new Hierarchy({ seed: 2 });
    const live = new Map<bigint, string>();
    for (let step = 0; step < 8000; step++) {
      const id = BigInt(2 + random(4000));
      const name = live.get(id);
      if (name === undefined) {
        live.set(id, `n${step}`);
        tree.root.create(`n${step}`, { id });
      } else {
        tree.root.child(name)!.remove();
        live.delete(id);
      }
      if (step % 1000 === 0) agree(tree, Array.from({ length: 4100 }, (_, i) => BigInt(i)));
    }
  });
});

test("an id is found in the smaller table, also when its bucket of the larger one has been passed by already", () => {
  const seed = 3;
  const tree = new Hierarchy({ seed });
  const create = (id: bigint): unknown => tree.root.create(`n${id}`, { id });
  for (let i = 0; i < FIRST_TABLE + 1; i++) create(BigInt(i + 2));
  // The smaller table's buckets move in order. Somebody of the last ones, and ids made now that crowd its bucket of the larger.
  const bucket = bucketOfId(seed, 2048n);
  const last = Array.from({ length: FIRST_TABLE }, (_, i) => BigInt(i + 2)).find((id) => bucket(id) > 2040n)!;
  for (let id = 10_000n, crowd = 0; crowd < 9; id++) {
    if (bucket(id) !== bucket(last)) continue;
    create(id);
    crowd++;
  }
  agree(tree, Array.from({ length: FIRST_TABLE }, (_, i) => BigInt(i + 2)));
});

/** Which bucket of so many an id of a core's first hierarchy is at home in: the hash of assembly/name.ts, told by the seed. */
function bucketOfId(seed: number, buckets: bigint): (id: bigint) => bigint {
  const key = keyFromSeed(seed);
  const extra = new DataView(key.buffer, key.byteOffset + key.length - 32);
  const word = (at: number): bigint => extra.getBigUint64(at, true);
  return (id) => {
    const mixed = BigInt.asUintN(64, word(0) * id + word(24) * BigInt(FIRST_HIERARCHY + 1));
    const index = BigInt.asUintN(64, (mixed ^ (mixed >> 32n)) * 0xd6e8feb86659fd93n) >> 32n;
    return (index * buckets) >> 32n;
  };
}

test("an id with an upper half is nobody's where none has one, though its lower half is somebody's", () => {
  const tree = new Hierarchy();
  tree.root.create("a", { id: 5n });
  agree(tree, [5n, (1n << 32n) | 5n, 0xffffffff00000005n, 1n << 32n, 0n]);
  // So many that some come by its very line of the table.
  const others = BigUint64Array.from({ length: 20_000 }, (_, upper) => (BigInt(upper + 1) << 32n) | 5n);
  expect(tree.resolveIds(others).numbers.every((node) => node === 0)).toBe(true);
});

test("ids of 2^63 and more are what they are: told, found, counted on from, and in an image", () => {
  const id = 0x8000000000000005n;
  const tree = new Hierarchy();
  const given = tree.root.create("a", { id });
  expect(given.id).toBe(id);
  expect(tree.byId(id)).toBe(given);
  agree(tree, [id, 5n]);
  const { numbers, stamp } = tree.createMany(["/b", "/c"]);
  expect([...tree.idsOf({ numbers, stamp })]).toEqual([id + 1n, id + 2n]);
  expect(tree.create("/d").id).toBe(id + 3n);
  const again = Hierarchy.fromImage(tree.toImage());
  expect([...again.walk()].map((cgroup) => cgroup.id)).toEqual([...tree.walk()].map((cgroup) => cgroup.id));
  expect(again.create("/e").id).toBe(id + 4n);
});
