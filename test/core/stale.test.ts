// Stale numbers and handles: an error, undefined or 0, never another cgroup.

import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { type Cgroup, Hierarchy } from "../../ts/index.ts";

describe("a handle of a removed cgroup", () => {
  test("keeps its name, path and id, and answers anything else with ENODEV", () => {
    const tree = new Hierarchy();
    const gone = tree.create("/a/b", { recursive: true, id: 77n });
    gone.remove();
    const again = tree.create("/a/b");
    expect([gone.name, gone.path, gone.id, gone.removed]).toEqual(["b", "/a/b", 77n, true]);
    for (const ask of [() => gone.level, () => gone.viewFrom(tree.root), () => tree.root.viewFrom(gone), () => gone.remove(),
      () => gone.rename("c"), () => gone.pin(), () => [...gone.children()], () => gone.isDescendantOf(again), () => gone.child("x")]) {
      expect(ask).toThrow(/ENODEV/);
    }
    expect(() => gone.create("c")).toThrow(/ENOENT/);
    expect(tree.byId(77n)).toBeUndefined();
    expect(tree.get("/a/b")).toBe(again);
    expect(again.removed).toBe(false);
  });

  test("stays whole while it is pinned, and goes with the last pin, its removed parents with it", () => {
    const tree = new Hierarchy();
    const [a, b] = [tree.create("/a"), tree.create("/a/b")];
    const [one, two] = [b.pin(), b.pin()];
    b.remove();
    a.remove();
    expect(b.viewFrom(tree.root)).toBe("/a/b");
    expect(a.viewFrom(b)).toBe("/..");
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    expect(tree.stats().tombstones).toBe(2);
    two[Symbol.dispose]();
    expect(tree.stats().tombstones).toBe(0);
    expect(() => b.viewFrom(tree.root)).toThrow(/ENODEV/);
    expect(() => a.level).toThrow(/ENODEV/);
  });

  test("is not the new cgroup either when its record went with the last pin of one below it", () => {
    const tree = new Hierarchy();
    const [a, b] = [tree.create("/a"), tree.create("/a/b")];
    const pin = b.pin();
    b.remove();
    a.remove();
    pin[Symbol.dispose]();
    const made = ["c", "d"].map((name) => tree.root.create(name));
    expect(made.filter((cgroup) => cgroup === a || cgroup === b || cgroup.removed)).toEqual([]);
    expect([a.removed, b.removed]).toEqual([true, true]);
  });

  test("is never the cgroup that took its slot, however often", () => {
    const tree = new Hierarchy();
    const handles = [];
    for (let i = 0; i < 2000; i++) {
      const cgroup = tree.root.create(`c${i % 7}`);
      handles.push(cgroup);
      cgroup.remove();
    }
    const last = tree.root.create("c0");
    expect(handles.filter((handle) => !handle.removed)).toEqual([]);
    expect(handles.every((handle) => handle !== last)).toBe(true);
    expect(tree.stats().tombstones).toBe(0);
  });
});

test("what is removed and held by nothing is given up, its removed parents with it", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const tree = new Hierarchy();
  const gone: WeakRef<Cgroup>[] = [];
  const make = (path: string): Cgroup => {
    const cgroup = tree.create(path);
    gone.push(new WeakRef(cgroup));
    return cgroup;
  };
  (() => {
    make("/a").remove();
    const [b, c, d] = [make("/b"), make("/b/c"), make("/b/c/d")];
    const pin = d.pin();
    for (const one of [d, c, b]) one.remove();
    expect(b.removed && d.ancestorAt(1) === b).toBe(true);
    pin[Symbol.dispose]();
  })();
  await setImmediate();
  collect();
  expect(gone.map((one) => one.deref()?.path)).toEqual([undefined, undefined, undefined, undefined]);
});

describe("a number of a list", () => {
  test("names nobody once its cgroup is gone, whoever has taken its place", () => {
    const tree = new Hierarchy();
    const paths = Array.from({ length: 100 }, (_, n) => `/c${n}`);
    for (const path of paths) tree.create(path);
    const nodes = tree.resolveMany(paths);
    for (const path of paths.filter((_, n) => n % 2 === 0)) tree.get(path)!.remove();
    for (let n = 0; n < 100; n++) tree.create(`/d${n}`);
    for (const [n, path] of paths.entries()) {
      const found = tree.at(nodes, n);
      if (n % 2 === 0) expect(found).toBeUndefined();
      else expect(found).toBe(tree.get(path));
    }
  });

  test("names nobody in another hierarchy, though they share a core", () => {
    const one = new Hierarchy({ seed: 1 });
    const other = new Hierarchy({ id: 1, beside: one });
    other.createMany(["/a", "/b"]);
    one.create("/a");
    const nodes = other.resolveMany(["/a", "/b"]);
    expect([0, 1].map((index) => one.at(nodes, index))).toEqual([undefined, undefined]);
    expect([0, 1].map((index) => other.at(nodes, index)?.hierarchy)).toEqual([other, other]);
    expect(one.at(nodes, 1)).toBeUndefined();
  });

  test("that somebody made up names nobody or a cgroup that is there, and never traps", () => {
    const tree = new Hierarchy({ seed: 1 });
    for (let n = 0; n < 500; n++) tree.create(`/some name of some length ${n}`);
    // Their last byte, and the zeros behind it, could be somebody's birth.
    for (let n = 0; n < 500; n++) tree.create(`/${1000 + n}\x01`);
    for (let n = 0; n < 500; n += 3) tree.get(`/some name of some length ${n}`)!.remove();
    tree.get("/some name of some length 1")!.rename("a name that is so much longer that it does not fit where the old one was at all");
    const all = new Set(tree.walk());
    const { stamp } = tree.resolveMany(["/"]);
    const numbers = Uint32Array.from({ length: 300_000 }, (_, n) => (n < 200_000 ? n : Math.imul(n, 2654435761)));
    const ids = tree.idsOf({ numbers, stamp });
    let found = 0;
    for (let n = 0; n < numbers.length; n++) {
      const cgroup = tree.at({ numbers, stamp }, n);
      if ((cgroup?.id ?? 0n) !== ids[n]) expect.fail(`${numbers[n]} has the id ${ids[n]}, but is ${cgroup?.path}`);
      if (cgroup === undefined) continue;
      found++;
      expect(all.has(cgroup)).toBe(true);
    }
    expect(found).toBeGreaterThanOrEqual(all.size);
  });
});
