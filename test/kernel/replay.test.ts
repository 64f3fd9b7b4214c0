// What a replay keeps in mind beside the kernel: who has still to do something, and what its mounts show.

import { expect, test } from "vitest";
import type { Operation, Result } from "../../ts/replay/operation.ts";
import { replayed } from "./machine.ts";

const last = (count: number, ...ops: Operation[]): Result[] => replayed(ops, {}).slice(-count);

test("what a frozen agent was told it does once it goes on, in the order it was told", () => {
  const told: Operation[] = [{ op: "mkdir", agent: "p", path: "x" }, { op: "rmdir", agent: "p", path: "x" }, { op: "mkdir", agent: "p", path: "y" }];
  const script: Operation[] = [
    { op: "mkdir", path: "a" }, { op: "spawn", agent: "p", path: "a" }, { op: "write", path: "a/cgroup.freeze", data: "1" }, ...told,
    { op: "ls" }, { op: "write", path: "a/cgroup.freeze", data: "0" }, { op: "ls" },
  ];
  expect(last(6, ...script)).toEqual([{ err: "TIMEOUT" }, { err: "TIMEOUT" }, { err: "TIMEOUT" }, { ok: ["a"] }, { ok: null }, { ok: ["a", "y"] }]);
});

test("two that were frozen go on again after each was told something twice", () => {
  const both = (path: string): Operation[] => ["p", "q"].map((agent) => ({ op: "mkdir", agent, path: `${path}${agent}` }));
  const freeze = (data: string): Operation => ({ op: "write", path: "a/cgroup.freeze", data });
  const script: Operation[] = [
    { op: "mkdir", path: "a" }, { op: "spawn", agent: "p", path: "a" }, { op: "spawn", agent: "q", path: "a" },
    freeze("1"), ...both("x"), freeze("0"), freeze("1"), ...both("y"), freeze("0"), { op: "ls" },
  ];
  expect(last(1, ...script)).toEqual([{ ok: ["a", "xp", "xq", "yp", "yq"] }]);
});

test("a path that leaves the base directory is refused, one that comes back is not", () => {
  const said = (path: string): string => Object.keys(last(1, { op: "mkdir", path: "a" }, { op: "ls", path })[0]!)[0]!;
  const leaves = ["..", "a/../..", "../other", "a/../../x", "a//../../", "a/./../..", "../cgroupnsx"];
  const stays = ["a/..", "a/../a", "../cgroupns", "../cgroupns/a", "./a", "a//", "a/.", "//a", "a/../../cgroupns/a"];
  expect(leaves.map(said)).toEqual(leaves.map(() => "refused"));
  expect(stays.map(said)).toEqual(stays.map(() => "ok"));
});

test("the controller's root lacks CAP_SYS_RESOURCE, as on the machine the model was compared with", () => {
  const [status] = last(1, { op: "read", path: "proc:ctl/status" });
  expect(status).toEqual({ ok: expect.stringContaining("CapEff:\t000001fffeffffff\nCapBnd:\t000001fffeffffff\n") });
});

const REFUSED = { refused: expect.stringMatching(/not ours/) };

test("a mount that shows other cgroups is for reading, and one that shows our own is not", () => {
  const [mounted, seen, others, ours] = last(4,
    { op: "mount", at: "m" }, { op: "ls", mnt: "m", path: "" },
    { op: "mkdir", mnt: "m", path: "x" }, { op: "mkdir", mnt: "m", path: "cgroupns/x" });
  expect([mounted, ours]).toEqual([{ ok: null }, { ok: null }]);
  expect(seen).toHaveProperty("ok");
  expect(others).toEqual(REFUSED);
});

test("what is mounted last over the same point is what is seen", () => {
  const script: Operation[] = [
    { op: "mkdir", path: "a" }, { op: "spawn", agent: "p", path: "a" }, { op: "unshare", agent: "p", flags: ["cgroup", "mnt"] },
    { op: "mount", agent: "p", at: "m" }, { op: "mkdir", agent: "p", mnt: "m", path: "in" },
    { op: "mount", agent: "p", at: "m", fstype: "bind", path: "^" }, { op: "mkdir", agent: "p", mnt: "m", path: "x" },
  ];
  const results = last(3, ...script);
  expect(results[0]).toEqual({ ok: null });
  expect(results.slice(1)).toEqual([{ ok: null }, REFUSED]);
});

test("blanks in the names of mounts are in octal, as the kernel has them", () => {
  const [shown] = last(1,
    { op: "mkdir", path: "a b\\c" }, { op: "mount", at: "m", fstype: "bind", path: "a b\\c" }, { op: "mountinfo" });
  expect(shown).toEqual({ ok: [expect.objectContaining({ root: "/cgroupns/a\\040b\\134c", at: "/mnt/m" })] });
});
