// A Kubernetes node with containerd, and a burstable pod of two containers and their sandbox: with the systemd driver on
// cgroup2, and with the cgroupfs driver on v1, where the container's path is the machine's.

import type { Kernel } from "../kernel.ts";
import type { Task } from "../task.ts";
import { startContainer } from "./container.ts";
import { type Boot, LEGACY, PresetHost } from "./host.ts";

const POD = "2c48913c-b29f-4c45-a7a0-4d1b2f3f6a9e";
const IDS = {
  pause: "7f1f5e0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e",
  app: "53a3a9a9c3d4d1f0e6b7c8d9eaf0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708",
  sidecar: "9e107d9d372bb6826bd81d3542a419d6e4d909c290d0fb1ca068ffaddf22cbd0",
};
const PODS = `/var/lib/kubelet/pods/${POD}`;
const SANDBOX = `/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${IDS.pause}`;

type Name = keyof typeof IDS;

/** In a systemd name a dash goes one level down, so the uid's become underscores. */
const bySystemd = (name: Name): string =>
  `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD.replaceAll("-", "_")}.slice/cri-containerd-${IDS[name]}.scope`;
const byCgroupfs = (name: Name): string => `/kubepods/burstable/pod${POD}/${IDS[name]}`;

function start(host: PresetHost, shim: Task, name: Name, cgroup: string, ownCgroupNs: boolean): void {
  const binds = [
    [`${PODS}/etc-hosts`, "/etc/hosts"], [`${PODS}/containers/${name}/0a1b2c3d`, "/dev/termination-log"],
    [`${SANDBOX}/hostname`, "/etc/hostname"], [`${SANDBOX}/resolv.conf`, "/etc/resolv.conf"],
  ] as const;
  host.file(binds[1][0], "");
  startContainer(host, {
    parent: shim, cgroup, ownCgroupNs, command: name, rootfs: `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${IDS[name]}/rootfs`,
    ...(name === "pause" ? {} : { binds, files: { "/var/run/secrets/kubernetes.io/serviceaccount/namespace": "default" } }),
  });
}

function node(host: PresetHost, cgroupOf: (name: Name) => string, ownCgroupNs: boolean): Kernel {
  host.service("/system.slice/kubelet.service", "kubelet");
  const shim = host.service("/system.slice/containerd.service", "containerd").fork({ command: "containerd-shim" });
  host.file(`${PODS}/etc-hosts`, "127.0.0.1\tlocalhost\n");
  host.file(`${SANDBOX}/hostname`, "web-6d4cf56db6-xk2vp\n");
  host.file(`${SANDBOX}/resolv.conf`, "nameserver 10.96.0.10\n");
  for (const name of ["pause", "app", "sidecar"] as const) start(host, shim, name, cgroupOf(name), ownCgroupNs);
  return host.kernel;
}

export function kubernetesSystemd(boot: Boot): Kernel {
  const host = new PresetHost(boot);
  const kernel = node(host, bySystemd, true);
  host.set(bySystemd("app"), "memory.max", "268435456");
  host.set(bySystemd("app"), "cpu.max", "50000 100000");
  return kernel;
}

export function kubernetesCgroupfs(boot: Boot): Kernel {
  const host = new PresetHost(boot, { legacy: LEGACY, unifiedAt: null });
  const kernel = node(host, byCgroupfs, false);
  host.set(byCgroupfs("app"), "memory.limit_in_bytes", "268435456");
  return kernel;
}
