// What the library claims, as ratios between lanes of one run, and what a run found: met or not. The rivals are judged too:
// a Map is no measure for a bad rival.

import { LIMIT } from "./limit.mjs";
import { MAP_LANES } from "./maps.mjs";
import { COPIED, IDS_COPIED, IDS_IN_PLACE, IN_PLACE } from "./ours.mjs";
import { median } from "./rounds.mjs";
import { TYPED } from "./sizes.mjs";
import { CUT_LANES, JOINED_LANES } from "./views.mjs";

const FROM_BYTES = "bytes → nodes, uniform";

/** What, in which group, which lane against which (the fastest of a list), at least how many times as fast, by size. */
const CLAIMS = [
  ["bulk look-ups, Map", FROM_BYTES, IN_PLACE, MAP_LANES, { 5000: 6, 200000: 8, 1000000: 8 }],
  ["bulk look-ups, typed-array JS", FROM_BYTES, IN_PLACE, [TYPED], { 5000: 2, 200000: 2.5, 1000000: 2.5 }],
  ["bulk look-ups, C", FROM_BYTES, IN_PLACE, [LIMIT], { 5000: 1 / 1.5, 200000: 1 / 1.5, 1000000: 1 / 1.5 }],
  ["the same copied in, Map", FROM_BYTES, COPIED, MAP_LANES, { 5000: 6, 200000: 8, 1000000: 8 }],
  ["the same copied in, typed-array JS", FROM_BYTES, COPIED, [TYPED], { 5000: 2, 200000: 2.5, 1000000: 2.5 }],
  ["the rival typed-array JS, Map", FROM_BYTES, TYPED, MAP_LANES, { 5000: 2.5, 200000: 2.5, 1000000: 2.5 }],
  ["the rival C, Map", FROM_BYTES, LIMIT, MAP_LANES, { 5000: 8, 200000: 8, 1000000: 8 }],
  ["views as bytes, names joined", "nodes → views", "ours, views as bytes", JOINED_LANES, { 5000: 5, 200000: 5, 1000000: 5 }],
  ["views as bytes, stored paths cut", "nodes → views", "ours, views as bytes", CUT_LANES, { 5000: 2, 200000: 3.5, 1000000: 3.5 }],
  ["ids, Map<bigint>", "ids → nodes", IDS_IN_PLACE, ["Map<bigint>"], { 5000: 6, 200000: 10, 1000000: 10 }],
  ["ids, Map<number>", "ids → nodes", IDS_IN_PLACE, ["Map<number>"], { 5000: 3, 200000: 3, 1000000: 3 }],
  ["the same copied in, Map<bigint>", "ids → nodes", IDS_COPIED, ["Map<bigint>"], { 5000: 6, 200000: 10, 1000000: 10 }],
  ["one fresh string, Map", "one string → its cgroup", "ours, fresh strings", ["Map, fresh strings"], { 5000: 1.8, 200000: 1, 1000000: 1 }],
  ["one view, /proc opened", "one view and the kernel", "ours, the same view as a string", ["kernel, /proc/PID/cgroup opened and read"], { 5000: 60, 200000: 60, 1000000: 60 }],
  ["one view, held open", "one view and the kernel", "ours, the same view as a string", ["kernel, held open and read again"], { 5000: 12, 200000: 12, 1000000: 12 }],
];

/** Rows: what, measured, asked, met or not; of the claims for which these groups have both lanes. */
export function judge(size, groups) {
  const rows = [];
  for (const { what, ratios, asked } of claimsOf(size, groups)) {
    const measured = median(ratios);
    rows.push([what, measured.toFixed(2), asked === undefined ? "" : asked.toFixed(2), asked === undefined ? "" : measured >= asked ? "met" : "NOT MET"]);
  }
  return rows;
}

/** The ratios of every round, for each claim. */
export function claimsOf(size, groups) {
  return CLAIMS.flatMap(([what, title, lane, rivals, asked]) => {
    const rounds = groups.find((group) => group.title.startsWith(title))?.rounds;
    const rival = rounds?.fastest(rivals);
    if (rival === undefined || !rounds.times.has(lane)) return [];
    return [{ what, ratios: rounds.ratios(lane, rival), asked: asked[size], isOurs: lane.startsWith("ours") }];
  });
}

/** Where we lose: lanes of others that are faster than ours in the same group. */
export function losses(groups) {
  return groups.flatMap(({ title, rounds, base }) => {
    if (base === undefined) return [];
    const ours = [...rounds.times.keys()].filter((name) => name.startsWith("ours"));
    const best = rounds.fastest(ours);
    if (best === undefined) return [];
    return [...rounds.times.keys()]
      .filter((name) => !name.startsWith("ours") && name !== LIMIT && rounds.middle(name) < rounds.middle(best))
      .map((name) => `${title}: ${name} takes ${rounds.middle(name).toFixed(0)} ns, ${best} ${rounds.middle(best).toFixed(0)} ns`);
  });
}
