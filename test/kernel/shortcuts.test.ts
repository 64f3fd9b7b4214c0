// A way that is remembered leads where the whole walk would: for whoever walks, whatever was changed meanwhile. A path that
// begins with `/.` is walked step by step.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Kernel, type Task } from "../../ts/index.ts";
import { suppose } from "../../ts/kernel/suppose.ts";

const TOP = "/sys/fs/cgroup";

/** What calling comes to: its answer, or the errno. */
function outcome(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
}

const look = ({ fs }: Task, path: string): unknown => outcome(() => [fs.statSync(path).ino, outcome(() => fs.readdirSync(path)), fs.existsSync(`${path}/`)]);
const walk = (task: Task, path: string): unknown => look(task, `/.${path}`);

/** A machine with a hierarchy of either version in its usual place, a cgroup in each, root and a user. */
function machine(): { kernel: Kernel; root: Task; user: Task; owner: Task } {
  const kernel = new Kernel({ legacy: [{ controllers: ["pids"] }] });
  const { init: root } = kernel;
  for (const hierarchy of ["unified", "pids"]) root.fs.mkdirSync(`${TOP}/${hierarchy}/a`);
  const user = root.fork();
  user.setIds({ uid: 1000, gid: 1000 });
  const owner = root.fork();
  owner.setIds({ uid: 1001, gid: 1001 });
  return { kernel, root, user, owner };
}

function give({ fs }: Task, uid: number, gid: number, mode: number): void {
  fs.chownSync("/sys/fs", uid, gid);
  fs.chmodSync("/sys/fs", mode);
}

const A = `${TOP}/unified/a`;

describe("a way is walked again after", () => {
  const changes: Record<string, (root: Task) => void> = {
    "a directory above was closed to others": ({ fs }) => fs.chmodSync("/sys/fs", 0o750),
    "a directory above was closed to its group": (root) => give(root, 0, 1000, 0o705),
    "a directory above was closed to its owner": (root) => give(root, 1000, 0, 0o655),
    "the mounted hierarchy was closed to others": ({ fs }) => fs.chmodSync(`${TOP}/unified`, 0o550),
    "the namespace's root was closed to others": ({ fs }) => fs.chmodSync("/", 0o700),
    "it was unmounted": (root) => root.umount(`${TOP}/unified`),
    "something was mounted over it": (root) => root.mount({ type: "tmpfs", at: `${TOP}/unified` }),
    "something was mounted over a directory above": (root) => root.mount({ type: "tmpfs", at: "/sys/fs" }),
    "something was mounted over the root": (root) => root.mount({ type: "tmpfs", at: "/" }),
    "its mount went with the directory above": (root) => root.umount(TOP, { detach: true }),
  };
  for (const [name, change] of Object.entries(changes)) {
    test(name, () => {
      const { root, user, owner } = machine();
      const before = look(user, A);
      change(root);
      expect(look(user, A)).not.toEqual(before);
      for (const task of [owner, root, user]) expect(look(task, A)).toEqual(walk(task, A));
    });
  }

  test("a directory above got another name", () => {
    const { root } = machine();
    root.fs.mkdirSync("/tmp/p/q", { recursive: true });
    root.mount({ type: "cgroup2", at: "/tmp/p/q" });
    expect(root.fs.existsSync("/tmp/p/q/a")).toBe(true);
    root.fs.renameSync("/tmp/p", "/tmp/r");
    expect(root.fs.existsSync("/tmp/p/q/a")).toBe(false);
    expect(root.fs.existsSync("/tmp/r/q/a")).toBe(true);
  });

  test.each(["mounted over", "unmounted"])("/proc was %s", (what) => {
    const { root, user } = machine();
    expect(look(user, "/proc/1/cgroup")).toEqual(walk(user, "/proc/1/cgroup"));
    if (what === "unmounted") root.umount("/proc");
    else root.mount({ type: "tmpfs", at: "/proc" });
    expect(look(user, "/proc/1/cgroup")).toBe("ENOENT");
  });

  test("another namespace removed a directory of it", () => {
    const { root } = machine();
    root.fs.mkdirSync("/tmp/p");
    const other = root.fork();
    other.unshare("mnt");
    other.mount({ type: "cgroup2", at: "/tmp/p" });
    expect(other.fs.existsSync("/tmp/p/a")).toBe(true);
    root.fs.rmdirSync("/tmp/p");
    expect(outcome(() => other.fs.statSync("/tmp/p/a"))).toBe("ENOENT");
  });

  test("a question has supposed something", () => {
    const { kernel, root, user } = machine();
    expect(user.fs.existsSync(A)).toBe(true);
    const supposed = suppose(kernel, () => {
      root.mount({ type: "tmpfs", at: `${TOP}/unified` });
      root.fs.mkdirSync(A);
      root.mount({ type: "cgroup2", at: A });
      return user.fs.existsSync(`${A}/a/cgroup.procs`);
    });
    expect(supposed).toBe(true);
    expect(user.fs.existsSync(`${A}/a/cgroup.procs`)).toBe(false);
    expect(user.fs.existsSync(A)).toBe(true);
  });
});

describe("a path is no way but its end or an odd form of it", () => {
  const { root } = machine();
  test.each([
    ["the mount point itself", `${TOP}/unified`, `${TOP}/unified/`], ["two slashes", `${TOP}/unified//a`, A], ["a dot", `/sys/./fs/cgroup/unified/a`, A],
    ["back again", `${TOP}/unified/../unified/a`, A], ["out of the mount", `${TOP}/unified/../pids/a`, `${TOP}/pids/a`],
  ])("%s", (_, odd, plain) => {
    for (let times = 0; times < 2; times++) expect(root.fs.statSync(odd)).toEqual(root.fs.statSync(plain));
  });

  test("a longer name that begins like a mount point's", () => {
    expect(root.fs.existsSync(A)).toBe(true);
    expect(root.fs.existsSync(`${TOP}/unifieda/cgroup.procs`)).toBe(false);
  });

  test.each(["/", "//"])("a mount point with %s behind it, which is a name in its parent", (end) => {
    const { user } = machine();
    for (let times = 0; times < 2; times++) {
      expect(outcome(() => user.fs.rmdirSync(`${TOP}/unified${end}`))).toBe(outcome(() => user.fs.rmdirSync(`/.${TOP}/unified${end}`)));
      expect(user.fs.existsSync(A)).toBe(true);
    }
  });

  test("a link", () => {
    root.fs.symlinkSync(TOP, "/tmp/link");
    for (let times = 0; times < 2; times++) expect(root.fs.existsSync("/tmp/link/unified/a")).toBe(true);
  });
});

const PATHS = ["/proc", "/proc/1/cgroup", "/proc/self", "/tmp/p", "/tmp/p/q", "/tmp/p/q/a", "/tmp/r/q/a", "/tmp/r", `${TOP}/unified`, A, `${A}/cgroup.procs`, `${TOP}/pids/a`, TOP, "/sys/fs"];
const path = fc.constantFrom(...PATHS, "/");
const CHANGE: fc.Arbitrary<(task: Task) => unknown> = fc.oneof(
  path.map((at) => ({ fs }: Task) => fs.mkdirSync(at)),
  path.map((at) => ({ fs }: Task) => fs.rmdirSync(at)),
  fc.tuple(path, fc.constantFrom(0o755, 0o700, 0o750, 0o705, 0o555)).map(([at, mode]) => ({ fs }: Task) => fs.chmodSync(at, mode)),
  fc.tuple(path, path).map(([from, to]) => ({ fs }: Task) => fs.renameSync(from, to)),
  fc.tuple(path, fc.constantFrom("cgroup2", "tmpfs")).map(([at, type]) => (task: Task) => task.mount({ type, at })),
  fc.tuple(path, path).map(([at, source]) => (task: Task) => task.mount({ bind: true, source, at })),
  path.map((at) => (task: Task) => task.umount(at, { detach: true })),
  fc.constant((task: Task) => task.unshare("mnt")),
);

test("after any changes every path leads where it leads step by step", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(CHANGE, fc.boolean()), { maxLength: 25, size: "max" }), (changes) => {
      const { root, user } = machine();
      const other = root.fork();
      other.unshare("mnt");
      for (const [change, isOther] of changes) {
        outcome(() => change(isOther ? other : root));
        for (const task of [root, user, other]) for (const at of PATHS) expect(look(task, at)).toEqual(walk(task, at));
      }
    }),
    { numRuns: 150 },
  );
});
