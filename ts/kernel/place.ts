// Where a cgroup is: from its path in a hierarchy to a directory that a task can walk to, and back to what one types on a
// shell. Knows nothing of permissions.

import { type Bytes, toText } from "./bytes.ts";
import type { CgroupNode } from "./cgroup.ts";
import type { Mount } from "./mount.ts";
import { mountPoint } from "./proc-text.ts";
import type { Kernel } from "./kernel.ts";
import type { Task } from "./task.ts";
import { view } from "./view.ts";

/** Names from the hierarchy's root down. */
export function namesTo(cgroup: CgroupNode): Bytes[] {
  const names: Bytes[] = [];
  for (let at = cgroup; at.parent !== null; at = at.parent) names.push(at.name);
  return names.reverse();
}

export const pathOf = (cgroup: CgroupNode): Bytes => view(cgroup.hierarchy.root, cgroup) ?? "/";

interface Shown {
  readonly mount: Mount;
  readonly at: Bytes;
}

/** The mounts of cgroups a task has, but for those another one lies over. */
function cgroupMounts({ mountNs }: Task): Shown[] {
  const found: Shown[] = [];
  for (const mount of mountNs.mounts) {
    if ("hierarchy" in mount.root && !mount.children.has(mount.root)) found.push({ mount, at: mountPoint(mount) });
  }
  return found;
}

const isBelow = (path: Bytes, top: Bytes): boolean => top === "/" || path === top || path.startsWith(`${top}/`);

/**
 * The directory to walk to. What lies at or below one of the task's or init's mounts of cgroups is one already, and so is a
 * relative path; other paths are cgroups of the unified hierarchy, or behind `CONTROLLERS:` of a v1 one, looked for in those mounts.
 */
export function directoryFor(by: Task, path: Bytes): Bytes {
  const [, key, rest = path] = /^([^/:]+):(\/.*)$/s.exec(path) ?? [];
  const mounts = cgroupMounts(by);
  const known = [...mounts, ...cgroupMounts(by.kernel.init)];
  if (!rest.startsWith("/") || (key === undefined && known.some(({ at }) => isBelow(path, at)))) return path;
  const inHierarchy = ({ mount }: Shown): boolean => {
    const { hierarchy } = mount.root as CgroupNode;
    return key === undefined ? hierarchy.isUnified : !hierarchy.isUnified && hierarchy.label === key;
  };
  for (const { mount, at } of mounts.filter(inHierarchy)) {
    const top = pathOf(mount.root as CgroupNode);
    if (!(mount.root as CgroupNode).dead && isBelow(rest, top)) return `${at === "/" ? "" : at}/${rest.slice(top === "/" ? 1 : top.length + 1)}`;
  }
  return path;
}

/** A cgroup's directory, or a file in it, as init would name it on a shell. */
export function onShell(kernel: Kernel, cgroup: CgroupNode, file?: Bytes): string {
  const { isUnified } = cgroup.hierarchy;
  const path = pathOf(cgroup);
  const shown = cgroupMounts(kernel.init).find(({ mount }) => mount.root === cgroup.hierarchy.root);
  const top = shown?.at ?? (isUnified ? "/sys/fs/cgroup" : `/sys/fs/cgroup/${cgroup.hierarchy.label}`);
  return quoted(`${top}${path === "/" ? "" : path}${file === undefined ? "" : `/${file}`}`);
}

/** Safe to paste into a shell. */
export function quoted(path: Bytes): string {
  if (/^[\w./:@%+=,-]+$/.test(path)) return path;
  if (!/[^ -~]/.test(path)) return `'${path.replaceAll("'", "'\\''")}'`;
  const bytes = [...path].map((c) => (/[ -~]/.test(c) && !/['\\]/.test(c) ? c : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`));
  return `$'${bytes.join("")}'`;
}

/** For people: control characters as \xNN. */
export const readable = (path: Bytes): string =>
  toText(path).replace(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
