// `cgroupns can` as far as it says the same on every machine: its help, and what it takes for misuse. What it answers is
// compared with the kernel in test/live.

import { describe, expect, test } from "vitest";
import { golden, run } from "./run.ts";

describe("cgroupns can", () => {
  test("help", async () => {
    const { out, err, status } = await run(["can", "--help"]);
    expect([err, status]).toEqual(["", 0]);
    expect(out).toBe(golden("help-can", out));
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test.each([
    [[], /an action is expected: move, create/],
    [["fly"], /not 'fly'/],
    [["constructor"], /not 'constructor'/],
    [["move"], /pid:N is expected/],
    [["move", "pid:x", "/a"], /a pid, PID\/task\/TID or 'self' is expected/],
    [["move", "pid:1"], /one PATH/],
    [["create", "a/b"], /a PATH from the root/],
    [["create", "/a", "/b"], /one PATH/],
    [["remove"], /one PATH/],
    [["unshare"], /one list of FLAGS/],
    [["unshare", "everything"], /a namespace is expected: cgroup.*not 'everything'/],
    [["setns", "pid:1", "cgroup", "more"], /one NS/],
    [["mount", "ext4"], /cgroup2/],
    [["write", "/a"], /PATH and DATA/],
    [["-u", "ada", "create", "/a"], /--user is a number/],
    [["-u", "1000", "-p", "1", "create", "/a"], /--pid excludes/],
    [["--bogus"], /bogus/],
  ] as const)("is misused: %j", async (args, line) => {
    const { out, err, status } = await run(["can", ...args]);
    expect([out, status]).toEqual(["", 2]);
    expect(err).toMatch(/^cgroupns: [^\n]+; try 'cgroupns can --help'\n$/);
    expect(err).toMatch(line);
  });
});
