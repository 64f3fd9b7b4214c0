// A tree as bytes, to be kept or sent, and back.
//
//   0         8        12       16        24          32
//   ├─────────┼────────┼────────┼─────────┼───────────┼───────────────────────────────
//   │ magic   │version │ count  │ root id │ checksum  │ records in pre-order (assembly/image.ts)
//   └─────────┴────────┴────────┴─────────┴───────────┴───────────────────────────────
//
// Numbers are little-endian. `count` is of the records; the checksum is over everything else.

import { asking, type Cgroup } from "./cgroup.ts";
import { Parts } from "./core/parts.ts";
import { isBytes } from "./core/text.ts";
import { CgroupError, expected } from "./errors.ts";
import type { Hierarchy } from "./hierarchy.ts";

const MAGIC = 0x676d_6973_6e67_63n; // "cgnsimg\0"
const VERSION = 1;
const HEADER = 32;
const CHECKSUM_AT = 24;
/** A record has three numbers and a name of a byte. */
const SHORTEST_RECORD = 4;

/** The image of a cgroup and everything below it. */
export function toImage(top: Cgroup): Uint8Array {
  const { hierarchy: { core } } = top;
  const parts = new Parts<Uint8Array>(Uint8Array);
  parts.add(new Uint8Array(HEADER));
  asking("image", top.pathBytes, () => {
    for (const part of core.bulk.imageRecords(top)) parts.add(part);
  });
  const image = parts.all();
  const header = new DataView(image.buffer, image.byteOffset);
  header.setBigUint64(0, MAGIC, true);
  header.setUint32(8, VERSION, true);
  header.setUint32(12, core.bulk.recordCount, true);
  header.setBigUint64(16, top.id, true);
  header.setBigUint64(CHECKSUM_AT, core.bulk.checksum([image]), true);
  return image;
}

/**
 * Fills the empty hierarchy that `make` makes for the root's id.
 * @throws CgroupError EINVAL (not an image, damaged, cut off, of another version, not a tree: `rule` says which), ENOMEM
 */
export function fromImage(image: Uint8Array, make: (rootId: bigint) => Hierarchy): Hierarchy {
  if (!isBytes(image)) throw expected("image", "a Uint8Array", image);
  if (image.length < HEADER) throw bad("it is shorter than an image's header");
  const header = new DataView(image.buffer, image.byteOffset, HEADER);
  if (header.getBigUint64(0, true) !== MAGIC) throw bad("it is no image of cgroups");
  if (header.getUint32(8, true) !== VERSION) throw bad(`it is an image of version ${header.getUint32(8, true)}, not ${VERSION}`);
  const count = header.getUint32(12, true);
  const records = image.subarray(HEADER);
  if (count * SHORTEST_RECORD > records.length) throw bad("it is cut off");
  const tree = make(header.getBigUint64(16, true));
  const bare = new Uint8Array(image.subarray(0, HEADER)).fill(0, CHECKSUM_AT);
  if (tree.core.bulk.checksum([bare, records]) !== header.getBigUint64(CHECKSUM_AT, true)) throw bad("it is damaged: its checksum is another");
  asking("image", undefined, () => tree.core.bulk.expect(count, records.length));
  const made = readRecords(tree, records);
  if (made !== count) throw bad(`it has ${made} cgroups, and says ${count}`);
  return tree;
}

function readRecords(tree: Hierarchy, records: Uint8Array): number {
  try {
    tree.core.bulk.readImage(tree.root, records);
  } catch (error) {
    if (!(error instanceof CgroupError) || error.code === "ENOMEM") throw error;
    throw bad(error.code === "EEXIST" ? "a name or an id is in it twice" : "its records are no tree of cgroups");
  }
  return tree.stats().cgroups - 1;
}

const bad = (rule: string): CgroupError => new CgroupError("EINVAL", { syscall: "image", rule });
