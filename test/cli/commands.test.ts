// The command on the sample capture: what it prints is kept in golden/, byte for byte.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { captureFile, golden, run, textFile } from "./run.ts";

const SAMPLE = ["--from-file", captureFile()];

// As somebody would paste them: a private namespace, its container's files from a sandbox; hierarchies that contradict.
const ID = "a4fdf2f3b1a0c9e8d7c6b5a4938271605f4e3d2c1b0a99887766554433221100";
const SANDBOX = "26a006f558da58874bc37863efe9d2b5d715bd27b7b54b84b97a4fc16ac2a9a5";
const PASTED = ["--cgroup", textFile("cgroup", "0::/\n"), "--mountinfo", textFile("mountinfo", `
  41 1 0:38 /kubepods/burstable/pod121157b5-c67d-4c3e-9052-cb27bbb711fb/${ID} /sys/fs/cgroup ro - cgroup2 cgroup rw
  44 1 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${SANDBOX}/hostname /etc/hostname rw - ext4 sda rw
`)];
const CONTRADICTION = ["--cgroup", textFile("cgroup", `3:cpu:/docker/${ID}\n2:memory:/docker/${ID}\n1:pids:/docker/${SANDBOX}\n`)];

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
  ["limits", ["limits", "8140", ...SAMPLE]],
  ["limits-json", ["limits", "-J", "4123", ...SAMPLE]],
  ["limits-output", ["limits", "-n", "-o", "cpu.effective,memory.max", "8123", ...SAMPLE]],
  ["limits-values", ["limits", "-v", "-o", "memory.max,memory.high,cpu.max,pids.max", "8140", ...SAMPLE]],
  ["limits-unlimited", ["limits", ...SAMPLE]],
  ["limits-heap", ["limits", "--heap", "80%", "8123", ...SAMPLE]],
  ["limits-heap-value", ["limits", "--heap", "80%", "-v", "8123", ...SAMPLE]],
  ["limits-heap-json", ["limits", "--heap", "62.5%", "-J", "4123", ...SAMPLE]],
  ["limits-list-columns", ["limits", "-H"]],
  ["whoami", ["whoami", ...SAMPLE]],
  ["whoami-json", ["whoami", "-J", ...SAMPLE]],
  ["whoami-values", ["whoami", "-v", "-o", "unit,user.unit,owner.uid", ...SAMPLE]],
  ["whoami-list-columns", ["whoami", "-H"]],
  ["explain", ["explain", "8140", ...SAMPLE]],
  ["explain-json", ["explain", "-J", "8140", ...SAMPLE]],
  ["explain-removed", ["explain", "9001", ...SAMPLE]],
  ["explain-pasted", ["explain", ...PASTED]],
  ["explain-pasted-json", ["explain", "-J", ...PASTED]],
  ["resolve", ["resolve", ...SAMPLE, "pid:8140", "id:39", "path:/system.slice/ssh.service", "container:1cd3", "pod:121157b5-c67d-4c3e-9052-cb27bbb711fb", "unit:user@1000.service"]],
  ["resolve-raw-columns", ["resolve", "-r", "-o", "PID,UNIT,RUNTIME", ...SAMPLE, "pid:4123", "unit:ssh.service"]],
  ["resolve-json", ["resolve", "-J", ...SAMPLE, "pid:411", "container:b1eb"]],
  ["resolve-list-columns", ["resolve", "-H"]],
  ["capture-redacted", ["capture", "--redact", "-", ...SAMPLE]],
  ["help", ["--help"]],
  ...["whoami", "explain", "resolve", "view", "ns", "tree", "limits", "capture", "demo"].map((name) => [`help-${name}`, [name, "--help"]] as const),
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
    for (const args of [["-h"], ["whoami", "-h"], ["explain", "-h"], ["resolve", "-h"], ["view", "-h"], ["ns", "-h"], ["tree", "-h"], ["limits", "-h"], ["capture", "-h"], ["demo", "-h"]]) {
      for (const line of (await run(args)).out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  test("a contradiction between lines is said on standard error", async () => {
    const { out, err, status } = await run(["explain", ...CONTRADICTION]);
    expect([out.split("\n")[0], status]).toEqual([`  container            docker ${ID}`, 0]);
    expect(err).toBe(`cgroupns: container.id: lines contradict one another: ${ID} (cgroup line 1), ${SANDBOX} (cgroup line 3)\n`);
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
    await one(["limits", "77", ...SAMPLE], 1, /ESRCH.*77/);
    await one(["limits", "999999999"], 1, /ESRCH.*999999999/);
    await one(["explain", "77", ...SAMPLE], 1, /ESRCH.*77/);
    await one(["explain", "--cgroup", "/nowhere/cgroup"], 1, /ENOENT/);
    await one(["whoami", "-v", "-o", "container.id", ...SAMPLE], 1, /^cgroupns: container.id: a unit of the system, not a container/);
    await one(["limits", "-o", "memory.max,hugetlb.2MB.max", "-v", ...SAMPLE], 1, /^cgroupns: hugetlb.2MB.max: /);
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
    await one(["limits", "1", "2", ...SAMPLE], 2, /one TARGET/);
    await one(["limits", "init", ...SAMPLE], 2, /pid/);
    await one(["limits", "-o", "memory.maximum", ...SAMPLE], 2, /unknown limit 'memory.maximum'/);
    await one(["limits", "--heap", "0%", ...SAMPLE], 2, /--heap/);
    await one(["limits", "--heap", "101%", ...SAMPLE], 2, /--heap/);
    await one(["whoami", "1", ...SAMPLE], 2, /no argument/);
    await one(["whoami", "-o", "container", ...SAMPLE], 2, /unknown field 'container'/);
    await one(["explain", ...SAMPLE], 2, /one TARGET/);
    await one(["explain", "init", ...SAMPLE], 2, /pid/);
    await one(["explain", "1", ...PASTED], 2, /either TARGET or/);
    await one(["explain", ...PASTED, ...SAMPLE], 2, /of no machine/);
    await one(["resolve", ...SAMPLE], 2, /selectors, or '-' alone/);
    await one(["resolve", "-", "pid:1", ...SAMPLE], 2, /selectors, or '-' alone/);
    await one(["resolve", "42", ...SAMPLE], 2, /'42' is no selector/);
    await one(["resolve", "pidgin:411", ...SAMPLE], 2, /'pidgin:411' is no selector/);
    await one(["resolve", "-o", "NOPE", "pid:1", ...SAMPLE], 2, /unknown column 'NOPE'/);
    await one(["ns", "--root", "/", ...SAMPLE], 2, /exclude/);
    await one(["demo", "x"], 2, /no argument/);
  });

  test("quietly, when asked to be quiet", async () => {
    expect(await run(["view", "1", "--from", "init", "-q", ...SAMPLE])).toEqual({ out: "", err: "", status: 0 });
  });
});
