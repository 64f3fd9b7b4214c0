// Where a mount leads whose mounter's root was removed (rule 10.2), on the model: a real 6.18 would not outlive the last of these.

import { expect, test } from "vitest";
import { Kernel, type Task } from "../../ts/index.ts";

const TOP = "/sys/fs/cgroup";

/** A task whose namespace is rooted below a/NAME, where all of that is gone and `a` has hugetlb's files by now. */
function rootedIn(name: string): Task {
  const { init } = new Kernel();
  const { fs } = init;
  fs.mkdirSync(`${TOP}/a/${name}`, { recursive: true });
  const task = init.fork();
  fs.writeFileSync(`${TOP}/a/${name}/cgroup.procs`, String(task.pid));
  task.unshare("cgroup");
  fs.writeFileSync(`${TOP}/cgroup.procs`, String(task.pid));
  for (let path = name; path !== ""; path = path.slice(0, Math.max(path.lastIndexOf("/"), 0))) fs.rmdirSync(`${TOP}/a/${path}`);
  fs.writeFileSync(`${TOP}/cgroup.subtree_control`, "+hugetlb");
  return task;
}

test("a control file that has the root's name by now is ENOTDIR on a directory", () => {
  expect(() => rootedIn("hugetlb.2MB.max").mount({ type: "cgroup2", at: "/tmp" })).toThrow(/ENOTDIR/);
});

test("on a file it is mounted, and read there", () => {
  const task = rootedIn("hugetlb.2MB.max");
  task.fs.writeFileSync(`${TOP}/a/hugetlb.2MB.max`, "4194304");
  task.mount({ type: "cgroup2", at: `${TOP}/a/cgroup.max.depth` });
  expect(task.fs.readFileSync(`${TOP}/a/cgroup.max.depth`, "utf8")).toBe("4194304\n");
});

test("a way through a control file is ENOTDIR", () => {
  expect(() => rootedIn("hugetlb.2MB.max/x").mount({ type: "cgroup2", at: "/tmp" })).toThrow(/ENOTDIR/);
});

test("a root whose name nobody has is ENOENT", () => {
  expect(() => rootedIn("x/y").mount({ type: "cgroup2", at: "/tmp" })).toThrow(/ENOENT/);
});
