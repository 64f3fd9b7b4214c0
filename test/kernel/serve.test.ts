// The same scripts through `cgroupns replay --serve` and through the oracle: whoever drives one can drive the other.
// CGROUPNS_SERVE says how many batches (30 unless told), CGROUPNS_SEED which; without the oracle it is skipped and says so.

import { describe, expect, test } from "vitest";
import { main } from "../../ts/cli/main.ts";
import type { Operation, ReplayOptions, Result } from "../../ts/replay/operation.ts";
import { compare } from "./compare.ts";
import { generate } from "./generator.ts";
import { machine } from "./machine.ts";
import { freshBase, Oracle, whyNoOracle } from "./oracle.ts";
import { printed } from "./shrink.ts";

const why = whyNoOracle();
const BATCHES = Number(process.env.CGROUPNS_SERVE ?? 30);
const OPERATIONS = 100;
const SEED = Number(process.env.CGROUPNS_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** How many batches are on their way at a time. */
const AHEAD = 8;

/** Lists of operations into the command, lists of results out of it, one by one. */
class Served {
  readonly #asked: string[] = [];
  readonly #waiting: ((line: string) => void)[] = [];
  #next: (() => void) | undefined;
  #ended = false;
  readonly status: Promise<number>;

  constructor({ base, v1 = [] }: ReplayOptions) {
    const io = { out: (line: string | Uint8Array) => this.#waiting.shift()!(String(line)), err: () => {}, env: {}, tty: false, input: this.#lines() };
    this.status = main(["replay", "--serve", "--base", base!, "--v1", v1.length === 0 ? "none" : v1.join(",")], io);
  }

  batch(ops: readonly Operation[]): Promise<string> {
    this.#asked.push(`${JSON.stringify(ops)}\n`);
    this.#next?.();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  end(): void {
    this.#ended = true;
    this.#next?.();
  }

  async *#lines(): AsyncGenerator<Uint8Array> {
    while (!this.#ended) {
      while (this.#asked.length > 0) yield Buffer.from(this.#asked.shift()!);
      if (!this.#ended) await new Promise<void>((resolve) => (this.#next = resolve));
    }
  }
}

describe.skipIf(why !== "")(`the oracle and cgroupns replay --serve ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  test.each([[["pids"]], [["pids", "freezer"]]])("answer alike with %j", { timeout: 60_000 + BATCHES * 1000 }, async (v1) => {
    const options = { base: freshBase(), v1 };
    const oracle = new Oracle(options);
    const served = new Served(options);
    const counts = { batches: 0, compared: 0, bytes: 0 };
    const one = async (seed: number): Promise<void> => {
      const { ops, main } = generate(seed, options, machine(options), OPERATIONS);
      expect(ops.length).toBeGreaterThanOrEqual(OPERATIONS);
      const [real, line] = await Promise.all([oracle.batch(ops), served.batch(ops)]);
      const model = JSON.parse(line) as Result[];
      expect(model).toHaveLength(ops.length);
      const { difference, compared } = compare(ops, real, model, options);
      const upTo = difference === undefined ? [] : ops.slice(0, difference.index + 1);
      expect(difference, `seed ${seed} (${main})\n${printed({ ops: upTo, results: real.slice(0, upTo.length) })}`).toBeUndefined();
      counts.batches++;
      counts.compared += compared;
      counts.bytes += line.length;
    };
    try {
      for (let done = 0; done < BATCHES / 2; done += AHEAD) {
        const seeds = Array.from({ length: Math.min(AHEAD, Math.ceil(BATCHES / 2 - done)) }, (_, n) => SEED + done + n);
        await Promise.all(seeds.map(one));
      }
    } finally {
      served.end();
      await oracle.close();
    }
    expect(await served.status).toBe(0);
    console.log(`seeds from ${SEED}: ${counts.batches} batches, ${counts.compared} operations alike, ${counts.bytes} bytes of results`);
  });
});
