// How much longer a path takes in a large tree than in a small one, both looked up in each round: bytes → nodes, in bulk.

import { IN_PLACE, Ours } from "./ours.mjs";
import { batches } from "./queries.mjs";
import { median, race } from "./rounds.mjs";
import { hostPaths } from "./shapes.mjs";

const SMALL = 5_000;
const LARGE = 1_000_000;
const MOST = 2.5;

/** A row: which trees, nanoseconds a path in each, how many times as long it takes, at most how many were asked. */
export async function scale() {
  const [small, large] = [SMALL, LARGE].map((size) => size.toLocaleString("en"));
  const rounds = await race([laneOf(SMALL, small), laneOf(LARGE, large)]);
  const times = median(rounds.ratios(small, large));
  const middles = [small, large].map((name) => rounds.middle(name).toFixed(1));
  return [`${small} and ${large} cgroups`, ...middles, times.toFixed(2), MOST.toFixed(2), times <= MOST ? "met" : "NOT MET"];
}

function laneOf(size, name) {
  const paths = hostPaths(size);
  const lane = new Ours(paths).bulk(batches(paths)).find((one) => one.name === IN_PLACE);
  return { ...lane, name };
}
