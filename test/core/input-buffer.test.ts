// The input buffer: what is read into the core's own memory is answered where it lies, as a copy of it would be, and whatever
// memory does meanwhile.

import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CgroupError, Hierarchy } from "../../ts/index.ts";

const PATHS = ["/a", "/a/b", "/a/b/c", "/a/b/é", `/a/${"n".repeat(300)}`, "/z"];

function treeOf(paths: readonly string[] = PATHS): Hierarchy {
  const tree = new Hierarchy();
  for (const path of paths) tree.create(path, { recursive: true });
  return tree;
}

/** The text in the input buffer, from a place in it on. */
function put(tree: Hierarchy, text: string | Uint8Array, from = 0): Uint8Array {
  const bytes = Buffer.from(text);
  const room = tree.inputBuffer(Math.max(1, from + bytes.length));
  room.set(bytes, from);
  return room.subarray(from, from + bytes.length);
}

function grow(tree: Hierarchy): void {
  const all = (): number => tree.stats().bytes + tree.stats().reservedBytes;
  const before = all();
  for (let n = 0; all() === before; n++) tree.create(`/grow/${"g".repeat(4000)}${n}`, { recursive: true });
}

describe("paths", () => {
  test("are resolved where they lie, the last with or without its newline, whatever lies before and behind", () => {
    const tree = treeOf();
    for (const end of ["", "\n", "\n\n"]) {
      for (const from of [0, 1, 7, 16, 4099]) {
        const text = `${PATHS.join("\n")}\n/no\n\n/a/../z\n/a${end}`;
        const room = tree.inputBuffer(from + 2000).fill(0x78);
        const bytes = put(tree, text, from);
        expect([...tree.resolveMany(bytes).numbers]).toEqual([...tree.resolveMany(Buffer.from(text)).numbers]);
        expect(Buffer.from(bytes).toString()).toBe(text);
        expect(room[from + bytes.length]).toBe(0x78);
      }
    }
  });

  test("from any cgroup, and into a list of the caller's", () => {
    const tree = treeOf();
    const out = new Uint32Array(3);
    const nodes = tree.resolveMany(put(tree, "/b\n/../z\n/../../z"), { from: tree.get("/a")!, out });
    expect(nodes.numbers).toBe(out);
    expect([0, 1, 2].map((n) => tree.at(nodes, n)?.path)).toEqual(["/a/b", "/z", undefined]);
  });

  test("in many chunks, and a line longer than a chunk", () => {
    const tree = treeOf(Array.from({ length: 500 }, (_, n) => `/p${n % 10}/${"x".repeat(n % 300)}${n}`));
    const all = [...tree.walk()].map(({ path }) => path);
    const lines = Array.from({ length: 8000 }, (_, n) => all[(n * 7919) % all.length]!);
    lines.splice(3000, 0, `/${"q".repeat(200_000)}`, "/p1");
    const text = lines.join("\n");
    expect(text.length).toBeGreaterThan(10 * 65_536);
    expect([...tree.resolveMany(put(tree, text, 3)).numbers]).toEqual([...tree.resolveMany(Buffer.from(text)).numbers]);
  });

  test("that were read from a file", () => {
    const tree = treeOf();
    const folder = mkdtempSync(join(tmpdir(), "cgroupns-input-"));
    writeFileSync(join(folder, "paths"), PATHS.map((line) => `${line}\n`).join(""));
    const fd = openSync(join(folder, "paths"), "r");
    const buffer = tree.inputBuffer(1 << 16);
    const length = readSync(fd, buffer);
    closeSync(fd);
    rmSync(folder, { recursive: true });
    expect([...tree.resolveMany(buffer.subarray(0, length)).numbers].filter((node) => node !== 0)).toHaveLength(PATHS.length);
  });

  test("any bytes at all, anywhere in it", () => {
    const tree = treeOf();
    const piece = fc.oneof(fc.constantFrom(...PATHS, "\n", "/", "..", "/..", "\0"), fc.string());
    fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(5000), (pieces, from) => {
      const bytes = Buffer.from(pieces.join(""));
      expect([...tree.resolveMany(put(tree, bytes, from)).numbers]).toEqual([...tree.resolveMany(bytes).numbers]);
    }));
  });
});

test("ids and node numbers are read where they lie, more of them than cross at once", () => {
  const tree = treeOf(Array.from({ length: 300 }, (_, n) => `/d${n % 7}/${n}`));
  const count = 10_000;
  const ids = BigUint64Array.from({ length: count }, (_, n) => BigInt(n % 400));
  const room = tree.inputBuffer(16 * count);
  const at = room.byteOffset;
  const own = new BigUint64Array(room.buffer, at, count);
  own.set(ids);
  const nodes = tree.resolveIds(ids);
  expect([...tree.resolveIds(own).numbers]).toEqual([...nodes.numbers]);
  const numbers = new Uint32Array(room.buffer, at + 8 * count, count);
  numbers.set(nodes.numbers);
  const inPlace = { ...nodes, numbers };
  expect([...tree.idsOf(inPlace)]).toEqual([...tree.idsOf(nodes)]);
  expect([...tree.ancestorsAt(inPlace, 1).numbers]).toEqual([...tree.ancestorsAt(nodes, 1).numbers]);
  expect([...tree.areDescendants(inPlace, nodes)]).toEqual([...tree.areDescendants(nodes, nodes)]);
  expect(tree.viewMany(inPlace, { as: "strings" })).toEqual(tree.viewMany(nodes, { as: "strings" }));
});

test("it is the same room each time; one for more than ever before is another", () => {
  const tree = treeOf();
  const first = tree.inputBuffer(100);
  expect(tree.inputBuffer(60_000).byteOffset).toBe(first.byteOffset);
  const other = tree.inputBuffer(3 << 20);
  expect(other.byteOffset).not.toBe(first.byteOffset);
  const text = `/z\n/${"q".repeat(1_000_000)}\n/a`;
  const nodes = tree.resolveMany(put(tree, text));
  expect([0, 1, 2].map((n) => tree.at(nodes, n)?.path)).toEqual(["/z", undefined, "/a"]);
});

test("bytes at the same place of another buffer are other bytes, and what is not all in it is read as any bytes are", () => {
  const tree = treeOf();
  const room = tree.inputBuffer(100).fill(0x78);
  const other = Buffer.alloc(room.byteOffset + 100).subarray(room.byteOffset);
  other.write("/a\n/z\n");
  expect(tree.at(tree.resolveMany(other.subarray(0, 6)), 1)?.path).toBe("/z");
  const { length } = new Uint8Array(room.buffer);
  expect(tree.resolveMany(new Uint8Array(room.buffer, length - 5)).numbers.every((node) => node === 0)).toBe(true);
});

test("it is read to its last byte, be that memory's last", () => {
  let ends = 0;
  for (let pages = 8; pages < 24; pages++) {
    const tree = new Hierarchy({ maximumBytes: pages << 16 });
    tree.create("/a/b", { recursive: true });
    const rooms = Array.from({ length: 12 }, (_, n) => (n + 1) * 65_536).flatMap((bytes) => [bytes - 32, bytes]);
    for (const bytes of rooms) {
      let room: Uint8Array;
      try {
        room = tree.inputBuffer(bytes);
      } catch {
        break;
      }
      room.fill(0x0a).set(Buffer.from("/a/b"), bytes - 4);
      expect(tree.resolveMany(room).numbers.at(-1)).not.toBe(0);
      if (room.byteOffset + bytes + 32 >= room.buffer.byteLength) ends++;
    }
  }
  expect(ends).toBeGreaterThan(0);
});

test("lines in a room of before may make memory grow, and are read to their end", () => {
  const tree = treeOf(["/z"]);
  const text = `/z\n/${"q".repeat(700_000)}\n/z\n`;
  tree.inputBuffer(text.length);
  // Until the next room will not make memory grow, but what a line so long asks for beside it will.
  for (let n = 0; tree.stats().reservedBytes < 1_600_000; n++) tree.create(`/grow/${"g".repeat(4000)}${n}`, { recursive: true });
  expect(tree.stats().reservedBytes).toBeLessThan(2_300_000);
  const old = put(tree, text);
  expect(tree.inputBuffer(800_000).byteOffset).not.toBe(old.byteOffset);
  expect(old).toHaveLength(text.length);
  const nodes = tree.resolveMany(old);
  expect(old).toHaveLength(0);
  expect([...nodes.numbers].map((node) => node !== 0)).toEqual([true, false, true]);
});

describe("when memory grows", () => {
  test("a view of it is gone, and refused; what was in it is there for the next", () => {
    const tree = treeOf();
    const view = put(tree, "/a\n/z");
    const room = tree.inputBuffer(64);
    const { byteOffset } = room;
    const ids = new BigUint64Array(room.buffer, room.byteOffset, 2);
    const numbers = new Uint32Array(room.buffer, room.byteOffset, 2);
    grow(tree);
    expect(view).toHaveLength(0);
    expect(() => tree.resolveMany(view)).toThrow(/^Expected `paths` to be a view of what is there, got one of a buffer that is detached$/);
    expect(() => tree.createMany(view)).toThrow(TypeError);
    expect(() => tree.resolveIds(ids)).toThrow(/^Expected `ids` to be a view of what is there/);
    expect(() => tree.idsOf({ numbers, stamp: 0 })).toThrow(/^Expected `nodes.numbers` to be a view of what is there/);
    expect(() => tree.pids.get(numbers)).toThrow(/^Expected `pids` to be a view of what is there/);
    expect(() => tree.pids.get(new Uint32Array(0), ids)).toThrow(/^Expected `starts` to be a view of what is there/);
    const again = tree.inputBuffer(64);
    expect(again.byteOffset).toBe(byteOffset);
    const nodes = tree.resolveMany(again.subarray(0, 5));
    expect([0, 1].map((n) => tree.at(nodes, n)?.path)).toEqual(["/a", "/z"]);
    expect(tree.resolveMany(new Uint8Array(0)).numbers).toHaveLength(0);
  });

  test("for the very lists that lie in it, all of them are done", () => {
    const tree = treeOf();
    const paths = Array.from({ length: 60_000 }, (_, n) => `/a/${"m".repeat(50)}${n}`);
    const bytes = Buffer.from(paths.join("\n"));
    const room = tree.inputBuffer(bytes.length + 8 + 8 * paths.length);
    room.set(bytes);
    const ids = new BigUint64Array(room.buffer, room.byteOffset + ((bytes.length + 7) & ~7), paths.length);
    for (let n = 0; n < paths.length; n++) ids[n] = BigInt(1_000_000 + n);
    const { errnos } = tree.createMany(room.subarray(0, bytes.length), { ids });
    expect(room).toHaveLength(0);
    expect(errnos.every((errno) => errno === 0)).toBe(true);
    expect(tree.get(paths.at(-1)!)!.id).toBe(BigInt(1_000_000 + paths.length - 1));

    const count = 200_000;
    const lists = tree.inputBuffer(16 * count);
    const starts = new BigUint64Array(lists.buffer, lists.byteOffset, count).fill(7n);
    const pids = new Uint32Array(lists.buffer, lists.byteOffset + 8 * count, count);
    for (let n = 0; n < count; n++) pids[n] = n + 1;
    const numbers = new Uint32Array(lists.buffer, lists.byteOffset + 12 * count, count).fill(tree.resolveMany(["/z"]).numbers[0]!);
    expect(tree.pids.put(pids, starts, { numbers, stamp: tree.resolveMany(["/z"]).stamp })).toBe(count);
    expect(tree.at(tree.pids.get(Uint32Array.of(count), BigUint64Array.of(7n)), 0)?.path).toBe("/z");

    const long = put(tree, `/z${"/..".repeat(400_000)}`);
    expect(() => tree.resolve(long)).toThrow(CgroupError);
  });

  test("after any calls it answers as any bytes do", () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant("room" as const), bytes: fc.integer({ min: 1, max: 300_000 }) }),
      fc.record({ kind: fc.constant("make" as const), count: fc.integer({ min: 1, max: 3000 }) }),
      fc.record({ kind: fc.constant("look" as const), from: fc.nat(5000), lines: fc.array(fc.nat(5000), { maxLength: 60 }) }),
      fc.record({ kind: fc.constant("remove" as const), which: fc.nat(5000) }),
    );
    fc.assert(fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
      const tree = treeOf();
      let made = 0;
      for (const each of acts) {
        if (each.kind === "room") tree.inputBuffer(each.bytes).fill(0xff);
        else if (each.kind === "make") tree.createMany(put(tree, Array.from({ length: each.count }, () => `/m${made++}`).join("\n")));
        else if (each.kind === "remove") tree.get(`/m${each.which}`)?.remove();
        else {
          const text = Buffer.from(each.lines.map((n) => `/m${n}\n`).join(""));
          expect([...tree.resolveMany(put(tree, text, each.from)).numbers]).toEqual([...tree.resolveMany(text).numbers]);
        }
      }
      expect([...tree.walk()]).toHaveLength(tree.stats().cgroups);
    }), { numRuns: 40 });
  });
});

test("hierarchies beside each other share it", () => {
  const tree = treeOf();
  const other = new Hierarchy({ id: 1, controllers: ["pids"], beside: tree });
  other.create("/a");
  expect(other.inputBuffer(10).byteOffset).toBe(tree.inputBuffer(10).byteOffset);
  const bytes = put(tree, "/a\n/z");
  expect(other.at(other.resolveMany(bytes), 0)).toBe(other.get("/a"));
  expect(tree.at(tree.resolveMany(bytes), 1)).toBe(tree.get("/z"));
});

test("what is no number of bytes is a TypeError, and more than there is ENOMEM, with the tree as it was", () => {
  const tree = new Hierarchy({ maximumBytes: 2 << 20 });
  tree.create("/a");
  for (const bytes of [0, -1, 1.5, Number.NaN, "8" as never, undefined as never]) expect(() => tree.inputBuffer(bytes)).toThrow(/^Expected `bytes` to be a number of bytes/);
  for (const bytes of [4 << 20, 2 ** 31, 2 ** 40, 2 ** 48, 2 ** 52]) expect(() => tree.inputBuffer(bytes)).toThrow(expect.objectContaining({ code: "ENOMEM" }));
  const bytes = put(tree, "/a\n");
  expect(tree.at(tree.resolveMany(bytes), 0)).toBe(tree.get("/a"));
});

test("a Buffer over the input buffer is made as any view of it, though memory grows meanwhile", () => {
  const tree = new Hierarchy();
  const lines = Buffer.from(Array.from({ length: 60_000 }, (_, n) => `/${"n".repeat(60)}${n}\n`).join(""));
  const room = tree.inputBuffer(lines.length);
  room.set(lines);
  const { errnos } = tree.createMany(Buffer.from(room.buffer, room.byteOffset, room.length));
  expect([errnos.length, errnos.every((errno) => errno === 0), tree.stats().cgroups]).toEqual([60_000, true, 60_001]);
});
