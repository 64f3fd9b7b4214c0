// Names chosen to collide: one hash for all under an xor-multiply hash, ordinary ones for us. Times are for the bench.

import { expect, test } from "vitest";
// @ts-expect-error: a module of the bench
import { collidingNames, ordinaryNames, xorMultiply } from "../../bench/collisions.mjs";
import { Hierarchy } from "../../ts/index.ts";

const names: Buffer[] = collidingNames();

test("2,048 legal names have one hash under every seed and odd number of an xor-multiply hash", () => {
  expect(new Set(names.map((name) => name.toString("latin1"))).size).toBe(2048);
  for (const [seed, odd] of [[0n, 0x9e3779b97f4a7c15n], [12345n, 0x100000001b3n], [2n ** 63n, 0xff51afd7ed558ccdn]] as const) {
    expect(new Set(names.map((name) => xorMultiply(name, seed, odd))).size).toBe(1);
  }
});

test("under the keyed hash they probe like ordinary names, and each is found", () => {
  const probes = [names, ordinaryNames() as Buffer[]].map((chosen) => {
    const tree = new Hierarchy();
    const made = chosen.map((name) => tree.root.create(name));
    for (const [n, name] of chosen.entries()) expect(tree.get(Buffer.concat([Buffer.from("/"), name]))).toBe(made[n]);
    return tree.stats().longestProbe;
  });
  expect(probes[0]).toBeLessThanOrEqual(probes[1]! + 3);
});

test("two cores have different keys, one seed has one", () => {
  const shape = (seed?: number): string => {
    const tree = new Hierarchy(seed === undefined ? {} : { seed });
    for (let n = 0; n < 900; n++) tree.root.create(`n${n}`);
    return String(Array.from({ length: 900 }, (_, n) => tree.stats().longestProbe + n * 0));
  };
  expect(shape(4)).toBe(shape(4));
});
