// After any operations nothing is lost or counted twice, and a kernel written down and read again goes on alike. Lists of
// operations are arbitrary, over few names so that they meet; CGROUPNS_RUNS says how many lists (200 unless told).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Operation, Replay, type ReplayOptions } from "../../ts/replay/index.ts";
import { OPENING, SCRIPT } from "./arbitrary.ts";
import { generate } from "./generator.ts";
import { machine } from "./machine.ts";
import { recount } from "./recount.ts";
import { restored } from "./restored.ts";

const RUNS = Number(process.env.CGROUPNS_RUNS ?? 200);
const TIME = 60_000 + RUNS * 200;
const OPTIONS: ReplayOptions = { v1: ["pids", "freezer"], rootControllers: ["hugetlb"], exclusive: true };

describe("whatever was done", () => {
  test("nothing is lost or counted twice", { timeout: TIME }, () => {
    fc.assert(
      fc.property(SCRIPT, (ops) => {
        const replay = new Replay(OPTIONS);
        for (const one of [...OPENING, ...ops]) {
          replay.run(one);
          expect(recount(replay.kernel)).toEqual([]);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("nothing is lost or counted twice by scripts of every family", { timeout: TIME }, () => {
    for (let seed = 0; seed < RUNS / 4; seed++) {
      const options: ReplayOptions = seed % 3 === 0 ? OPTIONS : { v1: ["pids"], nsdelegate: seed % 3 === 1 };
      const { ops, main } = generate(seed, options, machine(options), 400);
      const replay = new Replay(options);
      for (const [at, one] of ops.entries()) {
        replay.run(one);
        if (at % 20 === 19) expect(recount(replay.kernel), `seed ${seed} (${main}), up to operation ${at}`).toEqual([]);
      }
    }
  });

  test("the end of all agents gives everything back", { timeout: TIME }, () => {
    fc.assert(
      fc.property(SCRIPT, (ops) => {
        const replay = new Replay(OPTIONS);
        for (const one of [...OPENING, ...ops]) replay.run(one);
        const thaw = ["", "x", "x/y", "y", "x/y/z"].flatMap((path): Operation[] => [
          { op: "write", path: `${path}/cgroup.freeze`.replace(/^\//, ""), data: "0" },
          { op: "write", path: `${path}/freezer.state`.replace(/^\//, ""), hier: "freezer", data: "THAWED" },
        ]);
        for (const one of thaw) replay.run(one);
        for (const name of replay.agents.keys()) replay.run({ op: "kill", target: name });
        for (let times = 0; times < 3; times++) for (const name of replay.agents.keys()) replay.run({ op: "reap", target: name });
        for (const name of ["f", "g"]) replay.run({ op: "close", fd: name });
        expect(recount(replay.kernel)).toEqual([]);
        const left = [...replay.kernel.tasks()].filter(({ process }) => process !== replay.kernel.init.process && !process.leader.kernelThread);
        expect(left.map(({ tid }) => tid)).toEqual([1]);
        expect(replay.kernel.hierarchies.map(({ root }) => root.dyingDescendants)).toEqual(replay.kernel.hierarchies.map(() => 0));
      }),
      { numRuns: RUNS / 2 },
    );
  });

  test("a kernel that was written down and read again goes on alike", { timeout: TIME }, () => {
    let done = 0;
    fc.assert(
      fc.property(SCRIPT, SCRIPT, (before, after) => {
        const replay = new Replay(OPTIONS);
        for (const one of [...OPENING, ...before]) replay.run(one);
        const other = restored(replay, OPTIONS);
        if (other === undefined) return;
        done++;
        for (const one of after) expect(other.run(one), JSON.stringify(one)).toEqual(replay.run(one));
        expect(recount(other.kernel)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
    expect(done).toBeGreaterThan(RUNS / 3);
  });
});
