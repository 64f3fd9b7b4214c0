// `cgroupns explain`, and each field that pasted texts tell: everything that can be known, and what cannot. The sample's own
// output is kept in golden/.

import { describe, expect, test } from "vitest";
import { A, B, changed, hybrid, machine, part, pasted, PODS, S, sample, SANDBOX, TASK, UID } from "./machines.ts";
import { run, textFile } from "./run.ts";

const SAMPLE = sample();

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
