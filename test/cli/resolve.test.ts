// `cgroupns resolve`: what is not resolved, streams cut anywhere, and a million selectors through a pipe.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleCapture } from "../../ts/cli/sample.ts";
import { Host } from "../../ts/host/index.ts";
import { A, changed, hybrid, type Json, part, sample } from "./machines.ts";
import { captureFile, run } from "./run.ts";

const SAMPLE = sample();
const COLUMNS = ["-o", "PID,PATH"];
const SSH = "/system.slice/ssh.service";

describe("what is not resolved is marked, counted, and the first named with the reason; exit 1", () => {
  test.each([
    ["pid:77", "no such process"], ["pid:x", "no pid"], ["pid:", "no pid"], ["id:7", "no cgroup has this id"], ["id:x", "no cgroup has this id"],
    ["id:99999999999999999999", "no cgroup has this id"], [`id:${2n ** 64n + 58n}`, "no cgroup has this id"], ["path:/nowhere", "no cgroup has this path"], ["path:system.slice", "no cgroup has this path"],
    ["path:", "no cgroup has this path"], ["container:", "no cgroup names such a container"], ["container:ffff", "no cgroup names such a container"],
    ["pod:121157b5", "no cgroup names such a pod"], ["unit:ssh", "no cgroup names such a unit"],
  ])("%s: %s", async (selector, reason) => {
    expect(await run(["resolve", "-r", "-n", ...COLUMNS, ...SAMPLE, selector, "pid:411"])).toEqual({
      out: `? ?\n411 ${SSH}\n`, err: `cgroupns: 1 of 2 not resolved, first '${selector}' (${reason})\n`, status: 1,
    });
  });

  test("a container's beginning that several share", async () => {
    const capture = JSON.parse(JSON.stringify(sampleCapture()).replaceAll("docker-b1eb", "docker-1cd3"));
    expect((await run(["resolve", "--from-file", captureFile(capture), "container:1cd3"])).err).toContain("(several containers start so)");
    expect((await run(["resolve", "--from-file", captureFile(capture), "container:1cd34"])).status).toBe(0);
  });

  test("in JSON with the reason", async () => {
    const { resolve } = JSON.parse((await run(["resolve", "-J", ...SAMPLE, "unit:ssh"])).out);
    expect(resolve).toEqual([{ selector: "unit:ssh", error: "no cgroup names such a unit" }]);
  });
});

test("a pod's uid may be spelled as in its cgroup's name", async () => {
  expect((await run(["resolve", ...SAMPLE, "pod:121157B5_c67d_4c3e_9052_cb27bbb711fb"])).status).toBe(0);
});

test("ids that were made up for cgroups no mount shows name nothing", async () => {
  const capture: Json = JSON.parse(JSON.stringify(sampleCapture()));
  capture.tasks[1].cgroup = "0::/unseen/by/mounts\n";
  const file = captureFile(capture);
  const made = Host.fromCapture(capture).cgroupsOf(411)[0]!.cgroup.id;
  expect((await run(["resolve", "--from-file", file, `id:${made}`])).status).toBe(1);
});

describe("from standard input", () => {
  const stream = (input: readonly string[], ...options: string[]) => run(["resolve", ...COLUMNS, ...options, ...SAMPLE, "-"], {}, input);

  test("one line each in their order, whatever the kinds; no headings", async () => {
    const ran = await stream([`path:${SSH}\nnonsense\npid:411\r\n\nunit:ssh.service\nid:58`]);
    expect(ran).toEqual({ out: `- ${SSH}\n? ?\n411 ${SSH}\n? ?\n- ${SSH}\n- ${SSH}\n`, err: "cgroupns: 2 of 6 not resolved, first 'nonsense' (no selector)\n", status: 1 });
    expect(await stream([])).toEqual({ out: "", err: "", status: 0 });
  });

  test("JSON: an object a line, ids as strings, bytes that are not UTF-8 as base64", async () => {
    const { out } = await stream(["id:58\npath:/\xff\n"], "-J");
    const [one, other] = out.trim().split("\n").map((line) => JSON.parse(line));
    expect(one).toMatchObject({ selector: "id:58", id: "58", path: SSH, unit: "ssh.service", container: null });
    expect(other).toEqual({ selector: { base64: Buffer.from("path:/\xff", "latin1").toString("base64") }, error: "no cgroup has this path" });
  });

  test("however it is cut, the answers are those of the whole", async () => {
    const text = `path:${SSH}\npid:411\nid:39\ncontainer:1cd3\nunit:nope\npod:121157b5-c67d-4c3e-9052-cb27bbb711fb\n`;
    const whole = await stream([text]);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(text.length), { maxLength: 8 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(await stream(at.slice(1).map((end, n) => text.slice(at[n], end)))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test("a line without an end is one unresolved line, and is not kept", async () => {
    const pieces = [...Array.from({ length: 40 }, () => "path:/".padEnd(100_000, "x")), "\npid:411\n"];
    const { out, status } = await stream(pieces);
    expect([out, status]).toEqual([`? ?\n411 ${SSH}\n`, 1]);
    expect((await stream(pieces, "-J")).out.length).toBeLessThan(200_000);
  });
});

// A million with CGROUPNS_SELECTORS=1000000.
const COUNT = Number(process.env.CGROUPNS_SELECTORS ?? 200_000);

test.skipIf(process.platform !== "linux")(`${COUNT} selectors through a pipe: an answer each, in constant memory, at the reader's pace`, async () => {
  const main = fileURLToPath(new URL("../../dist/ts/cli/main.js", import.meta.url));
  const child = spawn(process.execPath, [main, "resolve", ...COLUMNS, ...SAMPLE, "-"], { stdio: ["pipe", "pipe", "pipe"] });
  const kinds = (n: number): string[] => [`path:${SSH}`, "pid:8140", "id:39", "container:1cd3", `path:/nowhere/${n}`, `unit:none-${n}`, `pid:${100_000 + n}`];
  const most: number[] = [];
  Readable.from((function* () {
    for (let n = 0; n < COUNT; n += 1000) {
      yield Array.from({ length: Math.min(1000, COUNT - n) }, (_, at) => `${kinds(n + at)[(n + at) % 7]}\n`).join("");
      most.push(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0));
    }
  })()).pipe(child.stdin);
  let [lines, marked, err] = [0, 0, ""];
  child.stdout.on("data", (piece: Buffer) => {
    const text = piece.toString("latin1");
    lines += text.split("\n").length - 1;
    marked += text.split("? ?\n").length - 1;
  });
  child.stderr.on("data", (piece) => (err += piece));
  const [status] = await once(child, "close");
  const unresolved = Array.from({ length: COUNT }, (_, n) => Number(n % 7 >= 4)).reduce((a, b) => a + b, 0);
  expect([lines, status, err]).toEqual([COUNT, 1, expect.stringMatching(new RegExp(`^cgroupns: ${unresolved} of ${COUNT} not resolved, first 'path:/nowhere/4' `))]);
  // A piece may end within a mark.
  expect(marked).toBeGreaterThan(unresolved * 0.99);
  const half = most.slice(most.length / 2);
  expect(Math.max(...half) - half[0]!, "kB more than half-way").toBeLessThan(64 * 1024);
});

describe("what is resolved", () => {
  test("columns beside the usual ones, in either case; no headings if so wished", async () => {
    expect((await run(["resolve", "-r", "-o", "+runtime", ...SAMPLE, "pid:411"])).out.split("\n")[0]).toBe("ID PID PATH CONTAINER POD UNIT RUNTIME");
    expect((await run(["resolve", "-n", "-o", "pid", ...SAMPLE, "pid:411"])).out).toBe("411\n");
  });

  test("names as a shell passes them, blanks as the kernel would escape them", async () => {
    const file = changed((c) => c.hierarchies[0].cgroups.push([0, "é b", "999", { files: {}, unread: {} }]));
    expect(await run(["resolve", "-r", "-n", "-o", "ID,PATH", ...file, "path:/é b"])).toMatchObject({ out: Buffer.from("999 /é\\x20b\n").toString("latin1"), status: 0 });
  });

  test("of a long selector the beginning is told", async () => {
    const { err } = await run(["resolve", ...SAMPLE, `path:/${"x".repeat(300)}`]);
    expect(err).toBe(`cgroupns: 1 of 1 not resolved, first 'path:/${"x".repeat(194)}' (no cgroup has this path)\n`);
  });

  test("of several hierarchies the unified one first, the others for what it lacks", async () => {
    const file = changed(hybrid);
    const id = async (...selectors: string[]) => (await run(["resolve", "-r", "-n", "-o", "ID,PATH", ...file, ...selectors])).out;
    expect(await id("path:/system.slice", "path:/only-here", "id:3", "pid:411")).toBe("39 /system.slice\n3 /only-here\n3 /only-here\n58 /system.slice/ssh.service\n");
  });

  test("a process's place is the deepest that says something, though it be in a v1 hierarchy", async () => {
    const file = changed((c) => {
      hybrid(c);
      c.tasks[1].cgroup = "9:name=systemd:/\n5:memory:/\n4:cpu,cpuacct:/system.slice\n0::/\n";
    });
    expect((await run(["resolve", "-r", "-n", "-o", "ID,PATH", ...file, "pid:411"])).out).toBe("2 /system.slice\n");
  });

  test("a process's container is what identify says, also where its path does not", async () => {
    const file = changed((c) => {
      c.mountinfos = [`5 1 0:38 /docker/${A} /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n`];
      Object.assign(c.tasks[1], { cgroup: "0::/\n", mountinfo: 0 });
    });
    expect((await run(["resolve", "-r", "-n", "-o", "CONTAINER,RUNTIME", ...file, "pid:411"])).out).toBe(`${A} docker\n`);
  });

  test("a cgroup that no mount showed has no id, the top of a mounted sub-tree has its own", async () => {
    const unseen = changed((c) => (c.tasks[1].cgroup = "0::/unseen\n"));
    expect((await run(["resolve", "-r", "-n", "-o", "ID,PATH", ...unseen, "pid:411", "path:/unseen"])).out).toBe("- /unseen\n- /unseen\n");
    expect((await run(["explain", "411", ...unseen])).out).not.toContain("directory");
    expect((await run(["resolve", "-r", "-n", "-o", "ID,PATH", ...changed(part), "path:/system.slice", "id:77", "pid:411"])).out).toBe("77 /system.slice\n77 /system.slice\n78 /system.slice/ssh.service\n");
  });

  test("paths are as the reader sees them", async () => {
    const above = changed((c) => {
      c.reader.ns = c.namespaces[1].ns;
      c.hierarchies[0] = { ...c.hierarchies[0], origin: "2", mounts: [{ root: "/..", mountPoint: "/m", hidden: false }], cgroups: [[-1, "/..", "1"], [0, "own", "2"], [1, "a", "3"], [0, "other", "4"]] };
      c.tasks = [{ ...c.tasks[2], namespace: 1, cgroup: "0::/a\n" }];
      for (const namespace of c.namespaces) namespace.roots = [];
    });
    expect((await run(["resolve", "-r", "-n", "-o", "ID,PATH", ...above, "path:/a", "path:/../other"])).out).toBe("3 /a\n4 /../other\n");
  });

  test("an id's beginning that is an id is that one, and names are looked up in no order", async () => {
    const file = changed((c) => c.hierarchies[0].cgroups.push([0, "runc-web.scope", "901", { files: {}, unread: {} }], [0, "runc-web2.scope", "902", { files: {}, unread: {} }], [0, "runc-a.scope", "903", { files: {}, unread: {} }]));
    expect((await run(["resolve", "-r", "-n", "-o", "ID", ...file, "container:web", "container:web2", "container:a"])).out).toBe("901\n902\n903\n");
    expect((await run(["resolve", ...file, "container:we"])).err).toContain("several containers start so");
  });

  test("a container is where its outermost cgroup is", async () => {
    const { out } = await run(["resolve", "-r", "-n", "-o", "PATH", ...SAMPLE, "container:b1eb"]);
    expect(out).toMatch(/^\/system.slice\/docker-b1eb[0-9a-f]+\.scope\n$/);
  });
});
