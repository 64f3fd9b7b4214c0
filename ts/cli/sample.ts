// A host for where there is none: containers with namespaces of their own, one nested, one whose root was removed. Made up,
// and said to be so wherever it is shown.

import { type Capture, Host, INITIAL_NAMESPACE } from "../host/index.ts";

const POD = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod121157b5_c67d_4c3e_9052_cb27bbb711fb.slice";
const CONTAINER = `${POD}/cri-containerd-1cd3449e930b8a28595d1a2cb3d23f1b0bd2eb9bbd4a1c28d7d0a0b4c4a1f9aa.scope`;
const DOCKER = "/system.slice/docker-b1eba9dfaeba29d8b80532a574a03ea3cac29384327f339c26da13649e2120df.scope";
const APP = "/user.slice/user-1000.slice/user@1000.service/app.slice";

// namespace, its root, levels of it that were removed
const NAMESPACES: readonly (readonly [string, string, number])[] = [
  [INITIAL_NAMESPACE, "/", 0],
  ["4026532485", DOCKER, 0],
  ["4026532611", CONTAINER, 0],
  ["4026532702", `${CONTAINER}/inner`, 0],
  ["4026532790", APP, 1],
];

// pid, namespace by its place above, uid, user, cgroup, command
const TASKS: readonly (readonly [number, number, number, string, string, string])[] = [
  [1, 0, 0, "root", "/init.scope", "/sbin/init"],
  [411, 0, 0, "root", "/system.slice/ssh.service", "sshd: /usr/sbin/sshd -D"],
  [902, 0, 1000, "ada", `${APP}/run-u12.scope`, "node pipeline.js"],
  [4123, 1, 0, "root", `${DOCKER}/init`, "node server.js"],
  [4177, 1, 0, "root", `${DOCKER}/init`, "node worker.js"],
  [8123, 2, 65535, "65535", CONTAINER, "/agent --serve"],
  [8140, 3, 65535, "65535", `${CONTAINER}/inner/job`, "batch --id 42"],
  [9001, 4, 1000, "ada", APP, "sleep inf"],
];

// What cgroups limit beyond the default of nothing, and what they use; a pod's memory binds its container.
const LIMITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [POD]: { "memory.max": "536870912\n", "memory.current": "91226112\n", "memory.swap.max": "0\n", "pids.max": "4096\n", "pids.current": "21\n" },
  [CONTAINER]: { "memory.current": "81788928\n", "memory.swap.max": "0\n", "cpu.max": "125000 100000\n", "pids.current": "17\n" },
  [`${CONTAINER}/inner`]: { "memory.high": "402653184\n", "memory.current": "20971520\n", "pids.current": "9\n" },
  [DOCKER]: { "memory.max": "268435456\n", "memory.current": "201326592\n", "cpu.max": "50000 100000\n", "pids.max": "100\n", "pids.current": "12\n" },
};
const UNLIMITED = {
  "memory.max": "max\n", "memory.high": "max\n", "memory.swap.max": "max\n", "cpu.max": "max 100000\n", "pids.max": "max\n",
  "memory.current": "1048576\n", "memory.swap.current": "0\n", "pids.current": "1\n", "cpuset.cpus.effective": "0-7\n",
};

export function sampleHost(): Host {
  return Host.fromCapture(sampleCapture());
}

/** The same as a capture file. */
export function sampleCapture(): Capture {
  const cgroups = cgroupsOf([...TASKS.map((task) => task[4]), ...NAMESPACES.map((namespace) => namespace[1])]);
  return {
    schemaVersion: 1,
    kind: "cgroupns capture",
    release: "6.18.0-sample",
    reader: { pid: 902, uid: 1000, ns: INITIAL_NAMESPACE },
    hierarchies: [
      { id: 0, controllers: [], name: null, origin: "1", mounts: [{ root: "/", mountPoint: "/sys/fs/cgroup", hidden: false }], cgroups },
    ],
    tasks: TASKS.map(([pid, namespace, uid, user, cgroup, command]) => ({
      pid, tid: pid, namespace, reason: null, exiting: false, uid, user, command, cgroup: `0::${cgroup}\n`,
    })),
    namespaces: NAMESPACES.map(([ns, path, below]) => ({
      ns,
      roots: [{ hierarchy: 0, how: below === 0 ? "exact" : "removed", path, below, reason: below === 0 ? null : "the root was removed" }],
      witnessed: [],
    })),
    machine: { memory: 31_353_470_976, online: [0, 1, 2, 3, 4, 5, 6, 7] },
    skipped: { processes: 0, cgroups: 0 },
    refused: [],
  };
}

// Every cgroup on the way to these paths, as [parent, name, id, limit files].
function cgroupsOf(paths: readonly string[]): [number, string, string, object][] {
  const limits = (files: object): object => ({ files, unread: {} });
  const list: [number, string, string, object][] = [[-1, "/", "1", limits({ "cpuset.cpus.effective": "0-7\n" })]];
  const known = new Map([["", 0]]);
  for (const path of paths) {
    let at = "";
    for (const name of path.split("/").filter(Boolean)) {
      const parent = known.get(at)!;
      at += `/${name}`;
      if (known.has(at)) continue;
      known.set(at, list.length);
      list.push([parent, name, String(1 + 19 * list.length), limits({ ...UNLIMITED, ...LIMITS[at] })]);
    }
  }
  return list;
}
