// Machines that people know, by name: what a process reads inside Docker, a Kubernetes pod, podman, LXC or a login. Every one
// has a process `app`, which is the one inside, and a first process `systemd`.

import { expected } from "../errors.ts";
import type { Kernel } from "./kernel.ts";
import { dockerPrivate, hybrid } from "./preset/docker.ts";
import type { Boot } from "./preset/host.ts";
import { kubernetesCgroupfs, kubernetesSystemd } from "./preset/kubernetes.ts";
import { lxc } from "./preset/lxc.ts";
import { podmanRootless } from "./preset/podman.ts";
import { session } from "./preset/session.ts";

/**
 * - `docker-v2-private`: cgroup2 only, a scope below system.slice; dockerd, containerd, app, and bash in a session
 * - `kubernetes-systemd`: the systemd driver on cgroup2, private namespaces; kubelet, containerd, pause, app, sidecar
 * - `kubernetes-cgroupfs`: the cgroupfs driver on v1 in the machine's namespace: the pod's whole path is read inside
 * - `podman-rootless`: uid 1000 in its own user namespace, below user@1000.service; podman, conmon, app
 * - `lxc`: a system in a container: its own systemd, and app as a service of that
 * - `systemd-user-session`: no container; user@1000.service with scopes and systemd's escapes; app, gnome-terminal, bash
 * - `hybrid`: v1 with the controllers, cgroup2 beside it; Docker with the cgroupfs driver in the machine's namespace
 */
export type PresetName =
  | "docker-v2-private" | "kubernetes-systemd" | "kubernetes-cgroupfs" | "podman-rootless" | "lxc" | "systemd-user-session" | "hybrid";

const MAKERS: Readonly<Record<PresetName, (boot: Boot) => Kernel>> = {
  "docker-v2-private": dockerPrivate,
  "kubernetes-systemd": kubernetesSystemd,
  "kubernetes-cgroupfs": kubernetesCgroupfs,
  "podman-rootless": podmanRootless,
  lxc,
  "systemd-user-session": session,
  hybrid,
};

export const PRESETS: readonly PresetName[] = Object.keys(MAKERS) as PresetName[];

/** A machine that people know. @throws TypeError for a name it does not have */
export function preset(name: PresetName, boot: Boot): Kernel {
  if (!Object.hasOwn(MAKERS, name)) throw expected("name", `one of ${PRESETS.join(", ")}`, name);
  return MAKERS[name](boot);
}
