// `cgroupns replay`: byte for byte what the oracle printed for its own example; whatever else comes in, one answer for each
// operation or one error for each batch, and never an end before the input's.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareLive } from "../../ts/cli/live/duel.ts";
import { whyUndriven } from "../../ts/cli/live/driven.ts";
import { main } from "../../ts/cli/main.ts";
import { report } from "../../ts/cli/replay.ts";
import { type Operation, OPERATIONS, RELEASE, Replay, type Result } from "../../ts/replay/index.ts";

interface Ran {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

/** The command with this on standard input, in pieces of a size. */
async function run(args: readonly string[], input: string | Uint8Array = "", size = 65_536): Promise<Ran> {
  const bytes = Buffer.from(input as string);
  const out: string[] = [];
  const err: string[] = [];
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const io = { out: (text: string | Uint8Array) => out.push(String(text)), err: (line: string) => err.push(line), env: {}, tty: false, input: pieces() };
  const status = await main(["replay", ...args], io);
  return { out: out.join(""), err: err.join("\n"), status };
}

const results = ({ out }: Ran): Result[] => JSON.parse(out);
const lines = ({ out }: Ran): unknown[] => out.split("\n").slice(0, -1).map((line) => JSON.parse(line));
const golden = (name: string): string => readFileSync(new URL(`golden/${name}`, import.meta.url), "utf8");

const EXAMPLE = `[{"op":"spawn","agent":"a"},{"op":"mkdir","path":"x"},{"op":"move","agent":"a","path":"x"},
       {"op":"unshare","agent":"a"},{"op":"cgroup","agent":"ctl","target":"a"},{"op":"cgroup","agent":"a"},
       {"op":"rmdir","path":"x"}]`;

describe("cgroupns replay", () => {
  test("prints what the oracle printed for its example, byte for byte", async () => {
    expect(await run(["--base", "orc"], EXAMPLE)).toEqual({ out: golden("replay-example.txt"), err: "", status: 0 });
  });

  test("prints what the oracle printed for names, numbers, lists and ids of all kinds", async () => {
    const script = JSON.parse(golden("replay-forms.json"));
    expect((await run(["--base", "orc"], JSON.stringify(script))).out).toBe(golden("replay-forms.txt"));
  });

  test("--serve prints the same on a line, each batch on a fresh machine", async () => {
    const line = EXAMPLE.replaceAll("\n", " ");
    const { out, status } = await run(["--serve", "--base", "orc"], `${line}\n\n${line}\n`, 7);
    const expected = `${JSON.stringify(JSON.parse(golden("replay-example.txt"))).replaceAll(",", ", ").replaceAll(":", ": ")}\n`;
    expect([out, status]).toEqual([expected + expected, 0]);
  });

  test("options are those of the oracle", async () => {
    const mount = `[{"op":"mount","at":"m","opts":"nsdelegate"},{"op":"mountinfo"}]`;
    expect(results(await run([], mount))[0]).toHaveProperty("refused");
    expect(JSON.stringify(results(await run(["--exclusive"], mount)))).toContain("rw,nsdelegate");
    expect(results(await run(["--nsdelegate"], `[{"op":"mount","at":"m"}]`))).toEqual([{ ok: null }]);
    const controllers = `[{"op":"read","path":"cgroup.controllers"}]`;
    expect(results(await run(["--root-controllers", "hugetlb", "--timeout", "5"], controllers))).toEqual([{ ok: "hugetlb\n" }]);
    const files = `[{"op":"mkdir","path":"a"},{"op":"write","path":"cgroup.subtree_control","data":"+hugetlb"},{"op":"ls","path":"a","files":true}]`;
    const huge = JSON.stringify(results(await run(["--root-controllers", "hugetlb", "--huge-pages", "64KB,1GB"], files)));
    expect(huge.match(/hugetlb\.\w+\.max/g)).toEqual(["hugetlb.1GB.max", "hugetlb.64KB.max"]);
    const cgroup = `[{"op":"cgroup"}]`;
    expect(results(await run(["--v1", "none"], cgroup))).toEqual([{ ok: { v2: "/" } }]);
    expect(results(await run(["--v1", "pids,freezer"], cgroup))).toEqual([{ ok: { pids: "/", freezer: "/", v2: "/" } }]);
  });

  test("says no in one line", async () => {
    const says = async (args: string[], status: number, line: RegExp): Promise<void> => {
      const ran = await run(args, "[]");
      expect([ran.out, ran.status], args.join(" ")).toEqual(["", status]);
      expect(ran.err).toMatch(line);
      expect(ran.err).not.toContain("\n");
    };
    await says(["--base", "a/b"], 2, /base/);
    await says(["--base", ".."], 2, /base/);
    await says(["--timeout", "soon"], 2, /seconds/);
    await says(["--huge-pages", "2MB,3"], 2, /'3' is no size/);
    await says(["file"], 2, /no argument/);
    await says(["--v1", "nonsense"], 1, /nonsense/);
    await says(["--base", "cgroup.procs"], 1, /cgroup\.procs/);
    await says(["--root-controllers", "memory"], 1, /memory/);
    if (process.platform !== "linux" || process.getuid?.() !== 0) await says(["--live", "/nowhere"], 1, /cannot be driven/);
    else await says(["--live", "/nowhere"], 1, /ENOENT/);
  });
});

describe("hostile input", () => {
  test("a bad batch is one error, and the next goes on", async () => {
    const good = `[{"op":"ls","id":1}]`;
    const bad = ["{", "nonsense", "{}", "7", "null", '"text"', `[{"op":"ls"`, "[".repeat(100_000), `${good} x`, "\0", "\xff\xfe"];
    const input = Buffer.concat(bad.flatMap((line) => [Buffer.from(line, "latin1"), Buffer.from(`\n${good}\n`)]));
    for (const size of [3, 65_536]) {
      const answers = lines(await run(["--serve"], input, size));
      expect(answers).toHaveLength(2 * bad.length);
      for (const [at, answer] of answers.entries()) {
        expect(answer).toEqual(at % 2 === 1 ? [{ ok: [], id: 1 }] : { error: expect.stringMatching(/^[^\n]{3,200}$/) });
      }
    }
  });

  test("a bad operation is refused, and the next goes on", async () => {
    const deep = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    const bad: unknown[] = [
      null, 7, "text", [], {}, { op: 7 }, { op: "nonsense" }, { op: "constructor" }, { op: "__proto__" }, { op: "mkdir", path: 7 },
      { op: "mkdir", path: "../up" }, { op: "write", path: "x" }, { op: "read", agent: "nobody" }, { op: "spawn" }, { op: "wait_file", path: "x" },
      { op: "mount" }, { op: "mount", at: "m", mflags: [deep] }, { op: "move", hier: "constructor" }, { op: "ls", id: deep }, { op: "n".repeat(10_000_000) },
      { op: "ls", agent: "n".repeat(10_000_000) },
    ];
    const script = bad.flatMap((op) => [op, { op: "ls" }]);
    const { out, status } = await run([], stringified(script));
    expect(status).toBe(0);
    expect(out.length).toBeLessThan(10_000);
    for (const [at, result] of (JSON.parse(out) as Result[]).entries()) {
      expect(result, `operation ${at}`).toEqual(at % 2 === 1 ? { ok: [] } : { refused: expect.stringMatching(/^[^\n]{3,200}$/) });
    }
  });

  test("a name of 10 MB is too long for the kernel, too", async () => {
    const name = "n".repeat(10_000_000);
    const ops = [{ op: "mkdir", path: name }, { op: "mkdir", path: "x" }, { op: "rename", path: name, to: "y" }, { op: "ls" }];
    const tooLong = (at: string): Result => ({ err: "ENAMETOOLONG", at });
    expect(results(await run([], JSON.stringify(ops)))).toEqual([tooLong("mkdir"), { ok: null }, tooLong("rename"), { ok: ["x"] }]);
  });

  test("many batches take no more memory than one", async () => {
    const batch = `${JSON.stringify([{ op: "mkdir", path: "x" }, { op: "write", path: "x/cgroup.procs", data: "z".repeat(20_000) }])}\n`;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 3000; n++) yield Buffer.from(batch);
    }
    let most = 0;
    let answers = 0;
    const out = (): void => {
      if (answers++ % 500 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
    };
    const before = process.memoryUsage().heapUsed;
    expect(await main(["replay", "--serve"], { out, err: () => {}, env: {}, tty: false, input: endless() })).toBe(0);
    expect(answers).toBe(3000);
    expect(most - before).toBeLessThan(200 * 2 ** 20);
  });

  test("anything at all is answered", () => {
    const word = fc.constantFrom("a", "b", "x", "ctl", "self", "m", "cgroup.procs", "../x", "^", "^cgroup.procs", "proc:a/cgroup", "", "\0", "\ud800", "\udc41", "{a}", "v2", "pids");
    const value = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 2 }), fc.array(word));
    const field = fc.constantFrom(
      "agent", "path", "hier", "mnt", "target", "child", "data", "mode", "flags", "into", "into_fd", "fd", "name", "to", "at", "opts", "mflags", "fstype", "via", "ns",
      "nss", "nstype", "uid", "gid", "groups", "drop", "keep", "map", "sig", "file", "key", "value", "contains", "ms", "n", "noseek", "raw", "id", "src", "uflags",
    );
    const op = fc.tuple(fc.constantFrom(...OPERATIONS), fc.dictionary(field, value, { maxKeys: 6 }));
    const start = ["a", "b"].flatMap((agent) => [{ op: "spawn", agent }, { op: "mkdir", path: agent }]);
    fc.assert(
      fc.property(fc.array(op, { maxLength: 20 }), (ops) => {
        const replay = new Replay();
        for (const one of [...start, ...ops.map(([name, fields]) => ({ ...fields, op: name }))]) {
          const result = replay.run(one);
          expect(["ok", "err", "refused"].filter((key) => key in result)).toHaveLength(1);
        }
      }),
      { numRuns: 500 },
    );
  });
});

// JSON.stringify itself cannot go that deep.
function stringified(script: readonly unknown[]): string {
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  const replacer = (_: string, value: unknown): unknown => (Array.isArray(value) && value.length === 1 && Array.isArray(value[0]) && value[0].length === 1 ? "DEEP" : value);
  return JSON.stringify(script, replacer).replaceAll('"DEEP"', deep);
}

const program = fileURLToPath(new URL("../../dist/ts/cli/main.js", import.meta.url));
const newest = (folder: string): number =>
  Math.max(...readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
const isBuilt = existsSync(program) && statSync(program).mtimeMs >= newest(fileURLToPath(new URL("../../ts", import.meta.url)));

describe.skipIf(!isBuilt)(`as a process ${isBuilt ? "" : "(skipped: dist is older than the source, npm run build)"}`, () => {
  /** Writes batches until it ends, and reads so many lines. */
  async function piped(wanted: number): Promise<{ lines: number; code: number | null; err: string }> {
    const child = spawn(process.execPath, [program, "replay", "--serve"]);
    let read = 0;
    let err = "";
    child.stderr.on("data", (text) => (err += text));
    child.stdin.on("error", () => {});
    const batch = `${JSON.stringify([{ op: "ls" }])}\n`.repeat(1000);
    const more = (): void => {
      while (child.stdin.writable && child.stdin.write(batch));
    };
    child.stdin.on("drain", more);
    child.stdout.on("data", (text: Buffer) => {
      read += text.filter((byte) => byte === 10).length;
      if (read >= wanted) child.stdout.destroy();
    });
    more();
    const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
    return { lines: read, code, err };
  }

  test("a reader that goes away ends it quietly", async () => {
    expect(await piped(1)).toMatchObject({ code: 0, err: "" });
    const { lines, code, err } = await piped(20_000);
    expect([lines >= 20_000, code, err]).toEqual([true, 0, ""]);
  });

  test("every answer comes before the next batch is needed", async () => {
    const child = spawn(process.execPath, [program, "replay", "--serve"]);
    for (let n = 0; n < 3; n++) {
      const answer = new Promise((resolve) => child.stdout.once("data", resolve));
      child.stdin.write(`[{"op":"ls","id":${n}}]\n`);
      expect(String(await answer)).toBe(`[{"ok": [], "id": ${n}}]\n`);
    }
    child.stdin.end();
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  });
});

describe("a duel", () => {
  const ops: Operation[] = [{ op: "mkdir", path: "x" }, { op: "thread", agent: "a", name: "t" }, { op: "rmdir", path: "x" }, { op: "rmdir", path: "x" }];
  /** A kernel that is the model itself, but drives no threads. */
  const kernel = (): ((op: Operation) => Promise<Result>) => {
    const replay = new Replay();
    return async (op) => (op.op === "thread" ? { refused: "no threads" } : replay.run(op));
  };

  test("of two that are alike finds nothing, and says what it left out", async () => {
    const replay = new Replay();
    const duel = await compareLive(ops, kernel(), (op) => replay.run(op), []);
    expect(report(duel, `${RELEASE}.1`)).toBe("3 operations, no difference\n1 not driven (1 thread): no threads\n");
    expect(report(duel, "4.4")).toMatch(/^this kernel is 4\.4, the model's \d/);
  });

  test("finds the operation that a broken model answers otherwise", async () => {
    const replay = new Replay();
    const broken = (op: Operation): Result => (op.op === "rmdir" ? { ok: null } : replay.run(op));
    const duel = await compareLive(ops, kernel(), broken, []);
    expect(duel.difference).toMatchObject({ number: 4, kernel: { err: "ENOENT" }, model: { ok: null } });
    expect(report(duel, RELEASE).split("\n").slice(0, 3)).toEqual([
      'operation 4 differs, after 2 alike: {"op": "rmdir", "path": "x"}', '  kernel {"err": "ENOENT", "at": "rmdir"}', '  model  {"ok": null}',
    ]);
  });

  test("is not fought over cgroups that a control file may want the name of: that could end the kernel", () => {
    const why = (path: string): string | undefined => whyUndriven({ op: "mkdir", path }, new Set(["mkdir"]));
    for (const path of ["hugetlb.2MB.max", "x/memory.max", "dmem.max/x", "io.stat/"]) expect(why(path), path).toMatch(/could end this kernel/);
    for (const path of ["x", "hugetlb", "x/system.slice", "iox.max", "x.cpu.max"]) expect(why(path), path).toBeUndefined();
  });

  test("reads lists of pids as sets, and ids not at all", async () => {
    const of = (...answers: Result[]) => {
      let at = 0;
      return () => answers[at++]!;
    };
    const pids = { op: "read", path: "x/cgroup.procs" };
    const looks = [pids, { ...pids, pids: true }, { op: "stat", path: "x" }, { op: "nsid" }, { op: "nsid" }, { op: "nsid" }];
    const there = of({ ok: "2\n3\n" }, { ok: ["a", "b"] }, { ok: { type: "dir", ino: 7 } }, { ok: "init" }, { ok: "ns1" }, { ok: "ns1" });
    const here = of({ ok: "3\n2\n" }, { ok: ["b", "a"] }, { ok: { type: "dir", ino: 8 } }, { ok: "init" }, { ok: "ns2" }, { ok: "ns3" });
    const duel = await compareLive(looks, async () => there(), here, []);
    expect(duel).toMatchObject({ compared: 5, difference: { number: 6 } });
  });
});
