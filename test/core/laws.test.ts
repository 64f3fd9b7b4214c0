// Laws that hold for every tree and every path, and that no input breaks the core: an answer or a CgroupError.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CgroupError, Hierarchy } from "../../ts/index.ts";

const name = fc.oneof(fc.constantFrom("a", "b", "...", "x y"), fc.integer({ min: 1, max: 40 }).map((n) => "z".repeat(n)));
const trees = fc.array(fc.array(name, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 20 }).map((paths) => {
  const tree = new Hierarchy({ seed: 3 });
  for (const path of paths) tree.create(`/${path.join("/")}`, { recursive: true });
  return { tree, all: [...tree.walk()] };
});

describe("for every tree", () => {
  test("resolve(root, view(root, x)) = x, and view(x, x) = /", () => {
    fc.assert(
      fc.property(trees, fc.nat(), fc.nat(), ({ tree, all }, r, x) => {
        const [root, cgroup] = [all[r % all.length]!, all[x % all.length]!];
        expect(tree.resolve(cgroup.viewFrom(root), root)).toBe(cgroup);
        expect(cgroup.viewFrom(cgroup)).toBe("/");
      }),
    );
  });

  test("a view names no cgroup but those on the way down from the common ancestor", () => {
    fc.assert(
      fc.property(trees, fc.nat(), fc.nat(), ({ all }, r, x) => {
        const [root, cgroup] = [all[r % all.length]!, all[x % all.length]!];
        const names = cgroup.viewFrom(root).split("/").slice(1).filter((part) => part !== ".." && part !== "");
        const common = cgroup.commonAncestor(root);
        expect(names).toEqual([...cgroup.ancestors()].filter(({ level }) => level > common.level).map(({ name }) => name).reverse());
      }),
    );
  });

  test("walk is in pre-order, each cgroup once, children in order of creation", () => {
    fc.assert(
      fc.property(trees, ({ tree, all }) => {
        expect(new Set(all).size).toBe(all.length);
        expect(all).toHaveLength(tree.stats().cgroups);
        const depthFirst = (top: (typeof all)[number]): typeof all => [top, ...[...top.children()].flatMap(depthFirst)];
        expect(all).toEqual(depthFirst(tree.root));
        for (const top of all) {
          expect([...tree.walk(top)]).toEqual(all.filter((cgroup) => cgroup.isDescendantOf(top)));
          expect(top.ancestorAt(top.level)).toBe(top);
          expect(top.ancestorAt(top.level + 1)).toBeUndefined();
        }
        expect(all.map(({ id }) => id).sort()).toEqual(all.map((_, n) => BigInt(n + 1)).sort());
      }),
    );
  });
});

test("whatever is asked for, it is an answer or a CgroupError", () => {
  const tree = new Hierarchy({ seed: 5 });
  for (const path of ["/a/b/c", "/\u00e9", "/ (deleted)"]) tree.create(path, { recursive: true });
  const from = tree.resolve("/a/b");
  const pathLike = fc.array(fc.constantFrom("/", "..", ".", "a", "b", "c", "\n", "\0", " ", "x".repeat(5000)), { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), pathLike, fc.uint8Array({ maxLength: 64 })), (input) => {
      for (const ask of [() => tree.resolve(input, from), () => tree.get(input), () => from.child(input)?.remove]) {
        try {
          ask();
        } catch (error) {
          if (!(error instanceof CgroupError)) throw error;
          expect(["EINVAL", "ENOENT", "ENAMETOOLONG", "EILSEQ"]).toContain(error.code);
        }
      }
    }),
    { numRuns: 3000 },
  );
  expect([...tree.walk()]).toHaveLength(6);
});

test("create makes all of a path or none of it", () => {
  const tree = new Hierarchy();
  for (const path of ["/a/b/../c", "/a//b", "/a/./b", "a/b", "/a/b/", ""]) {
    expect(() => tree.create(path, { recursive: true }), path).toThrow(CgroupError);
    expect(tree.stats().cgroups, path).toBe(1);
  }
  tree.create("/x", { id: 9n });
  expect(() => tree.create("/a/b/c", { recursive: true, id: 9n })).toThrow(/EEXIST/);
  expect(tree.stats().cgroups).toBe(2);
  expect(() => tree.create("/a/b")).toThrow(/ENOENT.*'\/a\/b'/);
  expect(() => tree.create("/x")).toThrow(/EEXIST/);
});
