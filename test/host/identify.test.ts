// Who processes are on machines that are folders of files, and in captures: what is read where, and every reason why nothing
// is said. What texts mean is test/identity's.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { sampleCapture } from "../../ts/cli/sample.ts";
import { Host, identify } from "../../ts/host/index.ts";

const folders: string[] = [];
afterEach(() => {
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
    for (const text of ["", "{", "[]", "null", '{"id":7}', '{"id":"box","init_process_pid":7,"init_process_start":500}']) {
      expect(found({ ...payload("9"), "run/runc/box/state.json": text }).value, text).toBeNull();
    }
  });

  test("is not looked for where the process has the machine's own mounts", () => {
    expect(found({ ...payload("4026531841"), ...state(MEMORY) }).value).toBeNull();
  });

  test("of crun, Docker and containerd, in their directories, and wherever one is told to look", () => {
    const crun = JSON.stringify({ pid: 7, "process-start-time": 500, "cgroup-path": "/jobs/a" });
    const of = (files: Record<string, string>, options = {}) => {
      const { containerId, containerRuntime } = identify(7, { root: machine({ ...payload("9"), ...files }), ...options });
      return [containerId.value, containerRuntime.value, containerId.source?.file];
    };
    const text = runc(ID, 7, 500, MEMORY);
    expect(of({ "run/crun/box/status": crun })).toEqual(["box", "crun", "/run/crun/box/status"]);
    expect(of({ [`run/docker/runtime-runc/moby/${ID}/state.json`]: text })).toEqual([ID, "docker", `/run/docker/runtime-runc/moby/${ID}/state.json`]);
    expect(of({ [`run/containerd/runc/k8s.io/${ID}/state.json`]: text })[1]).toBe("containerd");
    expect(of({ [`run/user/0/runc/${ID}/state.json`]: text })[1]).toBe("runc");
    expect(of({ "my/state/box/state.json": runc("box", 7, 500, MEMORY) })).toEqual([null, null, undefined]);
    expect(of({ "my/state/box/state.json": runc("box", 7, 500, MEMORY) }, { stateRoots: ["/my/state/"] })).toEqual(["box", "runc", "/my/state/box/state.json"]);
  });

  test("of several around one another the innermost counts", () => {
    const outer = { "run/runc/outer/state.json": runc("outer", 6, 400, { memory: "/sys/fs/cgroup/memory/jobs" }) };
    expect(found({ ...payload("9"), ...outer, ...state(MEMORY) }).value).toBe("box");
  });

  test("does not speak where the texts name a container, or of the sandbox", () => {
    const named = { ...payload("9"), "proc/7/cgroup": `2:memory:/jobs/a/docker-${ID}.scope\n` };
    expect(found({ ...named, ...state(MEMORY) }).value).toBe(ID);
    const sandbox = `44 1 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${SANDBOX}/hostname /etc/hostname rw - ext4 sda rw\n`;
    expect(found({ ...payload("9"), "proc/7/mountinfo": DISK + sandbox, "run/runc/s/state.json": runc(SANDBOX, 7, 500, MEMORY) }).value).toBeNull();
  });
});

describe("unknown, with the reason", () => {
  const reasonOf = (files: Record<string, string>, pid = 7): string => {
    const { value, reason } = identify(pid, { root: machine(files) }).containerId;
    expect(value).toBeNull();
    return reason!;
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
    expect(reasonOf({ ...host, ...own, "proc/7/ns/cgroup": "->cgroup:[4026532611]" })).toMatch(/; it is in the cgroup namespace 4026532611, not the initial one$/);
    expect(reasonOf({ ...host, "proc/7/cgroup": "0::/system.slice/ssh.service\n" })).toMatch(/^a unit of the system/);
  });

  test.skipIf(process.getuid?.() === 0)("what may not be read is said to be so", () => {
    const root = machine({ ...host, ...own });
    for (const file of ["cgroup", "mountinfo"]) chmodSync(join(root, "proc/7", file), 0);
    expect(identify(7, { root }).containerId.reason).toMatch(/may not be read \(EACCES\)/);
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
  expect(() => identify(1, { root: 1 as unknown as string })).toThrow(TypeError);
  expect(() => identify(1, { stateRoots: "/run" as unknown as string[] })).toThrow(TypeError);
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
      capture.mountinfos = [DISK + V2.replace(" / ", ` ${SCOPE} `)];
    });
    for (const one of [host, Host.fromCapture(JSON.stringify(host.capture()))]) {
      expect(one.identify(411).containerId).toMatchObject({ value: ID, source: { file: "mountinfo", line: 2 } });
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
