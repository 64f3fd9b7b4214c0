// Mounts of cgroups put into a mount namespace of the model, from a mountinfo: each at its place, with the owners and modes
// of the directories on the way and the flags it has. Other mounts are not looked at.

import { existsSync } from "node:fs";
import { cgroupMounts } from "./mounts.ts";
import type { CgroupFs } from "../kernel/cgroupfs.ts";
import type { Owned } from "../kernel/credentials.ts";
import { type Location, Mount, type MountNs, topmost } from "../kernel/mount.ts";
import type { TmpFs, TmpNode } from "../kernel/tmpfs.ts";
import { parseMountinfo } from "../proc/mountinfo.ts";
import { type KernelTree, ownedOf } from "./kernel-tree.ts";
import { latin1, relative } from "./relative.ts";

/** `top`: where the directories of that namespace are seen from here; "" for one's own. */
export function addMounts(namespace: MountNs, mountinfo: Uint8Array, trees: readonly KernelTree[], top: string): void {
  const lines = trees.map(({ record }) => ({ hierarchyId: record.id, controllers: record.controllers, name: record.name }));
  const entries = new Map(parseMountinfo(mountinfo, { encoding: "buffer" }).map((entry) => [entry.mountId, entry]));
  for (const { mountId, hierarchy, root, mountPoint, hidden } of cgroupMounts(mountinfo, lines)) {
    const tree = trees.find(({ record }) => record.id === hierarchy.hierarchyId);
    const entry = entries.get(mountId)!;
    if (tree === undefined || hidden) continue;
    const { kernel, model } = tree;
    if (model.isUnified) kernel.isUnifiedVisible = true;
    if (entry.superOptions.includes("ro")) model.readOnly = true;
    const has = (flag: string): boolean => entry.mountOptions.includes(flag);
    const flags = { readOnly: has("ro"), nosuid: has("nosuid"), nodev: has("nodev"), noexec: has("noexec") };
    const filesystem: CgroupFs = kernel.filesystemOf(model);
    const made = new Mount({ id: kernel.nextMountId(), namespace, filesystem, root: tree.at(relative(root), 0), source: filesystem.type, flags });
    const place = directories(namespace, latin1(mountPoint), top);
    if (place !== undefined) made.attachAt(place.mount, place.node);
  }
}

/** A directory of the machine, and those above it, in the model too. */
export function addDirectory(namespace: MountNs, path: string, top: string): void {
  for (let at = path.length; at > 0; at = path.lastIndexOf("/", at - 1)) {
    if (!existsSync(Buffer.from(`${top}${path.slice(0, at)}`, "latin1"))) continue;
    directories(namespace, path.slice(0, at), top);
    return;
  }
}

/** Undefined where another mount already lies on the way. */
function directories(namespace: MountNs, path: string, top: string): Location | undefined {
  let place = topmost({ mount: namespace.root, node: namespace.root.root });
  let prefix = "";
  for (const name of path.split("/").filter((one) => one !== "")) {
    prefix += `/${name}`;
    const filesystem = place.mount.filesystem as TmpFs;
    if (filesystem.type !== "tmpfs") return undefined;
    const owned = readOwned(`${top}${prefix}`);
    const found = filesystem.lookup(place.node, name) as TmpNode | undefined;
    const node = found ?? (filesystem.mkdir(place.node, name, owned) as TmpNode);
    node.owned = owned;
    place = topmost({ mount: place.mount, node });
  }
  return place;
}

function readOwned(path: string): Owned {
  try {
    return ownedOf(Buffer.from(path, "latin1"));
  } catch {
    return { uid: 0, gid: 0, mode: 0o755 };
  }
}
