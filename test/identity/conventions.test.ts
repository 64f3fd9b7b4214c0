// One path for each naming convention: which container, sandbox, monitor, pod, task and machine it names, and what names none.

import { describe, expect, test } from "vitest";
import { identifyPath, type PathIdentity, parseContainerId, formatKubernetesCgroup, parseKubernetesCgroup } from "../../ts/index.ts";

const A = "a1".repeat(32);
const B = "0b".repeat(32);
const POD = "5e0f7c2a-91d4-4b1e-8c33-7d20aa94be16";
const ESCAPED = POD.replaceAll("-", "_");
const TASK = "c0ffee00".repeat(4);
const UUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

/** What a path says in few words: `kind value/by`, outermost first, systemd's names left out. */
function said({ chain }: PathIdentity): string {
  return chain.flatMap((link) => {
    switch (link.kind) {
      case "container": case "sandbox": case "monitor": return [`${link.kind} ${link.id}/${link.runtime}`];
      case "pod": return [`pod ${link.uid}/${link.orchestrator === "podman" ? "podman" : link.qos}`];
      case "task": return [`task ${link.id}`];
      case "machine": return [`machine ${link.name}/${link.manager}`];
      default: return [];
    }
  }).join(", ");
}

const named: [sentence: string, path: string | Buffer, says: string][] = [
  ["Docker with the cgroupfs driver", `/docker/${A}`, `container ${A}/docker`],
  ["Docker with the systemd driver", `/system.slice/docker-${A}.scope`, `container ${A}/docker`],
  ["rootless Docker", `/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${A}.scope`, `container ${A}/docker`],
  ["Docker below the --cgroup-parent of GitHub's runner", `/actions_job/${A}`, `container ${A}/docker`],
  ["Docker below that of Azure's", `/azpl_job/${A}`, `container ${A}/docker`],
  ["Docker in containerd's namespace", `/moby/${A}`, `container ${A}/docker`],
  ["a UUID in Docker's directory", `/docker/${UUID}`, `container ${UUID}/docker`],
  ["a process further down belongs to the container", `/system.slice/docker-${A}.scope/init/workers`, `container ${A}/docker`],
  ["Docker in Docker: both, the outer first", `/docker/${A}/docker/${B}`, `container ${A}/docker, container ${B}/docker`],
  ["what a container calls its own cgroups says nothing", `/docker/${A}/${B}`, `container ${A}/docker`],
  ["slashes in a row are one", `//docker//${A}`, `container ${A}/docker`],
  ["containerd's CRI with the systemd driver", `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${ESCAPED}.slice/cri-containerd-${A}.scope`, `pod ${POD}/burstable, container ${A}/containerd`],
  ["a guaranteed pod with the systemd driver", `/kubepods.slice/kubepods-pod${ESCAPED}.slice/crio-${A}.scope`, `pod ${POD}/guaranteed, container ${A}/cri-o`],
  ["the kubelet's cgroupfs driver leaves the runtime out", `/kubepods/besteffort/pod${POD}/${A}`, `pod ${POD}/besteffort, container ${A}/null`],
  ["a guaranteed pod with the cgroupfs driver", `/kubepods/pod${POD}/${A}`, `pod ${POD}/guaranteed, container ${A}/null`],
  ["a static pod's uid has no dashes", `/kubepods/burstable/pod${TASK}/${A}`, `pod ${TASK}/burstable, container ${A}/null`],
  ["systemd's names on a cgroupfs driver: the colon form", `/system.slice/containerd.service/kubepods-besteffort-pod${ESCAPED}.slice:cri-containerd:${A}`, `pod ${POD}/besteffort, container ${A}/containerd`],
  ["a pod whose tree names no class has none", `/kubepods/custom/pod${POD}/${A}`, `pod ${POD}/null, container ${A}/null`],
  ["a pod outside of the kubelet's tree has none either", `/jobs/burstable/pod${POD}/${A}`, `pod ${POD}/null, container ${A}/null`],
  ["a pod in a container has none of the outer's", `/kubepods/burstable/${A}/pod${POD}`, `container ${A}/null, pod ${POD}/null`],
  ["a class beside the kubelet's tree's own namespace", `/../kubepods-besteffort.slice/pod${POD}/${A}`, `pod ${POD}/besteffort, container ${A}/null`],
  ["a class's slice above a pod's plain directory", `/kubepods.slice/kubepods-besteffort.slice/pod${POD}/${A}`, `pod ${POD}/besteffort, container ${A}/null`],
  ["the kubelet's slice above one", `/kubepods.slice/pod${POD}/${A}`, `pod ${POD}/guaranteed, container ${A}/null`],
  ["a UUID in a pod", `/kubepods/pod${POD}/${UUID}`, `pod ${POD}/guaranteed, container ${UUID}/null`],
  ["a word that ends in `pod` is none", `/kubepods/mypod${POD}/${A}`, `container ${A}/null`],
  ["a word that begins with it is none", "/machine.slice/podman-5094.scope", ""],
  ["64 digits in a slice that only sounds like the kubelet's", `/system-kubepods.slice/${A}`, `container ${A}/null`],
  ["kind: a node in Docker, a pod in the node", `/docker/${A}/kubelet/kubepods/burstable/pod${POD}/${B}`, `container ${A}/docker, pod ${POD}/burstable, container ${B}/null`],
  ["kind with systemd in the node", `/system.slice/docker-${A}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${ESCAPED}.slice/cri-containerd-${B}.scope`, `container ${A}/docker, pod ${POD}/guaranteed, container ${B}/containerd`],
  ["CRI-O with the cgroupfs driver", `/kubepods/burstable/pod${POD}/crio-${A}`, `pod ${POD}/burstable, container ${A}/cri-o`],
  ["CRI-O's conmon is a monitor", `/kubepods.slice/kubepods-pod${ESCAPED}.slice/crio-conmon-${A}.scope`, `pod ${POD}/guaranteed, monitor ${A}/cri-o`],
  ["Podman with systemd", `/machine.slice/libpod-${A}.scope`, `container ${A}/podman`],
  ["crun puts the payload into `container`", `/machine.slice/libpod-${A}.scope/container`, `container ${A}/podman`],
  ["systemd in Podman moves itself to init.scope", `/machine.slice/libpod-${A}.scope/container/init.scope`, `container ${A}/podman`],
  ["Podman's conmon is a monitor", `/machine.slice/libpod-conmon-${A}.scope`, `monitor ${A}/podman`],
  ["rootless Podman", `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${A}.scope/container`, `container ${A}/podman`],
  ["Podman with cgroupfs", `/libpod_parent/libpod-${A}`, `container ${A}/podman`],
  ["a pod of Podman's", `/machine.slice/machine-libpod_pod_${B}.slice/libpod-${A}.scope`, `pod ${B}/podman, container ${A}/podman`],
  ["a pod of Podman's with cgroupfs", `/libpod_parent/${B}/libpod-${A}`, `pod ${B}/podman, container ${A}/podman`],
  ["64 digits in a pod of Podman's are no container", `/machine.slice/machine-libpod_pod_${B}.slice/${A}`, `pod ${B}/podman`],
  ["Podman's split cgroups below a unit", `/system.slice/web.service/libpod-payload-${A}`, `container ${A}/podman`],
  ["nerdctl", `/system.slice/nerdctl-${A}.scope`, `container ${A}/containerd`],
  ["containerd's CRI namespace", `/k8s.io/${A}`, `container ${A}/containerd`],
  ["BuildKit", `/buildkit/${A}`, `container ${A}/buildkit`],
  ["iSulad", `/isulad/${A}`, `container ${A}/isulad`],
  ["iSulad with systemd", `/system.slice/isulad-${A}.scope`, `container ${A}/isulad`],
  ["runc by hand: the id is a name", "/system.slice/runc-web-1.scope", "container web-1/runc"],
  ["crun by hand", "/user.slice/crun-demo.scope", "container demo/crun"],
  ["youki by hand", "/system.slice/youki-demo.scope", "container demo/youki"],
  ["ECS on EC2", `/ecs/${TASK}/${A}`, `task ${TASK}, container ${A}/docker`],
  ["ECS with a cluster's name, and a task from before the long ids", `/ecs/blue/${UUID}/${A}`, `task ${UUID}, container ${A}/docker`],
  ["ECS on cgroup v2", `/ecstasks.slice/ecstasks-${TASK}.slice/docker-${A}.scope`, `task ${TASK}, container ${A}/docker`],
  ["a slice of ECS' that names no task", `/ecstasks.slice/ecstasks-web.slice/docker-${A}.scope`, `container ${A}/docker`],
  ["ECS without a task", `/ecs/${A}`, `container ${A}/docker`],
  ["ECS: the first UUID is the task, the next a container, whatever lies between", `/ecs/${TASK}/web/${UUID}`, `task ${TASK}, container ${UUID}/docker`],
  ["ECS: a task and a number, but no `-` between them", `/ecs/${TASK}/${TASK}_265927825`, `task ${TASK}`],
  ["Fargate 1.4", `/ecs/${TASK}/${TASK}-2495160603`, `task ${TASK}, container ${TASK}-2495160603/containerd`],
  ["Fargate 1.4, a short path and a hash of nine digits", `/ecs/${TASK}-265927825`, `task ${TASK}, container ${TASK}-265927825/containerd`],
  ["EKS on Fargate", `/ecs/${TASK}/${TASK}-3057940393/kubepods/burstable/pod${POD}/${A}`, `task ${TASK}, container ${TASK}-3057940393/containerd, pod ${POD}/burstable, container ${A}/null`],
  ["Garden", "/garden/6f265890-5165-7fab-6b52-18d1", "container 6f265890-5165-7fab-6b52-18d1/garden"],
  ["Cloud Foundry below its service", "/system.slice/garden.service/garden/6f265890-5165-7fab-6b52-18d1", "container 6f265890-5165-7fab-6b52-18d1/garden"],
  ["Garden's throttled half", `/garden/bad/${UUID}`, `container ${UUID}/garden`],
  ["LXC before 4", "/lxc/web", "machine web/lxc"],
  ["LXC 4, a directory for all", "/lxc.payload/web", "machine web/lxc"],
  ["its monitors'", "/lxc.monitor/web", "monitor web/lxc"],
  ["LXC, Incus and LXD", "/lxc.payload.web/system.slice/nginx.service", "machine web/lxc"],
  ["LXC's monitor is not in the machine", "/lxc.monitor.web", "monitor web/lxc"],
  ["Docker with the lxc driver of its first year", `/lxc/${A}`, `machine ${A}/lxc, container ${A}/lxc`],
  ["systemd-nspawn in its unit, the name escaped", "/machine.slice/systemd-nspawn@debian\\x2dtree.service/payload/init.scope", "machine debian-tree/systemd-nspawn"],
  ["a machine registered with machined", "/machine.slice/machine-fedora.scope/payload", "machine fedora/machined"],
  ["a virtual machine of libvirt", "/machine.slice/machine-qemu\\x2d3\\x2dvm.scope/libvirt/emulator", "machine qemu-3-vm/libvirt"],
  ["a machine that is only called like one", "/machine.slice/machine-lxc\\x2dweb.scope", "machine lxc-web/machined"],
  ["libvirt without systemd", "/machine/vm.libvirt-qemu/emulator", "machine vm/libvirt"],
  ["a container of libvirt's without systemd", "/machine/box.libvirt-lxc", "machine box/libvirt"],
  ["a machine without a name is none", "/machine.slice/machine-.scope", ""],
  ["nor one of nspawn's", "/machine.slice/systemd-nspawn@.service", ""],
  ["a name that is not UTF-8", Buffer.from("/lxc/w\xffb", "latin1"), "machine w\\377b/lxc"],
  ["Docker in LXC", `/lxc.payload.web/docker/${A}`, `machine web/lxc, container ${A}/docker`],
  ["Kata's sandbox is no container", `/kubepods/pod${POD}/kata_${A}`, `pod ${POD}/guaranteed, sandbox ${A}/kata`],
  ["Mesos", `/mesos/${UUID}`, `container ${UUID}/mesos`],
  ["a shortened id with a runtime's prefix", "/machine.slice/crio-1234567890ab.scope", "container 1234567890ab/cri-o"],
  ["from a namespace beside it", `/../../docker/${A}`, `container ${A}/docker`],
];

describe("a path names what its convention says", () => {
  test.each(named)("%s", (_, path, says) => {
    const identity = identifyPath(path);
    expect(said(identity)).toBe(says);
    if (typeof path === "string") expect(identifyPath(Buffer.from(path))).toEqual(identity);
    // Each of them is a field too, the innermost: a sandbox or a monitor is never the container.
    for (const kind of ["container", "sandbox", "monitor", "pod", "task", "machine"] as const) {
      expect(identity[kind], kind).toBe(identity.chain.findLast((link) => link.kind === kind) ?? null);
    }
  });
});

const nobody: [sentence: string, path: string][] = [
  ["the root", "/"], ["64 hex digits alone", `/${A}`], ["64 hex digits in a directory of anybody's", `/jobs/${A}`], ["a UUID alone", `/uuid/${UUID}`],
  ["GNOME's terminal", `/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/vte-spawn-${UUID}.scope`],
  ["a hex word that ends in .service", "/system.slice/add.service"], ["a session", "/user.slice/user-0.slice/session-83.scope"],
  ["63 digits", `/docker/${A.slice(1)}`], ["65 digits", `/docker/${A}a`], ["capitals", `/docker/${A.toUpperCase()}`], ["a letter too far", `/docker/${A.slice(1)}g`],
  ["a mount of a container's root", `/system.slice/run-containerd-${A}-rootfs.mount`], ["a mount with a runtime's prefix", `/system.slice/docker-${A}.mount`],
  ["the daemon", "/system.slice/docker.service"], ["a process scope of Podman's", "/user.slice/podman-5094.scope"], ["an empty tree", "/docker"],
  ["61 digits with a prefix: some were lost", `/machine.slice/crio-${A.slice(3)}.scope`], ["eleven with one", "/machine.slice/crio-1234567890a.scope"],
  ["a shortened id without one", "/docker/1234567890ab"], ["a word between an id and its ending", `/system.slice/docker-${A}.x.scope`], ["a dot behind an id", `/docker/${A}.`],
  ["a service called after a runtime", "/system.slice/runc-web.service"], ["a runtime's scope without an id", "/system.slice/runc-.scope"], ["one with a blank", "/system.slice/runc-a b.scope"], ["a colon too many", "/a.slice:runc:web:b.scope"],
  ["a hash beyond 32 bits", `/ecs/${TASK}/${TASK}-4294967296`], ["no hash", `/ecs/${TASK}/${TASK}-`], ["a hash with letters", `/ecs/${TASK}/${TASK}-0x10`], ["a slash at the end", "/garden/6f265890-5165-7fab-6b52-18d1/"], ["seven digits first", "/garden/6f26589-5165-7fab-6b52-18d1"],
  ["three last", "/garden/6f265890-5165-7fab-6b52-18d"], ["thirteen last", "/garden/6f265890-5165-7fab-6b52-18d118d118d11"], ["a word in Garden's", "/garden/bad"],
  ["no path", `xdocker-${A}.scope`], ["nothing", ""],
];

describe("no container is", () => {
  test.each(nobody)("%s", (_, path) => {
    for (const form of [path, Buffer.from(path)]) expect(identifyPath(form).container).toBeNull();
  });
});

test("every field carries the component that says it, its level and what lies around", () => {
  const { container, pod, unit } = identifyPath(`/docker/${A}/system.slice/docker-${B}.scope`);
  expect(container).toMatchObject({ id: B, component: `docker-${B}.scope`, level: 4, depth: 1, certain: true });
  expect(pod).toBeNull();
  expect(unit).toBeNull();
});

test("an unusual ending or length is a container of which nobody is certain", () => {
  expect(identifyPath(`/docker/${A}.stuff`).container).toMatchObject({ id: A, certain: false });
  for (const path of [`/docker/${UUID}`, "/machine.slice/crio-1234567890ab.scope"]) expect(identifyPath(path).container).toMatchObject({ certain: false });
});

test("a component that is not UTF-8 does not hide the others", () => {
  const path = Buffer.concat([Buffer.from("/\xff.slice", "latin1"), Buffer.from(`/docker-${A}.scope`)]);
  expect(identifyPath(path).container?.id).toBe(A);
});

test("what is no text is the caller's mistake", () => {
  expect(() => identifyPath(42 as unknown as string)).toThrow("Expected `path` to be a string or a Uint8Array, got number");
});

test("an id as Kubernetes' API spells it", () => {
  for (const runtime of ["docker", "containerd", "cri-o", "podman"]) expect(parseContainerId(`${runtime}://${A}`)).toEqual({ id: A, runtime });
  expect(parseContainerId(A)).toEqual({ id: A, runtime: null });
  for (const text of ["", A.slice(0, 12), `rocket://${A}`, `/docker/${A}`, `${A}x`]) expect(parseContainerId(text)).toBeUndefined();
});

test("the kubelet's internal names have a path under each driver, and back", () => {
  const names = ["kubepods", "burstable", "pod-1"];
  expect(formatKubernetesCgroup(names, "cgroupfs")).toBe("/kubepods/burstable/pod-1");
  expect(formatKubernetesCgroup(names, "systemd")).toBe("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod_1.slice");
  expect(parseKubernetesCgroup(formatKubernetesCgroup(names, "systemd"))).toEqual(names);
  expect(formatKubernetesCgroup(["", "kubepods", ""], "systemd")).toBe("/kubepods.slice");
  expect([formatKubernetesCgroup([], "systemd"), parseKubernetesCgroup("/")]).toEqual(["/", []]);
  expect(parseKubernetesCgroup("kubepods-burstable")).toEqual(["kubepods", "burstable"]);
});
