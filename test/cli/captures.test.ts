// Captures from anywhere: damaged, wrong, hostile. One line that says where, exit 1; and odd but right ones are shown safely.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleCapture } from "../../ts/cli/sample.ts";
import { Host } from "../../ts/host/index.ts";
import { CgroupError } from "../../ts/index.ts";
import { captureFile, run } from "./run.ts";

// biome-ignore lint/suspicious/noExplicitAny: a capture taken apart
type Json = any;
const changed = (change: (capture: Json) => void): object => {
  const capture = JSON.parse(JSON.stringify(sampleCapture()));
  change(capture);
  return capture;
};

describe("a capture that is none", () => {
  test.each([
    ["no JSON", "{", /capture is JSON/],
    ["another kind", "{}", /capture\.kind/],
    ["another version", changed((c) => (c.schemaVersion = 2)), /schemaVersion must be 1/],
    ["a cgroup before its parent", changed((c) => (c.hierarchies[0].cgroups[3][0] = 3)), /cgroups\[3\]\[0\] must be an earlier/],
    ["a name with a slash", changed((c) => (c.hierarchies[0].cgroups[3][1] = "a/b")), /cgroups\[3\]\[1\] must be/],
    ["a name of two dots", changed((c) => (c.hierarchies[0].cgroups[3][1] = "..")), /cgroups\[3\]\[1\] must be/],
    ["an id that is a number", changed((c) => (c.hierarchies[0].cgroups[3][2] = 7)), /cgroups\[3\]\[2\] must be/],
    ["a namespace that is not there", changed((c) => (c.tasks[0].namespace = 99)), /tasks\[0\]\.namespace must be/],
    ["a hierarchy that is not there", changed((c) => (c.namespaces[0].roots[0].hierarchy = 9)), /roots must be known/],
    ["two hierarchies of one id", changed((c) => c.hierarchies.push(c.hierarchies[0])), /different ids/],
    ["a text that no kernel prints", changed((c) => (c.tasks[0].cgroup = "0:/")), /tasks\[0\]\.cgroup must be/],
    ["limit files that are no texts", changed((c) => (c.hierarchies[0].cgroups[3][3].files["memory.max"] = 7)), /cgroups\[3\]\[3\]\.files\.memory\.max must be a string/],
    ["limit files that are a list", changed((c) => (c.hierarchies[0].cgroups[3][3].files = [])), /files must be an object of strings/],
    ["a machine with half a byte", changed((c) => (c.machine.memory = 0.5)), /machine\.memory must be/],
    ["a root so deep", changed((c) => (c.namespaces[4].roots[0].below = 1e9)), /below must be/],
    ["a member that is missing", changed((c) => delete c.tasks[0].pid), /tasks\[0\]\.pid must be/],
  ])("%s: one line that says where, exit 1", async (_, capture, line) => {
    const { out, err, status } = await run(["ns", "--from-file", captureFile(capture)]);
    expect([out, status]).toEqual(["", 1]);
    expect(err).toMatch(/^cgroupns: [^\n]+\n$/);
    expect(err).toMatch(line);
  });

  test("one from before there were limits in it is read, and says that it has none", async () => {
    const old = captureFile(changed((c) => {
      delete c.machine;
      for (const cgroup of c.hierarchies[0].cgroups) cgroup.length = 3;
    }));
    expect((await run(["ns", "--from-file", old])).status).toBe(0);
    const { out, err, status } = await run(["limits", "-v", "-o", "memory.max", "8123", "--from-file", old]);
    expect([out, err, status]).toEqual(["", "cgroupns: memory.max: limit files were not read, or are not in the capture\n", 1]);
    expect(Host.fromCapture(changed((c) => delete c.machine)).effectiveLimits("memory.max")).toBeUndefined();
  });

  test("limits of all cgroups come from it in one pass", () => {
    const { cgroups, max, from } = Host.fromCapture(sampleCapture()).effectiveLimits("memory.max")!;
    const bound = cgroups.map(({ path }, at) => [path.split("/").at(-1)!.slice(0, 12), max[at], cgroups[from[at]!]?.level]);
    expect(bound).toContainEqual(["job", 536870912, 3]);
    expect(bound).toContainEqual(["init", 268435456, 2]);
    expect(bound).toContainEqual(["init.scope", Infinity, undefined]);
  });

  describe("limits of a process come from what was seen of it", () => {
    const pids = (pid: number, change: (capture: Json) => void) => Host.fromCapture(changed(change)).limits(pid).pids;
    const part = (c: Json): void => {
      const level = (parent: number, name: string, id: string, max: string) => [parent, name, id, { files: { "pids.max": max }, unread: {} }];
      c.hierarchies[0] = { ...c.hierarchies[0], origin: "0", mounts: [{ root: "/system.slice", mountPoint: "/m", hidden: false }], cgroups: [level(-1, "/system.slice", "77", "5\n"), level(0, "ssh.service", "78", "max\n")] };
    };

    test("of a sub-tree, with how many levels lie above", () => {
      expect(pids(411, part)).toMatchObject({ max: 5, from: "/system.slice", how: "visible", reason: expect.stringMatching(/^1 level above the mount's root/) });
      expect(pids(1, part)).toMatchObject({ how: "unknown", reason: "no mount shows its cgroup" });
    });

    test("of a namespace's own root", () => {
      const inside = pids(411, (c) => {
        Object.assign(c.reader, { ns: "4026532485" });
        Object.assign(c.hierarchies[0], { origin: "500" });
        c.hierarchies[0].cgroups[0][2] = "500";
      });
      expect(inside).toMatchObject({ how: "visible", reason: expect.stringMatching(/^levels above the namespace's root/) });
    });

    test("of levels that were not all seen", () => {
      const missing = pids(411, (c) => (c.hierarchies[0].cgroups.find((cgroup: Json) => cgroup[1] === "system.slice").length = 3));
      expect(missing).toMatchObject({ how: "visible", reason: "pids.max cannot be read: it was not seen" });
    });

    test("of one whose cgroup was removed", () => {
      expect(pids(9001, (c) => Object.assign(c.tasks[7], { exiting: true, cgroup: "0::/gone (deleted)\n" }))).toMatchObject({ how: "unknown", reason: "where it was is not known any more" });
    });

    test("with what the machine has, and nothing of another version", () => {
      const host = Host.fromCapture(sampleCapture());
      expect(host.limits(411)).toMatchObject({ memory: { total: 31_353_470_976 }, cpu: { cpus: [0, 1, 2, 3, 4, 5, 6, 7] } });
      expect(host.effectiveLimits("memory.memsw.max")).toBeUndefined();
    });
  });

  test("whatever is changed in one, it is answered from or refused with EINVAL", () => {
    const text = JSON.stringify(sampleCapture());
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom("", "0", "9", "-", '"', "[", "null", "/", "..", "\\u0000"), (at, put) => {
        try {
          const host = Host.fromCapture(text.slice(0, at) + put + text.slice(at + 1));
          host.namespaces();
          for (const { tid } of host.snapshot.tasks) host.view(tid, { from: tid });
          for (const { tid } of host.snapshot.tasks) host.limits(tid, { encoding: "buffer" });
        } catch (error) {
          if (!(error instanceof CgroupError) || !["EINVAL", "ESRCH", "EEXIST", "ENOENT", "ENAMETOOLONG"].includes(error.code)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("names that are not UTF-8 or would move a terminal are shown escaped, in JSON as base64", async () => {
  const capture = changed((c) => {
    c.tasks[0].cgroup = { base64: Buffer.from("0::/odd\xff\x1b[31m\n", "latin1").toString("base64") };
    c.tasks[0].command = "evil \x1b[2J";
  });
  const file = captureFile(capture);
  expect((await run(["tree", "-a", "--from-file", file])).out).toContain("odd\\xff\\x1b[31m");
  expect((await run(["ns", "--from-file", file])).out).toContain("evil \\x1b[2J");
  expect((await run(["view", "1", "--from", "init", "--from-file", file])).out).toBe("0::/odd\xff\x1b[31m\n");
  const { view } = JSON.parse((await run(["view", "1", "--from", "init", "-J", "--from-file", file])).out);
  expect(Buffer.from(view.text.base64, "base64").toString("latin1")).toBe("0::/odd\xff\x1b[31m\n");
});

test("an inferred view is printed and said to be one; an unknown one is not printed", async () => {
  const file = captureFile(
    changed((c) => {
      c.namespaces[1].roots[0] = { ...c.namespaces[1].roots[0], how: "inferred", reason: "its mounts" };
      c.namespaces[2].roots[0] = { ...c.namespaces[2].roots[0], how: "unknown", path: null, reason: "nobody could say" };
    }),
  );
  const inferred = await run(["view", "1", "--from", "4123", "--from-file", file]);
  expect(inferred).toEqual({ out: "0::/../../init.scope\n", err: "cgroupns: inferred: its mounts\n", status: 0 });
  const unknown = await run(["view", "1", "--from", "8123", "--from-file", file]);
  expect(unknown).toEqual({ out: "", err: "cgroupns: 1 as 8123 sees it is unknown: nobody could say\n", status: 1 });
  expect((await run(["view", "1", "--from", "8123", "-q", "--from-file", file])).status).toBe(1);
});
