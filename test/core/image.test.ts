// A tree as bytes and back: the same cgroups with the same ids under another key; anything else is refused, whatever it is.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CgroupError, Hierarchy } from "../../ts/index.ts";
import { repaired } from "./image-checksum.ts";

const shape = (tree: Hierarchy): string[] => [...tree.walk()].map(({ pathBytes, id }) => `${Buffer.from(pathBytes).toString("latin1")} ${id}`);

function sample(): Hierarchy {
  const tree = new Hierarchy({ rootId: 77n });
  for (let n = 0; n < 40; n++) tree.create(`/s${n % 3}/${"y".repeat(n * 5)}p${n % 7}/c${n}`, { recursive: true });
  tree.create(`/${"z".repeat(4095)}`, { id: 0xffff_ffff_ffff_fff0n });
  tree.resolve("/s1").create(new Uint8Array([0xff, 0xfe, 1]), { id: 5000n });
  return tree;
}

test("back comes what went in, and grows on", () => {
  const tree = sample();
  const back = Hierarchy.fromImage(tree.toImage());
  expect(shape(back)).toEqual(shape(tree));
  expect(back.toImage()).toEqual(tree.toImage());
  const plain = new Hierarchy();
  plain.createMany(["/a", "/b"]);
  expect(Hierarchy.fromImage(plain.toImage()).create("/c").id).toBe(4n);
  expect(shape(Hierarchy.fromImage(new Hierarchy().toImage()))).toEqual(["/ 1"]);
});

test("a Buffer is an image too, and stays as it is", () => {
  const buffer = Buffer.from(sample().toImage());
  expect(shape(Hierarchy.fromImage(buffer))).toEqual(shape(sample()));
  expect(shape(Hierarchy.fromImage(buffer))).toEqual(shape(sample()));
});

test("a cgroup's image has it as the root", () => {
  const tree = sample();
  const part = Hierarchy.fromImage(tree.toImage(tree.resolve("/s2")));
  expect(part.root.id).toBe(tree.resolve("/s2").id);
  expect([...part.walk()].map(({ path }) => path)).toEqual([...tree.walk(tree.resolve("/s2"))].map((cgroup) => cgroup.viewFrom(tree.resolve("/s2"))));
});

test("random trees, larger than a piece", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 200 }), (parents) => {
      const tree = new Hierarchy();
      const made = [tree.root];
      for (const [n, parent] of parents.entries()) made.push(made[parent % made.length]!.create(`c${n}`, { id: BigInt(parent) * 1000n + BigInt(n) + 2n }));
      expect(shape(Hierarchy.fromImage(tree.toImage()))).toEqual(shape(tree));
    }),
    { numRuns: 100 },
  );
  const large = new Hierarchy();
  large.createMany(Array.from({ length: 20_000 }, (_, n) => `/d${n % 100}/${"l".repeat(n % 200)}${n}`), { recursive: true });
  expect(shape(Hierarchy.fromImage(large.toImage()))).toEqual(shape(large));
});

describe("what is no image", () => {
  const whole = sample().toImage();
  const rule = (image: Uint8Array): string => {
    try {
      Hierarchy.fromImage(image);
      return "taken";
    } catch (error) {
      if (!(error instanceof CgroupError)) throw error;
      return `${error.code}: ${error.rule}`;
    }
  };

  test("foreign, cut off, of another version, damaged, of another length", () => {
    expect(rule(new Uint8Array(0))).toMatch(/^EINVAL: it is shorter/);
    expect(rule(Buffer.from("PK".repeat(40)))).toMatch(/^EINVAL: it is no image/);
    const other = whole.slice();
    other[8] = 9;
    expect(rule(other)).toMatch(/version 9, not 1/);
    for (const at of [12, 17, 30, 40, whole.length - 1]) {
      const damaged = whole.slice();
      damaged[at]! ^= 1;
      expect(rule(damaged)).toMatch(/^EINVAL: it (is damaged|is cut off)/);
    }
    expect(rule(whole.slice(0, -1))).toMatch(/^EINVAL: it is damaged/);
    expect(rule(repaired(whole.slice(0, -1)))).toMatch(/^EINVAL: its records are no tree/);
    expect(rule(repaired(whole.slice()))).toBe("taken");
    const more = whole.slice();
    new DataView(more.buffer).setUint32(12, 0xffffffff, true);
    expect(rule(repaired(more))).toMatch(/cut off/);
    const fewer = whole.slice();
    fewer[12]!--;
    expect(rule(repaired(fewer))).toMatch(/it has \d+ cgroups, and says/);
    expect(() => Hierarchy.fromImage("x" as never)).toThrow(/Expected `image` to be a Uint8Array/);
  });

  test("the same name or id twice", () => {
    const twice = (change: (bytes: Uint8Array) => void): string => {
      const tree = new Hierarchy();
      tree.createMany(["/a", "/b"]);
      const image = tree.toImage();
      change(image);
      return rule(repaired(image));
    };
    // Records: climb, id, length, name; two of them, four bytes each.
    expect(twice((bytes) => { bytes[39] = bytes[35]!; })).toMatch(/^EINVAL: a name or an id is in it twice/);
    expect(twice((bytes) => { bytes[37] = bytes[33]!; })).toMatch(/^EINVAL: a name or an id is in it twice/);
    expect(twice((bytes) => { bytes[36] = 2; })).toMatch(/^EINVAL: its records are no tree/);
    expect(twice((bytes) => { bytes[35] = 0x2f; })).toMatch(/^EINVAL: its records are no tree/);
  });

  test("more than the memory it may have", () => {
    const large = new Hierarchy();
    large.createMany(Array.from({ length: 30_000 }, (_, n) => `/${"m".repeat(50)}${n}`));
    const image = large.toImage();
    expect(() => Hierarchy.fromImage(image, { maximumBytes: 1 << 20 })).toThrow(/^ENOMEM/);
  });
});

test("whatever the lengths of names and paths, every cgroup of an image is found by its path", () => {
  const length = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 40 }) },
    { weight: 2, arbitrary: fc.integer({ min: 41, max: 4095 }) },
    { weight: 2, arbitrary: fc.constantFrom(15, 16, 2047, 2048, 4094, 4095) },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), length), { minLength: 1, maxLength: 80 }), (wanted) => {
      const tree = new Hierarchy({ seed: 21 });
      const names: string[][] = [[]];
      const made = [tree.root];
      for (const [n, [which, size]] of wanted.entries()) {
        // Rather deep: below one of the last few.
        const at = made.length - 1 - (which % Math.min(made.length, 6));
        const name = `${n}`.padEnd(size, "n");
        made.push(made[at]!.create(name));
        names.push([...names[at]!, name]);
      }
      const back = Hierarchy.fromImage(tree.toImage());
      expect(back.stats().cgroups).toBe(made.length);
      for (const [n, path] of names.entries()) expect(back.get(`/${path.join("/")}`)?.id).toBe(made[n]!.id);
    }),
    { numRuns: 150 },
  );
});

test("a path of hundreds of kilobytes, and cgroups beside each of its own, come back", () => {
  const tree = new Hierarchy({ seed: 22 });
  let deep = tree.root;
  for (let n = 0; n < 80; n++) {
    deep.create(`beside-${n}`);
    deep = deep.create(`${n}`.padEnd(4095, "d"));
  }
  const back = Hierarchy.fromImage(tree.toImage());
  expect(shape(back)).toEqual(shape(tree));
  expect([...back.walk()].every((cgroup) => back.get(cgroup.pathBytes) === cgroup)).toBe(true);
});
