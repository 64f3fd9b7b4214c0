// The command on the sample capture: what it prints is kept in golden/, byte for byte.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { captureFile, golden, run } from "./run.ts";

const SAMPLE = ["--from-file", captureFile()];

const GOLDENS: readonly (readonly [string, readonly string[]])[] = [
  ["ns", ["ns", ...SAMPLE]],
  ["ns-json", ["ns", "-J", ...SAMPLE]],
  ["ns-columns", ["ns", "-o", "NS,HOW,ROOTS", ...SAMPLE]],
  ["ns-plus-noheadings", ["ns", "-n", "-o", "+reason", ...SAMPLE]],
  ["ns-raw", ["ns", "-r", ...SAMPLE]],
  ["ns-of-pids", ["ns", ...SAMPLE, "8123", "9001"]],
  ["ns-list-columns", ["ns", "-H"]],
  ["tree", ["tree", ...SAMPLE]],
  ["tree-all-depth", ["tree", "-a", "--depth", "2", ...SAMPLE]],
  ["tree-from", ["tree", "--from", "8123", ...SAMPLE]],
  ["tree-from-init-path", ["tree", "--from", "init", "/system.slice", ...SAMPLE]],
  ["tree-json", ["tree", "-J", "--from", "4123", ...SAMPLE]],
  ["view", ["view", "8123", "--from", "4123", ...SAMPLE]],
  ["view-nested", ["view", "4123", "--from", "8140", ...SAMPLE]],
  ["view-from-removed", ["view", "902", "--from", "9001", ...SAMPLE]],
  ["view-init", ["view", "8140", "--from", "init", ...SAMPLE]],
  ["view-json", ["view", "self", "--from", "8123", "-J", ...SAMPLE]],
  ["capture-redacted", ["capture", "--redact", "-", ...SAMPLE]],
  ["help", ["--help"]],
  ...["view", "ns", "tree", "capture", "demo"].map((name) => [`help-${name}`, [name, "--help"]] as const),
  ["demo-sample", ["demo", "--sample", "--no-race"]],
];

describe("cgroupns", () => {
  test.each(GOLDENS)("%s", async (name, args) => {
    const { out, err, status } = await run(args);
    expect([err, status]).toEqual(["", 0]);
    expect(out).toBe(golden(name, out));
  });

  test("draws with plain characters where the locale has no UTF-8", async () => {
    const { out } = await run(["tree", ...SAMPLE], { LC_ALL: "C" });
    expect(out).toMatch(/^[ -~\n]+$/);
    expect(out).toContain("`-");
  });

  test("help fits 80 columns", async () => {
    for (const args of [["-h"], ["view", "-h"], ["ns", "-h"], ["tree", "-h"], ["capture", "-h"], ["demo", "-h"]]) {
      for (const line of (await run(args)).out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  test("its version is the package's", async () => {
    expect((await run(["--version"])).out).toMatch(/^cgroupns \d+\.\d+\.\d+\n$/);
  });

  test("a capture of a capture says the same, written whole", async () => {
    const file = join(dirname(SAMPLE[1]!), "again.json");
    expect((await run(["capture", file, ...SAMPLE])).status).toBe(0);
    expect((await run(["ns", "--from-file", file])).out).toBe((await run(["ns", ...SAMPLE])).out);
    expect(JSON.parse(readFileSync(file, "utf8")).schemaVersion).toBe(1);
  });
});

describe("says no", () => {
  const one = async (args: string[], status: number, line: RegExp): Promise<void> => {
    const ran = await run(args);
    expect([ran.out, ran.status], args.join(" ")).toEqual(["", status]);
    expect(ran.err).toMatch(/^cgroupns: [^\n]+\n$/);
    expect(ran.err).toMatch(line);
  };

  test("with 1 where something is not there or not known", async () => {
    await one(["view", "77", "--from", "init", ...SAMPLE], 1, /ESRCH.*77/);
    await one(["tree", "/nowhere", ...SAMPLE], 1, /ENOENT/);
    await one(["tree", "--from", "9001", ...SAMPLE], 1, /removed, 1 levels below .*app\.slice: nothing can be mounted/);
    await one(["ns", "--from-file", "/nowhere/capture.json"], 1, /ENOENT/);
    await one(["ns", "--root", "/nowhere"], 1, /ENOENT.*no cgroups/);
    await one(["capture", "/nowhere/at/all", ...SAMPLE], 1, /ENOENT/);
  });

  test("with 2 where it was called wrongly", async () => {
    await one([], 2, /command is expected/);
    await one(["frobnicate"], 2, /unknown command 'frobnicate'/);
    await one(["constructor"], 2, /unknown command/);
    await one(["view", ...SAMPLE], 2, /TARGET/);
    await one(["view", "1", ...SAMPLE], 2, /--from/);
    await one(["view", "1", "2", "--from", "1", ...SAMPLE], 2, /one TARGET/);
    await one(["view", "init", "--from", "1", ...SAMPLE], 2, /pid/);
    await one(["view", "-5", "--from", "1"], 2, /option/);
    await one(["ns", "--bogus"], 2, /bogus/);
    await one(["ns", "-o", "NOPE", ...SAMPLE], 2, /unknown column 'NOPE'/);
    await one(["tree", "--depth", "x", ...SAMPLE], 2, /--depth/);
    await one(["tree", "--hierarchy", "cpu", ...SAMPLE], 2, /no hierarchy 'cpu'/);
    await one(["capture", ...SAMPLE], 2, /FILE/);
    await one(["ns", "--root", "/", ...SAMPLE], 2, /exclude/);
    await one(["demo", "x"], 2, /no argument/);
  });

  test("quietly, when asked to be quiet", async () => {
    expect(await run(["view", "1", "--from", "init", "-q", ...SAMPLE])).toEqual({ out: "", err: "", status: 0 });
  });
});
