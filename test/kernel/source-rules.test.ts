// Rules that no kernel could be asked about here, because asking would have changed the whole machine or its controllers sit
// in v1: read in the sources of the kernel and its documents instead. Each test says where.

import { describe, expect, test } from "vitest";
import { Kernel, type KernelOptions, type Task } from "../../ts/index.ts";

const TOP = "/sys/fs/cgroup";

/** The errno of what fails, "ok" otherwise. */
function errno(act: () => unknown): string {
  try {
    act();
    return "ok";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const lines = (reader: Task, of: number | string = "self"): string[] => reader.fs.readFileSync(`/proc/${of}/cgroup`, "utf8").trimEnd().split("\n");

/** A machine with cgroup2 alone, and a cgroup `a` that has these controllers. */
function machine(controllers: string, options: KernelOptions = {}): { init: Task; put: (file: string, text: string) => string; get: (file: string) => string } {
  const { init } = new Kernel(options);
  const { fs } = init;
  fs.writeFileSync(`${TOP}/cgroup.subtree_control`, controllers);
  fs.mkdirSync(`${TOP}/a`);
  return {
    init,
    put: (file, text) => errno(() => fs.writeFileSync(`${TOP}/a/${file}`, text)),
    get: (file) => fs.readFileSync(`${TOP}/a/${file}`, "utf8"),
  };
}

describe("hierarchies", () => {
  test("1.2: ids go up, the newest hierarchy is the first line (cgroup_init_root_id, list_add_rcu)", () => {
    const { init } = new Kernel({ legacy: [{ controllers: ["pids"] }, { name: "systemd" }] });
    expect(lines(init)).toEqual(["2:name=systemd:/", "1:pids:/", "0::/"]);
    init.mount({ type: "cgroup", at: "/tmp", options: "cpu,cpuacct" });
    expect(lines(init)).toEqual(["3:cpu,cpuacct:/", "2:name=systemd:/", "1:pids:/", "0::/"]);
  });

  test("1.3: the v2 line appears with the first mount of cgroup2 (cgrp_dfl_visible)", () => {
    const { init } = new Kernel({ legacy: [{ controllers: ["pids"] }], unifiedAt: null });
    expect(lines(init)).toEqual(["1:pids:/"]);
    init.mount({ type: "cgroup2", at: "/tmp" });
    init.umount("/tmp");
    expect(lines(init)).toEqual(["1:pids:/", "0::/"]);
  });

  test("2.7: a hierarchy made after a namespace is seen from its own root (cgroup_setup_root)", () => {
    const { init } = new Kernel({ legacy: [{ controllers: ["pids"] }] });
    init.fs.mkdirSync(`${TOP}/pids/x`);
    const inside = init.fork();
    init.fs.writeFileSync(`${TOP}/pids/x/cgroup.procs`, String(inside.pid));
    inside.unshare("cgroup");
    init.mount({ type: "cgroup", at: "/tmp", options: "none,name=new" });
    init.fs.mkdirSync("/tmp/y");
    init.fs.writeFileSync("/tmp/y/cgroup.procs", String(inside.pid));
    expect(lines(inside)).toEqual(["2:name=new:/y", "1:pids:/", "0::/"]);
  });

  test("7.1: a controller is in one hierarchy: mounting it as v1 takes it from v2 (rebind_subsystems)", () => {
    const { init } = new Kernel();
    const v2 = (): string[] => init.fs.readFileSync(`${TOP}/cgroup.controllers`, "utf8").trimEnd().split(" ");
    const home = (): string | undefined => /^memory\t(\d+)/m.exec(init.fs.readFileSync("/proc/cgroups", "utf8"))?.[1];
    expect([v2().includes("memory"), home()]).toEqual([true, "0"]);
    init.mount({ type: "cgroup", at: "/tmp", options: "memory" });
    expect([v2().includes("memory"), home()]).toEqual([false, "1"]);
    expect(errno(() => init.fs.writeFileSync(`${TOP}/cgroup.subtree_control`, "+memory"))).toBe("ENOENT");
    expect(errno(() => init.mount({ type: "cgroup", at: "/proc", options: "memory,cpu" }))).toBe("EBUSY");
  });

  test("7.1: a controller that no v2 cgroup has enabled can go to v1, whatever cgroups there are (rebind_subsystems)", () => {
    const { init } = new Kernel();
    init.fs.mkdirSync(`${TOP}/a`);
    expect(errno(() => init.mount({ type: "cgroup", at: "/tmp", options: "pids" }))).toBe("ok");
  });

  test("7.1: what a v2 cgroup has enabled stays there (rebind_subsystems, EBUSY)", () => {
    const { init } = machine("+memory");
    expect(errno(() => init.mount({ type: "cgroup", at: "/tmp", options: "memory" }))).toBe("EBUSY");
  });

  test("2.7: a namespace keeps its roots when another hierarchy ends, and sees a new one from its root (cgroup_namespace)", () => {
    const { init } = new Kernel({ legacy: [{ name: "gone" }, { controllers: ["pids"] }] });
    init.fs.mkdirSync("/sys/fs/cgroup/pids/a");
    const inside = init.fork();
    init.fs.writeFileSync("/sys/fs/cgroup/pids/a/tasks", String(inside.pid));
    inside.unshare("cgroup");
    const seen = (pid: number): string => String(inside.fs.readFileSync(`/proc/${pid}/cgroup`, "utf8"));
    expect([seen(inside.pid), seen(init.pid)]).toEqual(["2:pids:/\n1:name=gone:/\n0::/\n", "2:pids:/..\n1:name=gone:/\n0::/\n"]);
    init.umount("/sys/fs/cgroup/gone");
    expect([seen(inside.pid), seen(init.pid)]).toEqual(["2:pids:/\n0::/\n", "2:pids:/..\n0::/\n"]);
    init.mount({ type: "cgroup", at: "/tmp", options: "none,name=new" });
    expect([seen(inside.pid), seen(init.pid)]).toEqual(["3:name=new:/\n2:pids:/\n0::/\n", "3:name=new:/\n2:pids:/..\n0::/\n"]);
  });

  test("7.1: a controller goes back to v2 when the v1 hierarchy has neither a mount nor a child (cgroup_kill_sb)", () => {
    const { init } = new Kernel({ legacy: [{ name: "before" }] });
    const other = init.fork();
    other.unshare("cgroup");
    const has = (): boolean => init.fs.readFileSync(`${TOP}/unified/cgroup.controllers`, "utf8").includes("memory");
    const mount = (): void => init.mount({ type: "cgroup", at: "/tmp", options: "memory,name=m" });
    mount();
    expect([lines(other), has()]).toEqual([["2:memory,name=m:/", "1:name=before:/", "0::/"], false]);
    init.umount("/tmp");
    expect([lines(other), has()]).toEqual([["1:name=before:/", "0::/"], true]);
    mount();
    init.fs.mkdirSync("/tmp/kept");
    init.umount("/tmp");
    expect([lines(other), has()]).toEqual([["3:memory,name=m:/", "1:name=before:/", "0::/"], false]);
    mount();
    init.fs.rmdirSync("/tmp/kept");
    const held = init.fs.openSync("/tmp/tasks", "r");
    init.umount("/tmp", { detach: true });
    expect([lines(other), has()]).toEqual([["3:memory,name=m:/", "1:name=before:/", "0::/"], false]);
    init.fs.closeSync(held);
    expect([lines(other), has()]).toEqual([["1:name=before:/", "0::/"], true]);
    expect([lines(other.fork()), Kernel.fromJSON(init.kernel.toJSON()).init.fs.readFileSync("/proc/self/cgroup", "utf8")]).toEqual([["1:name=before:/", "0::/"], "1:name=before:/\n0::/\n"]);
  });

  test("10.5: release_agent is not written from a user namespace (cgroup_release_agent_write)", () => {
    const { init } = new Kernel({ legacy: [{ controllers: ["pids"] }] });
    const file = `${TOP}/pids/release_agent`;
    expect(errno(() => init.fs.writeFileSync(file, "/bin/true"))).toBe("ok");
    expect(init.fs.readFileSync(file, "utf8")).toBe("/bin/true\n");
    const inside = init.fork();
    inside.unshare("user", "cgroup");
    for (const map of ["uid_map", "gid_map"]) init.fs.writeFileSync(`/proc/${inside.pid}/${map}`, "0 0 65536");
    expect(errno(() => inside.fs.openSync(file, "w"))).toBe("ok");
    expect(errno(() => inside.fs.writeFileSync(file, "/bin/false"))).toBe("EPERM");
    // The opener counts, not the writer.
    const holder = init.fork();
    const open = holder.fs.openSync(file, "w");
    holder.unshare("user");
    expect(errno(() => holder.fs.writeSync(open, "/bin/date"))).toBe("ok");
    const owner = init.fork();
    init.fs.chownSync(file, 1000, 1000);
    owner.setIds({ groups: [], gid: 1000, uid: 1000 });
    expect(errno(() => owner.fs.writeFileSync(file, "/bin/false"))).toBe("EPERM");
  });
});

describe("namespaces", () => {
  test("3.11: a namespace takes the lowest free number from 0xF0000000 on (proc_alloc_inum)", () => {
    const { init } = new Kernel();
    const [a, b, c] = [init.fork(), init.fork(), init.fork()];
    const number = (task: Task): number => Number(/\d+/.exec(init.fs.readlinkSync(`/proc/${task.pid}/ns/cgroup`))![0]);
    for (const task of [a, b]) task.unshare("cgroup");
    const [first, second] = [number(a), number(b)];
    expect([first >= 0xf0000000, second]).toEqual([true, first + 1]);
    a.exit();
    c.unshare("cgroup");
    expect(number(c)).toBe(first);
  });

  test("4.4: a descriptor that is none is EBADF for setns (nsproxy.c)", () => {
    expect(errno(() => new Kernel().init.setns({ fd: 99 }))).toBe("EBADF");
  });

  test("10.4: a mount root too far up to be shown makes mountinfo ERANGE (cgroup_show_path)", () => {
    const { init } = new Kernel();
    const { fs } = init;
    for (let depth = 1; depth <= 1366; depth++) fs.mkdirSync(TOP + "/z".repeat(depth));
    for (const [depth, answer] of [[1365, "ok"], [1366, "ERANGE"]] as const) {
      const task = init.fork();
      fs.writeFileSync(`${TOP}${"/z".repeat(depth)}/cgroup.procs`, String(task.pid));
      task.unshare("cgroup");
      expect(errno(() => task.fs.readFileSync("/proc/self/mountinfo")), String(depth)).toBe(answer);
    }
  });
});

describe("controllers of v2", () => {
  test("6.3: a directory named like a file that would appear is in its way (css_populate_dir)", () => {
    const { init, put } = machine("");
    init.fs.mkdirSync(`${TOP}/a/pids.max`);
    expect(errno(() => init.fs.writeFileSync(`${TOP}/cgroup.subtree_control`, "+pids +memory"))).toBe("EEXIST");
    expect(init.fs.readFileSync(`${TOP}/cgroup.subtree_control`, "utf8")).toBe("");
    init.fs.rmdirSync(`${TOP}/a/pids.max`);
    expect([errno(() => init.fs.writeFileSync(`${TOP}/cgroup.subtree_control`, "+pids")), put("pids.max", "3")]).toEqual(["ok", "ok"]);
  });

  test("7.2, 7.4: cpu, cpuset and pids work for threads, memory, io and hugetlb do not (cgroup_vet_subtree_control_enable, ss->threaded)", () => {
    const { init, put, get } = machine("+cpu +cpuset +pids");
    init.fs.mkdirSync(`${TOP}/a/t`);
    expect(put("t/cgroup.type", "threaded")).toBe("ok");
    expect(put("cgroup.subtree_control", "+cpu +pids")).toBe("ok");
    expect([get("t/cgroup.controllers"), get("cgroup.type")]).toEqual(["cpu pids\n", "domain threaded\n"]);
    init.fs.writeFileSync(`${TOP}/cgroup.subtree_control`, "+memory +io +hugetlb");
    expect(["+memory", "+io", "+hugetlb"].map((token) => put("cgroup.subtree_control", token))).toEqual(["EOPNOTSUPP", "EOPNOTSUPP", "EOPNOTSUPP"]);
  });

  test("6.12: memory.oom.group and memory.reclaim are written at a namespace's root, memory.max is not (CFTYPE_NS_DELEGATABLE)", () => {
    const { init } = machine("+memory", { options: ["nsdelegate"] });
    const inside = init.fork();
    init.fs.writeFileSync(`${TOP}/a/cgroup.procs`, String(inside.pid));
    inside.unshare("cgroup");
    const writes = [["memory.oom.group", "1"], ["memory.reclaim", "1M"], ["memory.max", "1G"], ["memory.low", "1G"]];
    expect(writes.map(([file, text]) => errno(() => inside.fs.writeFileSync(`${TOP}/a/${file}`, text!)))).toEqual(["ok", "ok", "EPERM", "EPERM"]);
  });

  test("7.1: memory.max takes bytes with a suffix in whole pages, or max (cgroup-v2.rst, page_counter_memparse)", () => {
    const { put, get } = machine("+memory");
    expect([get("memory.max"), get("memory.low")]).toEqual(["max\n", "0\n"]);
    for (const [text, shown] of [["1G", "1073741824\n"], ["4097", "4096\n"], [" 8k\n", "8192\n"], ["0x2000", "8192\n"], ["max", "max\n"]]) {
      expect(put("memory.max", text!), text).toBe("ok");
      expect(get("memory.max"), text).toBe(shown);
    }
    expect(["x", "1X", "-1", "1G 2G"].map((text) => put("memory.max", text))).toEqual(["EINVAL", "EINVAL", "EINVAL", "EINVAL"]);
  });

  test("7.1: cpu.max takes a quota and a period between 1 ms and 1 s (cgroup-v2.rst, cpu_period_quota_parse)", () => {
    const { put, get } = machine("+cpu");
    expect(get("cpu.max")).toBe("max 100000\n");
    for (const [text, shown] of [["50000", "50000 100000\n"], ["20000 200000", "20000 200000\n"], ["30000", "30000 200000\n"], ["max", "max 200000\n"]]) {
      expect(put("cpu.max", text!), text).toBe("ok");
      expect(get("cpu.max"), text).toBe(shown);
    }
    expect(["999", "5000 999", "5000 1000001", "x"].map((text) => put("cpu.max", text))).toEqual(["EINVAL", "EINVAL", "EINVAL", "EINVAL"]);
  });

  test("7.1: cpu.weight is 1 to 10000, and cpu.weight.nice is another face of it (cpu_weight_write_u64)", () => {
    const { put, get } = machine("+cpu");
    expect([get("cpu.weight"), get("cpu.weight.nice")]).toEqual(["100\n", "0\n"]);
    expect([put("cpu.weight", "0"), put("cpu.weight", "10001"), put("cpu.weight.nice", "20")]).toEqual(["ERANGE", "ERANGE", expect.not.stringMatching("ok")]);
    expect([put("cpu.weight.nice", "-5"), get("cpu.weight"), get("cpu.weight.nice")]).toEqual(["ok", "305\n", "-5\n"]);
  });

  test("7.1: cpuset.cpus takes lists of what there is; what is effective is the parent's share of it (cpusets, update_cpumask)", () => {
    const { put, get } = machine("+cpuset");
    expect([get("cpuset.cpus"), get("cpuset.cpus.effective")]).toEqual(["\n", "0-1\n"]);
    expect([put("cpuset.cpus", "0,1"), get("cpuset.cpus")]).toEqual(["ok", "0-1\n"]);
    expect([put("cpuset.cpus", "1"), get("cpuset.cpus.effective")]).toEqual(["ok", "1\n"]);
    expect(["2", "1-0", "x", "0-"].map((text) => put("cpuset.cpus", text))).toEqual(["EINVAL", "EINVAL", "EINVAL", "EINVAL"]);
  });

  test("7.1: io.max keeps limits by device, and forgets a device without any (cgroup-v2.rst, tg_set_limit)", () => {
    const { put, get } = machine("+io");
    expect(get("io.max")).toBe("");
    expect([put("io.max", "8:16 rbps=2097152 wiops=120"), get("io.max")]).toEqual(["ok", "8:16 rbps=2097152 wbps=max riops=max wiops=120\n"]);
    expect([put("io.max", "8:16 wiops=max"), get("io.max")]).toEqual(["ok", "8:16 rbps=2097152 wbps=max riops=max wiops=max\n"]);
    expect([put("io.max", "8:16 rbps=max"), get("io.max")]).toEqual(["ok", ""]);
    expect(["sda rbps=1", "8:16 speed=7", "8:16 rbps=fast", "8:16 rbps=0"].map((text) => put("io.max", text))).toEqual(["EINVAL", "EINVAL", "EINVAL", "ERANGE"]);
  });

  test("7.1: io.weight is 1 to 10000 (cgroup-v2.rst)", () => {
    const { put, get } = machine("+io");
    expect(get("io.weight")).toBe("default 100\n");
    expect([put("io.weight", "default 50"), get("io.weight"), put("io.weight", "200"), get("io.weight")]).toEqual(["ok", "default 50\n", "ok", "default 200\n"]);
  });

  test("7.1: hugetlb.2MB.max is in whole huge pages, and before any is written not yet max (hugetlb_cgroup_write; asked of a kernel since)", () => {
    const { put, get } = machine("+hugetlb");
    expect(get("hugetlb.2MB.max")).toBe("9223372036854771712\n");
    expect([put("hugetlb.2MB.max", "5M"), get("hugetlb.2MB.max")]).toEqual(["ok", "4194304\n"]);
    expect([put("hugetlb.2MB.max", "x"), put("hugetlb.2MB.max", "max"), get("hugetlb.2MB.max")]).toEqual(["EINVAL", "ok", "max\n"]);
  });

  test("7.1: there are hugetlb files for each size of huge pages that the machine has (hugetlb_cgroup_file_init; asked of a kernel since)", () => {
    const kernel = new Kernel({ hugePages: ["2MB", "1GB"] });
    const { fs } = kernel.init;
    fs.mkdirSync(`${TOP}/a`);
    fs.writeFileSync(`${TOP}/cgroup.subtree_control`, "+hugetlb");
    expect(fs.readdirSync(`${TOP}/a`).filter((name) => name.endsWith("B.max"))).toEqual(["hugetlb.1GB.max", "hugetlb.2MB.max"]);
    fs.writeFileSync(`${TOP}/a/hugetlb.1GB.max`, "1500M");
    expect(fs.readFileSync(`${TOP}/a/hugetlb.1GB.max`, "utf8")).toBe("1073741824\n");
    const other = Kernel.fromJSON(kernel.toJSON()).init.fs;
    expect([other.readFileSync(`${TOP}/a/hugetlb.1GB.max`, "utf8"), other.existsSync(`${TOP}/a/hugetlb.64KB.max`)]).toEqual(["1073741824\n", false]);
    for (const wrong of ["2mb", "0MB", "4KB", "", 2] as string[]) expect(() => new Kernel({ hugePages: [wrong] })).toThrow(/sizes of huge pages/);
  });

  test("10.7: a file that is mounted over a control file is read instead of it, until it is unmounted (do_new_mount, follow_mount)", () => {
    const kernel = new Kernel();
    const { init } = kernel;
    init.fs.mkdirSync(`${TOP}/a`);
    init.fs.writeFileSync("/tmp/other", "not the kernel's\n");
    const read = (): string => init.fs.readFileSync(`${TOP}/a/cgroup.type`, "utf8");
    init.mount({ bind: true, source: "/tmp/other", at: `${TOP}/a/cgroup.type` });
    expect([read(), Kernel.fromJSON(kernel.toJSON()).init.fs.readFileSync(`${TOP}/a/cgroup.type`, "utf8")]).toEqual(["not the kernel's\n", "not the kernel's\n"]);
    init.umount(`${TOP}/a/cgroup.type`);
    expect(read()).toBe("domain\n");
    expect(() => init.mount({ bind: true, source: "/tmp/other", at: `${TOP}/a` })).toThrow(/ENOTDIR/);
  });

  test("7.6: a fork over an ancestor's pids.max is EAGAIN, a move over it is not (pids.rst, pids_can_fork)", () => {
    const { init, put, get } = machine("+pids");
    init.fs.mkdirSync(`${TOP}/a/b`);
    put("cgroup.subtree_control", "+pids");
    const shell = init.fork();
    init.fs.writeFileSync(`${TOP}/a/b/cgroup.procs`, String(shell.pid));
    expect([put("pids.max", "2"), get("pids.current")]).toEqual(["ok", "1\n"]);
    const child = shell.fork();
    expect([errno(() => shell.fork()), errno(() => shell.thread())]).toEqual(["EAGAIN", "EAGAIN"]);
    expect([get("pids.events"), get("b/pids.max")]).toEqual(["max 2\n", "max\n"]);
    expect(put("b/cgroup.procs", String(init.fork().pid))).toBe("ok");
    expect(get("pids.current")).toBe("3\n");
    child.exit();
    expect(get("pids.current")).toBe("3\n");
    shell.wait(child);
    expect(get("pids.current")).toBe("2\n");
  });

  test("7.6: pids.max is a number from 0 on or max (pids_max_write)", () => {
    const { put, get } = machine("+pids");
    expect(["0", "max", "7\n"].map((text) => put("pids.max", text))).toEqual(["ok", "ok", "ok"]);
    expect(get("pids.max")).toBe("7\n");
    expect(["-1", "x", ""].map((text) => put("pids.max", text))).toEqual(["EINVAL", "EINVAL", "ok"]);
  });
});

describe("controllers of v1", () => {
  test("5.1.12: a cpuset without CPUs or memory nodes takes no task (cpuset_can_attach)", () => {
    const { init } = new Kernel({ legacy: [{ controllers: ["cpuset"] }] });
    const at = `${TOP}/cpuset/x`;
    init.fs.mkdirSync(at);
    const move = (): string => errno(() => init.fs.writeFileSync(`${at}/tasks`, "0"));
    expect(move()).toBe("ENOSPC");
    init.fs.writeFileSync(`${at}/cpuset.cpus`, "0");
    expect(move()).toBe("ENOSPC");
    init.fs.writeFileSync(`${at}/cpuset.mems`, "0");
    expect(move()).toBe("ok");
  });

  test("7.1: memory.limit_in_bytes is in whole pages, and -1 is none (memory.rst)", () => {
    const { init: { fs } } = new Kernel({ legacy: [{ controllers: ["memory"] }] });
    const file = `${TOP}/memory/x/memory.limit_in_bytes`;
    fs.mkdirSync(`${TOP}/memory/x`);
    const none = fs.readFileSync(file, "utf8");
    expect(none).toBe("9223372036854771712\n");
    fs.writeFileSync(file, "10000");
    expect(fs.readFileSync(file, "utf8")).toBe("8192\n");
    fs.writeFileSync(file, "-1");
    expect(fs.readFileSync(file, "utf8")).toBe(none);
  });
});
