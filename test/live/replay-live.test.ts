// The live driver of a replay on this kernel: what a shell does is what system calls do. Where the oracle of the project is
// at hand, which makes the system calls itself, random scripts are answered alike.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { LiveMachine } from "../../ts/cli/live/machine.ts";
import type { Operation, Result } from "../../ts/replay/index.ts";
import { mountPoint } from "./world.ts";
import { Author } from "./author.ts";

const why = process.platform === "linux" ? (LiveMachine.whyNot() ?? "") : "not Linux";
const v1 = mountPoint("pids") === "" ? [] : ["pids"];
const base = `cgroupns-replay-${process.pid}`;
const oracle = fileURLToPath(new URL("../../../shared/oracle/oracle.py", import.meta.url));
const whyNoOracle = (): string => {
  if (!existsSync(oracle)) return "no oracle here";
  if (spawnSync("python3", ["--version"]).status !== 0) return "no python3";
  return mountPoint("v2") === "/sys/fs/cgroup/unified" && v1.length > 0 ? "" : "the oracle wants other mounts";
};
const noOracle = why === "" ? whyNoOracle() : why;
const OPERATIONS = Number(process.env.CGROUPNS_LIVE_OPS ?? 1000);
const OPERATIONS_A_SCRIPT = 100;
const SEED = Number(process.env.CGROUPNS_LIVE_SEED ?? 1);

/** What this machine answers, in order. */
async function live(script: readonly Operation[]): Promise<Result[]> {
  await using machine = new LiveMachine({ base, v1 });
  const results: Result[] = [];
  for (const operation of script) results.push(await machine.run(operation));
  return results;
}

const remains = (): string[] =>
  [mountPoint("v2"), mountPoint("pids")].filter((top) => top !== "").flatMap((top) => readdirSync(top).filter((name) => name === base));

describe.skipIf(why !== "")(`a live replay ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  const a = { agent: "a" };
  const spawned = [{ op: "mkdir", path: "x" }, { op: "spawn", ...a, path: "x" }];

  const last = async (...script: Operation[]): Promise<Result> => (await live([...spawned, ...script])).at(-1)!;

  test("an agent sees itself at / in a namespace of its own, and the controller at /..", async () => {
    expect(await last({ op: "unshare", ...a }, { op: "cgroup", ...a, target: "self" })).toMatchObject({ ok: { v2: "/" } });
    expect(await last({ op: "unshare", ...a }, { op: "cgroup", ...a, target: "ctl" })).toMatchObject({ ok: { v2: "/../.." } });
    expect(await last({ op: "unshare", ...a }, { op: "cgroup", target: "a" })).toMatchObject({ ok: { v2: `/${base}/x` } });
  });

  test("a write of 0 moves the agent itself, and nothing of it stays behind", async () => {
    const zero = { op: "write", ...a, path: "cgroup.procs", data: "0" };
    expect(await last(zero, { op: "read", path: "cgroup.procs", pids: true })).toEqual({ ok: ["a"] });
    expect(await last(zero, { op: "rmdir", path: "x" })).toEqual({ ok: null });
    expect(await last({ op: "read", ...a, path: "x/cgroup.procs" })).toEqual({ ok: "2\n" });
  });

  test("an agent is who it is: its user, its namespaces", async () => {
    const nobody = { op: "setid", ...a, uid: 1000, gid: 1000, groups: [] };
    expect(await last(nobody, { op: "mkdir", ...a, path: "x/y" })).toEqual({ err: "EACCES", at: "mkdir" });
    expect(await last(nobody, { op: "move", ...a, path: "" })).toEqual({ err: "EACCES", at: "open" });
    expect(await last(nobody, { op: "unshare", ...a })).toEqual({ err: "EPERM", at: "unshare" });
    expect(await last(nobody, { op: "setns", ...a, target: "ctl" })).toEqual({ err: "EACCES", at: "open" });
    expect(await last(nobody, { op: "unshare", ...a, flags: ["user", "cgroup", "mnt"] }, { op: "mount", ...a, at: "m" }, { op: "mountinfo", target: "a" }))
      .toEqual({ ok: [{ root: `/${base}/x`, at: "/mnt/m", opts: "rw,relatime", fstype: "cgroup2", super: expect.stringMatching(/^rw\b/) }] });
  });

  test("errors are the kernel's, with the call that gave them", async () => {
    expect(await last({ op: "mkdir", path: "x" })).toEqual({ err: "EEXIST", at: "mkdir" });
    expect(await last({ op: "rmdir", path: "x" })).toEqual({ err: "EBUSY", at: "rmdir" });
    expect(await last({ op: "write", path: "cgroup.procs", data: "99999" })).toEqual({ err: "ESRCH", at: "write" });
    expect(await last({ op: "write", path: "none", data: "" })).toEqual({ err: "ENOENT", at: "open" });
    expect(await last({ op: "read", path: "x/cgroup.kill" })).toEqual({ err: "EINVAL", at: "read" });
    expect(await last({ op: "read", path: "x/cgroup.kill/y" })).toEqual({ err: "ENOTDIR", at: "open" });
  });

  test("a frozen agent does not answer in time, and does it later", async () => {
    const freeze = (data: string): Operation => ({ op: "write", path: "x/cgroup.freeze", data });
    expect(await last(freeze("1"), { op: "move", ...a, path: "" })).toEqual({ err: "TIMEOUT" });
    expect(await last(freeze("1"), { op: "move", ...a, path: "" }, freeze("0"), { op: "sleep", ms: 200 }, { op: "cgroup", target: "a" }))
      .toMatchObject({ ok: { v2: `/${base}` } });
  });

  test("a killed agent is dead, and nobody asks about it", async () => {
    const kill = { op: "write", path: "x/cgroup.kill", data: "1" };
    expect(await last(kill, { op: "cgroup", ...a })).toEqual({ err: "AGENT_DEAD" });
    expect(await last(kill, { op: "cgroup", target: "a" })).toEqual({ refused: expect.stringContaining("dead") });
  });

  test("names of any bytes", async () => {
    for (const name of ["sp ace", "quo'te\"", "back\\slash", "\x01\x7f", "ünï", "b\udcffd\udc81", "$HOME`x`", "n".repeat(300)]) {
      const path = `x/${name}`;
      expect(await last({ op: "mkdir", path }, { op: "move", ...a, path }, { op: "cgroup", target: "a" }), name).toMatchObject({ ok: { v2: `/${base}/${path}` } });
    }
    expect(await last({ op: "mkdir", path: "x/\n" })).toEqual({ err: "EINVAL", at: "mkdir" });
  });

  test("what a shell cannot do, or nobody should, is refused with a reason", async () => {
    const refused: Operation[] = [
      { op: "thread", ...a, name: "t" }, { op: "caps", ...a, drop: ["SYS_ADMIN"] }, { op: "open", ...a, fd: "f", path: "cgroup.procs" },
      { op: "nonsense" }, { op: "mkdir", path: "../elsewhere" }, { op: "write", path: "^cgroup.subtree_control", data: "+pids" },
      { op: "read", path: "proc:a/../1/environ" }, { op: "mount", at: "m", opts: "nsdelegate" }, { op: "cgroup", target: "nobody" },
      { op: "mount", at: "m", fstype: "remount", mflags: ["rdonly"] }, { op: "unshare", ...a, flags: ["pid"] }, { op: "mkdir", path: 7 },
      { op: "mkdir", path: "x/hugetlb.2MB.max" },
    ];
    for (const [n, result] of (await live([...spawned, ...refused])).slice(2).entries()) {
      expect(result, JSON.stringify(refused[n])).toEqual({ refused: expect.stringMatching(/\w \w/) });
    }
  });

  test("an existing cgroup is not touched", async () => {
    await using first = new LiveMachine({ base, v1 });
    await first.run({ op: "mkdir", path: "x" });
    expect(() => new LiveMachine({ base, v1 })).toThrow("EEXIST");
    expect(await first.run({ op: "ls" })).toEqual({ ok: ["x"] });
  });

  test("everything is removed", async () => {
    expect(remains()).toEqual([]);
    const machine = new LiveMachine({ base, v1 });
    for (const operation of spawned) await machine.run(operation);
    expect(remains()).not.toEqual([]);
    await machine.close();
    expect(remains()).toEqual([]);
  });

  test("another POSIX shell as sh does the same", async () => {
    if (spawnSync("bash", ["--version"]).status !== 0) return;
    const script = new Author(SEED, v1).script(OPERATIONS_A_SCRIPT);
    const expected = await live(script);
    const folder = mkdtempSync(join(tmpdir(), "cgroupns-bash-"));
    symlinkSync(spawnSync("which", ["bash"], { encoding: "utf8" }).stdout.trim(), join(folder, "sh"));
    const path = process.env.PATH;
    process.env.PATH = `${folder}:${path}`;
    try {
      expect((await live(script)).map(comparable(script))).toEqual(expected.map(comparable(script)));
    } finally {
      process.env.PATH = path;
      rmSync(folder, { recursive: true });
    }
  });
});

describe.skipIf(noOracle !== "")(`a live replay and the oracle ${noOracle === "" ? "" : `(skipped: ${noOracle})`}`, () => {
  let judge: Judge | undefined;
  afterAll(() => judge?.close());

  test("agree on random scripts", { timeout: 60_000 + OPERATIONS * 50 }, async () => {
    const counts = { agreed: 0, refused: 0, ok: 0, ms: 0 };
    for (let n = 0; counts.agreed < OPERATIONS; n++) {
      const script = new Author(SEED + n, v1).script(OPERATIONS_A_SCRIPT);
      const start = performance.now();
      const results = await live(script);
      counts.ms += performance.now() - start;
      judge ??= new Judge();
      const driven = [...script.keys()].filter((at) => !("refused" in results[at]!));
      const tried = driven.map((at) => script[at]!);
      const expected = (await judge.ask(tried)).map(comparable(tried));
      const found = driven.map((at) => results[at]!).map(comparable(tried));
      for (const [at, result] of found.entries()) {
        expect(result, `script ${SEED + n}: ${JSON.stringify(tried.slice(0, at + 1))}`).toEqual(expected[at]);
      }
      counts.agreed += found.length;
      counts.ok += found.filter((result) => "ok" in result).length;
      counts.refused += script.length - driven.length;
    }
    const { agreed, ok, refused, ms } = counts;
    console.log(`${agreed} operations alike, ${ok} of them ok; ${refused} refused; ${Math.round((agreed / ms) * 1000)} a second`);
  });
});

/** The oracle, one script a line. */
class Judge {
  readonly #process: ChildProcess = spawn("python3", [oracle, "--serve", "--base", base, "--v1", v1.join(",")], { stdio: ["pipe", "pipe", "inherit"] });
  readonly #lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();

  async ask(script: readonly Operation[]): Promise<Result[]> {
    this.#process.stdin!.write(`${JSON.stringify(script)}\n`);
    return JSON.parse((await this.#lines.next()).value);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    this.#process.stdin!.end();
    await ended;
  }
}

// Tasks are listed in an order that depends on more than the script.
function comparable(script: readonly Operation[]): (result: Result, at: number) => Result {
  return (result, at) => {
    const listed = script[at]!.op === "read" && /(procs|threads|tasks)$/.test(String(script[at]!.path));
    if (!listed || !("ok" in result)) return result;
    const lines = Array.isArray(result.ok) ? result.ok : String(result.ok).split("\n");
    return { ok: lines.toSorted() };
  };
}
