// Paths are hashed from their hierarchy's root, in blocks of 16 bytes and chunks of 4,096, and go on from any cgroup: whatever
// lengths the names have, whoever asked before, a cgroup is found from everywhere, also when one above it got another name.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cgroup, Hierarchy } from "../../ts/index.ts";

const NAME_MAX = 4095;

const length = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 3, arbitrary: fc.integer({ min: 41, max: NAME_MAX }) },
  // With a slash: a block, a chunk and what is beside them.
  { weight: 3, arbitrary: fc.constantFrom(14, 15, 16, 31, 4078, 4079, 4080, 4094, 4095) },
);

/** What `to` is called from `from`, as long as it may be. */
function way(from: Cgroup, to: Cgroup): string {
  const common = from.commonAncestor(to);
  const names = [...to.ancestors()].slice(0, to.level - common.level).map(({ name }) => name).reverse();
  return `${"/..".repeat(from.level - common.level)}${names.map((name) => `/${name}`).join("")}` || "/";
}

function chain(top: Cgroup, names: readonly string[]): Cgroup[] {
  const made: Cgroup[] = [];
  for (const name of names) made.push((made.at(-1) ?? top).create(name));
  return made;
}

/** Each of them from each of them, in an order that leaves nobody's start where it was, one at a time and in bulk. */
function expectFound(tree: Hierarchy, all: readonly Cgroup[], order: readonly number[]): void {
  const turned = order.map((n) => all[n % all.length]!);
  for (const from of turned) {
    const paths = turned.map((to) => way(from, to));
    for (const [n, path] of paths.entries()) expect(tree.get(path, from)).toBe(turned[n]);
    const found = tree.resolveMany(Buffer.from(paths.join("\n")), { from });
    for (const n of turned.keys()) expect(tree.at(found, n)).toBe(turned[n]);
  }
}

test("every cgroup of a long path is found from every other, whatever the lengths of their names", () => {
  fc.assert(
    fc.property(fc.array(length, { minLength: 1, maxLength: 24 }), fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), (lengths, order) => {
      const tree = new Hierarchy({ seed: 11 });
      const all = [tree.root, ...chain(tree.root, lengths.map((n, level) => String.fromCharCode(97 + level).repeat(n)))];
      expectFound(tree, all, order);
    }),
    { numRuns: 150 },
  );
});

test("a cgroup with another name is found below it, and its descendants are; the old paths name nobody", () => {
  fc.assert(
    fc.property(fc.array(length, { minLength: 2, maxLength: 12 }), fc.nat(), length, (lengths, which, other) => {
      const tree = new Hierarchy({ seed: 12 });
      const all = chain(tree.root, lengths.map((n, level) => String.fromCharCode(97 + level).repeat(n)));
      const order = [...all.keys()].reverse();
      expectFound(tree, all, order);
      const old = all.map((to) => way(tree.root, to));
      const at = which % all.length;
      all[at]!.rename("Z".repeat(other));
      expectFound(tree, all, order);
      for (const path of old.slice(at)) expect(tree.get(path)).toBeUndefined();
    }),
    { numRuns: 100 },
  );
});

test("who takes a removed cgroup's place is found, and what is below it", () => {
  const tree = new Hierarchy({ seed: 13 });
  for (let n = 100; n < 140; n++) {
    const parent = tree.root.create(`${n}`);
    const [child] = chain(parent, ["x"]) as [Cgroup];
    expect(tree.get("/x", parent)).toBe(child);
    expect(tree.get(`/${n}/x`)).toBe(child);
    expect(tree.get("/..", child)).toBe(parent);
    child.remove();
    parent.remove();
  }
});

test("chunks in another order are another path, under every key", () => {
  const names = ["a", "b", "c", "d", "e"].map((letter) => letter.repeat(NAME_MAX));
  const tree = new Hierarchy();
  const below = (top: Cgroup, left: readonly string[]): number =>
    left.length === 0 ? 1 : left.reduce((sum, name) => sum + below(top.create(name), left.filter((other) => other !== name)), 0);
  expect(below(tree.root, names)).toBe(120);
  expect(tree.stats().longestProbe).toBeLessThanOrEqual(2);
});

test("lines that climb any number of levels leave those between them their start", () => {
  const tree = new Hierarchy({ seed: 15 });
  const all = [tree.root, ...chain(tree.root, Array.from({ length: 30 }, (_, level) => `level-${level}`))];
  const from = all[20]!;
  // From each climb's end down again by a name, so that the end is a start, too; then one that does not climb.
  const lines = all.slice(0, 20).flatMap((end, level) => [`${way(from, end)}/level-${level}`, way(from, all[25]!)]);
  const found = tree.resolveMany(Buffer.from(lines.join("\n")), { from });
  const wanted = all.slice(0, 20).flatMap((_, level) => [all[level + 1], all[25]]);
  for (const [n, to] of wanted.entries()) expect(tree.at(found, n)).toBe(to);
});

test("levels by the thousand are found from the root and from one another", () => {
  const tree = new Hierarchy({ seed: 14 });
  const all = chain(tree.root, Array.from({ length: 20_000 }, (_, level) => `l${level % 7}`));
  const deepest = all.at(-1)!;
  expect(tree.get(way(tree.root, deepest))).toBe(deepest);
  for (const level of [19_990, 12_345, 4_096, 100, 0]) expect(tree.get(way(all[level]!, deepest), all[level])).toBe(deepest);
});
