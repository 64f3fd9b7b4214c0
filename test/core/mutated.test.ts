// Damaged batches and images, their checksums repaired: what the naive twin makes of the same bytes, a mark or an error for
// the rest, and neighbours untouched. CGROUPNS_HOSTILE says how many of each (2 000 unless told).

import { expect, test } from "vitest";
import { CgroupError, Hierarchy } from "../../ts/index.ts";
import { type Random, seeded } from "../seeded.ts";
import { CHECKSUM_AT, repaired } from "./image-checksum.ts";
import { isName, path, Twin, TwinError, type TwinNode } from "./twin.ts";

const COUNT = Number(process.env.CGROUPNS_HOSTILE ?? 2_000);
const HOURS = 3_600_000;
const BYTES = [0, 0x0a, 0x2e, 0x2f, 0x61, 0x7f, 0x80, 0xff];

/** One to four bytes changed, put in, left out or said twice. */
function mutated(bytes: Uint8Array, random: Random, from = 0): Uint8Array {
  let all = [...bytes];
  for (let times = 1 + random(4); times > 0; times--) {
    const at = from + random(Math.max(1, all.length - from));
    const byte = random(2) === 0 ? BYTES[random(BYTES.length)]! : random(256);
    const kind = random(8);
    if (kind < 5) all[at] = byte;
    else if (kind === 5) all.splice(at, 0, byte);
    else if (kind === 6) all.splice(at, 1 + random(3));
    else all = [...all.slice(0, at), ...all.slice(Math.max(from, at - random(9)))];
  }
  return Uint8Array.from(all);
}

test("every line of a damaged batch is what the twin makes of it", { timeout: HOURS }, () => {
  const tree = new Hierarchy();
  const twin = new Twin();
  const names = ["a", "b", "ab", "é", "x".repeat(15), "x".repeat(16), "x".repeat(17), "y".repeat(300)];
  const lines: string[] = ["/", "/..", "/nowhere", "/a/nowhere"];
  for (const one of names) {
    for (const other of ["", ...names]) {
      const line = other === "" ? `/${one}` : `/${one}/${other}`;
      const latin1 = Buffer.from(line).toString("latin1");
      const parts = latin1.slice(1).split("/");
      tree.create(line);
      twin.create(parts.length === 1 ? twin.root : twin.resolve(twin.root, `/${parts[0]}`), parts.at(-1)!);
      lines.push(latin1, `/..${latin1}`);
    }
  }
  const places = [...twin.walk(twin.root)];
  const random = seeded(77);
  for (let round = 0; round < COUNT; round++) {
    const some = Array.from({ length: 1 + random(8) }, () => lines[random(lines.length)]!);
    const bytes = mutated(Buffer.from(some.join("\n"), "latin1"), random);
    const place = places[random(places.length)]!;
    const from = tree.byId(place.id)!;
    const asked = Buffer.from(bytes).toString("latin1").split("\n");
    if (asked.at(-1) === "") asked.pop();
    const ids = asked.map((line) => idOf(twin, place, line));
    expect([...tree.idsOf(tree.resolveMany(bytes, { from }))], JSON.stringify(asked)).toEqual(ids);
  }
});

function idOf(twin: Twin, from: TwinNode, line: string): bigint {
  try {
    return twin.resolve(from, line).id;
  } catch (error) {
    if (error instanceof TwinError) return 0n;
    throw error;
  }
}

test("a damaged image whose checksum fits is the twin's tree, or an EINVAL", { timeout: HOURS }, () => {
  const tree = new Hierarchy();
  tree.createMany(["/a", "/a/b", "/a/b/c", "/d", `/${"e".repeat(30)}`, "/a/f"]);
  tree.create("/g", { id: 0xffff_ffff_ffffn });
  const image = tree.toImage();
  const random = seeded(99);
  let taken = 0;
  for (let round = 0; round < COUNT; round++) {
    const mutant = mutated(image, random, random(4) === 0 ? 8 : CHECKSUM_AT + 8);
    if (mutant.length >= CHECKSUM_AT + 8) repaired(mutant);
    const expected = readByTwin(mutant);
    let found: [string, bigint][] | undefined;
    try {
      found = [...Hierarchy.fromImage(mutant).walk()].map(({ pathBytes, id }) => [Buffer.from(pathBytes).toString("latin1"), id]);
    } catch (error) {
      if (!(error instanceof CgroupError) || error.code !== "EINVAL") throw error;
    }
    expect(found, Buffer.from(mutant).toString("hex")).toEqual(expected);
    if (found !== undefined) taken++;
  }
  expect(taken).toBeGreaterThan(0);
  expect(tree.toImage()).toEqual(image);
});

/** The cgroups that an image with a fitting checksum tells of, in pre-order; undefined where it is none. */
function readByTwin(image: Uint8Array): [string, bigint][] | undefined {
  if (image.length < 32) return undefined;
  const header = new DataView(image.buffer, image.byteOffset);
  if (header.getUint32(8, true) !== 1) return undefined;
  let at = 32;
  const number = (most: number): bigint => {
    let value = 0n;
    for (let i = 0; i < most; i++) {
      const byte = image[at++];
      if (byte === undefined || (i === 9 && byte > 1)) throw new TwinError("cut off");
      value |= BigInt(byte & 127) << BigInt(7 * i);
      if (byte < 128) return value;
    }
    throw new TwinError("too long");
  };
  const twin = new Twin();
  (twin.root as { id: bigint }).id = header.getBigUint64(16, true);
  try {
    let last = twin.root;
    let count = 0;
    for (; at < image.length; count++) {
      let climb = number(5);
      const id = number(10);
      const size = Number(number(2));
      const name = Buffer.from(image.subarray(at, at + size)).toString("latin1");
      at += size;
      for (; climb > 0n; climb--) last = last.parent ?? failed();
      if (name.length < size || !isName(name)) failed();
      last = twin.create(last, name, id);
    }
    if (count !== header.getUint32(12, true)) failed();
    return [...twin.walk(twin.root)].map((node) => [path(node), node.id]);
  } catch (error) {
    if (error instanceof TwinError) return undefined;
    throw error;
  }
}

const failed = (): never => {
  throw new TwinError("no tree");
};
