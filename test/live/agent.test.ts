// An agent in a container of its own — private cgroup namespace, host's file systems seen under a directory — reads the
// host with { root }: its paths start at its own root, and every view is still the kernel's.

import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Elsewhere } from "./elsewhere.ts";
import { settle } from "./people.ts";
import { whyNotLive, World } from "./world.ts";

const why = whyNotLive();

describe.skipIf(why !== "")(`an agent in a container ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  let world: World;
  let agent: Elsewhere;
  let directory: string;

  beforeAll(() => {
    world = new World(`cgroupns-agent-${process.pid}`);
    settle(world);
    directory = mkdtempSync(join(tmpdir(), "cgroupns-host-"));
    world.mkdir("agent/inner");
    const places = world.directories("agent/inner").map((place) => `echo $$ > '${place}/cgroup.procs'`);
    const host = `${directory}/host`;
    const script = `${places.join("; ")}; exec unshare --cgroup --mount sh -c 'mount -t tmpfs none ${directory} && mkdir ${host} && mount --rbind / ${host} && exec "$@"' sh "$@"`;
    agent = new Elsewhere();
    agent.read(["sh", "-c", script, "sh"], { root: host }, world.people.filter(({ dead }) => !dead), world.people);
  });
  afterAll(() => {
    world?.[Symbol.dispose]();
    agent?.[Symbol.dispose]();
    if (directory !== undefined) rmdirSync(directory);
  });

  test("sees every view as it is", () => {
    const verdicts = world.people
      .filter(({ dead }) => !dead)
      .flatMap((viewer) => world.people.map((target) => agent.judge(viewer, target)));
    expect(verdicts.filter((verdict) => verdict !== "right")).toEqual([]);
  });

  test("sees roots from its own", () => {
    const roots = agent.namespaces.flatMap((namespace) => namespace.roots.filter(({ hierarchy }) => hierarchy === ""));
    expect(roots.filter(({ how }) => how === "unknown")).toEqual([]);
    expect(roots.map(({ path }) => path)).toContain("/../../b");
  });
});
