// This machine's kernel and the model under the same random scripts: alike, as far as shells can drive them; and a model that
// is broken on purpose is found out. CGROUPNS_LIVE_OPS says how many operations (1000 unless told), CGROUPNS_LIVE_SEED which.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compareLive, type Duel } from "../../ts/cli/live/duel.ts";
import { LiveMachine } from "../../ts/cli/live/machine.ts";
import { main } from "../../ts/cli/main.ts";
import { type Operation, RELEASE, Replay, type Result } from "../../ts/replay/index.ts";
import { Author } from "./author.ts";
import { mountPoint } from "./world.ts";

const why = process.platform === "linux" ? (LiveMachine.whyNot() ?? "") : "not Linux";
const v1 = mountPoint("pids") === "" ? [] : ["pids"];
const base = `cgroupns-model-${process.pid}`;
const OPERATIONS = Number(process.env.CGROUPNS_LIVE_OPS ?? 1000);
const OPERATIONS_A_SCRIPT = 100;
const SEED = Number(process.env.CGROUPNS_LIVE_SEED ?? 1);

/** Both of them, and what is done to the model's answers. */
async function duel(ops: readonly Operation[], broken: (op: Operation, result: Result) => Result = (_, result) => result): Promise<Duel> {
  await using live = new LiveMachine({ base, v1 });
  const { nsdelegate, rootControllers } = live;
  const model = new Replay({ base, v1, nsdelegate, rootControllers });
  return await compareLive(ops, (op) => live.run(op), (op) => broken(op, model.run(op)), v1);
}

/** The command on a file of operations, as a shell would see it. */
async function command(ops: readonly unknown[]): Promise<{ out: string; err: string; status: number }> {
  const folder = mkdtempSync(join(tmpdir(), "cgroupns-model-"));
  const file = join(folder, "ops.json");
  writeFileSync(file, JSON.stringify(ops));
  const out: string[] = [];
  const err: string[] = [];
  const io = { out: (text: string | Uint8Array) => out.push(String(text)), err: (line: string) => err.push(line), env: {}, tty: false };
  const status = await main(["replay", "--live", file, "--base", base, "--v1", v1.join(",") || "none"], io);
  rmSync(folder, { recursive: true });
  return { out: out.join(""), err: err.join("\n"), status };
}

describe.skipIf(why !== "")(`this kernel and the model ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  test("agree on random scripts", { timeout: 120_000 + OPERATIONS * 100 }, async () => {
    const counts = { compared: 0, undriven: 0, scripts: 0 };
    for (let n = 0; counts.compared < OPERATIONS; n++) {
      const script = new Author(SEED + n, v1).script(OPERATIONS_A_SCRIPT);
      const { compared, difference, undriven } = await duel(script);
      expect(difference, `script ${SEED + n}: ${JSON.stringify(script.slice(0, difference?.number))}`).toBeUndefined();
      counts.compared += compared;
      counts.undriven += [...undriven.values()].flatMap((operations) => [...operations.values()]).reduce((sum, times) => sum + times, 0);
      counts.scripts++;
    }
    console.log(`${counts.compared} operations of ${counts.scripts} scripts alike, ${counts.undriven} not driven`);
  });

  const breaks: [string, (op: Operation, result: Result) => Result][] = [
    ["a view that is not the reader's", (op, result) => (op.op === "cgroup" && "ok" in result ? { ok: { ...(result.ok as object), v2: "/" } } : result)],
    ["a removal that always works", (op, result) => (op.op === "rmdir" ? { ok: null } : result)],
    ["an errno that is another one's", (_, result) => ("err" in result && result.err === "EBUSY" ? { ...result, err: "EACCES" } : result)],
    ["a task that is listed nowhere", (op, result) => (op.op === "read" && op.pids === true && "ok" in result ? { ok: [] } : result)],
  ];

  test.each(breaks)("differ with %s", { timeout: 60_000 }, async (_, broken) => {
    const script: Operation[] = [
      { op: "mkdir", path: "x" }, { op: "spawn", agent: "a", path: "x" }, { op: "rmdir", path: "x" }, { op: "unshare", agent: "a" },
      { op: "cgroup", agent: "a", target: "ctl" }, { op: "read", path: "x/cgroup.procs", pids: true },
    ];
    expect((await duel(script, broken)).difference).toBeDefined();
    expect((await duel(script)).difference).toBeUndefined();
  });

  test("cgroupns replay --live says so, and what it could not drive", { timeout: 60_000 }, async () => {
    const ops = [{ op: "mkdir", path: "x" }, { op: "spawn", agent: "a", path: "x" }, { op: "thread", agent: "a", name: "t" }, 7, { op: "rmdir", path: "x" }, { op: "cgroup", target: "a" }];
    const { out, err, status } = await command(ops);
    expect([err, status]).toEqual(["", 0]);
    expect(out).toMatch(/^4 operations, no difference$/m);
    expect(out).toMatch(/^1 not driven \(1 thread\): \w+/m);
    expect(out.includes("this kernel is")).toBe(!release().startsWith(`${RELEASE}.`));
  });

  test("cgroupns replay --live with nothing to do", { timeout: 60_000 }, async () => {
    expect(await command([])).toMatchObject({ out: expect.stringContaining("0 operations, no difference\n"), err: "", status: 0 });
  });

  test("cgroupns replay --live leaves an existing cgroup alone", { timeout: 60_000 }, async () => {
    await using _live = new LiveMachine({ base, v1 });
    const { out, err, status } = await command([]);
    expect([out, status]).toEqual(["", 1]);
    expect(err).toMatch(/^[^\n]*EEXIST[^\n]*$/);
  });
});
