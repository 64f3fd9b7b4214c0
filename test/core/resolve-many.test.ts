// The bulk look-up against the single one: the same answers for every kind of line, whatever its length and place.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cgroup, CgroupError, Hierarchy } from "../../ts/index.ts";

function one(tree: Hierarchy, path: Uint8Array, from: Cgroup): Cgroup | undefined {
  try {
    return tree.resolve(path, from);
  } catch (error) {
    if (error instanceof CgroupError) return undefined;
    throw error;
  }
}

function agree(tree: Hierarchy, bytes: Uint8Array, from: Cgroup = tree.root): number {
  const nodes = tree.resolveMany(bytes, { from });
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  if (lines.at(-1) === "") lines.pop();
  expect(nodes.numbers).toHaveLength(lines.length);
  const pieces = Buffer.from(lines.join(""), "latin1");
  expect(tree.resolveMany(pieces, { from, lengths: Uint32Array.from(lines, (line) => line.length) })).toEqual(nodes);
  expect(pieces.toString("latin1")).toBe(lines.join(""));
  let found = 0;
  for (const [n, line] of lines.entries()) {
    const expected = one(tree, Buffer.from(line, "latin1"), from);
    if (tree.at(nodes, n) !== expected) expect([line, tree.at(nodes, n)?.path]).toEqual([line, expected?.path]);
    if (expected !== undefined) found++;
  }
  return found;
}

describe("in bulk as one by one", () => {
  const tree = new Hierarchy();
  const lengths = [...Array.from({ length: 70 }, (_, n) => n + 1), 127, 128, 255, 256, 4094, 4095];
  for (const length of lengths) tree.create(`/${"x".repeat(length)}/y`, { recursive: true });
  const inner = tree.resolve("/x/y");

  test("names of every length around the 16-byte blocks", () => {
    const lines = lengths.flatMap((length) => [`/${"x".repeat(length)}`, `/${"x".repeat(length)}/y`, `/${"x".repeat(length)}/z`]);
    expect(agree(tree, Buffer.from(lines.join("\n")))).toBe(lengths.length * 2);
    expect(agree(tree, Buffer.from(lines.map((line) => `/../..${line}`).join("\n")), inner)).toBe(lengths.length * 2);
  });

  test("odd lines: empty, /, /.., no slash, slashes at the end, too long", () => {
    const odd = ["", "/", "/..", "/../..", "x", "x/y", "//", "/x/", "/x//y", "/x/..", "/x/../x", "/./x", "/.", "/...", `/${"q".repeat(5000)}`, "/x\0", "/x/y"];
    expect(agree(tree, Buffer.from(odd.join("\n")))).toBe(2);
    expect(agree(tree, Buffer.from(odd.join("\n")), inner)).toBe(3);
    expect(agree(tree, Buffer.from(`${odd.join("\n")}\n\n\n`))).toBe(2);
    expect(agree(tree, new Uint8Array(0))).toBe(0);
  });

  test("any bytes at all", () => {
    const part = fc.constantFrom("/", "\n", "x", "xx", "y", "..", ".", "\xff", "\0", "x".repeat(16), "/x/y\n");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60, size: "max" }), fc.boolean(), (parts, low) => {
        agree(tree, Buffer.from(parts.join(""), "latin1"), low ? inner : tree.root);
      }),
      { numRuns: 2000 },
    );
  });

  test("more than one chunk's bytes, a line across its edge, one line longer than a chunk", () => {
    const lines = Array.from({ length: 60_000 }, (_, n) => (n % 3 === 0 ? "/x/y" : `/${"x".repeat(1 + (n % 70))}/y`));
    const found = agree(tree, Buffer.from(lines.join("\n")));
    expect(found).toBe(lines.length);
    lines[3] = `/${"w".repeat((1 << 20) + 5)}`;
    expect(agree(tree, Buffer.from(lines.join("\n")))).toBe(lines.length - 1);
    const out = new Uint32Array(lines.length);
    tree.resolveMany(Buffer.from(lines.join("\n")), { out });
    expect(out).toEqual(tree.resolveMany(lines).numbers);
  });

  test("what is seen from far above leaves the next line to be seen from where it was", () => {
    const deep = new Hierarchy();
    let from = deep.create("/far");
    for (let level = 2; level < 40; level++) from = from.create("down");
    for (let at: Cgroup | undefined = from; at !== undefined; at = at.parent) at.create("beside");
    const lines = Array.from({ length: from.level + 1 }, (_, ups) => [`${"/..".repeat(ups)}/beside`, "/beside"]).flat();
    expect(agree(deep, Buffer.from(lines.join("\n")), from)).toBe(lines.length);
  });

  test("with lengths: what has a newline names nobody, and its neighbours are who they are", () => {
    const pieces = ["/x", "/x\n", "\n/x", "", "/x/y", "/\nx", "\n", "/", "/x/y", ""];
    const paths = Buffer.from(pieces.join(""));
    const lengths = Uint32Array.from(pieces, (piece) => piece.length);
    const expected = tree.resolveMany(Buffer.from("/x\n\n\n\n/x/y\n\n\n/\n/x/y\n\n"));
    expect(tree.resolveMany(paths, { lengths })).toEqual(expected);
    expect([...expected.numbers].map((number) => number > 0)).toEqual([true, false, false, false, true, false, false, true, true, false]);
    const room = tree.inputBuffer(paths.length);
    room.set(paths);
    expect(tree.resolveMany(room, { lengths, out: new Uint32Array(10) }).numbers).toEqual(expected.numbers);
    expect(Buffer.compare(room, paths)).toBe(0);
    expect(tree.resolveMany(new Uint8Array(0), { lengths: new Uint32Array(3) }).numbers).toEqual(new Uint32Array(3));
    expect(tree.resolveMany(new Uint8Array(0), { lengths: new Uint32Array(0) }).numbers).toHaveLength(0);
  });

  test("however many paths with lengths there are, the core's memory does not grow with them", () => {
    const many = new Hierarchy();
    const x = many.create("/x");
    const before = many.stats().bytes;
    expect(many.resolveMany(Buffer.from("/x".repeat(1_000_000)), { lengths: new Uint32Array(1_000_000).fill(2) }).numbers.every((node) => node === x.node)).toBe(true);
    expect(many.resolveMany(Buffer.from(`/x${"/x".repeat(30_000)}`.repeat(20)), { lengths: new Uint32Array(20).fill(60_002) }).numbers.every((node) => node === 0)).toBe(true);
    expect(many.resolveMany(new Uint8Array(0), { lengths: new Uint32Array(1_000_000) }).numbers.every((node) => node === 0)).toBe(true);
    expect(many.stats().bytes - before).toBeLessThan(1 << 20);
  });

  test("lengths and paths that other threads share", () => {
    const lengths = new Uint32Array(new SharedArrayBuffer(8));
    lengths.set([2, 4]);
    const paths = new Uint8Array(new SharedArrayBuffer(6));
    paths.set(Buffer.from("/x/x/y"));
    expect(tree.resolveMany(paths, { lengths })).toEqual(tree.resolveMany(["/x", "/x/y"]));
  });

  test("lengths that do not fit the bytes are refused before anything is read", () => {
    const paths = Buffer.from("/x/x/y");
    for (const lengths of [[2], [2, 5], [], [4294967295, 6], [2, 4, 1]]) {
      expect(() => tree.resolveMany(paths, { lengths: Uint32Array.from(lengths) })).toThrow(/Expected `lengths` to add up to the bytes of the paths \(6\), got/);
    }
    expect(() => tree.resolveMany(paths, { lengths: [2, 4] as never })).toThrow(/Expected `lengths` to be a Uint32Array/);
    expect(() => tree.resolveMany(["/x"], { lengths: Uint32Array.of(2) })).toThrow(/Expected `paths` to be a Uint8Array, where `lengths` are given/);
    expect(() => tree.resolveMany(paths, { lengths: Uint32Array.of(2, 4), out: new Uint32Array(1) })).toThrow(/Expected `out` to have room/);
  });

  test("strings, a caller's own list, and lists that are too short", () => {
    const out = new Uint32Array(4);
    const nodes = tree.resolveMany(["/x", "/nowhere", "/x\n/x", "/x/y"], { out });
    expect(nodes.numbers).toBe(out);
    expect([...out].map((number) => number > 0)).toEqual([true, false, false, true]);
    expect(() => tree.resolveMany(["/x", "/x"], { out: new Uint32Array(1) })).toThrow(/Expected `out` to have room/);
    expect(() => tree.resolveMany("/x" as never)).toThrow(TypeError);
    expect(() => tree.resolveMany(["/x"], { out: [] as never })).toThrow(/Uint32Array/);
  });

  test("from a removed root only /.. leads anywhere", () => {
    const gone = tree.create("/gone");
    const pin = gone.pin();
    gone.remove();
    expect(agree(tree, Buffer.from("/\n/..\n/../x\n/x\n"), gone)).toBe(2);
    pin[Symbol.dispose]();
  });
});
