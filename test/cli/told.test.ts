// What whoami, explain, limits and resolve say of machines, captures and pasted texts that are made up for it: everything that
// can be known, what cannot, several hierarchies, terminals. The sample's own output is kept in golden/.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { sampleCapture } from "../../ts/cli/sample.ts";
import { captureFile, run, textFile } from "./run.ts";

// biome-ignore lint/suspicious/noExplicitAny: a capture taken apart
type Json = any;
const SAMPLE = ["--from-file", captureFile()];

/** The sample with a change, as the options that name it. */
function changed(change: (capture: Json) => void): string[] {
  const capture = JSON.parse(JSON.stringify(sampleCapture()));
  change(capture);
  return ["--from-file", captureFile(capture)];
}

/** A machine that is a folder of files, as the options that name it. */
function machine(files: Readonly<Record<string, string>>): string[] {
  const root = dirname(textFile("root", ""));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return ["--root", root];
}

const A = "a1".repeat(32);
const B = "0b".repeat(32);
const S = "5a".repeat(32);
const TASK = "c0ffee00".repeat(4);
const UID = "121157b5-c67d-4c3e-9052-cb27bbb711fb";
const SANDBOX = `44 1 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${S}/hostname /etc/hostname rw - ext4 sda rw\n`;
const PODS = `45 1 8:1 /var/lib/kubelet/pods/${UID}/etc-hosts /etc/hosts rw - ext4 sda rw\n`;
const pasted = (cgroup: string): string[] => ["--cgroup", textFile("cgroup", cgroup)];

describe("each field of a pasted text, for people and for programs", () => {
  test.each([
    ["container", `docker ${A}`, "container.id", A, `0::/docker/${A}\n`],
    ["container", `of some runtime: ${A}`, "container.id", A, `0::/kubepods/pod${UID}/${A}\n`],
    ["container", `docker ${B}  (innermost of 2)`, "container.id", B, `0::/docker/${A}/docker/${B}\n`],
    ["container", `docker ${A}  (innermost of 2)`, "container.runtime", "docker", `0::/lxc.payload.web/docker/${A}\n`],
    ["sandbox", S, "sandbox.id", S, `0::/kubepods/pod${UID}/kata_${S}\n`],
    ["monitors", A, "monitor.id", A, `0::/machine.slice/libpod-conmon-${A}.scope\n`],
    ["pod", `${UID}  burstable`, "pod.uid", UID, `0::/kubepods/burstable/pod${UID}/${A}\n`],
    ["task", TASK, "task.id", TASK, `0::/ecs/${TASK}/${A}\n`],
    ["machine", "a-b  systemd-nspawn", "machine", "a-b", "0::/machine.slice/systemd-nspawn@a\\x2db.service/payload\n"],
    ["machine", "web  lxc", "machine.manager", "lxc", "0::/lxc.payload.web\n"],
    ["unit", "user@7.service", "unit", "user@7.service", "0::/user.slice/user-7.slice/user@7.service/app.slice/a.service\n"],
    ["user unit", "a.service", "user.unit", "a.service", "0::/user.slice/user-7.slice/user@7.service/app.slice/a.service\n"],
    ["slice", "user-7.slice", "slice", "user-7.slice", "0::/user.slice/user-7.slice/user@7.service/app.slice/a.service\n"],
    ["user slice", "app.slice", "user.slice", "app.slice", "0::/user.slice/user-7.slice/user@7.service/app.slice/a.service\n"],
    ["session", "c2", "session", "c2", "0::/user.slice/user-7.slice/session-c2.scope\n"],
    ["owner", "7", "owner.uid", 7, "0::/user.slice/user-7.slice/session-c2.scope\n"],
  ])("%s %s", async (about, said, name, value, cgroup) => {
    const { out, status } = await run(["explain", ...pasted(cgroup)]);
    expect([out.split("\n"), status]).toEqual([expect.arrayContaining([`  ${about.padEnd(20)} ${said}`]), 0]);
    const { explain } = JSON.parse((await run(["explain", "-J", ...pasted(cgroup)])).out);
    expect(explain[name].value).toBe(value);
  });
});

describe("explain", () => {
  test("of mounts alone: a sandbox, or a pod, is somebody", async () => {
    for (const [text, line] of [[SANDBOX, `  sandbox              ${S}`], [PODS, `  pod                  ${UID}`]] as const) {
      const { out, status } = await run(["explain", "--mountinfo", textFile("mountinfo", text)]);
      expect([out.split("\n"), status]).toEqual([expect.arrayContaining([line]), 0]);
    }
  });

  test("of nobody ends with 1, and says what was not given", async () => {
    expect(await run(["explain", ...pasted("0::/\n")])).toEqual({ out: expect.stringMatching(/^ {2}container +unknown: `\/` alone.*no --mountinfo was given\n$/), err: "", status: 1 });
    expect((await run(["explain", "--mountinfo", textFile("mountinfo", "1 0 8:1 / / rw - ext4 sda rw\n")])).out).toMatch(/unknown: no --cgroup was given/);
  });

  test("of a unit that is no container is of somebody", async () => {
    expect((await run(["explain", ...pasted("0::/system.slice/a.service\n")])).status).toBe(0);
  });

  test("reads one process, or texts of no machine", async () => {
    expect(await run(["explain", "1", "2", ...SAMPLE])).toMatchObject({ err: expect.stringContaining("one TARGET"), status: 2 });
    expect(await run(["explain", ...pasted("0::/\n"), "--root", "/"])).toMatchObject({ err: expect.stringContaining("of no machine"), status: 2 });
  });

  test("of a process says on standard error what contradicts what", async () => {
    const file = changed((c) => (c.tasks[1].cgroup = `2:cpu:/docker/${A}\n1:pids:/docker/${B}\n`));
    expect((await run(["explain", "411", ...file])).err).toMatch(/^cgroupns: container.id: lines contradict one another: /);
  });

  test("of a thread is headed by it", async () => {
    const file = changed((c) => c.tasks.push({ ...c.tasks[3], tid: 4124 }));
    expect((await run(["explain", "4123/task/4124", ...file])).out).toMatch(/^pid 4123, thread 4124 {2}node server.js\n/);
  });

  test("of a thread of a machine reads that process's threads", async () => {
    const status = (pid: number) => `Name:\tjob\nState:\tS (sleeping)\nPPid:\t1\nUid:\t0\t0\t0\t0\nNSpid:\t${pid}\n`;
    const root = machine({
      "proc/1/mountinfo": "1 0 8:1 / / rw - ext4 sda rw\n", "proc/1/cgroup": "0::/\n", "proc/7/cgroup": "0::/a\n", "proc/7/status": status(7), "proc/7/cmdline": "job", "proc/7/mountinfo": "",
      "proc/7/task/7/comm": "job", "proc/7/task/9/cgroup": "0::/b\n",
    });
    const { explain } = JSON.parse((await run(["explain", "-J", "7/task/9", ...root])).out);
    expect([explain.tid, explain.unit.value, explain.cgroups[0].path]).toEqual([9, null, "/b"]);
  });

  test("whose views they are: the initial namespace's, the process's, the reader's", async () => {
    const file = changed((c) => {
      c.reader.ns = c.namespaces[1].ns;
      c.namespaces[0].witnessed = [[8140, "0::/seen/by/init\n"]];
      c.namespaces[3].witnessed = [[8140, "0::/seen/by/itself\n"]];
      c.tasks[2].namespace = 1;
      c.tasks[6].cgroup = "0::/seen/by/reader\n";
    });
    const { out } = await run(["explain", "8140", ...file]);
    expect(out.match(/cgroup \((\w+) view\) +(\S+)/g)!.map((line) => line.replace(/ +/g, " "))).toEqual([
      "cgroup (host view) /seen/by/init", "cgroup (own view) /seen/by/itself", "cgroup (your view) /seen/by/reader",
    ]);
  });

  test("a reader that is not among the processes has no view, a process whose namespace is not known no root", async () => {
    const nobody = await run(["explain", "411", ...changed((c) => (c.reader.pid = null))]);
    expect(nobody.out).toMatch(/cgroup \(your view\) +unknown: ESRCH/);
    const { out } = await run(["explain", "411", ...changed((c) => Object.assign(c.tasks[1], { namespace: null, reason: "EACCES" }))]);
    expect(out).toMatch(/\n +namespace not known, root \?\n/);
    expect(out).toMatch(/cgroup \(own view\) +unknown: EACCES\n/);
  });

  test("an inferred view is said to be one", async () => {
    const { out } = await run(["explain", "4123", ...changed((c) => Object.assign(c.namespaces[1].roots[0], { how: "inferred", reason: "its mounts" }))]);
    expect(out).toMatch(/cgroup \(own view\) +\/init {2}inferred: its mounts\n/);
  });

  test("directories are those that a mount shows, and of several hierarchies those that say something", async () => {
    expect((await run(["explain", "411", ...changed((c) => (c.hierarchies[0].mounts = []))])).out).not.toContain("directory");
    const { out } = await run(["explain", "411", ...changed(hybrid)]);
    expect(out).toMatch(/\n {2}directory +\/cpu\/system.slice {2}id 2\n +\/sys\/fs\/cgroup\/system.slice\/ssh.service {2}id 58\n {2}container/);
  });

  test("hierarchies that say the same share a line", async () => {
    const { out } = await run(["explain", "411", ...changed(hybrid)]);
    expect(out).toMatch(/cgroup \(host view\) +\/ {2}name=systemd memory\n +\/system.slice {2}cpu,cpuacct\n +\/system.slice\/ssh.service {2}v2\n/);
  });

  test("limits that are not known, or not exactly, are told with the reason", async () => {
    const old = changed((c) => {
      delete c.machine;
      for (const cgroup of c.hierarchies[0].cgroups) cgroup.length = 3;
    });
    expect((await run(["explain", "411", ...old])).out).toMatch(/\n {2}memory +unknown: limit files were not read, or are not in the capture\n/);
    expect((await run(["explain", "411", ...changed(part)])).out).toMatch(/\n {2}pids +5 {2}bound by \/system.slice {2}\(1 level above the mount's root cannot be seen/);
  });
});

/** Hierarchies of either version beside the unified one, where process 411 is at different depths. */
function hybrid(c: Json): void {
  const limits = { files: {}, unread: {} };
  const legacy = (id: number, controllers: string[], name: string | null, at: string, ...more: Json[]) =>
    ({ id, controllers, name, origin: "1", mounts: [{ root: "/", mountPoint: at, hidden: false }], cgroups: [[-1, "/", "1", limits], ...more] });
  c.hierarchies.unshift(legacy(9, [], "systemd", "/systemd"), legacy(5, ["memory"], null, "/memory"), legacy(4, ["cpu", "cpuacct"], null, "/cpu", [0, "system.slice", "2", limits], [0, "only-here", "3", limits]));
  c.tasks[1].cgroup = "9:name=systemd:/\n5:memory:/\n4:cpu,cpuacct:/system.slice\n0::/system.slice/ssh.service\n";
  for (const namespace of c.namespaces) for (const id of [9, 5, 4]) namespace.roots.push({ hierarchy: id, how: "exact", path: "/", below: 0, reason: null });
}

/** A capture that shows a sub-tree only. */
function part(c: Json): void {
  const level = (parent: number, name: string, id: string, max: string) => [parent, name, id, { files: { "pids.max": max }, unread: {} }];
  c.hierarchies[0] = { ...c.hierarchies[0], origin: "0", mounts: [{ root: "/system.slice", mountPoint: "/m", hidden: false }], cgroups: [level(-1, "/system.slice", "77", "5\n"), level(0, "ssh.service", "78", "max\n")] };
}

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

describe("limits", () => {
  test("what is named beside the usual ones", async () => {
    const { out } = await run(["limits", "-n", "-o", "+cpu.effective", ...SAMPLE, "411"]);
    expect(out).toMatch(/\ncpu.effective +8 /);
    expect(out.trim().split("\n").map((line) => line.split(" ")[0])).toEqual(["memory.max", "memory.high", "memory.swap.max", "cpu.max", "cpuset.cpus", "cpu.workers", "pids.max", "cpu.effective"]);
  });

  test("plain arrows where the locale has no UTF-8, and a use of some bytes", async () => {
    const { out } = await run(["limits", "-n", "-o", "memory.max", "411", ...changed((c) => Object.assign(c.hierarchies[0].cgroups.find((cgroup: Json) => cgroup[1] === "ssh.service")[3].files, { "memory.max": "1023\n", "memory.current": "1000\n" }))], { LC_ALL: "C" });
    expect(out).toMatch(/^memory.max +1023B +1000B +23B +1023B -> max +\/system.slice\/ssh.service\n$/);
  });

  test("huge pages, memory and swap together, an empty cpuset", async () => {
    const files = { "hugetlb.2MB.max": "2097152\n", "cpuset.cpus.effective": "\n" };
    const v2 = changed((c) => Object.assign(c.hierarchies[0].cgroups.find((cgroup: Json) => cgroup[1] === "ssh.service")[3].files, files));
    expect((await run(["limits", "-n", "411", ...v2], { LC_ALL: "C" })).out).toMatch(/\ncpuset.cpus +none +- +- +none -> .*\n(.*\n)*hugetlb.2MB.max +2.0M /);
    expect((await run(["limits", "-v", "-o", "hugetlb.2MB.max,cpuset.cpus", "411", ...v2])).out).toBe("2097152\nnone\n");
    const v1 = changed((c) => {
      hybrid(c);
      c.hierarchies[1].cgroups[0][3].files = { "memory.limit_in_bytes": "4096\n", "memory.memsw.limit_in_bytes": "8192\n" };
    });
    expect((await run(["limits", "-v", "-o", "memory.max,memory.memsw.max", "411", ...v1])).out).toBe("4096\n8192\n");
    expect((await run(["limits", "-n", "411", ...v1])).out).toMatch(/\nmemory.memsw.max +8.0K /);
  });

  test("a size has to be named", async () => {
    expect(await run(["limits", "-o", "hugetlb.SIZE.max", ...SAMPLE])).toMatchObject({ err: expect.stringContaining("unknown limit 'hugetlb.SIZE.max'"), status: 2 });
  });

  const dark = changed((c) => {
    delete c.machine;
    for (const cgroup of c.hierarchies[0].cgroups) cgroup.length = 3;
  });
  const DARK = "limit files were not read, or are not in the capture";

  test("where nothing is known nothing is printed, and it ends with 1; JSON has nulls with their reasons", async () => {
    const lines = ["memory.max", "cpu.max", "cpuset.cpus", "cpu.workers", "pids.max"].map((name) => `cgroupns: ${name}: ${DARK}\n`).join("");
    expect(await run(["limits", "411", ...dark])).toEqual({ out: "", err: lines, status: 1 });
    const { out, status } = await run(["limits", "-J", "-o", "memory.max,cpu.workers,cpuset.cpus", "411", ...dark]);
    expect([JSON.parse(out).limits, status]).toMatchObject([{ "memory.max": { value: null, how: "unknown", reason: DARK }, "cpu.workers": { value: null, how: "unknown" }, "cpuset.cpus": { value: null, how: "unknown" } }, 1]);
  });

  test("of several that are named one that is not known withholds all; unasked it is a question mark", async () => {
    const half = changed((c) => {
      for (const cgroup of c.hierarchies[0].cgroups) {
        const { "pids.max": _, "cpuset.cpus.effective": _cpuset, ...files } = cgroup[3].files;
        cgroup[3] = { files, unread: { "pids.max": "EACCES" } };
      }
    });
    const err = "cgroupns: pids.max: pids.max cannot be read: EACCES\n";
    expect(await run(["limits", "-v", "-o", "memory.max,pids.max", "411", ...half])).toEqual({ out: "", err, status: 1 });
    expect(await run(["limits", "-v", "-o", "memory.max", "411", ...half])).toEqual({ out: "max\n", err: "", status: 0 });
    expect(await run(["limits", "-n", "411", ...half])).toMatchObject({ out: expect.stringMatching(/\ncpuset.cpus +\? (.*\n)+pids.max +\? /), err: expect.stringContaining(err), status: 0 });
  });

  test("what is not exact is said on standard error, of what is worked out from it too", async () => {
    const reason = "1 level above the mount's root cannot be seen: the true limit may be lower";
    expect(await run(["limits", "-v", "-o", "pids.max,cpu.workers", "411", ...changed(part)])).toEqual({ out: "5\n8\n", err: `cgroupns: pids.max: ${reason}\ncgroupns: cpu.workers: ${reason}\n`, status: 0 });
    expect(await run(["limits", "--heap", "50", "411", ...changed(part)])).toEqual({ out: "--max-old-space-size=14950\n", err: `cgroupns: memory.max: ${reason}\n`, status: 0 });
  });

  test("--heap where neither a limit nor the machine is known", async () => {
    expect(await run(["limits", "--heap", "80%", "411", ...dark])).toEqual({ out: "", err: `cgroupns: memory.max: ${DARK}\ncgroupns: neither a memory limit nor the machine's memory is known\n`, status: 1 });
  });

  test("of the machine whose / is seen at a directory", async () => {
    const root = machine({ "proc/1/mountinfo": "1 0 8:1 / / rw - ext4 sda rw\n5 1 0:38 / /c rw - cgroup2 cgroup2 rw\n", "proc/7/cgroup": "0::/a\n", "c/cgroup.procs": "", "c/a/pids.max": "5\n" });
    expect((await run(["limits", "-v", "-o", "pids.max", "7", ...root])).out).toBe("5\n");
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

describe("resolve", () => {
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
