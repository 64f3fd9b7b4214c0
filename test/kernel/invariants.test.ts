// After any operations nothing is lost or counted twice, and a kernel written down and read again goes on alike. Lists of
// operations are arbitrary, over few names so that they meet; CGROUPNS_RUNS says how many lists (200 unless told).

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { charge } from "../../ts/kernel/files/pids.ts";
import type { Kernel } from "../../ts/kernel/kernel.ts";
import type { Task } from "../../ts/kernel/task.ts";
import { exitProcess, reap } from "../../ts/kernel/exit.ts";
import { Replay, type ReplayOptions } from "../../ts/replay/index.ts";
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

  test("the end of everybody gives everything back", { timeout: TIME }, () => {
    fc.assert(
      fc.property(SCRIPT, (ops) => {
        const replay = new Replay(OPTIONS);
        for (const one of [...OPENING, ...ops]) replay.run(one);
        const { process } = replay.controller;
        exitProcess(process);
        expect(reap(process)).toBe(true);
        expect(recount(replay.kernel)).toEqual([]);
        expect([...replay.kernel.tasks()].map(({ process: { command } }) => command)).toEqual(["init", "kthreadd"]);
        expect(replay.kernel.mountNamespaces.size).toBe(1);
        expect(replay.kernel.initialUserNs.charged.size).toBe(0);
        expect(replay.kernel.hierarchies.map(({ root }) => root.dyingDescendants)).toEqual(replay.kernel.hierarchies.map(() => 0));
      }),
      { numRuns: RUNS / 2 },
    );
  });

  test("whoever counts again notices", () => {
    const tampered: ((kernel: Kernel) => void)[] = [
      ({ unified: { root } }) => root.descendants++, ({ unified: { root } }) => root.dyingDescendants++, ({ unified: { root } }) => root.held--,
      ({ unified: { root } }) => root.populatedDomainChildren--, ({ unified: { root } }) => root.threadedChildren++,
      ({ init, unified: { root } }) => (root.tasks as Set<Task>).delete(init), ({ initialCgroupNs }) => initialCgroupNs.pins++, ({ init }) => init.mountNs.pins--,
      ({ init }) => init.mountNs.mounts.pop(), ({ unified }) => unified.mounts++, ({ init }) => init.others.uts.pins++,
      ({ initialUserNs }) => initialUserNs.charged.set(0, 7), ({ hierarchies }) => charge(hierarchies.at(-2)!.root, 1), ({ inodes, initialPidNs }) => inodes.free(initialPidNs.inode),
      ({ init }) => init.process.threads.clear(), ({ initialPidNs }) => initialPidNs.tasks.delete(2),
    ];
    for (const tamper of tampered) {
      const replay = new Replay(OPTIONS);
      for (const one of OPENING) replay.run(one);
      expect(recount(replay.kernel)).toEqual([]);
      tamper(replay.kernel);
      expect(recount(replay.kernel), String(tamper)).not.toEqual([]);
    }
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
