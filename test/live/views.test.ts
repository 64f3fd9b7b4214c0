// The main job on the real kernel: every view of every process by every process, byte for byte the kernel's.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Host } from "../../ts/host/index.ts";
import { settle } from "./people.ts";
import { type Person, truth, whyNotLive, World } from "./world.ts";

const why = whyNotLive();
const at = ({ pid, tid }: Person): string => (pid === tid ? `${pid}` : `${pid}/task/${tid}`);

describe.skipIf(why !== "")(`views on this kernel ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  let world: World;
  let host: Host;

  beforeAll(() => {
    world = new World(`cgroupns-views-${process.pid}`);
    settle(world);
    host = Host.readSync({ threads: true });
  });
  afterAll(() => world?.[Symbol.dispose]());

  test("a view is byte for byte what nsenter -C prints, for every pair", () => {
    let pairs = 0;
    const wrong: string[] = [];
    for (const viewer of world.people) {
      if (host.task(at(viewer)).exiting) continue;
      for (const target of world.people) {
        const expected = truth(viewer, target);
        const view = host.view(at(target), { from: at(viewer), encoding: "buffer" });
        pairs++;
        if (view.how === "exact" && expected?.equals(view.text!)) continue;
        wrong.push(`${viewer.name} looks at ${target.name}: ${view.how} ${view.reason} ${view.text}\n${expected}`);
      }
    }
    console.log(`${pairs} pairs`);
    expect(wrong).toEqual([]);
    expect(pairs).toBeGreaterThanOrEqual(200);
  });
});
