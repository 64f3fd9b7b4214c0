// What one cgroup seen from two sides says of a namespace's root, as worked examples and against the real rule.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesOf, compare, relative } from "../../ts/host/relative.ts";
import { Hierarchy } from "../../ts/index.ts";

const at = (path: string) => relative(Buffer.from(path));

describe("a cgroup seen from both sides", () => {
  test.each([
    // outside      inside      the root is below   by
    ["/a/b/c",      "/c",       "/a/b",             0],
    ["/a/b/c",      "/",        "/a/b/c",           0],
    ["/a/x",        "/../x",    "/a",               1],
    ["/",           "/../..",   "/",                2],
    ["/../x",       "/x",       "/..",              0],
    ["/..",         "/x/y",     "/../../..",        0],
  ])("%s and %s: below %s by %i", (outside, inside, above, below) => {
    const finding = compare(at(outside), at(inside))!;
    expect([String(bytesOf(finding.above)), finding.below]).toEqual([above, below]);
  });

  test("names that differ are two cgroups: it moved between the looks", () => {
    expect(compare(at("/a/b"), at("/c"))).toBeUndefined();
  });

  test("a path and its parts are one", () => {
    for (const path of ["/", "/..", "/../../a/b", "/a", "/...", "/..x/.y"]) expect(String(bytesOf(at(path)))).toBe(path);
  });

  test("whatever the root, what is found is above it by as many levels", () => {
    const name = fc.constantFrom("a", "b", "c");
    const place = fc.array(name, { maxLength: 5 });
    fc.assert(
      fc.property(place, place, (rootPath, targetPath) => {
        const tree = new Hierarchy({ seed: 1 });
        const make = (names: string[]) => (names.length === 0 ? tree.root : tree.create(`/${names.join("/")}`, { recursive: true }));
        const [root, target] = [make(rootPath), make(targetPath)];
        const finding = compare(at(target.path), at(target.viewFrom(root)))!;
        const above = tree.resolve(bytesOf(finding.above));
        expect(root.isDescendantOf(above)).toBe(true);
        expect(root.level - above.level).toBe(finding.below);
      }),
    );
  });
});
