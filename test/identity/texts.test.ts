// Who a process is by its /proc/PID/cgroup and mountinfo, as runtimes leave them: values with their lines, conflicts, and
// the reasons where nothing can be known.

import { describe, expect, test } from "vitest";
import { type Identification, type IdentityTexts, identifyTexts, toAttributes } from "../../ts/index.ts";

const A = "a1".repeat(32);
const B = "0b".repeat(32);
const S = "5a".repeat(32);
const POD = "5e0f7c2a-91d4-4b1e-8c33-7d20aa94be16";
const TASK = "c0ffee00".repeat(4);
const SCOPE = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD.replaceAll("-", "_")}.slice/cri-containerd-${A}.scope`;

const mount = (root: string, at: string, type = "ext4"): string => `41 31 0:38 ${root} ${at} rw - ${type} ${type} rw`;
const cgroup2 = (root: string): string => mount(root, "/sys/fs/cgroup", "cgroup2");
const docker = (id: string, file: string): string => mount(`/var/lib/docker/containers/${id}/${file}`, `/etc/${file}`);
const sandbox = (id: string): string => mount(`/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${id}/hostname`, "/etc/hostname");
const userdata = (id: string, file: string, at: string): string => mount(`/containers/overlay-containers/${id}/userdata/${file}`, at, "tmpfs");
const pods = (path: string, uid = POD): string => mount(`/var/lib/kubelet/pods/${uid}/${path}`, "/etc/hosts");
const kubelet = pods("etc-hosts");
const rootfs = (id: string, kept = "runtime.v2.task"): string => mount(`/run/containerd/io.containerd.${kept}/k8s.io/${id}/rootfs`, "/");

const who = (cgroup: string | undefined, ...mounts: string[]): Identification =>
  identifyTexts({ cgroup, mountinfo: mounts.length > 0 ? `${mounts.join("\n")}\n` : undefined });

const brief = ({ containerId, containerRuntime, sandboxId, podUid }: Identification): (string | null)[] => [containerId.value, containerRuntime.value, sandboxId.value, podUid.value];

const found: [sentence: string, got: Identification, ...(string | null)[]][] = [
  ["the cgroup file, in the host's namespace", who(`0::${SCOPE}\n`), A, "containerd", null, POD],
  ["the root of the cgroup mount, in a private namespace", who("0::/\n", cgroup2(SCOPE), sandbox(S), kubelet), A, "containerd", S, POD],
  ["the root of a v1 mount", who("1:pids:/\n", mount(`/docker/${A}`, "/sys/fs/cgroup/pids", "cgroup")), A, "docker", null, null],
  ["its own cgroup, whatever the mounts' roots", who(`0::/docker/${A}\n`, cgroup2(`/docker/${B}`)), A, "docker", null, null],
  ["a pod by the mount's root alone", who("0::/\n", cgroup2(`/kubepods/pod${POD}`)), null, null, null, POD],
  ["the pod of the line that names the container", who(`2:cpu:/kubepods/pod${TASK}\n1:pids:/kubepods/pod${POD}/${A}\n`), A, null, null, POD],
  ["Docker's hostname, in a private namespace", who("0::/\n", cgroup2("/"), docker(A, "hostname")), A, "docker", null, null],
  ["its hosts alone", who("0::/\n", docker(A, "hosts")), A, "docker", null, null],
  ["its resolv.conf alone", who("0::/\n", docker(A, "resolv.conf")), A, "docker", null, null],
  ["Docker in Docker, its files in a volume that is called like an id", who("0::/\n", mount(`/var/lib/docker/volumes/${B}/_data/containers/${A}/hostname`, "/etc/hostname")), A, "docker", null, null],
  ["nerdctl's hostname", who("0::/\n", mount(`/var/lib/nerdctl/1935db59/containers/default/${A}/hostname`, "/etc/hostname")), A, "containerd", null, null],
  ["nerdctl's hosts", who("0::/\n", mount(`/var/lib/nerdctl/1935db59/etchosts/default/${A}/hosts`, "/etc/hosts")), A, "containerd", null, null],
  ["containerd's root", who("0::/\n", rootfs(A)), A, "containerd", null, null],
  ["containerd's before 1.3", who("0::/\n", rootfs(A, "runtime.v1.linux")), A, "containerd", null, null],
  ["containerd's root in a pod is the container's, the hostname the sandbox's", who("0::/\n", rootfs(A), sandbox(S), kubelet), A, "containerd", S, POD],
  ["Fargate's root", who("0::/\n", rootfs(`${TASK}-265927825`)), `${TASK}-265927825`, "containerd", null, null],
  ["anybody's root", who("0::/\n", mount(`/containers/${A}/rootfs`, "/")), null, null, null, null],
  ["a file from deeper in a container's directory", who("0::/\n", mount(`/var/lib/docker/containers/${A}/x/hosts`, "/etc/hosts")), null, null, null, null],
  ["a container's file that somebody has mounted elsewhere", who("0::/\n", mount(`/var/lib/docker/containers/${A}/hostname`, "/mnt/hostname")), null, null, null, null],
  ["the sandbox's files are not the container's", who("0::/\n", cgroup2("/"), sandbox(S), kubelet), null, null, S, POD],
  ["dockershim's too: in a pod the hostname is the sandbox's", who("0::/\n", docker(S, "hostname"), kubelet), null, null, S, POD],
  ["a container that shares another's network has its hosts, and its own hostname", who("0::/\n", docker(B, "hosts"), docker(A, "hostname")), A, "docker", null, null],
  ["a sandbox's hostname is not the container's, though there be no pod", who("0::/\n", sandbox(S), docker(A, "hosts")), A, "docker", S, null],
  ["Podman", who("0::/\n", userdata(A, ".containerenv", "/run/.containerenv")), A, "podman", null, null],
  ["Podman with secrets", who("0::/\n", userdata(A, "run/secrets", "/var/run/secrets"), userdata(A, ".containerenv", "/run/.containerenv")), A, "podman", null, null],
  ["Podman, sharing another's network: its own are the secrets", who("0::/\n", userdata(B, "hostname", "/etc/hostname"), userdata(A, "run/secrets", "/run/secrets")), A, "podman", null, null],
  ["CRI-O: run/secrets is the container's, hostname the sandbox's", who("0::/\n", userdata(A, "run/secrets", "/run/secrets"), userdata(S, "hostname", "/etc/hostname"), kubelet), A, "cri-o", S, POD],
  ["CRI-O without the kubelet: two ids", who("0::/\n", userdata(S, ".containerenv", "/run/.containerenv"), userdata(A, "run/secrets", "/run/secrets")), A, "cri-o", S, null],
  ["CRI-O's sandbox tells the runtime too", who(`0::/kubepods/pod${POD}/${A}\n`, userdata(S, "hostname", "/etc/hostname"), kubelet), A, "cri-o", S, POD],
  ["Kata's cgroup is the sandbox's", who(`0::/kubepods/pod${POD}/kata_${S}\n`), null, null, S, POD],
  ["a pod by its container's files", who("0::/\n", pods("containers/app/0123abcd")), null, null, null, POD],
  ["a pod by its volumes", who("0::/\n", pods("volumes/kubernetes.io~empty-dir/x")), null, null, null, POD],
  ["a pod by parts of them", who("0::/\n", pods("volume-subpaths/x/app/0")), null, null, null, POD],
  ["a static pod by its files", who("0::/\n", pods("etc-hosts", TASK)), null, null, null, TASK],
  ["a directory of pods that is not the kubelet's", who("0::/\n", pods("etc-hosts", "web")), null, null, null, null],
  ["the sandbox's own process is in no container", who(`0::/kubepods/pod${POD}/${S}\n`, sandbox(S)), null, null, S, POD],
  ["the kubelet's cgroupfs driver and a sandbox tell the runtime together", who(`0::/kubepods/pod${POD}/${A}\n`, sandbox(S)), A, "containerd", S, POD],
  ["a host process that sees a container's directory is not in it", who("0::/system.slice/ssh.service\n", mount("/", `/var/lib/docker/containers/${A}/mounts/shm`, "tmpfs")), null, null, null, null],
  ["hierarchies of different depth agree: the inner one", who(`2:cpu:/docker/${A}/docker/${B}\n1:name=systemd:/docker/${A}\n0::/system.slice/x.service\n`), B, "docker", null, null],
  ["lines nobody can read are passed over", who(`what\n0::/docker/${A}\n`), A, "docker", null, null],
  ["an indented paste with carriage returns", who(`\r\n\t 9:pids:/docker/${A} \r\n`, `\t${sandbox(S)}\r`), A, "docker", S, null],
  ["a blank behind a path", who(`0::/docker/${A} \n`), A, "docker", null, null],
  ["a blank before a name", who(`0::/docker/ ${A}\n`), A, "docker", null, null],
  ["a blank behind one", who(`0::/docker /${A}\n`), A, "docker", null, null],
  ["a path as no kernel prints it is none", who(`0::/docker//${A}\n1:pids:/docker/./${A}\n`), null, null, null, null],
];

describe("a process is who the texts say", () => {
  test.each(found)("%s", (_, got, ...wanted) => expect(brief(got)).toEqual(wanted));
});

test("every value has its file, line and component, and how certain it is", () => {
  const { containerId, podUid, sandboxId, unit } = who("0::/\n", mount("/", "/"), cgroup2(SCOPE), sandbox(S), kubelet);
  expect(containerId).toEqual({ value: A, source: { file: "mountinfo", line: 2, text: `cri-containerd-${A}.scope` }, confidence: "certain", reason: null });
  expect(sandboxId.source).toMatchObject({ file: "mountinfo", line: 3 });
  expect(podUid.source).toMatchObject({ file: "mountinfo", line: 2 });
  expect(unit.value).toBe(`cri-containerd-${A}.scope`);
  expect(who(`\n\t9:pids:/docker/${A}\n`).containerId.source!.line).toBe(2);
});

test("likely only: a file shared between containers, a line as somebody pasted it, an unusual name", () => {
  const likely = [
    who("0::/\n", docker(A, "hostname")).containerId, who(`13::/docker/${A}\n`).containerId, who(`0::/docker/${A}.stuff\n`).containerId,
    who(" 0::/system.slice/a.service\n").unit, who("0::/\n", `\t${cgroup2(SCOPE)}`).containerId, who("0::/\n", `${cgroup2(SCOPE)}\r`).containerId,
    // The runtime is that of the sandbox.
    who(`0::/kubepods/pod${POD}/${A}\n`, sandbox(S)).containerRuntime,
  ];
  expect(likely.map(({ confidence }) => confidence)).toEqual(likely.map(() => "likely"));
  const certain = [who(`what\n0::/docker/${A}\n`).containerId, who("0::/\n", userdata(A, "hostname", "/etc/hostname")).containerId, who("0::/\n", sandbox(S)).sandboxId];
  expect(certain.map(({ confidence }) => confidence)).toEqual(certain.map(() => "certain"));
});

describe("each field is what the line that knows it says", () => {
  test("the names of systemd stand in another hierarchy than the container", () => {
    const { containerId, unit, slice, chain } = who(`2:pids:/docker/${A}\n1:name=systemd:/system.slice/docker.service\n`);
    expect([containerId.value, unit.value, unit.source!.line, slice.value]).toEqual([A, "docker.service", 2, "system.slice"]);
    expect(chain).toMatchObject([{ kind: "container" }]);
  });

  test("a user's unit", () => {
    const { unit, userUnit, slice, userSlice, ownerUid } = who("1:pids:/\n0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.service\n");
    expect([unit, userUnit, slice, userSlice, ownerUid].map(({ value }) => value)).toEqual(["user@1000.service", "a.service", "user-1000.slice", "app.slice", 1000]);
  });

  test("a session", () => {
    const { session, ownerUid, chain } = who("0::/user.slice/user-7.slice/session-c2.scope\n");
    expect([session.value, session.source!.text, ownerUid.value, chain.length]).toEqual(["c2", "session-c2.scope", 7, 5]);
  });

  test("a monitor, a task, a machine", () => {
    expect(who(`0::/machine.slice/libpod-conmon-${A}.scope\n`).monitorId.value).toBe(A);
    expect(who(`0::/ecstasks.slice/ecstasks-${TASK}.slice/docker-${A}.scope\n`).taskId.value).toBe(TASK);
    const { machine, machineManager } = who("0::/machine.slice/systemd-nspawn@a\\x2db.service/payload\n");
    expect([machine.value, machineManager.value]).toEqual(["a-b", "systemd-nspawn"]);
  });

  test("where there is no cgroup file the mount's root tells the chain", () => {
    expect(who(undefined, cgroup2("/"), cgroup2("/system.slice/a.service")).chain).toMatchObject([{ name: "system.slice" }, { name: "a.service" }]);
  });
});

describe("lines that contradict one another", () => {
  const told = ({ conflicts }: Identification): string[][] => conflicts.map(({ values }) => values.map(({ value, lines }) => `${lines} ${value}`));

  test("most agree on one, and the conflict is told", () => {
    const { containerId, conflicts } = who(`3:cpu:/docker/${B}\n2:pids:/docker/${A}\n1:name=systemd:/docker/${A}\n`);
    expect(containerId.value).toBe(A);
    expect(conflicts).toEqual([{
      field: "container.id",
      values: [
        { value: A, source: { file: "cgroup", line: 2, text: `/docker/${A}` }, lines: 2 },
        { value: B, source: { file: "cgroup", line: 1, text: `/docker/${B}` }, lines: 1 },
      ],
    }]);
  });

  test("of as many the first is believed; who is believed is told first", () => {
    expect(who(`2:cpu:/docker/${A}\n1:pids:/docker/${B}\n`).containerId.value).toBe(A);
    const inner = who(`4:cpu:/docker/${A}\n3:pids:/docker/${A}\n2:memory:/docker/${A}/docker/${B}\n1:cpuset:/docker/${S}\n`);
    expect([inner.containerId.value, told(inner)]).toEqual([B, [[`1 ${B}`, `2 ${A}`, `1 ${S}`]]]);
  });

  test("a sandbox around it is not the container that another line names", () => {
    expect(told(who(`2:cpu:/kubepods/pod${POD}/kata_${S}/${A}\n1:pids:/docker/${S}\n`))).toEqual([[`1 ${A}`, `1 ${S}`]]);
  });

  test("roots of mounts may, where the cgroup file says nothing", () => {
    expect(told(who("0::/\n", cgroup2(`/docker/${A}`), mount(`/docker/${B}`, "/sys/fs/cgroup/pids", "cgroup")))).toEqual([[`1 ${A}`, `1 ${B}`]]);
  });

  test("a hostname of another container is told", () => {
    const both = who(`0::/docker/${A}\n`, docker(B, "hostname"), docker(B, "hosts"));
    expect([both.containerId.value, told(both)]).toEqual([A, [[`1 ${A}`, `1 ${B}`]]]);
  });

  test("what agrees is no conflict", () => {
    expect(who(`2:cpu:/docker/${A}/docker/${B}\n1:pids:/docker/${A}\n`, docker(B, "hostname"), docker(A, "hosts")).conflicts).toEqual([]);
  });
});

const unknown: [sentence: string, texts: IdentityTexts, reason: RegExp][] = [
  ["nothing was given", {}, /no text was given/],
  ["what the reader could not read", { missing: { cgroup: "EACCES: not permitted" } }, /not permitted/],
  ["the mounts alone could not be read", { missing: { mountinfo: "EACCES: not permitted" } }, /not permitted/],
  ["the cgroup file could not be read, and the mounts say nothing", { mountinfo: cgroup2("/"), missing: { cgroup: "EACCES" } }, /^EACCES, and mountinfo names no container/],
  ["an empty cgroup file, as under gVisor", { cgroup: "", mountinfo: mount("/", "/", "9p") }, /no line of .* has a path.*gVisor/],
  ["a private namespace or a process of the host, without its mounts", { cgroup: " 0::/\n" }, /^`\/` alone: .*mountinfo was not given/],
  ["the sandbox itself", { cgroup: `0::/kubepods/pod${POD}/${S}\n`, mountinfo: sandbox(S) }, /the only container named is the pod's sandbox/],
  ["a sandbox whose runtime hides the container", { cgroup: "0::/\n", mountinfo: sandbox(S) }, /GKE Autopilot/],
  ["a private namespace that shows nothing", { cgroup: "0::/\n", mountinfo: cgroup2("/") }, /host, or a private cgroup namespace/],
  ["a pod whose runtime hides the container", { cgroup: "0::/\n", mountinfo: kubelet }, /GKE Autopilot/],
  ["a unit of the host", { cgroup: "0::/system.slice/ssh.service\n" }, /a unit of the system/],
  ["a hex word alone", { cgroup: `0::/jobs/${A}\n`, mountinfo: cgroup2("/") }, /hex word alone/],
  ["a monitor", { cgroup: `0::/machine.slice/libpod-conmon-${A}.scope\n` }, /watches a container/],
];

describe("where there is no container the reason says why", () => {
  test.each(unknown)("%s", (_, texts, reason) => {
    const { containerId } = identifyTexts(texts);
    expect(containerId).toEqual({ value: null, source: null, confidence: null, reason: expect.stringMatching(reason) as string });
  });
});

test("every other field that is empty says why", () => {
  const why = ({ containerId: _, chain: _chain, conflicts: _conflicts, ...fields }: Identification) => Object.fromEntries(Object.entries(fields).map(([name, { reason }]) => [name, reason]));
  expect(why(who("0::/\n"))).toEqual({
    containerRuntime: expect.stringMatching(/^`\/` alone/), sandboxId: "no mount comes from a sandbox's directory", monitorId: "no line names a monitor's cgroup",
    podUid: "no line names a pod", podQos: "no cgroup path names a pod", taskId: "no line stands in an ECS tree", machine: "no line names a machine", machineManager: "no line names a machine",
    unit: "`/` alone: the root of the cgroup namespace names no unit", slice: "`/` alone: the root of the cgroup namespace names no unit", userUnit: "not below a user's manager or session",
    userSlice: "not in a slice of a user's manager", session: "not in the scope of a session", ownerUid: "not in a user's slice",
  });
  const bare = who(`0::/kubepods/custom/pod${POD}/${A}\n`);
  expect(why(bare)).toMatchObject({
    containerRuntime: "the container's name follows a convention that several runtimes share", podQos: "the pod's cgroup does not stand in a class's",
    unit: "no line begins with slices and a unit, as systemd names them",
  });
  expect(bare.slice).toMatchObject({ value: "-.slice", source: { line: 1, text: "/" } });
  expect(who("", cgroup2("/")).unit.reason).toBe("no line of /proc/PID/cgroup has a path");
});

test("bytes are read as strings are, whatever stands beside", () => {
  const bytes = Buffer.concat([Buffer.from("2:cpu:/\xff\n", "latin1"), Buffer.from(`0::/docker/${A}\n`)]);
  expect(identifyTexts({ cgroup: bytes }).containerId).toMatchObject({ value: A, source: { line: 2 } });
});

describe("OpenTelemetry's names", () => {
  test("what is known, and nothing else", () => {
    expect(toAttributes(who("0::/\n", cgroup2(SCOPE), sandbox(S)))).toEqual({
      "container.id": A, "container.runtime.name": "containerd", "k8s.pod.uid": POD,
      "systemd.unit": `cri-containerd-${A}.scope`, "systemd.slice": `kubepods-burstable-pod${POD.replaceAll("-", "_")}.slice`,
    });
    expect(toAttributes(who(`0::/ecs/${TASK}/${A}\n`))).toMatchObject({ "container.id": A, "aws.ecs.task.id": TASK });
    expect(toAttributes(who("0::/user.slice/user-7.slice/user@7.service/a.service\n"))).toEqual({
      "systemd.unit": "user@7.service", "systemd.user_unit": "a.service", "systemd.slice": "user-7.slice",
    });
    expect(toAttributes(who("0::/\n"))).toEqual({});
  });

  test("Podman's pod is none of Kubernetes'", () => {
    const pod = `/machine.slice/machine-libpod_pod_${B}.slice/libpod-${A}.scope`;
    for (const path of [pod, `/kubepods/pod${POD}/${S}${pod}`]) {
      const attributes = toAttributes(who(`0::${path}\n`));
      expect(attributes).not.toHaveProperty(["k8s.pod.uid"]);
      expect(attributes["container.id"]).toBe(A);
    }
  });
});
