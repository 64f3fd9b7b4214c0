// Docker on a systemd host with cgroup2 only, as it is installed today: a scope for each container, a private cgroup namespace,
// and cgroup2 read-only inside. And Docker beside v1, where containers keep the machine's namespace.

import type { Kernel } from "../kernel.ts";
import type { Task } from "../task.ts";
import { startContainer } from "./container.ts";
import { type Boot, LEGACY, PresetHost, TOP } from "./host.ts";

const ID = "b1eba9dfaeba29d8b80532a574a03ea3cac29384327f339c26da13649e2120df";
const LAYER = "/var/lib/docker/overlay2/6c1d1f3a4f0f5d7c2b9e8a7d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a493";
const ETC = ["hostname", "hosts", "resolv.conf"];

function daemons(host: PresetHost): Task {
  host.service("/system.slice/docker.service", "dockerd");
  const containerd = host.service("/system.slice/containerd.service", "containerd");
  for (const name of ETC) host.file(`/var/lib/docker/containers/${ID}/${name}`, name === "hostname" ? `${ID.slice(0, 12)}\n` : "");
  return containerd.fork({ command: "containerd-shim" });
}

function container(host: PresetHost, cgroup: string, ownCgroupNs: boolean): Task {
  return startContainer(host, {
    parent: daemons(host), cgroup, rootfs: `${LAYER}/merged`, ownCgroupNs, files: { "/.dockerenv": "" },
    binds: ETC.map((name) => [`/var/lib/docker/containers/${ID}/${name}`, `/etc/${name}`] as const),
  });
}

/** `docker run --memory 512m --cpus 1.5 --pids-limit 100` */
export function dockerPrivate(boot: Boot): Kernel {
  const host = new PresetHost(boot);
  const cgroup = `/system.slice/docker-${ID}.scope`;
  container(host, cgroup, true);
  host.set(cgroup, "memory.max", "536870912");
  host.set(cgroup, "cpu.max", "150000 100000");
  host.set(cgroup, "pids.max", "100");
  host.user("/user.slice/user-1000.slice/session-3.scope", "bash", 1000);
  return host.kernel;
}

/** The same with the cgroupfs driver, v1 hierarchies with the controllers and cgroup2 beside them. */
export function hybrid(boot: Boot): Kernel {
  const host = new PresetHost(boot, { legacy: LEGACY, unifiedAt: `${TOP}/unified` });
  const cgroup = `/docker/${ID}`;
  container(host, cgroup, false);
  host.set(cgroup, "memory.limit_in_bytes", "536870912");
  host.set(cgroup, "pids.max", "100");
  return host.kernel;
}
