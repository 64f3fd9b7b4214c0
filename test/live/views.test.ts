// The main job on the real kernel: every view of every process by every process, byte for byte the kernel's.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Host } from "../../ts/host/index.ts";
import { run } from "../cli/run.ts";
import { at, Elsewhere } from "./elsewhere.ts";
import { settle } from "./people.ts";
import { truth, whyNotLive, World } from "./world.ts";

const why = whyNotLive();
const depth = (path: Uint8Array | null): number | undefined => path?.filter((byte) => byte === 0x2f).length;

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
      if (viewer.dead) continue;
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

  test("the command's view is byte for byte what nsenter -C prints, for 200 pairs and more", async () => {
    let pairs = 0;
    for (const viewer of world.people.filter(({ dead }) => !dead)) {
      for (let n = 0; n < 8; n++) {
        const target = world.people[(pairs * 5 + n) % world.people.length]!;
        const { out, err, status } = await run(["view", at(target), "--from", at(viewer)]);
        expect([err, status], `${viewer.name} looks at ${target.name}`).toEqual(["", 0]);
        expect(out, `${viewer.name} looks at ${target.name}`).toBe(truth(viewer, target)!.toString("latin1"));
        pairs++;
      }
    }
    console.log(`${pairs} pairs by the command`);
    expect(pairs).toBeGreaterThanOrEqual(200);
  });

  test("every live root is exact, every removed one has its deepest live ancestor and its depth", () => {
    const namespaces = new Map(host.namespaces().map((namespace) => [namespace.ns, namespace]));
    const told = world.people.flatMap((person) => (person.root === undefined ? [] : [{ ...person, root: person.root }]));
    for (const person of told) {
      const { roots } = namespaces.get(host.task(at(person)).ns)!;
      const { path, below } = person.root;
      const how = below === 0 ? "exact" : "removed";
      const found = roots.map((root) => [root.hierarchy, root.how, String(root.path), root.below]);
      const full = `/${world.base}${path === "" ? "" : `/${path}`}`;
      expect(found, person.name).toContainEqual(["", how, full, below]);
      expect(found, person.name).toContainEqual(["pids", how, full, below]);
      expect(found, person.name).toContainEqual(["cpu", "exact", "/", 0]);
    }
    expect(told.length).toBeGreaterThan(15);
  });

  test("the initial namespace reads what the reader reads there", () => {
    for (const person of world.people) {
      const text = readFileSync(`/proc/${person.pid}/task/${person.tid}/cgroup`);
      expect(text.equals(host.view(at(person), { from: "init", encoding: "buffer" }).text!), person.name).toBe(true);
    }
  });

  test("the tree is what the directories say: no removed cgroup, no file, each with its inode number as id", () => {
    const unified = host.hierarchies().find(({ key }) => key === "")!;
    const read = [...unified.tree.walk(unified.tree.get(`/${world.base}`))].map((cgroup) => `${cgroup.id} ${cgroup}`);
    const top = String(world.directories("")[0]).slice(0, -world.base.length - 1);
    const there = execFileSync("find", [`${top}/${world.base}`, "-type", "d", "-printf", "%i /%P\n"], { encoding: "utf8" });
    const expected = there.trimEnd().split("\n").map((line) => line.replace(/ \/(?=.)/, ` /${world.base}/`).replace(/ \/$/, ` /${world.base}`));
    expect(read.sort()).toEqual(expected.sort());
  });

  test("several mounts of one hierarchy are read once", () => {
    const directory = mkdtempSync(join(tmpdir(), "cgroupns-bound-"));
    using elsewhere = new Elsewhere();
    const [inside] = world.directories("a");
    elsewhere.read(["unshare", "--mount", "sh", "-c", `mount --bind '${inside}' ${directory} && exec "$@"`, "sh"], {}, [], []);
    rmdirSync(directory);
    expect(new Set(elsewhere.tops)).toEqual(new Set([1]));
  });

  test("a capture, read elsewhere, shows every view and namespace as it was live", () => {
    const captured = Host.fromCapture(JSON.stringify(host.capture()));
    expect(captured.namespaces()).toEqual(host.namespaces());
    for (const viewer of world.people) {
      if (viewer.dead) continue;
      for (const target of world.people) {
        const pair = { from: at(viewer), encoding: "buffer" as const };
        expect(captured.view(at(target), pair)).toEqual(host.view(at(target), pair));
      }
    }
  });

  test("a redacted capture has the same shape and none of the names", () => {
    const text = JSON.stringify(host.capture({ redact: true }));
    expect(text).not.toMatch(new RegExp(`${world.base}|sp ace|co:lon|sleep`));
    const redacted = Host.fromCapture(text);
    for (const [n, { nprocs, ns, roots }] of host.namespaces().entries()) {
      const shape = redacted.namespaces()[n]!;
      expect([shape.ns, shape.nprocs]).toEqual([ns, nprocs]);
      expect(shape.roots.map(({ how, below, path }) => [how, below, depth(path)])).toEqual(
        roots.map(({ how, below, path }) => [how, below, depth(path)]),
      );
    }
  });
});
