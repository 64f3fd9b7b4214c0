// A view as a string: the bytes' own, whichever way the platform has to make one.

import { afterEach, describe, expect, test, vi } from "vitest";
import { Hierarchy } from "../../ts/index.ts";

const decoder = new TextDecoder();

describe("a view as a string", () => {
  test("is ASCII, of any length", () => {
    const tree = new Hierarchy();
    for (let length = 1; length <= 70; length++) expect(tree.root.create("x".repeat(length)).viewFrom(tree.root)).toBe(`/${"x".repeat(length)}`);
    expect(tree.root.viewFrom(tree.root)).toBe("/");
    expect(decoder.decode(tree.root.create("z").viewFrom(tree.root, { encoding: "buffer" }))).toBe("/z");
  });

  test("has what is beyond ASCII wherever it stands", () => {
    const tree = new Hierarchy();
    for (const length of [1, 2, 14, 15, 16, 17, 31, 32, 33, 47]) {
      for (let at = 0; at < length; at++) {
        const name = `${"x".repeat(at)}é${"x".repeat(length - at - 1)}`;
        expect(tree.root.create(name).viewFrom(tree.root)).toBe(`/${name}`);
      }
    }
  });

  test("does not see the bytes of a longer one before it", () => {
    const tree = new Hierarchy();
    const long = tree.root.create("é".repeat(40));
    const short = tree.root.create("x");
    expect(long.viewFrom(tree.root)).toBe(`/${"é".repeat(40)}`);
    expect(short.viewFrom(tree.root)).toBe("/x");
  });

  test("is EILSEQ where a name is not UTF-8, in the last byte as in the first", () => {
    const tree = new Hierarchy();
    for (const at of [0, 15, 16, 20]) {
      const name = new Uint8Array(21).fill(0x78);
      name[at] = 0xff;
      const cgroup = tree.root.create(name);
      expect(() => cgroup.viewFrom(tree.root)).toThrow(/EILSEQ/);
      expect(cgroup.viewFrom(tree.root, { encoding: "buffer" })).toEqual(Uint8Array.from([0x2f, ...name]));
      expect(decoder.decode(cgroup.pathBytes)).toContain("\ufffd");
    }
  });
});

describe("without Node's Buffer", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test("a view is the same string", async () => {
    vi.stubGlobal("Buffer", undefined);
    vi.resetModules();
    const { Hierarchy: Elsewhere } = await import("../../ts/index.ts");
    const tree = new Elsewhere();
    expect(tree.root.create("a.slice").create("b").viewFrom(tree.root)).toBe("/a.slice/b");
    expect(tree.root.create("é").viewFrom(tree.root)).toBe("/é");
  });
});
