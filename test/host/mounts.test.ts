// Which mounts show which hierarchy, from mountinfo texts: v1, v2, hybrid, binds, mounts below the top, mounts hidden by
// others. No file system is read.

import { describe, expect, test } from "vitest";
import { parseProcCgroup } from "../../ts/index.ts";
import { cgroupMounts } from "../../ts/host/mounts.ts";

const LINES = "9:name=systemd:/\n4:cpu,cpuacct:/\n3:memory:/\n0::/\n";

function mounts(mountinfo: string, lines = LINES): string[] {
  const known = parseProcCgroup(lines, { encoding: "buffer" });
  return cgroupMounts(Buffer.from(mountinfo), known).map(
    ({ hierarchy, root, mountPoint, hidden }) => `${hierarchy.hierarchyId} ${Buffer.from(root)} ${Buffer.from(mountPoint)}${hidden ? " hidden" : ""}`,
  );
}

describe("the cgroup mounts of a mountinfo", () => {
  test("a unified hierarchy is found wherever it is mounted", () => {
    expect(mounts("1 0 8:1 / / rw - ext4 sda rw\n5 1 0:38 / /anywhere\\040else rw - cgroup2 cgroup2 rw\n")).toEqual(["0 / /anywhere else"]);
  });

  test("a hybrid machine has co-mounted, named and unified hierarchies", () => {
    const text = `1 0 8:1 / / rw - ext4 sda rw
2 1 0:20 / /sys/fs/cgroup rw - tmpfs tmpfs rw
3 2 0:21 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
4 2 0:22 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
5 2 0:23 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
6 2 0:24 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
`;
    expect(mounts(text)).toEqual([
      "9 / /sys/fs/cgroup/systemd",
      "4 / /sys/fs/cgroup/cpu,cpuacct",
      "3 /docker/abc /sys/fs/cgroup/memory",
      "0 / /sys/fs/cgroup/unified",
    ]);
  });

  test("a v1 mount of controllers that no line names is not taken for another hierarchy", () => {
    expect(mounts("1 0 8:1 / / rw - ext4 sda rw\n3 1 0:21 / /c rw - cgroup cgroup rw,cpu\n")).toEqual([]);
  });

  test("several mounts of one hierarchy are all found, with roots above and below the reader's", () => {
    const text = `1 0 8:1 / / rw - ext4 sda rw
3 1 0:38 /../../.. /host/sys/fs/cgroup rw - cgroup2 cgroup2 rw
4 1 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup rw
5 1 0:38 /sub /mnt rw - cgroup2 cgroup rw
`;
    expect(mounts(text)).toEqual(["0 /../../.. /host/sys/fs/cgroup", "0 / /sys/fs/cgroup", "0 /sub /mnt"]);
  });

  test("a mount that another lies over is hidden: at the same point, or further up", () => {
    const text = `1 0 8:1 / / rw - ext4 sda rw
2 1 0:20 / /sys rw - sysfs sysfs rw
3 2 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
4 3 0:50 / /sys/fs/cgroup rw - tmpfs tmpfs rw
5 4 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
6 1 0:38 / /opt/a rw - cgroup2 cgroup2 rw
7 1 0:51 / /opt rw - tmpfs tmpfs rw
`;
    expect(mounts(text)).toEqual([
      "0 / /sys/fs/cgroup hidden",
      "0 / /sys/fs/cgroup/unified",
      "0 / /opt/a hidden",
    ]);
  });

  test("the root itself may be mounted over", () => {
    const text = `1 0 8:1 / / rw - rootfs rootfs rw
2 1 8:2 / / rw - ext4 sda rw
3 2 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
`;
    expect(mounts(text)).toEqual(["0 / /sys/fs/cgroup"]);
  });
});
