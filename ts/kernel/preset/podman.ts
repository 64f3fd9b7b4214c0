// Rootless podman: a container of uid 1000's in a user namespace of its own, below the part of the tree that systemd has handed
// to the user.

import type { Kernel } from "../kernel.ts";
import { startContainer } from "./container.ts";
import { type Boot, PresetHost } from "./host.ts";

const ID = "3f4e5d6c7b8a99887766554433221100ffeeddccbbaa99887766554433221100";
const UID = 1000;
const MANAGER = "/user.slice/user-1000.slice/user@1000.service";
const USERDATA = `/run/user/1000/containers/overlay-containers/${ID}/userdata`;
const MAP = "0 1000 1\n1 100000 65536\n";

export function podmanRootless(boot: Boot): Kernel {
  const host = new PresetHost(boot);
  host.user("/user.slice/user-1000.slice/session-2.scope", "bash", UID);
  const manager = host.user(`${MANAGER}/init.scope`, "systemd", UID);
  host.delegate(MANAGER, UID);
  const podman = host.user(`${MANAGER}/user.slice/podman-1234.scope`, "podman", UID, manager);
  podman.unshare("user", "mnt");
  for (const map of ["uid_map", "gid_map"]) host.init.fs.writeFileSync(`/proc/${podman.numbers[0]}/${map}`, MAP);
  const conmon = podman.fork({ command: "conmon" });
  const scope = `${MANAGER}/user.slice/libpod-${ID}.scope`;
  host.move(conmon, `${MANAGER}/user.slice/libpod-conmon-${ID}.scope`);
  host.cgroup(`${scope}/container`);
  for (const path of [scope, `${scope}/container`]) host.delegate(path, UID);
  startContainer(host, {
    parent: conmon, cgroup: `${scope}/container`, ownCgroupNs: true, rootfs: rootfs(host), files: { "/run/.containerenv": "" },
    binds: ["hostname", "hosts", "resolv.conf"].map((name) => [`${USERDATA}/${name}`, `/etc/${name}`] as const),
  });
  return host.kernel;
}

function rootfs(host: PresetHost): string {
  for (const name of ["hostname", "hosts", "resolv.conf"]) host.file(`${USERDATA}/${name}`, name === "hostname" ? `${ID.slice(0, 12)}\n` : "");
  const merged = "/home/user/.local/share/containers/storage/overlay/5c6d7e8f/merged";
  host.init.fs.mkdirSync(merged, { recursive: true });
  host.init.fs.chownSync(merged, UID, UID);
  return merged;
}
