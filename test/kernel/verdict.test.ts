// Verdicts are what the calls come to: random ones on random states, each then acted out; each way out followed. As many
// as CGROUPNS_VERDICTS says.

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { CgroupError } from "../../ts/errors.ts";
import { CgroupFs } from "../../ts/kernel/cgroupfs.ts";
import { filesOf } from "../../ts/kernel/files/table.ts";
import { Kernel } from "../../ts/kernel/kernel.ts";
import { mountinfoText, statusText } from "../../ts/kernel/proc-text.ts";
import { isRefusal } from "../../ts/kernel/refusal.ts";
import type { ReplayOptions } from "../../ts/replay/operation.ts";
import { Replay } from "../../ts/replay/index.ts";
import type { Verdict } from "../../ts/kernel/verdict.ts";
import { Asker, writeTo } from "./asker.ts";
import { generate } from "./generator.ts";
import { Random } from "./random.ts";

const TOTAL = Number(process.env.CGROUPNS_VERDICTS ?? 3000);
const FIRST = Number(process.env.CGROUPNS_SEED ?? 1);
const EACH = 12;
const MACHINES: readonly ReplayOptions[] = [
  { v1: ["pids"] }, { v1: ["pids", "freezer"] }, { nsdelegate: true, exclusive: true }, { rootControllers: ["hugetlb"], exclusive: true },
];

/** A machine in the middle of a random script. */
function machineOf(seed: number): { kernel: Kernel; tops: string[] } {
  const options = { base: "cgroupns", v1: ["pids"], nsdelegate: false, exclusive: false, rootControllers: [], ...MACHINES[seed % MACHINES.length]! };
  const replay = new Replay(options);
  const enough = new Error("enough");
  let left = 10 + (seed % 80);
  try {
    generate(seed, options, (op) => {
      if (left-- === 0) throw enough;
      return replay.run(op);
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  unsettle(replay.kernel, new Random(seed + 1_000_000));
  return { kernel: replay.kernel, tops: [...replay.mounts.values()] };
}

/** More users than the script has, and cgroups and files that are theirs. */
function unsettle(kernel: Kernel, random: Random): void {
  const users = [0, 1000, 1001];
  for (const task of kernel.tasks()) {
    if (task === kernel.init || task.kernelThread || task.state !== "running" || !random.chance(0.5)) continue;
    const uid = random.pick(users);
    task.credentials = task.credentials.with({ uid, euid: uid, suid: uid, fsuid: uid, ...(uid === 0 ? {} : { permitted: 0n, effective: 0n }) });
  }
  for (const { root } of kernel.hierarchies) {
    for (const cgroup of root.subtree()) {
      if (random.chance(0.3)) cgroup.owned = { ...cgroup.owned, uid: random.pick(users), mode: random.pick([0o755, 0o700, 0o1777, 0o555]) };
      if (random.chance(0.2)) cgroup.fileOwned.set(random.pick(["cgroup.procs", "cgroup.threads", "tasks"]), { uid: random.pick(users), gid: 0, mode: random.pick([0o644, 0o666, 0o600]) });
    }
  }
}

/** All that anybody could read. */
function fingerprint(kernel: Kernel): string {
  const parts: unknown[] = [];
  const { init } = kernel;
  for (const { root, options, lastId } of kernel.hierarchies) {
    parts.push([...options], lastId);
    for (const cgroup of root.subtree()) {
      const texts = filesOf(cgroup).map(({ name, show }) => [name, show?.(cgroup, init, false)]);
      parts.push(cgroup.id, cgroup.name, cgroup.owned, [...cgroup.fileOwned], texts.map(([name, text]) => (isRefusal(text) ? [name, text.code] : [name, text])));
    }
  }
  for (const task of kernel.tasks()) {
    parts.push(statusText(task, init, init.pidNs), task.cgroupNs.inode, task.mountNs.inode, task.cgroups.map(({ id }) => id));
    if (task.state === "running") parts.push(mountinfoText(task, task), [...task.process.files.keys()]);
  }
  parts.push(kernel.inodes.next, [...kernel.inodes.freed].sort(), kernel.mountNamespaces.size);
  return createHash("sha1").update(JSON.stringify(parts)).digest("hex");
}

/** None where a mount was taken off and the path leads to another filesystem. */
function aboutCgroups(verdict: () => Verdict): Verdict | undefined {
  try {
    return verdict();
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith("Expected `path`")) return undefined;
    throw error;
  }
}

describe("verdicts", () => {
  test(`${TOTAL} random ones agree with the call, and each way out works`, { timeout: 3_600_000 }, () => {
    const tally = new Map<string, number>();
    const hopeless = new Map<string, number>();
    let denied = 0;
    let ways = 0;
    for (let n = 0, seed = FIRST; n < TOTAL; seed++) {
      const { kernel, tops } = machineOf(seed);
      const asker = new Asker(kernel, new Random(seed), tops);
      for (let each = 0; each < EACH && n < TOTAL; each++, n++) {
        const asked = asker.ask();
        const where = `seed ${seed}, question ${each}: ${asked.kind}`;
        const looks = n % 40 === 0;
        const before = looks ? fingerprint(kernel) : "";
        const verdict = aboutCgroups(asked.verdict);
        if (verdict === undefined) continue;
        const { wayOut, noWayOut, rule } = verdict;
        if (looks) expect(fingerprint(kernel), `${where} leaves no trace`).toBe(before);
        const answer = asked.act();
        expect([answer?.code ?? null, answer?.rule ?? null], `${where}\n${verdict}`).toEqual([verdict.code, rule?.id ?? null]);
        tally.set(asked.kind, (tally.get(asked.kind) ?? 0) + 1);
        if (verdict.allowed) continue;
        denied++;
        if (wayOut === null) {
          const why = `${verdict.code} ${rule!.id}: ${noWayOut}`;
          hopeless.set(why, (hopeless.get(why) ?? 0) + 1);
          continue;
        }
        ways++;
        for (const step of wayOut) step.apply();
        expect(asked.act()?.code ?? null, `${where} after\n${verdict}`).toBe(null);
      }
    }
    const sorted = [...hopeless].sort((a, b) => b[1] - a[1]);
    console.log(`${TOTAL} verdicts (${[...tally].map(([kind, count]) => `${kind} ${count}`).join(", ")}), ${denied} refusals, ${ways} ways out followed, ${denied - ways} without:`);
    console.log(sorted.map(([why, count]) => `${String(count).padStart(7)}  ${why}`).join("\n"));
    expect(denied).toBeGreaterThan(TOTAL / 10);
    expect(ways).toBeGreaterThan(denied / 4);
  });

  test("say what was at fault and what helps, for people and for programs", () => {
    const { kernel, child } = delegated();
    const verdict = kernel.mayMigrate(child, "/user/box", { by: child });
    expect(String(verdict)).toBe(
      [
        "no: EACCES move pid 3 to /user/box",
        "  rule   5.1.8: the opener needs write permission on cgroup.procs of the deepest common ancestor",
        "  common /   cgroup.procs owner 0:0 mode 0644, writer uid 1000: denied",
        "  fix    echo 3 > /sys/fs/cgroup/user/box/cgroup.procs",
      ].join("\n"),
    );
    expect(verdict).toMatchObject({ allowed: false, code: "EACCES", errno: -13, cgroup: "/", file: "cgroup.procs", owner: { uid: 0, gid: 0, mode: 0o644 } });
    expect(verdict.rule?.id).toBe("5.1.8");
    expect(verdict.credentials).toMatchObject({ uid: 1000, euid: 1000, capabilities: [] });
    expect(JSON.parse(JSON.stringify(verdict))).toMatchObject({ code: "EACCES", owner: { mode: "0644" }, wayOut: ["echo 3 > /sys/fs/cgroup/user/box/cgroup.procs"] });
    expect(String(kernel.mayCreate("/user/box/job", { by: child }))).toBe("yes: create /user/box/job");
  });

  test("take a cgroup's path and its directory for the same", () => {
    const { kernel, child } = delegated();
    for (const path of ["/user/box", "/sys/fs/cgroup/user/box"]) {
      expect(kernel.mayMigrate(child, path).allowed).toBe(true);
      expect(kernel.mayRemove(path).allowed).toBe(true);
      expect(kernel.mayWrite(`${path}/cgroup.type`, "domain").code).toBe("EINVAL");
    }
  });

  test("find ways of several steps, each in its turn", () => {
    const { kernel, child } = delegated();
    expect(writeTo(kernel.init, "/sys/fs/cgroup/cgroup.subtree_control", "+memory")).toBe(undefined);
    expect(writeTo(kernel.init, "/sys/fs/cgroup/user/cgroup.subtree_control", "+memory")).toBe(undefined);
    const verdict = kernel.mayMigrate(child, "/user", { by: child });
    expect(verdict.wayOut?.map(({ words }) => words)).toEqual([
      "chown 1000 /sys/fs/cgroup/user/cgroup.procs",
      "echo -memory > /sys/fs/cgroup/user/cgroup.subtree_control",
      "echo 3 > /sys/fs/cgroup/user/cgroup.procs",
    ]);
    const file = kernel.mayWrite("/user/box/memory.max", "1M");
    expect([file.code, file.wayOut?.map(({ words }) => words)]).toEqual([null, []]);
    expect(kernel.mayWrite("/user/box/pids.max", "5").wayOut?.map(({ words }) => words)).toEqual([
      "echo +pids > /sys/fs/cgroup/cgroup.subtree_control",
      "echo +pids > /sys/fs/cgroup/user/cgroup.subtree_control",
    ]);
  });

  test("say honestly where there is none", () => {
    const { kernel } = delegated();
    const gone = kernel.mayCreate(`/${"x".repeat(5000)}`);
    expect([gone.code, gone.wayOut]).toEqual(["ENAMETOOLONG", null]);
    expect(gone.noWayOut).toContain("4,096 bytes");
    expect(kernel.mayCreate("/user").noWayOut).toContain("taken");
    expect(() => kernel.mayWrite("/sys/fs/cgroup/../../../proc/self/uid_map", "x")).toThrow(TypeError);
  });

  test("and the call throws the same", () => {
    const { kernel, child } = delegated();
    const verdict = kernel.mayUnshare(["cgroup"], { by: child });
    let thrown: unknown;
    try {
      child.unshare("cgroup");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CgroupError);
    expect([(thrown as CgroupError).code, (thrown as CgroupError).rule]).toEqual([verdict.code, verdict.rule?.text]);
  });

  test("cost little where the tree is large", () => {
    const { kernel, child } = delegated();
    const fs = kernel.filesystemOf(kernel.unified);
    expect(fs).toBeInstanceOf(CgroupFs);
    for (let n = 0; n < 5000; n++) kernel.unified.create(kernel.unified.root, `c${n}`, { uid: 0, gid: 0, mode: 0o755 });
    const verdict = kernel.mayMigrate(child, "/c77", { by: child });
    expect(verdict.wayOut?.length).toBe(2);
  });
});

/** A machine where /user was made by root, and /user/box handed to uid 1000. */
function delegated(): { kernel: Kernel; child: Kernel["init"] } {
  const kernel = new Kernel();
  const child = kernel.init.fork();
  child.setIds({ uid: 1000, gid: 1000, groups: [] });
  const user = kernel.unified.create(kernel.unified.root, "user", { uid: 0, gid: 0, mode: 0o755 });
  kernel.unified.create(user, "box", { uid: 1000, gid: 1000, mode: 0o755 });
  return { kernel, child };
}
