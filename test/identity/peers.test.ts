// The cases of other projects, beside the project where they are kept (or named by CGROUPNS_CASES): every case agrees or
// falls under a rule of the table of differences. The measure itself, on cases that are made up.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as menu from "../../ts/index.ts";
import { ancestor, bytesOf, isAtOrBelow, relative } from "../../ts/host/relative.ts";
import { parseCpuMax, parseLimit } from "../../ts/limits/value.ts";
import { unmangle } from "../../ts/proc/escape.ts";

interface Case { readonly id: string; readonly kind: string; readonly source: string; readonly input: object; readonly expected: object | null }
interface Verdict { readonly one: Case; readonly verdict: "agree" | "rule" | "differ" | "broken"; readonly rules: readonly { name: string }[] }
interface Row { readonly cases: number; readonly agree: number; readonly undisputed: number }
interface Texts { readonly cgroup?: string; readonly mountinfo?: string }

const peers = (file: string): Promise<Record<string, never>> => import(new URL(`../../bench/peers/${file}`, import.meta.url).href);
const { caseFile, factsOf, readCases } = (await peers("cases.mjs")) as unknown as { caseFile(environment?: object): string | undefined; factsOf(one: Case): object; readCases(path: string): Case[] };
const { answer } = (await peers("ours.mjs")) as unknown as { answer(library: object, one: Case): object };
const { judge, byKind, score } = (await peers("report.mjs")) as unknown as { judge(one: Case, got: object): Verdict; byKind(all: Verdict[]): Map<string, Row>; score(pairs: object[]): object };
const { DIFFERENCES } = (await peers("differences.mjs")) as unknown as { DIFFERENCES: { name: string; source: string; disputed?: boolean }[] };
const { ask, installed, NAMES } = (await peers("npm-peers.mjs")) as unknown as { ask(name: string, texts: Texts): Promise<string | null>; installed(): boolean; NAMES: string[] };

const library = { ...menu, ancestor, bytesOf, isAtOrBelow, relative, parseCpuMax, parseLimit, unmangle };
const path = caseFile();

test("the table of differences has at most twelve rules, each with its source", () => {
  expect(DIFFERENCES.length).toBeLessThanOrEqual(12);
  for (const { name, source } of DIFFERENCES) expect(source.length, name).toBeGreaterThan(20);
});

describe.skipIf(path === undefined)(path === undefined ? "no case file beside the project: skipped" : "the cases of other projects", () => {
  const verdicts = path === undefined ? [] : readCases(path).map((one) => judge(one, answer(library, one)));

  test("none differs without a rule, and no rule excuses a right answer", () => {
    const bad = verdicts.filter(({ verdict }) => verdict === "differ" || verdict === "broken");
    expect(bad.map(({ one, verdict, rules }) => `${one.id}: ${verdict} ${rules[0]?.name ?? ""}`)).toEqual([]);
  });

  test("of every kind 95 of 100 undisputed cases agree outright", () => {
    for (const [kind, { agree, undisputed }] of byKind(verdicts)) expect(agree / undisputed, kind).toBeGreaterThanOrEqual(0.95);
  });
});

const A = "a1".repeat(32);
const B = "0b".repeat(32);
const TASK = "c0ffee00".repeat(4);
const UID = "5e0f7c2a_91d4_4b1e_8c33_7d20aa94be16";

const made = (kind: string, input: object, expected: object | null): Case => ({ id: "made-up", source: "this test", kind, input, expected });
const judged = (one: Case): Verdict => judge(one, answer(library, one));

describe("a case that agrees, and one that does not, of every kind", () => {
  test.each([
    ["container-id", { line: `1:pids:/docker/${A}` }, { containerId: A }, { containerId: null }],
    ["container-id", { line: `x:pids:/docker/${A}` }, null, { containerId: A }],
    ["container-id", { id: `containerd://${A}` }, { containerId: A, error: false }, { error: true }],
    ["proc-cgroup-parse", { line: "3:cpu,cpuacct:/a" }, { hierarchyID: "3", controllers: ["cpu", "cpuacct"], path: "/a" }, { path: "/b" }],
    ["proc-cgroup-parse", { line: "3:cpu,cpuacct:/a" }, { iD: 3, subsystems: ["cpu", "cpuacct"], name: "/a" }, { controllerList: "cpu" }],
    ["proc-cgroup-parse", { "/proc/cgroups line": "cpuset\t7\t148\t1" }, { subsysName: "cpuset", hierarchy: 7, cgroups: 148, enabled: 1 }, { error: true }],
    ["mountinfo-parse", { line: "36 35 98:0 /a /b rw,noatime master:1 - ext3 /dev/root rw" }, { mountID: 36, root: "/a", options: { rw: "", noatime: "" }, optional: "master:1" }, { root: "/" }],
    ["mountinfo-parse", { line: "36 35" }, { error: true }, { root: "/a" }],
    ["mountinfo-parse", { line: "36 35 98:0 /a /b rw - ext3 /dev/root rw" }, { valid: true }, { error: "not enough fields" }],
    ["resolve-cgroup-dir", { mountpoint: "/m", root: "/a", cgroup: "/a/b" }, { dir: "/m/b" }, { dir: "/m" }],
    ["k8s-name", { cgroupName: ["kubepods", "a-b"] }, { systemdPath: "/kubepods.slice/kubepods-a_b.slice" }, { systemdPath: "/" }],
    ["limits", { "cpu.max": "250000 100000\n", "memory.max": "max\n" }, { cpus: 2.5, defined: true, memoryMax: "max" }, { cpus: 2, defined: true }],
  ])("%s", (kind, input, right, wrong) => {
    expect([judged(made(kind, input, right)).verdict, judged(made(kind, input, wrong)).verdict]).toEqual(["agree", "differ"]);
  });
});

const S = `/var/lib/containers/sandboxes/${A}/hostname`;
// In the order of the table, a case that each rule is about.
const ruled: readonly Case[] = [
  made("container-id", { line: `1:pids:/jobs/${A}` }, { containerId: A }),
  made("container-id", { line: `1:pids:/kubepods.slice/kubepods-pod${UID}.slice/crio-${A}.scope` }, { containerId: A, podId: UID }),
  made("container-id", { line: `1:pids:/docker/${A}/init` }, { containerId: null }),
  made("container-id", { "/proc/self/cgroup": `2:cpu:/docker/${A}\n1:pids:/docker/${A}\n0::/docker/${B}\n` }, { containerId: B }),
  made("container-id", { line: `1:pids:/ecs/${TASK}/${TASK}-265927825` }, { containerId: null, taskId: TASK }),
  made("container-id", { line: "0::/", "/proc/self/mountinfo": `41 31 0:38 ${S} /etc/hostname rw - ext4 sda rw\n` }, { containerId: A }),
  made("container-id", { path: `/machine.slice/crio-${A}.slice` }, { isContainer: true }),
  made("limits", { "cpu.max": "100000\n" }, { cpus: 1, defined: true }),
  made("mountinfo-parse", { line: "36 35 98:0 /a /b rw odd - ext3 /dev/root rw" }, { optionalFields: [] }),
  made("resolve-cgroup-dir", { groupPath: "/sys/fs/cgroup" }, { valid: false }),
];

describe("a rule", () => {
  test.each(DIFFERENCES.map((rule, row) => [rule.name, ruled[row]!] as const))("%s", (name, one) => {
    const { verdict, rules } = judged(one);
    expect([verdict, rules.map((rule) => rule.name)]).toEqual(["rule", [name]]);
    // Were the case right about it, the rule would excuse an answer that needs no excuse.
    expect(judge(one, factsOf(one)).verdict).toBe("broken");
  });

  test("excuses its own answer only", () => {
    expect(judge(ruled[0]!, { containerId: B }).verdict).toBe("differ");
  });

  test("speaks of each fact for itself: a task that is none, a container that is one", () => {
    expect(judged(made("container-id", { line: `1:pids:/ecs/${TASK}/${A}` }, { containerId: A, taskId: "web" })).verdict).toBe("rule");
  });
});

test("by kind: how many there are, agree, and are undisputed", () => {
  const all = [...ruled.slice(0, 5), made("container-id", { line: `1:pids:/docker/${A}` }, { containerId: A }), ruled.at(-1)!].map(judged);
  expect([...byKind(all)]).toEqual([
    ["container-id", { cases: 6, agree: 1, rule: 5, differ: 0, broken: 0, undisputed: 2 }],
    ["resolve-cgroup-dir", { cases: 1, agree: 0, rule: 1, differ: 0, broken: 0, undisputed: 1 }],
  ]);
});

test("an answerer is right, has missed, is wrong, or has invented an id", () => {
  const pairs = [{ wanted: A, got: A }, { wanted: null, got: null }, { wanted: A, got: null }, { wanted: A, got: B }, { wanted: null, got: A }];
  expect(score(pairs)).toEqual({ right: 2, missed: 1, wrong: 1, invented: 1 });
});

describe("npm run check:peers", () => {
  const check = (cases: object | undefined) => {
    const folder = mkdtempSync(join(tmpdir(), "cgroupns-peers-"));
    const file = join(folder, "cases.json");
    if (cases !== undefined) writeFileSync(file, JSON.stringify({ cases }));
    // Without a PATH nothing is installed.
    const { stdout, status } = spawnSync(process.execPath, [fileURLToPath(new URL("../../bench/peers/check.mjs", import.meta.url))], { encoding: "utf8", env: { PATH: "", CGROUPNS_CASES: file } });
    const named = [caseFile({ CGROUPNS_CASES: file }), cases && readCases(file)];
    rmSync(folder, { recursive: true });
    return { stdout, status, named, file };
  };

  test("takes the case file that the variable names, prints by kind and by rule, and ends with 1 where one differs", () => {
    const agrees = made("container-id", { line: `1:pids:/docker/${A}` }, { containerId: A });
    const { stdout, status, named, file } = check([agrees, ruled[0], made("limits", { "pids.max": "5" }, { pidsMax: 6 })]);
    expect(named).toEqual([file, [agrees, ruled[0], expect.anything()]]);
    expect(stdout).toMatch(/│ container-id +│ 2 +│ 1 +│ 1 +│ 0 +│ 100.0 % +│/);
    expect(stdout).toMatch(/│ limits +│ 1 +│ 0 +│ 0 +│ 1 +│ 0.0 % +│/);
    expect(stdout).toMatch(/│ a hex word or UUID alone is no container +│ 1 +│/);
    expect(stdout).toContain('differs: made-up (this test)\n  asserted {"pidsMax":6}\n  answered {"pidsMax":5}\n');
    expect(status).toBe(1);
    if (installed()) for (const name of ["cgroupns", ...NAMES]) expect(stdout).toMatch(new RegExp(`│ ${name}( [\\d.]+)? +│ 1 +│ 100.0 % +│ 0 +│ 0 +│ 0 +│`));
    expect(check([agrees]).status).toBe(0);
  });

  test("says so where there are no cases", () => {
    const { stdout, status, named } = check(undefined);
    expect([stdout, status, named[0]]).toEqual([expect.stringMatching(/^No case file/), 0, undefined]);
  });
});

describe.skipIf(!installed())(`the npm peers${installed() ? "" : " (skipped: not installed in bench/peers)"}`, () => {
  test.each(NAMES)("%s finds Docker's id by itself, and none at the root", async (name) => {
    expect([await ask(name, { cgroup: `1:name=systemd:/docker/${A}\n` }), await ask(name, { cgroup: "0::/\n" })]).toEqual([A, null]);
  });
});
