// Who a process is by its /proc/PID/cgroup and mountinfo, as runtimes leave them: values with their lines, conflicts, and
// the reasons where nothing can be known.

import { describe, expect, test } from "vitest";
import { type Identification, type IdentityTexts, identifyTexts, toAttributes } from "../../ts/index.ts";

const A = "a1".repeat(32);
const B = "0b".repeat(32);
const S = "5a".repeat(32);
const POD = "5e0f7c2a-91d4-4b1e-8c33-7d20aa94be16";
const SCOPE = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD.replaceAll("-", "_")}.slice/cri-containerd-${A}.scope`;

const mount = (root: string, at: string, type = "ext4"): string => `41 31 0:38 ${root} ${at} rw - ${type} ${type} rw`;
const cgroup2 = (root: string): string => mount(root, "/sys/fs/cgroup", "cgroup2");
const docker = (id: string, file: string): string => mount(`/var/lib/docker/containers/${id}/${file}`, `/etc/${file}`);
const sandbox = (id: string): string => mount(`/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${id}/hostname`, "/etc/hostname");
const userdata = (id: string, file: string, at: string): string => mount(`/containers/overlay-containers/${id}/userdata/${file}`, at, "tmpfs");
const kubelet = mount(`/var/lib/kubelet/pods/${POD}/etc-hosts`, "/etc/hosts");

const who = (cgroup: string | undefined, ...mounts: string[]): Identification =>
  identifyTexts({ cgroup, mountinfo: mounts.length > 0 ? `${mounts.join("\n")}\n` : undefined });

const brief = ({ containerId, containerRuntime, sandboxId, podUid }: Identification): (string | null)[] => [containerId.value, containerRuntime.value, sandboxId.value, podUid.value];

const found: [sentence: string, got: Identification, ...(string | null)[]][] = [
  ["the cgroup file, in the host's namespace", who(`0::${SCOPE}\n`), A, "containerd", null, POD],
  ["the root of the cgroup mount, in a private namespace", who("0::/\n", cgroup2(SCOPE), sandbox(S), kubelet), A, "containerd", S, POD],
  ["Docker's hostname, in a private namespace", who("0::/\n", cgroup2("/"), docker(A, "hostname")), A, "docker", null, null],
  ["the sandbox's files are not the container's", who("0::/\n", cgroup2("/"), sandbox(S), kubelet), null, null, S, POD],
  ["dockershim's too: in a pod the hostname is the sandbox's", who("0::/\n", docker(S, "hostname"), kubelet), null, null, S, POD],
  ["a container that shares another's network has its hosts, and its own hostname", who("0::/\n", docker(B, "hosts"), docker(A, "hostname")), A, "docker", null, null],
  ["Podman", who("0::/\n", userdata(A, "hostname", "/etc/hostname"), userdata(A, ".containerenv", "/run/.containerenv")), A, "podman", null, null],
  ["CRI-O: run/secrets is the container's, hostname the sandbox's", who("0::/\n", userdata(S, "hostname", "/etc/hostname"), kubelet, userdata(A, "run/secrets", "/run/secrets")), A, "cri-o", S, POD],
  ["the sandbox's own process is in no container", who(`0::/kubepods/pod${POD}/${S}\n`, sandbox(S)), null, null, S, POD],
  ["the kubelet's cgroupfs driver and a sandbox tell the runtime together", who(`0::/kubepods/pod${POD}/${A}\n`, sandbox(S)), A, "containerd", S, POD],
  ["a host process that sees a container's directory is not in it", who("0::/system.slice/ssh.service\n", mount("/", `/var/lib/docker/containers/${A}/mounts/shm`, "tmpfs")), null, null, null, null],
  ["hierarchies of different depth agree: the inner one", who(`2:cpu:/docker/${A}/docker/${B}\n1:name=systemd:/docker/${A}\n0::/system.slice/x.service\n`), B, "docker", null, null],
  ["lines nobody can read are passed over", who(`what\n0::/docker/${A}\n`), A, "docker", null, null],
  ["an indented paste with carriage returns", who(`\r\n\t 9:pids:/docker/${A} \r\n`), A, "docker", null, null],
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
});

test("what a file shared between containers says is likely only", () => {
  expect(who("0::/\n", docker(A, "hostname")).containerId.confidence).toBe("likely");
  expect(who(`13::/docker/${A}\n`).containerId.confidence).toBe("likely");
});

describe("lines that contradict one another", () => {
  test("most agree on one, and the conflict is told", () => {
    const { containerId, conflicts } = who(`3:cpu:/docker/${A}\n2:pids:/docker/${A}\n1:name=systemd:/docker/${B}\n`);
    expect(containerId.value).toBe(A);
    expect(conflicts).toEqual([{
      field: "container.id",
      values: [
        { value: A, source: { file: "cgroup", line: 1, text: `/docker/${A}` }, lines: 2 },
        { value: B, source: { file: "cgroup", line: 3, text: `/docker/${B}` }, lines: 1 },
      ],
    }]);
  });

  test("a hostname of another container is told", () => {
    const { containerId, conflicts } = who(`0::/docker/${A}\n`, docker(B, "hostname"));
    expect(containerId.value).toBe(A);
    expect(conflicts.map(({ values }) => values.map(({ value }) => value))).toEqual([[A, B]]);
  });

  test("what agrees is no conflict", () => {
    expect(who(`2:cpu:/docker/${A}/docker/${B}\n1:pids:/docker/${A}\n`, docker(B, "hostname")).conflicts).toEqual([]);
  });
});

const unknown: [sentence: string, texts: IdentityTexts, reason: RegExp][] = [
  ["nothing was given", {}, /no text was given/],
  ["what the reader could not read", { missing: { cgroup: "EACCES: not permitted" } }, /not permitted/],
  ["no cgroup file, as under gVisor", { cgroup: "", mountinfo: mount("/", "/", "9p") }, /gVisor/],
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
    expect(toAttributes(who("0::/\n"))).toEqual({});
  });

  test("Podman's pod is none of Kubernetes'", () => {
    const attributes = toAttributes(who(`0::/machine.slice/machine-libpod_pod_${B}.slice/libpod-${A}.scope\n`));
    expect(attributes).not.toHaveProperty(["k8s.pod.uid"]);
    expect(attributes["container.id"]).toBe(A);
  });
});
