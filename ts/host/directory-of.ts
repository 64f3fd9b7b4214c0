// The directory of a cgroup: its path below the mount that shows it. Knows paths; must not know whether it is there.

import { bytesOf, isAtOrBelow, relative } from "./relative.ts";
import type { MountRecord } from "./snapshot.ts";

/**
 * Null where no mount shows it; of several the first that is not hidden.
 *
 *     path      mount root  mount point      result
 *     /a/b      /           /sys/fs/cgroup   /sys/fs/cgroup/a/b
 *     /a/b      /a          /mnt             /mnt/b
 *     /../x     /..         /mnt             /mnt/x
 */
export function directoryIn(mounts: readonly MountRecord[], path: Uint8Array): Uint8Array | null {
  const cgroup = relative(path);
  for (const { root, mountPoint, hidden } of mounts) {
    const top = relative(root);
    if (hidden || !isAtOrBelow(cgroup, top)) continue;
    // Of a mount from further up, the levels between it and the reader's root have names that nobody knows here.
    if (top.ups !== cgroup.ups) continue;
    const names = cgroup.names.slice(top.names.length);
    return names.length === 0 ? mountPoint : Buffer.concat([mountPoint, bytesOf({ ups: 0, names })]);
  }
  return null;
}
