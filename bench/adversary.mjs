// What choosing names buys an attacker: look-ups of names made to collide beside ordinary names of the same length and
// depth, in interleaved rounds. Nothing may cost more than twice the time, deep paths 10 ns a component more.

import { Hierarchy } from "../dist/ts/index.js";
import { collidingNames, knownKey, ordinaryNames, permutations, sameBlocks, xorMultiply } from "./collisions.mjs";
import { nonZero } from "./ours.mjs";
import { Random } from "./random.mjs";
import { race } from "./rounds.mjs";
import { plain } from "./tables.mjs";

const NAME_MAX = 4095;
const KNOWN_SEED = 42;
const FOUND = 100_000;
const LEVELS = 2_000;
const CHAINS = 16;
const A_COMPONENT = 10;

/** Children of the root with these names, and all of them looked up at once. */
function flat(name, names, options = {}) {
  const tree = new Hierarchy(options);
  for (const each of names) tree.root.create(each);
  return lane(name, tree, names.map((each) => Buffer.concat([Buffer.from("/"), each])));
}

/** Chains of 2,000 levels; `nameAt` says what a level of a chain is called. */
function deep(name, nameAt) {
  const tree = new Hierarchy();
  const paths = Array.from({ length: CHAINS }, (_, chain) => {
    const names = Array.from({ length: LEVELS }, (_, level) => nameAt(chain, level));
    let parent = tree.root;
    for (const each of names) parent = parent.create(each);
    return Buffer.from(`/${names.join("/")}`);
  });
  return lane(name, tree, paths);
}

function lane(name, tree, paths) {
  const bytes = Buffer.concat(paths.flatMap((path) => [path, Buffer.from("\n")]));
  const out = new Uint32Array(paths.length);
  const run = () => nonZero(tree.resolveMany(bytes, { out }).numbers);
  return { name, tree, count: paths.length, hits: () => paths.length, run };
}

function pair(what, names) {
  return { what, ordinary: flat("ordinary", ordinaryNames(names)), chosen: flat("chosen", names) };
}

const random = new Random(5);
const long = collidingNames(NAME_MAX);
const found = knownKey(FOUND, KNOWN_SEED);
const pairs = [
  pair("top bits of successive words", collidingNames()),
  pair("words permuted", permutations()),
  pair("one byte, every length", sameBlocks()),
  pair("top bits, 4,095 bytes", long),
  pair("100,000 found against a known key", found),
  {
    what: "2,000 levels, all called the same",
    ordinary: deep("ordinary", (chain, level) => `${(chain * LEVELS + level).toString(36).padStart(4, "0")}${random.hex(4)}`),
    chosen: deep("chosen", (chain, level) => (level === 0 ? `chain-${chain.toString(36)}.` : "aaaaaaaa")),
    components: LEVELS,
  },
];

const weak = new Set(collidingNames().map((name) => xorMultiply(name, 0x1234567n, 0x9e3779b97f4a7c15n)));
console.log(`top bits of successive words: ${collidingNames().length} names, ${weak.size} hash under xor-multiply`);
const known = flat("under the known key", found.slice(0, 2_000), { seed: KNOWN_SEED });
console.log(`found against a known key: under that key the longest probe of 2,000 of them is ${known.tree.stats().longestProbe} buckets`);

const rows = [];
let bad = 0;
for (const { what, ordinary: usual, chosen, components = 0 } of pairs) {
  const rounds = await race([usual, chosen]);
  const [plainly, attacked] = [rounds.middle("ordinary"), rounds.middle("chosen")];
  const isFine = attacked <= 2 * plainly + A_COMPONENT * components;
  if (!isFine) bad++;
  rows.push([what, plainly, attacked, `${(attacked / plainly).toFixed(2)} ×`, chosen.tree.stats().longestProbe, isFine ? "" : "TOO SLOW"]);
}
console.log(plain(["names", "ordinary, ns", "chosen, ns", "ratio", "longest probe", ""], rows));
process.exitCode = bad > 0 ? 1 : 0;
