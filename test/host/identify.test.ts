// Who processes are on machines that are folders of files, and in captures: what is read where, and every reason why nothing
// is said. What texts mean is test/identity's.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sampleCapture } from "../../ts/cli/sample.ts";
import { Host, identify } from "../../ts/host/index.ts";

// Files and directories that may not be opened, each with the errno: also for root, who may open everything.
const refused = vi.hoisted(() => new Map<string, string>());
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const guarded = (call: (path: string, ...rest: never[]) => unknown) => (path: string, ...rest: never[]) => {
    const code = refused.get(String(path));
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${path}`), { code });
    return call(path, ...rest);
  };
  return { ...fs, openSync: guarded(fs.openSync as never), readdirSync: guarded(fs.readdirSync as never), readlinkSync: guarded(fs.readlinkSync as never) };
});

const folders: string[] = [];
afterEach(() => {
  refused.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

// A text that starts with `->` is a link.
function machine(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "cgroupns-identify-"));
  folders.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    if (text.startsWith("->")) symlinkSync(text.slice(2), join(root, name));
    else writeFileSync(join(root, name), text);
  }
  return root;
}

const ID = "1cd3449e930b8a28595d1a2cb3d23f1b0bd2eb9bbd4a1c28d7d0a0b4c4a1f9aa";
const SANDBOX = "26a006f558da58874bc37863efe9d2b5d715bd27b7b54b84b97a4fc16ac2a9a5";
const UID = "121157b5-c67d-4c3e-9052-cb27bbb711fb";
const DISK = "1 0 8:1 / / rw - ext4 sda rw\n";
const V2 = "5 1 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
const V1 = "6 1 0:39 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n7 1 0:40 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";
const SCOPE = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll("-", "_")}.slice/cri-containerd-${ID}.scope`;
const host = { "proc/version": "Linux version 6.18.0\n", "proc/1/mountinfo": DISK + V2, "proc/1/ns/mnt": "->mnt:[4026531841]" };
const status = (pid: number, parent = 1): string => `Name:\tjob\nState:\tS (sleeping)\nPPid:\t${parent}\nUid:\t0\t0\t0\t0\nNSpid:\t${pid}\n`;
const stat = (pid: number, start: number): string => `${pid} (a ) job) S 1 ${"0 ".repeat(17)}${start} 0 0\n`;

describe("read from /proc", () => {
  test("a private namespace: the container from the mount's root, the sandbox and the pod apart, in OpenTelemetry's names", () => {
    const sandbox = `44 1 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${SANDBOX}/hostname /etc/hostname rw - ext4 sda rw\n`;
    const root = machine({ ...host, "proc/7/cgroup": "0::/\n", "proc/7/mountinfo": DISK + V2.replace(" / ", ` ${SCOPE} `) + sandbox });
    const who = identify(7, { root });
    expect(who.containerId).toEqual({ value: ID, source: { file: "mountinfo", line: 2, text: `cri-containerd-${ID}.scope` }, confidence: "certain", reason: null });
    expect([who.sandboxId.value, who.sandboxId.source!.line, who.podUid.value, who.podQos.value]).toEqual([SANDBOX, 3, UID, "burstable"]);
    expect(who.toAttributes()).toMatchObject({ "container.id": ID, "container.runtime.name": "containerd", "k8s.pod.uid": UID });
  });

  test("lines that contradict one another are reported", () => {
    const root = machine({ ...host, "proc/7/cgroup": `3:pids:/docker/${ID}\n2:memory:/docker/${ID}\n1:cpu:/docker/${SANDBOX}\n`, "proc/7/mountinfo": DISK });
    const { containerId, conflicts } = identify(7, { root });
    expect(containerId.value).toBe(ID);
    expect(conflicts).toMatchObject([{ field: "container.id", values: [{ value: ID, lines: 2 }, { value: SANDBOX, source: { file: "cgroup", line: 3 } }] }]);
  });

  test("a thread, and who reads", () => {
    const root = machine({ ...host, "proc/7/task/9/cgroup": `0::/docker/${ID}\n`, "proc/self/cgroup": `0::/docker/${SANDBOX}\n` });
    expect([identify("7/task/9", { root }).containerId.value, identify("self", { root }).containerId.value]).toEqual([ID, SANDBOX]);
  });
});

describe("a state file", () => {
  const runc = (id: string, pid: number, start: number, cgroups: object): string =>
    JSON.stringify({ id, init_process_pid: pid, init_process_start: start, cgroup_paths: cgroups, config: {} });
  const payload = (mnt: string) => ({
    ...host, "proc/1/mountinfo": DISK + V1 + V2,
    "proc/7/cgroup": "2:memory:/jobs/a/in\n1:pids:/\n0::/\n", "proc/7/mountinfo": DISK, "proc/7/status": status(7), "proc/7/stat": stat(7, 500), "proc/7/ns/mnt": `->mnt:[${mnt}]`,
  });
  const state = (cgroups: object, start = 500) => ({ "run/runc/box/state.json": runc("box", 7, start, cgroups) });
  const crun = (more: object = {}): string => JSON.stringify({ pid: 7, "process-start-time": 500, "cgroup-path": "/jobs/a", ...more });
  const MEMORY = { memory: "/sys/fs/cgroup/memory/jobs/a", pids: "/sys/fs/cgroup/pids/jobs/a" };
  const found = (files: Record<string, string>, options = {}) => identify(7, { root: machine(files), ...options }).containerId;

  test("of runc names the container of a process in its cgroup or below", () => {
    const answer = { value: "box", source: { file: "/run/runc/box/state.json", line: 1, text: '"id":"box"' }, confidence: "certain", reason: null };
    expect(found({ ...payload("9"), ...state(MEMORY) })).toEqual(answer);
  });

  test("whose init has gone, or is in other mounts, is likely at most", () => {
    expect(found({ ...payload("9"), ...state(MEMORY, 499) })).toMatchObject({ value: "box", confidence: "likely" });
  });

  test("of another cgroup, of the same path in another hierarchy, of the root, or damaged, says nothing", () => {
    for (const directory of ["/sys/fs/cgroup/memory/jobs/b", "/sys/fs/cgroup/memory/job", "/sys/fs/cgroup/pids/jobs/a", "/sys/fs/cgroup/memory"]) {
      expect(found({ ...payload("9"), ...state({ memory: directory }) }).value, directory).toBeNull();
    }
    const whole = JSON.parse(runc("box", 7, 500, MEMORY));
    const parts = [{ id: 7 }, { id: "" }, { init_process_pid: "7" }, { init_process_start: null }, { cgroup_paths: null }, { cgroup_paths: { memory: "x/jobs/a" } }];
    for (const text of ["", "{", "[]", "null", ...parts.map((part) => JSON.stringify({ ...whole, ...part }))]) {
      expect(found({ ...payload("9"), "run/runc/box/state.json": text }).value, text).toBeNull();
    }
    for (const part of [{ pid: "7" }, { "process-start-time": "500" }, { "cgroup-path": "x/jobs/a" }, { "cgroup-path": null }]) {
      expect(found({ ...payload("9"), "run/crun/box/status": crun(part) }).value, JSON.stringify(part)).toBeNull();
    }
  });

  test("is not looked for where the process has the machine's own mounts, or the reader's", () => {
    expect(found({ ...payload("4026531841"), ...state(MEMORY) }).value).toBeNull();
    expect(found({ ...payload("9"), ...state(MEMORY), "proc/self/ns/mnt": "->mnt:[9]" }).value).toBeNull();
  });

  test("is believed where nobody may look at mounts, at most likely", () => {
    const { "proc/7/ns/mnt": _, ...files } = payload("9");
    expect(found({ ...files, ...state(MEMORY) })).toMatchObject({ value: "box", confidence: "likely" });
  });

  test("of crun, Docker and containerd, in their directories, and wherever one is told to look", () => {
    const of = (files: Record<string, string>, options = {}) => {
      const { containerId, containerRuntime } = identify(7, { root: machine({ ...payload("9"), ...files }), ...options });
      return [containerId.value, containerRuntime.value, containerId.source?.file];
    };
    const text = runc(ID, 7, 500, MEMORY);
    expect(of({ "run/crun/box/status": crun() })).toEqual(["box", "crun", "/run/crun/box/status"]);
    expect(found({ ...payload("9"), "run/crun/box/status": crun() }).source!.text).toBe("box");
    expect(of({ [`run/docker/runtime-runc/moby/${ID}/state.json`]: text })).toEqual([ID, "docker", `/run/docker/runtime-runc/moby/${ID}/state.json`]);
    expect(of({ [`run/containerd/runc/k8s.io/${ID}/state.json`]: text })[1]).toBe("containerd");
    expect(of({ [`run/containerd/runc/moby/${ID}/state.json`]: text })[1]).toBe("docker");
    expect(of({ [`run/user/0/runc/${ID}/state.json`]: text })[1]).toBe("runc");
    expect(of({ "proc/7/status": status(7).replace("Uid:\t0", "Uid:\t1000"), "run/user/1000/crun/box/status": crun() })).toEqual(["box", "crun", "/run/user/1000/crun/box/status"]);
    expect(of({ "my/state/box/state.json": runc("box", 7, 500, MEMORY) })).toEqual([null, null, undefined]);
    expect(of({ "my/state/box/state.json": runc("box", 7, 500, MEMORY) }, { stateRoots: ["/my/state/"] })).toEqual(["box", "runc", "/my/state/box/state.json"]);
  });

  test("of several around one another the innermost counts, of one cgroup that which one is told of", () => {
    const outer = runc("outer", 6, 400, { memory: "/sys/fs/cgroup/memory/jobs" });
    expect(found({ ...payload("9"), ...state(MEMORY), "my/outer/state.json": outer }, { stateRoots: ["/my"] }).value).toBe("box");
    expect(found({ ...payload("9"), "run/runc/outer/state.json": outer, "my/box/state.json": runc("box", 7, 500, MEMORY) }, { stateRoots: ["/my"] }).value).toBe("box");
    expect(found({ ...payload("9"), ...state(MEMORY), "my/other/state.json": runc("other", 7, 500, MEMORY) }, { stateRoots: ["/my"] }).value).toBe("other");
  });

  describe("inside the container that was found, where the process is in other mounts than its init", () => {
    // Init 6 of the outer one; the process 7, which the inner runtime numbers 1, in a cgroup that is mounted there from /jobs/a on.
    const nested = (inner: object, files: Record<string, string> = {}) => ({
      ...payload("9"), "run/runc/outer/state.json": runc("outer", 6, 400, MEMORY),
      "proc/6/stat": stat(6, 400), "proc/6/ns/mnt": "->mnt:[8]", "proc/6/mountinfo": DISK + V1.replace(" / ", " /jobs/a "),
      "proc/7/status": `${status(7)}`.replace("NSpid:\t7", "NSpid:\t7\t1"), "proc/6/root/run/runc/inner/state.json": runc("inner", 1, 500, inner), ...files,
    });
    const BELOW = { memory: "/sys/fs/cgroup/memory/in" };
    const file = "/proc/6/root/run/runc/inner/state.json";

    test("another's counts, its init known by its number in there and its start", () => {
      expect(found(nested(BELOW))).toMatchObject({ value: "inner", confidence: "certain", source: { file } });
      expect(found(nested(BELOW, { "proc/7/stat": stat(7, 501) }))).toMatchObject({ value: "inner", confidence: "likely" });
    });

    test("its init may be further up", () => {
      const up = { "proc/7/stat": stat(7, 600), "proc/12/stat": stat(12, 500), "proc/12/ns/mnt": "->mnt:[9]", "proc/12/status": status(12).replace("NSpid:\t12", "NSpid:\t12\t1") };
      const child = { "proc/7/status": status(7, 12).replace("NSpid:\t7", "NSpid:\t7\t2") };
      expect(found(nested(BELOW, { ...up, ...child }))).toMatchObject({ value: "inner", confidence: "certain" });
    });

    test("one of a cgroup that is not further in does not", () => {
      expect(found(nested({ memory: "/sys/fs/cgroup/memory" })).value).toBe("outer");
    });

    test("nobody looks there for a process in the same mounts", () => {
      expect(found(nested(BELOW, { "proc/6/ns/mnt": "->mnt:[9]" }))).toMatchObject({ value: "outer", confidence: "certain" });
    });

    test("mounts that cannot be read leave paths as they are", () => {
      expect(found(nested({ memory: "/jobs/a/in" }, { "proc/6/mountinfo": "no text\n" })).value).toBe("inner");
    });
  });

  test("is kept by a reading of the whole machine, as is each text, once; a thread shows what its leader does", () => {
    const initial = "->cgroup:[4026531835]";
    const other = { "proc/8/cgroup": `2:memory:/docker/${ID}\n`, "proc/8/mountinfo": DISK, "proc/8/status": status(8), "proc/8/cmdline": "", "proc/8/ns/cgroup": initial };
    const thread = { "proc/7/task/7/comm": "job", "proc/7/task/9/cgroup": "2:memory:/jobs/a/in\n1:pids:/\n0::/\n", "proc/7/task/9/ns/cgroup": initial };
    const root = machine({ ...payload("9"), ...state(MEMORY), "proc/1/cgroup": "2:memory:/\n1:pids:/\n0::/\n", "proc/7/cmdline": "", "proc/7/ns/cgroup": initial, ...other, ...thread });
    const host = Host.readSync({ root, threads: true, roots: false, identities: true });
    expect(host.snapshot.mountinfos!.map(String)).toEqual([DISK]);
    for (const one of [host, Host.fromCapture(JSON.stringify(host.capture()))]) {
      for (const pid of [7, 8]) expect(one.identify(pid).containerId).toEqual(identify(pid, { root }).containerId);
      expect([one.identify("7/task/9").containerId.value, one.identify(8).containerId.value]).toEqual(["box", ID]);
    }
  });

  test("does not speak where the texts name a container, or of the sandbox", () => {
    const named = { ...payload("9"), "proc/7/cgroup": `2:memory:/jobs/a/docker-${ID}.scope\n` };
    expect(found({ ...named, ...state(MEMORY) }).value).toBe(ID);
    const monitor = identify(7, { root: machine({ ...named, "proc/7/cgroup": `2:memory:/jobs/a/libpod-conmon-${ID}.scope\n`, ...state(MEMORY) }) });
    expect([monitor.containerId.value, monitor.monitorId.value]).toEqual([null, ID]);
    const sandbox = `44 1 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${SANDBOX}/hostname /etc/hostname rw - ext4 sda rw\n`;
    expect(found({ ...payload("9"), "proc/7/mountinfo": DISK + sandbox, "run/runc/s/state.json": runc(SANDBOX, 7, 500, MEMORY) }).value).toBeNull();
  });
});

describe("unknown, with the reason", () => {
  const reasonOf = (files: Record<string, string>, pid = 7): string => {
    const { containerId, containerRuntime } = identify(pid, { root: machine(files) });
    expect([containerId.value, containerRuntime]).toEqual([null, containerId]);
    return containerId.reason!;
  };
  const own = { "proc/7/cgroup": "0::/\n", "proc/7/mountinfo": DISK };

  test("no such process, no /proc at all", () => {
    expect(reasonOf(host, 8)).toBe("there is no process 8, or it is hidden (ESRCH)");
    expect(reasonOf({})).toBe("this machine shows no /proc: not Linux, or none here");
  });

  test("a kernel without cgroups; gVisor, with and without the file; Kata", () => {
    expect(reasonOf({ ...host, "proc/7/status": status(7) })).toMatch(/there is no \/proc\/7\/cgroup.*gVisor/);
    const gvisor = { ...host, "proc/version": "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n" };
    expect(reasonOf({ ...gvisor, "proc/7/status": status(7) })).toMatch(/; gVisor: its kernel/);
    expect(reasonOf({ ...gvisor, ...own, "proc/7/cgroup": "2:memory:/\n1:cpu:/\n" })).toMatch(/; gVisor: its kernel/);
    expect(reasonOf({ ...host, ...own, "proc/version": "Linux version 4.19.0-gvisor\n" })).toMatch(/; gVisor: its kernel/);
    expect(reasonOf({ ...host, ...own, "proc/7/mountinfo": "1 0 0:40 / / rw - virtiofs kataShared rw\n" })).toMatch(/; Kata: a virtual machine/);
  });

  test("a pod whose container nothing names, as on GKE Autopilot; the pod is known", () => {
    const hosts = `44 1 8:1 /var/lib/kubelet/pods/${UID}/etc-hosts /etc/hosts rw - ext4 sda rw\n`;
    const files = { ...host, ...own, "proc/7/mountinfo": DISK + hosts };
    expect(reasonOf(files)).toMatch(/in a pod, but no line names the container.*GKE Autopilot/);
    expect(identify(7, { root: machine(files) }).podUid.value).toBe(UID);
  });

  test("a process of the host; one in a namespace of its own", () => {
    const shared = { "proc/7/ns/cgroup": "->cgroup:[4026531835]", "proc/7/ns/mnt": "->mnt:[4026531841]" };
    expect(reasonOf({ ...host, ...own, ...shared })).toMatch(/; it shares the machine's own cgroup and mount namespaces: a host process$/);
    expect(reasonOf({ ...host, ...own, ...shared, "proc/7/ns/mnt": "->mnt:[9]" })).not.toMatch(/a host process$/);
    expect(reasonOf({ ...host, ...own, "proc/7/ns/cgroup": "->cgroup:[4026532611]" })).toMatch(/; it is in the cgroup namespace 4026532611, not the initial one$/);
    expect(reasonOf({ ...host, "proc/7/cgroup": "0::/system.slice/ssh.service\n" })).toMatch(/^a unit of the system/);
  });

  test.each(["EACCES", "EPERM"])("what may not be read is said to be so: %s", (code) => {
    const reason = (root: string, ...names: string[]): string => {
      for (const name of names) refused.set(join(root, name), code);
      return identify(7, { root }).containerId.reason!;
    };
    const why = (file: string) => `/proc/7/${file} may not be read (${code}): another user's process`;
    expect(reason(machine({ ...host, ...own }), "proc/7/cgroup", "proc/7/mountinfo")).toBe(`${why("cgroup")}; ${why("mountinfo")}`);
    expect(reason(machine({ ...host, "proc/7/cgroup": "0::/system.slice/a.service\n", "proc/7/mountinfo": "" }), "proc/7/mountinfo")).toBe(`a unit of the system, not a container: no line names one; ${why("mountinfo")}`);
    expect(reason(machine({ ...host, ...own, "run/runc/x/y": "" }), "run/runc")).toMatch(new RegExp(`/run/runc may not be read \\(${code}\\)$`));
  });

  test("texts that are none, a folder in a text's place", () => {
    expect(reasonOf({ ...host, "proc/7/cgroup": "no text\n", "proc/7/mountinfo": "nor this\n" })).toMatch(/^no line of \/proc\/PID\/cgroup has a path/);
    expect(reasonOf({ ...host, "proc/7/cgroup/odd": "", "proc/7/mountinfo/odd": "" })).toMatch(/cannot be read \(EISDIR\)/);
  });

  test("every field has either its evidence or a reason", () => {
    for (const { reason, value, source, confidence } of Object.values(identify(8, { root: machine(host) })).filter((field) => "reason" in Object(field))) {
      expect([value, source, confidence, typeof reason]).toEqual([null, null, null, "string"]);
    }
  });
});

test("misuse is a TypeError", () => {
  for (const target of ["init", "x", -1, 1.5, null]) expect(() => identify(target as string), `${target}`).toThrow(TypeError);
  expect(() => identify(1, { root: 1 as unknown as string })).toThrow(/Expected `root`/);
  expect(() => identify(1, { stateRoots: "/run" as unknown as string[] })).toThrow(/Expected `stateRoots`/);
});

describe("in a capture", () => {
  // biome-ignore lint/suspicious/noExplicitAny: a capture taken apart
  const changed = (change: (capture: any) => void): Host => {
    const capture = JSON.parse(JSON.stringify(sampleCapture()));
    change(capture);
    return Host.fromCapture(capture);
  };

  test("the same answers from the texts in it", () => {
    const host = Host.fromCapture(sampleCapture());
    expect(host.identify(8140).containerId).toMatchObject({ value: ID, source: { file: "cgroup", line: 1 }, confidence: "certain" });
    expect(host.identify().userUnit.value).toBe("run-u12.scope");
    expect(host.identify(77).containerId.reason).toBe("there is no process 77 in what was read (ESRCH)");
    expect(() => host.identify("init")).toThrow(TypeError);
  });

  test("mountinfo and state files that were taken are used, and come back whole", () => {
    const state = { id: "box", runtime: "runc", confidence: "likely", source: { file: "/run/runc/box/state.json", line: 1, text: '"id":"box"' } };
    const host = changed((capture) => {
      Object.assign(capture.tasks[1], { cgroup: "0::/\n", mountinfo: 0 });
      Object.assign(capture.tasks[2], { mountinfo: "EACCES", state });
      Object.assign(capture.tasks[0], { mountinfo: "EACCES" });
      capture.mountinfos = [DISK + V2.replace(" / ", ` ${SCOPE} `)];
    });
    for (const one of [host, Host.fromCapture(JSON.stringify(host.capture()))]) {
      expect(one.identify(411).containerId).toMatchObject({ value: ID, source: { file: "mountinfo", line: 2 } });
      expect(one.identify(1).containerId.reason).toMatch(/; EACCES$/);
      expect(one.identify(902).containerId).toEqual({ value: "box", source: state.source, confidence: "likely", reason: null });
    }
    expect(JSON.stringify(host.capture({ redact: true }))).not.toMatch(new RegExp(`${ID}|box|mountinfo`));
  });

  test.each([
    ["a text that is not there", (c: { tasks: { mountinfo: number }[] }) => (c.tasks[0]!.mountinfo = 0), /tasks\[0\]\.mountinfo must be an index/],
    ["a state without a source", (c: { tasks: { state: object }[] }) => (c.tasks[0]!.state = { id: "x", runtime: "runc", confidence: "likely" }), /state\.source must be an object/],
    ["a confidence nobody has", (c: { tasks: { state: object }[] }) => (c.tasks[0]!.state = { id: "x", runtime: "runc", confidence: "sure" }), /confidence must be/],
  ])("%s: EINVAL that says where", (_, change, where) => {
    expect(() => changed(change)).toThrow(where);
  });
});
