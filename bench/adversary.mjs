// Look-ups of 2,048 names made to collide under weak hashes, beside as many ordinary names of the same length, in
// interleaved rounds: what choosing names buys an attacker.

import { Hierarchy } from "../dist/ts/index.js";
import { collidingNames, ordinaryNames, xorMultiply } from "./collisions.mjs";

const ROUNDS = 41;
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

function lane(names) {
  const tree = new Hierarchy();
  for (const name of names) tree.root.create(name);
  const bytes = Buffer.concat(names.flatMap((name) => [Buffer.from("/"), name, Buffer.from("\n")]));
  const out = new Uint32Array(names.length);
  const times = [];
  return {
    times,
    tree,
    round() {
      const start = performance.now();
      for (let i = 0; i < 20; i++) tree.resolveMany(bytes, { out });
      times.push(((performance.now() - start) * 1e6) / (20 * names.length));
      if (out.includes(0)) throw new Error("a name was not found");
    },
  };
}

const colliding = collidingNames();
const hashes = new Set(colliding.map((name) => xorMultiply(name, 0x1234567n, 0x9e3779b97f4a7c15n)));
const lanes = { ordinary: lane(ordinaryNames()), colliding: lane(colliding) };
for (let round = 0; round < ROUNDS; round++) for (const { round: run } of Object.values(lanes)) run();
const [ordinary, chosen] = [median(lanes.ordinary.times), median(lanes.colliding.times)];
console.log(`${colliding.length} names, ${hashes.size} hash under xor-multiply`);
console.log(`ordinary names ${ordinary.toFixed(0)} ns, colliding names ${chosen.toFixed(0)} ns a look-up: ${(chosen / ordinary).toFixed(2)} ×`);
console.log(`longest probe: ordinary ${lanes.ordinary.tree.stats().longestProbe}, colliding ${lanes.colliding.tree.stats().longestProbe} buckets`);
