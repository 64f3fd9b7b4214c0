// Lanes measured against each other: round by round in one process, every lane in each round, so that whatever slows the
// machine slows all of them. A lane is a name and a `run` that answers how many results it consumed of `count`; a lane
// in a process of its own has an `ask` instead, which answers nanoseconds for one. Lanes whose method the library does
// not have are left out, saying so.

import { Bench } from "tinybench";

const ROUNDS = 25;

export class Rounds {
  /** Nanoseconds for one, of every round, by lane. */
  times = new Map();
  left = [];

  /** The median of a lane's rounds. */
  middle(name) {
    return median(this.times.get(name));
  }

  /** The lowest and the highest of a lane's rounds. */
  spread(name) {
    const times = this.times.get(name);
    return [Math.min(...times), Math.max(...times)];
  }

  /** How many times as fast as another lane: of every round, so that a slow round of both does not count. */
  ratios(name, base) {
    const against = this.times.get(base);
    return this.times.get(name).map((time, round) => against[round] / time);
  }

  ratio(name, base) {
    return median(this.ratios(name, base));
  }

  /** The fastest of these lanes. */
  fastest(names) {
    return names.filter((name) => this.times.has(name)).sort((a, b) => this.middle(a) - this.middle(b))[0];
  }
}

/** Runs all lanes `rounds` times, each for `time` milliseconds a round. */
export async function race(lanes, { rounds = ROUNDS, time = 20 } = {}) {
  const result = new Rounds();
  const there = lanes.filter(({ missing }) => missing === undefined);
  result.left = lanes.filter(({ missing }) => missing !== undefined).map(({ name, missing }) => `${name}: left out, no ${missing} yet`);
  for (const { name } of there) result.times.set(name, []);
  for (let round = 0; round < rounds; round++) {
    // Another one first each time.
    const order = there.map((_, i) => there[(i + round) % there.length]);
    for (const lane of order) result.times.get(lane.name).push(await timeOf(lane, time, round === 0));
  }
  return result;
}

async function timeOf({ name, ask, run, before, count, hits }, time, first) {
  if (ask !== undefined) return ask(time);
  const bench = new Bench({ time, warmupTime: first ? 200 : time / 4, iterations: 3, warmupIterations: 1 });
  let wrong = 0;
  bench.add(name, () => (run() === hits() ? 0 : wrong++), before === undefined ? {} : { beforeEach: before });
  await bench.run();
  const { result } = bench.tasks[0];
  if (result.state !== "completed") throw result.error ?? new Error(`${name}: ${result.state}`);
  if (wrong > 0) throw new Error(`${name}: ${wrong} wrong counts of results`);
  return (result.latency.p50 * 1e6) / count;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
