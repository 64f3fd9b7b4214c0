// The view rule (2.1–2.8) and its two lengths (1.9) as worked examples in the kernel's words; names as bytes.

import { describe, expect, test } from "vitest";
import { instantiate } from "../../ts/core/load.ts";
import { CgroupNamespace, Hierarchy } from "../../ts/index.ts";

const make = (...paths: string[]): Hierarchy => {
  const tree = new Hierarchy();
  for (const path of paths) tree.create(path, { recursive: true });
  return tree;
};

describe("a view from /B/p/q", () => {
  const tree = make("/B/p/q/s/t", "/B/p/q2", "/B/z");
  const root = tree.resolve("/B/p/q");
  test.each([
    ["itself", "/B/p/q", "/"],
    ["its child", "/B/p/q/s", "/s"],
    ["its grandchild", "/B/p/q/s/t", "/s/t"],
    ["its parent", "/B/p", "/.."],
    ["its sibling", "/B/p/q2", "/../q2"],
    ["its cousin", "/B/z", "/../../z"],
    ["the base", "/B", "/../.."],
    ["the hierarchy's root", "/", "/../../.."],
  ])("of %s", (_, path, view) => {
    const cgroup = tree.resolve(path);
    expect(cgroup.viewFrom(root)).toBe(view);
    expect(tree.resolve(view, root)).toBe(cgroup);
  });
});

describe("namespaces", () => {
  test("a sibling namespace sees /.. and the other container's name", () => {
    const tree = make("/batchjobs/container_id1", "/batchjobs/container_id2");
    const [one, two] = [tree.resolve("/batchjobs/container_id1"), tree.resolve("/batchjobs/container_id2")];
    expect(new CgroupNamespace([two]).view(one)).toBe("/../container_id1");
  });

  test("a removed root keeps its place: others are seen relative to it, a new one of its name included", () => {
    const tree = make("/B/p/q");
    const root = tree.resolve("/B/p/q");
    const namespace = new CgroupNamespace([root]);
    root.remove();
    const again = tree.create("/B/p/q");
    expect(again).not.toBe(root);
    expect(namespace.view(again)).toBe("/../q");
    expect(namespace.view(tree.resolve("/B"))).toBe("/../..");
    expect(() => namespace.resolve("/")).toThrow(/ENOENT/);
    expect(namespace.resolve("/../q")).toBe(again);
  });

  test("ancestors of a removed root may be removed too: the levels still count", () => {
    const tree = make("/B/p/q");
    const [p, q] = [tree.resolve("/B/p"), tree.resolve("/B/p/q")];
    const namespace = new CgroupNamespace([q]);
    q.remove();
    p.remove();
    expect(namespace.view(tree.resolve("/B"))).toBe("/../..");
    expect(tree.stats().tombstones).toBe(2);
    namespace[Symbol.dispose]();
    expect(tree.stats().tombstones).toBe(0);
  });

  test("roots are one per hierarchy; one mounted later is seen from its own root", () => {
    const v2 = make("/a");
    const pids = new Hierarchy({ beside: v2, id: 8, controllers: ["pids"] });
    const namespace = new CgroupNamespace([v2.resolve("/a")], { id: 4026532485 });
    expect(namespace.view(pids.create("/x"))).toBe("/x");
    expect(namespace.rootIn(pids)).toBe(pids.root);
    expect(() => new CgroupNamespace([v2.root, v2.resolve("/a")])).toThrow(/at most one/);
    expect(() => pids.root.viewFrom(v2.root)).toThrow(/EINVAL.*different hierarchies/);
  });

  test("a renamed cgroup has its new name in every view at once", () => {
    const tree = make("/x/r/below");
    const below = tree.resolve("/x/r/below");
    tree.resolve("/x").rename("a much longer name than the one it had before, long enough to need room of its own");
    expect(below.path).toBe("/a much longer name than the one it had before, long enough to need room of its own/r/below");
    expect(tree.get(below.path)).toBe(below);
    expect(tree.get("/x/r/below")).toBeUndefined();
    expect(below.viewFrom(tree.root.child("a much longer name than the one it had before, long enough to need room of its own")!)).toBe("/r/below");
  });
});

describe("lengths", () => {
  const deep = (levels: number): Hierarchy => make(`/${Array(levels).fill("d").join("/")}`, "/other/name");

  test("/.. 1,365 times are 4,095 bytes and fit; once more is ENAMETOOLONG", () => {
    for (const [levels, fits] of [[1365, true], [1366, false]] as const) {
      const tree = deep(levels);
      const root = tree.resolve(`/${Array(levels).fill("d").join("/")}`);
      if (fits) expect(tree.root.viewFrom(root)).toBe("/..".repeat(1365));
      else expect(() => tree.root.viewFrom(root)).toThrow(/ENAMETOOLONG/);
    }
  });

  test("names are cut without a word at 4,095 bytes, /.. and all; the path itself is not", () => {
    const tree = deep(1364);
    const root = tree.resolve(`/${Array(1364).fill("d").join("/")}`);
    expect(tree.resolve("/other").viewFrom(root)).toBe(`${"/..".repeat(1364)}/ot`);
    const long = make(`/${"n".repeat(3000)}/${"m".repeat(3000)}`);
    const leaf = [...long.walk()].at(-1)!;
    expect(leaf.viewFrom(long.root)).toHaveLength(4095);
    expect(leaf.path).toHaveLength(6002);
    expect(long.resolve(leaf.path)).toBe(leaf);
  });

  test("whatever lies beyond the 4,095th byte, nothing is written behind the view", () => {
    for (let first = 4080; first <= 4095; first++) {
      const core = instantiate();
      core.open();
      const memory = (): Uint8Array => new Uint8Array(core.memory.buffer);
      const stamp = (node: number): [number, number] => [node, core.birth(node)];
      const root = core.createHierarchy(1n);
      let at = root;
      // Two names that end with the view or close to its end, and two that are not in it.
      for (const [n, length] of [first - 2002, 2000, 4000, 3].entries()) {
        const name = core.scratch(length);
        memory().fill(0x61 + n, name, name + length);
        at = core.create(...stamp(at), length, BigInt(n + 2));
      }
      const { value: end } = core.viewEnd;
      const behind = memory().slice(end + 16, end + 8192);
      expect(core.view(...stamp(root), ...stamp(at)) & 0xffff).toBe(4095);
      const names = `/${"a".repeat(first - 2002)}/${"b".repeat(2000)}/${"c".repeat(4000)}`;
      expect(Buffer.from(memory().subarray(end - 4095, end)).toString()).toBe(names.slice(0, 4095));
      expect(Buffer.compare(memory().slice(end + 16, end + 8192), behind)).toBe(0);
    }
  });

  test("names have 4,095 bytes at most, there is no limit of 255", () => {
    const tree = new Hierarchy();
    expect(tree.root.create("n".repeat(4095)).nameBytes).toHaveLength(4095);
    expect(() => tree.root.create("n".repeat(4096))).toThrow(/ENAMETOOLONG/);
    expect(() => tree.resolve(`/${"n".repeat(4096)}`)).toThrow(/ENAMETOOLONG/);
  });
});

describe("names are bytes", () => {
  test("a letter beyond ASCII is seen wherever it stands", () => {
    for (let before = 0; before < 70; before++) {
      const tree = new Hierarchy();
      const name = `${"n".repeat(before)}é${"n".repeat(before % 19)}`;
      expect(tree.root.create(name).create("below").viewFrom(tree.root)).toBe(`/${name}/below`);
    }
  });

  test("what is not UTF-8 is EILSEQ as a string and exact as bytes", () => {
    const tree = new Hierarchy();
    const cgroup = tree.root.create(Uint8Array.of(0xff, 0xfe, 0x41));
    expect(() => cgroup.name).toThrow(/EILSEQ/);
    expect(() => cgroup.viewFrom(tree.root)).toThrow(/EILSEQ.*buffer/);
    expect([...cgroup.viewFrom(tree.root, { encoding: "buffer" })]).toEqual([0x2f, 0xff, 0xfe, 0x41]);
    expect(tree.get(Uint8Array.of(0x2f, 0xff, 0xfe, 0x41))).toBe(cgroup);
  });

  test("a string with a lone surrogate is EILSEQ, never U+FFFD", () => {
    const tree = new Hierarchy();
    for (const ask of [() => tree.root.create("\ud800"), () => tree.get("/\ud800"), () => tree.create("/a\udfff")]) {
      expect(ask).toThrow(/EILSEQ/);
    }
  });

  test("anything but a string or bytes is a TypeError that says so", () => {
    const tree = new Hierarchy();
    expect(() => tree.get(7 as unknown as string)).toThrow(/Expected `path` to be a string or a Uint8Array, got number/);
    expect(() => tree.root.viewFrom({} as never)).toThrow(/Expected `from` to be a Cgroup or a CgroupNamespace/);
    expect(() => new Hierarchy({ id: -1 })).toThrow(TypeError);
    expect(() => tree.byId(0.5)).toThrow(TypeError);
    expect(() => tree.root.ancestorAt(-1)).toThrow(TypeError);
  });
});
