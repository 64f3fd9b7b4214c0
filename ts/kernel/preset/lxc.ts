// LXC with a whole system inside: its own systemd, rooted at the payload's cgroup and free to make cgroups below it.

import type { Kernel } from "../kernel.ts";
import { startContainer } from "./container.ts";
import { type Boot, PresetHost } from "./host.ts";

const PAYLOAD = "/lxc.payload.web";

export function lxc(boot: Boot): Kernel {
  const host = new PresetHost(boot);
  const monitor = host.service("/lxc.monitor.web", "lxc-start");
  host.file("/var/lib/lxc/web/config", "lxc.uts.name = web\n");
  const system = startContainer(host, {
    parent: monitor, cgroup: PAYLOAD, ownCgroupNs: true, readOnlyCgroups: false, rootfs: "/var/lib/lxc/web/rootfs", command: "systemd",
    files: { "/etc/hostname": "web\n", "/run/systemd/container": "lxc" },
  });
  const app = system.fork({ command: "app" });
  // The leaves first: a cgroup with processes hands no controllers down.
  host.init.fs.mkdirSync(`/sys/fs/cgroup${PAYLOAD}/init.scope`);
  host.init.fs.mkdirSync(`/sys/fs/cgroup${PAYLOAD}/system.slice/app.service`, { recursive: true });
  system.fs.writeFileSync("/sys/fs/cgroup/init.scope/cgroup.procs", "0");
  system.fs.writeFileSync("/sys/fs/cgroup/system.slice/app.service/cgroup.procs", String(app.pid));
  return host.kernel;
}
