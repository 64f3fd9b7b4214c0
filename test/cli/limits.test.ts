// `cgroupns limits`: of captures and of machines that are folders, with several hierarchies, and what cannot be seen.

import { describe, expect, test } from "vitest";
import { changed, hybrid, type Json, machine, part, sample } from "./machines.ts";
import { run } from "./run.ts";

const SAMPLE = sample();

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
