// Bulk questions about lists of cgroups against the same questions one by one: whatever the numbers, a node's answer is its
// own, and a number that names nothing any more spoils nobody else's.

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Cgroup, CgroupError, CgroupNamespace, Hierarchy, type Nodes } from "../../ts/index.ts";

const orError = <T>(ask: () => T): T | string => {
  try {
    return ask();
  } catch (error) {
    if (error instanceof CgroupError) return error.code;
    throw error;
  }
};

/** A tree of odd names and depths, some of it removed again, and a list that has everything twice and much that is nothing. */
function world(): { tree: Hierarchy; all: Cgroup[]; nodes: Nodes; cgroups: (Cgroup | undefined)[] } {
  const tree = new Hierarchy();
  const other = new Hierarchy({ id: 2, beside: tree });
  for (let n = 0; n < 300; n++) tree.create(`/s${n % 7}/${"x".repeat(n % 90)}p${n % 13}/${"y".repeat((n * 7) % 120)}c${n}`, { recursive: true });
  tree.create(`/${"deep/".repeat(150)}end`, { recursive: true });
  tree.create(`/${"w".repeat(4095)}/${"v".repeat(3000)}`, { recursive: true });
  const all = [...tree.walk()];
  const foreign = [other.root, other.create("/elsewhere/a", { recursive: true })];
  const before = tree.resolveMany([...all.map(({ path }) => path)]);
  const gone = all.filter((cgroup, n) => n % 5 === 4 && [...cgroup.children()].length === 0);
  for (const cgroup of gone) cgroup.remove();
  for (const [n] of gone.slice(0, 20).entries()) tree.create(`/new${n}`);
  const numbers = [...before.numbers, 0, 1, 7, 0xffffffff, 0x1fffffff, 0x20000000, 12345, ...before.numbers, ...other.resolveMany(["/", "/elsewhere/a"]).numbers];
  const garbage = new Array(7).fill(undefined);
  const known = all.map((cgroup) => (gone.includes(cgroup) ? undefined : cgroup));
  // Under the stamp of the list: younger records in the same places are nobody.
  return { tree, all, nodes: { numbers: Uint32Array.from(numbers), stamp: before.stamp }, cgroups: [...known, ...garbage, ...known, ...foreign] };
}

describe("lists of nodes, as one by one", () => {
  let tree: Hierarchy;
  let all: Cgroup[];
  let nodes: Nodes;
  let cgroups: (Cgroup | undefined)[];
  beforeAll(() => ({ tree, all, nodes, cgroups } = world()));
  const own = (cgroup: Cgroup | undefined): cgroup is Cgroup => cgroup !== undefined;

  test("views from the root, from inside, from the deep, from a namespace, as bytes and as strings", () => {
    const deep = all.find((cgroup) => !cgroup.removed && cgroup.level === 100)!;
    const viewers = [tree.root, all[10]!, deep, all.at(-1)!, new CgroupNamespace(all[30]!)];
    for (const from of viewers.filter((viewer) => !("removed" in viewer && viewer.removed))) {
      const expected = cgroups.map((cgroup) => (own(cgroup) && cgroup.hierarchy === tree ? orError(() => cgroup.viewFrom(from)) : ""));
      expect(Buffer.from(tree.viewMany(nodes, { from })).toString().split("\n")).toEqual([...expected, ""]);
      expect(tree.viewMany(nodes, { from, as: "strings" })).toEqual(expected.map((view) => view || null));
    }
  });

  test("ids, ancestors at a level, common ancestors, descendants", () => {
    expect([...tree.idsOf(nodes)]).toEqual(cgroups.map((cgroup) => cgroup?.id ?? 0n));
    const at = (found: Nodes, n: number): string | undefined => tree.at(found, n)?.path;
    for (const level of [0, 1, 3, 140, 600_000]) {
      const found = tree.ancestorsAt(nodes, level);
      for (const [n, cgroup] of cgroups.entries()) if (!own(cgroup) || cgroup.hierarchy === tree) expect(at(found, n)).toBe(cgroup?.ancestorAt(level)?.path);
    }
    const turned = { numbers: nodes.numbers.slice().reverse(), stamp: nodes.stamp };
    const others = cgroups.slice().reverse();
    const common = tree.commonAncestors(nodes, turned);
    const descends = tree.areDescendants(nodes, turned);
    for (const [n, cgroup] of cgroups.entries()) {
      const other = others[n];
      const pair = own(cgroup) && own(other) && cgroup.hierarchy === tree && other.hierarchy === tree;
      if (!pair && own(cgroup) && own(other)) continue;
      expect([at(common, n), descends[n]]).toEqual(pair ? [cgroup.commonAncestor(other).path, Number(cgroup.isDescendantOf(other))] : [undefined, 0]);
    }
  });

  test("ids lead back, foreign and unknown ones nowhere", () => {
    const live = cgroups.filter(own).filter(({ hierarchy }) => hierarchy === tree);
    const ids = BigUint64Array.from([...live.map(({ id }) => id), 0n, 1n << 63n, 0xffffffffffffffffn]);
    const found = tree.resolveIds(ids);
    expect([...ids.keys()].map((n) => tree.at(found, n))).toEqual([...live, undefined, undefined, undefined]);
  });

  test("lists of the caller's are filled, and may not be too short", () => {
    const out = new BigUint64Array(nodes.numbers.length);
    expect(tree.idsOf(nodes, { out })).toBe(out);
    expect(() => tree.idsOf(nodes, { out: new BigUint64Array(1) })).toThrow(/Expected `out` to be as long as the input/);
    expect(() => tree.viewMany(nodes, { out: new Uint8Array(10) })).toThrow(/Expected `out` to have room/);
    const room = new Uint8Array(1 << 20);
    expect(tree.viewMany(nodes, { out: room }).buffer).toBe(room.buffer);
    for (const wrong of [undefined, {}, { numbers: [1], stamp: 1 }]) expect(() => tree.idsOf(wrong as never)).toThrow(/Expected `nodes` to be/);
    expect(() => tree.viewMany(nodes, { as: "text" as "bytes" })).toThrow(/Expected `as`/);
    expect(() => tree.commonAncestors(nodes, { ...nodes, numbers: new Uint32Array(1) })).toThrow(/Expected `b`/);
    expect(() => tree.resolveIds([1n] as never)).toThrow(/BigUint64Array/);
  });

  test("more than a chunk: the same again and again", () => {
    const many = { numbers: Uint32Array.from({ length: 30_000 }, (_, n) => nodes.numbers[n % nodes.numbers.length]!), stamp: nodes.stamp };
    const once = [...tree.viewMany(nodes, { as: "strings" })];
    expect(tree.viewMany(many, { as: "strings" })).toEqual(Array.from(many.numbers, (_, n) => once[n % once.length]));
    expect(tree.idsOf(many)).toEqual(BigUint64Array.from(many.numbers, (_, n) => cgroups[n % cgroups.length]?.id ?? 0n));
  });

  test("a name that is not UTF-8 is null as a string, and itself as bytes", () => {
    const odd = new Hierarchy();
    odd.root.create(new Uint8Array([0xff, 0x41]));
    odd.create("/plain");
    const list = odd.subtree();
    expect(odd.viewMany(list, { as: "strings" })).toEqual(["/", null, "/plain"]);
    expect(Buffer.from(odd.viewMany(list)).toString("latin1")).toBe("/\n/\xffA\n/plain\n");
  });
});

describe("roll-ups", () => {
  test("of the same list again see what was removed, let go of and changed since", () => {
    const tree = new Hierarchy();
    tree.createMany(["/a", "/a/b", "/a/c"]);
    const nodes = tree.subtree();
    const values = Float64Array.of(1, 10, 100, 1000);
    expect([...tree.subtreeSums(nodes, values)]).toEqual([1111, 1110, 100, 1000]);
    expect([...tree.subtreeSums(nodes, values.map((value) => 2 * value))]).toEqual([2222, 2220, 200, 2000]);
    const grown: Nodes = { numbers: nodes.numbers.slice(0, 3), stamp: nodes.stamp };
    expect([...tree.subtreeCounts(grown)]).toEqual([3, 2, 1]);
    Object.assign(grown, { numbers: nodes.numbers });
    expect([...tree.subtreeCounts(grown)]).toEqual([4, 3, 1, 1]);
    const other = new Hierarchy();
    other.createMany(["/a", "/a/b", "/c"]);
    expect(other.subtree().numbers).toEqual(nodes.numbers);
    expect([...other.subtreeCounts(nodes)]).toEqual([4, 2, 1, 1]);
    tree.resolve("/a").rename("d");
    tree.create("/d/e");
    expect([...tree.subtreeSums(nodes, values)]).toEqual([1111, 1110, 100, 1000]);
    const c = tree.resolve("/d/c");
    const pin = c.pin();
    c.remove();
    expect([...tree.subtreeCounts(nodes)]).toEqual([4, 3, 1, 1]);
    pin[Symbol.dispose]();
    expect([...tree.subtreeCounts(nodes)]).toEqual([3, 2, 1, 0]);
    tree.resolve("/d/b").remove();
    expect([...tree.subtreeCounts(nodes)]).toEqual([2, 1, 0, 0]);
    nodes.numbers[1] = 0;
    expect([...tree.subtreeCounts(nodes)]).toEqual([1, 0, 0, 0]);
  });

  test("sums and counts of random trees are those of their walks", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.integer({ min: -50, max: 50 })), { minLength: 1, maxLength: 60 }), (steps) => {
        const tree = new Hierarchy();
        const made = [tree.root];
        for (const [n, [parent]] of steps.entries()) made.push(made[parent % made.length]!.create(`c${n}`));
        const nodes = tree.subtree();
        const values = Float64Array.from(nodes.numbers, (_, n) => steps[n % steps.length]![1]);
        const all = [...tree.walk()];
        const below = (top: Cgroup): number[] => all.flatMap((cgroup, n) => (cgroup.isDescendantOf(top) ? [n] : []));
        expect([...tree.subtreeSums(nodes, values)]).toEqual(all.map((top) => below(top).reduce((sum, n) => sum + values[n]!, 0)));
        expect([...tree.subtreeCounts(nodes)]).toEqual(all.map((top) => below(top).length));
      }),
      { numRuns: 200 },
    );
  });

  test("a subtree's list, what was removed since, and lists that are in no order", () => {
    const tree = new Hierarchy();
    tree.createMany(["/a", "/a/b", "/a/b/c", "/a/d", "/e"]);
    const a = tree.resolve("/a");
    const nodes = tree.subtree(a);
    tree.resolve("/a/d").remove();
    expect([...tree.subtreeSums(nodes, Float64Array.of(1, 10, 100, 1000))]).toEqual([111, 110, 100, Number.NaN]);
    expect([...tree.subtreeCounts(nodes)]).toEqual([3, 2, 1, 0]);
    expect([...tree.subtreeCounts(tree.resolveMany(["/nobody", "/a", "/a/b", "/nobody", "/a/b/c", "/e"]))]).toEqual([0, 3, 2, 0, 1, 1]);
    const jumbled = { numbers: Uint32Array.of(nodes.numbers[0]!, nodes.numbers[2]!, nodes.numbers[1]!), stamp: nodes.stamp };
    expect(() => tree.subtreeCounts(jumbled)).toThrow(/pre-order/);
    jumbled.numbers.set(nodes.numbers.subarray(0, 3));
    expect([...tree.subtreeCounts(jumbled)]).toEqual([3, 2, 1]);
    expect(() => tree.subtreeSums(nodes, new Float64Array(1))).toThrow(/Expected `values`/);
    expect(() => tree.subtreeSums(nodes, [1] as never)).toThrow(/Float64Array/);
  });
});
