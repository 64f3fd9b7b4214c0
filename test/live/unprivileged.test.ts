// The same job as uid 65534, half of the namespaces its own: what it may enter is exact, the rest is inferred or unknown
// with a reason, and nothing is wrong.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Elsewhere } from "./elsewhere.ts";
import { settle } from "./people.ts";
import { type Person, whyNotLive, World } from "./world.ts";

const NOBODY = 65534;
const why = whyNotLive();

describe.skipIf(why !== "")(`views by nobody ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  let world: World;
  let nobody: Elsewhere;
  let viewers: Person[];
  const own: Person[] = [];

  beforeAll(() => {
    world = new World(`cgroupns-nobody-${process.pid}`);
    settle(world);
    for (const path of ["a/x", "b", "d", "empty/deep", "odd/co:lon", "gone/again"]) own.push(...nobodies(world, path));
    viewers = world.people.filter(({ dead }) => !dead);
    nobody = new Elsewhere();
    nobody.read(["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"], {}, viewers, world.people);
  });
  afterAll(() => {
    world?.[Symbol.dispose]();
    nobody?.[Symbol.dispose]();
  });

  test("its own namespaces: at least 95 % of the views identical, none wrong", () => {
    const verdicts = own.flatMap((viewer) => world.people.map((target) => nobody.judge(viewer, target)));
    const right = verdicts.filter((verdict) => verdict === "right");
    console.log(`${right.length} of ${verdicts.length} views from own namespaces right`);
    expect(verdicts.filter((verdict) => verdict.startsWith("wrong"))).toEqual([]);
    expect(right.length).toBeGreaterThanOrEqual(verdicts.length * 0.95);
  });

  test("anybody's namespaces: right, or unknown with a reason", () => {
    const verdicts = viewers.flatMap((viewer) => world.people.map((target) => nobody.judge(viewer, target)));
    const count = (kind: string): number => verdicts.filter((verdict) => verdict.startsWith(kind)).length;
    console.log(`${count("right")} right, ${count("unknown")} unknown of ${verdicts.length}`);
    expect(verdicts.filter((verdict) => verdict.startsWith("wrong"))).toEqual([]);
  });
});

// One that stays where its namespace is rooted, and one that moves away, so that nobody is left below its root.
function nobodies(world: World, path: string): Person[] {
  const stays = world.spawn(`nobody's, rooted at ${path}`, path, { unshare: ["--user", "--map-root-user", "--cgroup"], uid: NOBODY });
  const moves = world.spawn(`nobody's, rooted at ${path} and gone`, path, { unshare: ["--user", "--cgroup"], uid: NOBODY });
  world.move(moves.pid, "c");
  return [stays, moves];
}
