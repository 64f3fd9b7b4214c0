// Effective limits of a whole hierarchy in one pass are, cgroup by cgroup, the minimum over its ancestors.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cgroup, effectiveLimits, Hierarchy, parentsIn } from "../../ts/index.ts";

const rollUp = (parents: number[], own: number[]) => {
  const { max, from } = effectiveLimits(Int32Array.from(parents), Float64Array.from(own));
  return { max: [...max], from: [...from] };
};

test("each inherits what is less, and of equal limits the outermost binds", () => {
  expect(rollUp([-1, 0, 1, 1], [Infinity, 512, Infinity, 256])).toEqual({ max: [Infinity, 512, 512, 256], from: [-1, 1, 1, 3] });
  expect(rollUp([-1, 0], [7, 7])).toEqual({ max: [7, 7], from: [0, 0] });
  expect(rollUp([], [])).toEqual({ max: [], from: [] });
});

test("lists that do not fit are misuse", () => {
  expect(() => rollUp([-1], [1, 2])).toThrow(/^Expected `parents` to be/);
  expect(() => rollUp([-1, 1], [1, 2])).toThrow(/^Expected `parents` to be positions before/);
  expect(() => rollUp([-1, -2], [1, 2])).toThrow(TypeError);
  const out = { max: new Float64Array(1), from: new Int32Array(2) };
  expect(() => effectiveLimits(new Int32Array(2), new Float64Array(2), out)).toThrow(/^Expected `out\.max`/);
});

test("on any tree it is the minimum over the ancestors, one by one", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.option(fc.nat(20))), { maxLength: 60 }), (made) => {
      const tree = new Hierarchy({ seed: 1 });
      const limits = new Map<Cgroup, number>();
      const all = [tree.root];
      for (const [n, [above, limit]] of made.entries()) {
        const cgroup = all[above % all.length]!.create(`c${n}`);
        all.push(cgroup);
        if (limit !== null) limits.set(cgroup, limit);
      }
      const walk = [...tree.walk()];
      const own = Float64Array.from(walk, (cgroup) => limits.get(cgroup) ?? Infinity);
      const { max, from } = effectiveLimits(parentsIn(walk), own);
      for (const [at, cgroup] of walk.entries()) {
        const line = [...cgroup.ancestors()].reverse();
        const least = Math.min(...line.map((one) => limits.get(one) ?? Infinity));
        expect(max[at]).toBe(least);
        expect(walk[from[at]!]).toBe(least === Infinity ? undefined : line.find((one) => limits.get(one) === least));
      }
    }),
  );
});

test("a subtree's top has no parent in it", () => {
  const tree = new Hierarchy();
  const top = tree.create("/a/b", { recursive: true });
  tree.create("/a/b/c");
  expect([...parentsIn([...tree.walk(top)])]).toEqual([-1, 0]);
});
