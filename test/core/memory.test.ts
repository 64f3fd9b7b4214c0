// Memory: exhausted it is ENOMEM with the tree as it was; used again it stays as it is. CGROUPNS_CHURN sets how many
// creations and removals, over a million live cgroups when there are many.

import { describe, expect, test } from "vitest";
import { random } from "../../ts/cli/field.ts";
import { type Cgroup, CgroupError, Hierarchy } from "../../ts/index.ts";

const MIB = 1 << 20;

function fill(tree: Hierarchy, next: (n: number) => Cgroup): { made: Cgroup[]; code: string } {
  const made: Cgroup[] = [];
  for (let n = 0; ; n++) {
    try {
      made.push(next(n));
    } catch (error) {
      if (error instanceof CgroupError) return { made, code: error.code };
      throw new Error(`after ${tree.stats().bytes} bytes: ${error}`);
    }
  }
}

describe("with maximumBytes", () => {
  test.each([
    ["many short names", (tree: Hierarchy) => (n: number) => tree.root.create(`c${n}`)],
    ["long names", (tree: Hierarchy) => (n: number) => tree.root.create(`${n}`.padEnd(4000, "x"))],
    ["a deep tree", (tree: Hierarchy) => {
      let at = tree.root;
      return () => (at = at.create("d"));
    }],
    ["a deep tree of long names", (tree: Hierarchy) => {
      let at = tree.root;
      return () => (at = at.create("d".repeat(4000)));
    }],
  ])("%s end in ENOMEM, the tree unharmed, and there is room again after removals", (_, grower) => {
    const tree = new Hierarchy({ maximumBytes: 4 * MIB });
    const { made, code } = fill(tree, grower(tree));
    expect(code).toBe("ENOMEM");
    expect(tree.stats().bytes).toBeLessThanOrEqual(4 * MIB);
    expect(tree.stats().cgroups).toBe(made.length + 1);
    expect([...tree.walk()].slice(1)).toEqual(made);
    for (const cgroup of made.slice(-50)) expect(tree.byId(cgroup.id)).toBe(cgroup);
    const last = made.pop()!;
    const name = last.nameBytes;
    const { parent } = last;
    const names = [...last.ancestors()].map(({ name }) => name).reverse();
    last.remove();
    expect(last.path).toBe(names.join("/"));
    expect(parent!.create(name).level).toBe(parent!.level + 1);
  });

  test("renaming to longer names ends in ENOMEM, the name as it was", () => {
    const tree = new Hierarchy({ maximumBytes: MIB });
    const { made } = fill(tree, (n) => tree.root.create(`c${n}`));
    const victim = made[5]!;
    let code = "";
    try {
      for (const cgroup of made) cgroup.rename(`${cgroup.name} `.padEnd(4000, "y"));
    } catch (error) {
      code = (error as CgroupError).code;
    }
    expect(code).toBe("ENOMEM");
    const names = new Set([...tree.walk()].map(({ name }) => name));
    expect(names.size).toBe(made.length + 1);
    for (const cgroup of tree.walk()) expect(tree.get(cgroup.path)).toBe(cgroup);
    expect(tree.get(victim.path)).toBe(victim);
  });

  test("a batch that does not fit is ENOMEM too", () => {
    const tree = new Hierarchy({ maximumBytes: MIB });
    expect(() => tree.resolveMany(new Uint8Array(2 * MIB).fill(0x61))).toThrow(/ENOMEM/);
    expect(tree.resolveMany(["/"]).numbers[0]).toBeGreaterThan(0);
  });

  test("too few bytes for an empty tree are ENOMEM at once", () => {
    expect(() => new Hierarchy({ maximumBytes: 65536 })).toThrow(/ENOMEM/);
    expect(() => new Hierarchy({ maximumBytes: -1 })).toThrow(TypeError);
  });
});

describe("without", () => {
  test("a larger buffer takes the smaller one's place", () => {
    const tree = new Hierarchy();
    for (let n = 1; n <= 20; n++) tree.resolveMany(new Uint8Array(n * 13_000).fill(0x61));
    expect(tree.stats().bytes).toBeLessThan(5 * MIB);
  });

  test("a path is written where the core reads it, also when that has moved and nothing else has", () => {
    const tree = new Hierarchy();
    const slice = tree.create("/slice-7");
    let deep = tree.create("/deep");
    // Pages in reserve, for cgroups that are not made: what asks for more room makes no memory grow.
    tree.createMany(Buffer.from("no path\n".repeat(300_000)));
    expect(tree.stats().reservedBytes).toBeGreaterThan(12 * MIB);
    expect(tree.get("/slice-7")).toBe(slice);
    tree.resolveMany(new Uint8Array(200_000).fill(0x61));
    expect(tree.get("/slice-7")).toBe(slice);

    while (deep.level < 600) deep = deep.create("n".repeat(4000));
    expect(tree.get("/slice-7")).toBe(slice);
    expect(deep.pathBytes).toHaveLength("/deep".length + 599 * 4001);
    expect(tree.get("/slice-7")).toBe(slice);
  });

  test("createMany reserves what it will need, and little more, whatever is in its lines", () => {
    const lines = (count: number, line: (n: number) => string): Buffer => Buffer.from(Array.from({ length: count }, (_, n) => line(n)).join("\n"));
    const tree = new Hierarchy();
    tree.createMany(lines(20_000, (n) => `/slice-${n}`));
    const early = tree.stats();
    tree.createMany(lines(200_000, (n) => `/slice-${n % 20_000}/a scope with a number: ${n}`));
    const { bytes, reservedBytes } = tree.stats();
    expect(early.reservedBytes).toBeLessThan(early.bytes / 8);
    expect(reservedBytes).toBeLessThan(bytes / 8);
    const none = new Hierarchy();
    none.createMany(lines(100_000, () => "no slash, no cgroup"));
    expect(none.stats().reservedBytes).toBeLessThan(20 * MIB);
  });

  test("long names of renamed cgroups are used again like any other memory", () => {
    const tree = new Hierarchy();
    let bytes = 0;
    for (let n = 0; n < 20_000; n++) {
      const cgroup = tree.root.create("short");
      cgroup.rename(`a name of ${300 + (n % 5)} bytes`.padEnd(300 + (n % 5), "n"));
      cgroup.rename("x".repeat(600));
      cgroup.remove();
      if (n === 100) ({ bytes } = tree.stats());
    }
    expect(tree.stats().bytes).toBe(bytes);
  });

  const churn = Number(process.env.CGROUPNS_CHURN ?? 200_000);
  const live = churn >= 5_000_000 ? 1_000_000 : 20_000;

  test(`${churn} creations and removals with ${live} live: memory flat, every answer right`, () => {
    const tree = new Hierarchy();
    const next = random(11);
    const parents = Array.from({ length: 1000 }, (_, n) => tree.root.create(`parent-${n}`));
    const makeOne = (n: number): Cgroup => parents[n % 1000]!.create(`${n}-`.padEnd(10 + ((next() * 60) | 0), "x"));
    const held = Array.from({ length: live }, (_, n) => makeOne(n));
    // Sizes of names settle: a round of everything replaced, then memory must not grow.
    let bytes = 0;
    for (let n = 0; n < churn; n++) {
      const at = (next() * live) | 0;
      const old = held[at]!;
      if (n % 16 === 0) expect(tree.get(old.path)).toBe(old);
      old.remove();
      held[at] = makeOne(live + n);
      if (n % 64 === 0) expect(tree.byId(held[at]!.id)).toBe(held[at]);
      if (n === ((churn / 2) | 0)) ({ bytes } = tree.stats());
    }
    const { bytes: after, cgroups, longestProbe } = tree.stats();
    expect(cgroups).toBe(live + 1001);
    expect(after).toBeLessThanOrEqual(bytes * 1.02 + 262_144);
    expect(longestProbe).toBeLessThan(40);
    const all = new Set(tree.walk());
    expect(held.every((cgroup) => all.has(cgroup))).toBe(true);
  }, 1_200_000);
});

test("whoever is last in memory is looked up without reading behind its end", () => {
  for (const length of [1, 7, 20, 60]) {
    const tree = new Hierarchy();
    for (let n = 0; n < 3000; n++) {
      const path = `/${"x".repeat(length)}${n}`;
      const { id } = tree.create(path);
      expect(tree.idsOf(tree.resolveMany([path]))[0]).toBe(id);
    }
  }
});
