// `cgroupns whoami`: of this process, of captures, of machines that are folders; and what a narrow terminal gets of any command.

import { describe, expect, test } from "vitest";
import { A, B, changed, machine, sample } from "./machines.ts";
import { run } from "./run.ts";

const SAMPLE = sample();

describe("whoami", () => {
  const self = (cgroup: string): string[] => changed((c) => (c.tasks[2].cgroup = cgroup));

  test("bare values are those that are known, or those that are named, in their order", async () => {
    expect((await run(["whoami", "-v", ...SAMPLE])).out).toBe("user@1000.service\nrun-u12.scope\nuser-1000.slice\napp.slice\n1000\n");
    expect((await run(["whoami", "-v", "-o", "owner.uid,unit", ...SAMPLE])).out).toBe("1000\nuser@1000.service\n");
  });

  test("the table is of what is named, without headings if so wished", async () => {
    expect((await run(["whoami", "-n", "-o", "owner.uid,unit", ...SAMPLE])).out).toMatch(/^owner.uid +1000 .*\nunit +user@1000.service .*\n$/);
  });

  test("nobody at all: nothing is printed, the reason is said, and it ends with 1", async () => {
    expect(await run(["whoami", ...self("0::/\n")])).toEqual({ out: "", err: expect.stringMatching(/^cgroupns: container.id: `\/` alone[^\n]*\n$/), status: 1 });
  });

  test("what contradicts what is said on standard error", async () => {
    expect(await run(["whoami", "-v", "-o", "container.id", ...self(`2:cpu:/docker/${A}\n1:pids:/docker/${B}\n`)])).toEqual({
      out: `${A}\n`, err: `cgroupns: container.id: lines contradict one another: ${A} (cgroup line 1), ${B} (cgroup line 2)\n`, status: 0,
    });
  });

  test("of the machine whose / is seen at a directory", async () => {
    expect((await run(["whoami", "-v", "-o", "container.id", ...machine({ "proc/self/cgroup": `0::/docker/${A}\n` })])).out).toBe(`${A}\n`);
  });
});

describe("a terminal", () => {
  test.each([
    ["whoami", []], ["limits", ["8140"]], ["resolve", ["pid:8140"]],
  ] as const)("cuts the lines of %s to its width, unless told not to", async (command, args) => {
    const lines = async (...more: string[]) => (await run([command, ...args, ...more, ...SAMPLE], { COLUMNS: "50" })).out.split("\n");
    for (const line of await lines()) expect([...Buffer.from(line, "latin1").toString()].length).toBeLessThanOrEqual(50);
    const whole = Buffer.from((await run([command, ...args, ...SAMPLE])).out, "latin1").toString();
    expect(Buffer.from((await lines("-u")).join("\n"), "latin1").toString()).toBe(whole);
    expect(Math.max(...whole.split("\n").map((line) => line.length))).toBeGreaterThan(50);
  });
});
