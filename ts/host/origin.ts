// Where the reader's own root is in a hierarchy that is mounted from further above: paths that the reader reads start
// there, but no file says which directory it is. A mount of that very root tells its id; else the reader looks for itself.

import { readFileSync, statSync } from "node:fs";
import type { CgroupMount } from "./mounts.ts";
import { latin1, type Relative, relative } from "./relative.ts";
import type { CgroupRecord } from "./snapshot.ts";

/** The cgroup id of what the reader sees as `/`, or 0n. `own` is the reader's path in this hierarchy. */
export function originId(mounts: readonly CgroupMount[], cgroups: readonly CgroupRecord[], own: Relative | undefined): bigint {
  const mount = mounts.find(({ root }) => latin1(root) === "/");
  if (mount !== undefined) return statSync(Buffer.from(mount.mountPoint), { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
  if (own === undefined || own.ups > 0) return 0n;
  for (const { root, mountPoint } of mounts) {
    const { ups, names } = relative(root);
    if (names.length > 0) continue;
    const top = cgroups.findIndex(({ parent, name }) => parent === -1 && latin1(name) === latin1(root));
    const found = lookForSelf(cgroups, top, ups + own.names.length, latin1(mountPoint), own.names);
    if (found !== undefined) return found;
  }
  return 0n;
}

// Below `top`, as many levels as the reader is deep, behind the names that the reader knows: the one that lists the reader.
function lookForSelf(
  cgroups: readonly CgroupRecord[],
  top: number,
  depth: number,
  directory: string,
  names: readonly string[],
): bigint | undefined {
  const places = new Map<number, readonly string[]>([[top, []]]);
  for (const [index, { parent, name }] of cgroups.entries()) {
    const above = places.get(parent);
    if (above === undefined || parent === -1 || above.length === depth) continue;
    const place = [...above, latin1(name)];
    places.set(index, place);
    if (place.length < depth || names.some((known, i) => place[depth - names.length + i] !== known)) continue;
    if (!listsSelf(`${directory}/${place.join("/")}`)) continue;
    let origin = index;
    for (let level = 0; level < names.length; level++) origin = cgroups[origin]!.parent;
    return cgroups[origin]!.id;
  }
  return undefined;
}

function listsSelf(directory: string): boolean {
  try {
    const pids = readFileSync(Buffer.from(`${directory}/cgroup.procs`, "latin1"), "latin1");
    return pids.split("\n").includes(String(process.pid));
  } catch {
    return false;
  }
}
