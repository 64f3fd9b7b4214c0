// A mount's line in mountinfo says what is so when it is read: places, flags, options and what the reader's namespace sees.

import { describe, expect, test } from "vitest";
import { Kernel, type Task } from "../../ts/index.ts";
import { suppose } from "../../ts/kernel/suppose.ts";

const TOP = "/sys/fs/cgroup";

interface Line {
  readonly root: string;
  readonly at: string;
  readonly flags: string;
  readonly options: string;
}

function lines({ fs }: Task): Line[] {
  const text = fs.readFileSync("/proc/self/mountinfo", "utf8") as string;
  return text.trimEnd().split("\n").map((line) => {
    const [, , , root, at, flags, , , , options] = line.split(" ");
    return { root: root!, at: at!, flags: flags!, options: options! };
  });
}

const points = (task: Task): string[] => lines(task).map(({ at }) => at);
const lineAt = (task: Task, at: string): Line | undefined => lines(task).find((line) => line.at === at);

describe("mountinfo shows where a mount is now, after", () => {
  test("a directory above it was renamed", () => {
    const { init } = new Kernel();
    init.fs.mkdirSync("/tmp/p/q", { recursive: true });
    init.mount({ type: "cgroup2", at: "/tmp/p/q" });
    expect(points(init)).toContain("/tmp/p/q");
    init.fs.renameSync("/tmp/p", "/tmp/r");
    expect(points(init)).toContain("/tmp/r/q");
    expect(points(init)).not.toContain("/tmp/p/q");
  });

  test("a cgroup of version 1 above it was renamed", () => {
    const { init } = new Kernel({ legacy: [{ controllers: ["pids"] }] });
    init.fs.mkdirSync(`${TOP}/pids/a/x`, { recursive: true });
    init.mount({ type: "tmpfs", at: `${TOP}/pids/a/x` });
    init.fs.mkdirSync(`${TOP}/pids/a/x/y`);
    init.mount({ type: "tmpfs", at: `${TOP}/pids/a/x/y` });
    expect(points(init)).toContain(`${TOP}/pids/a/x/y`);
    init.fs.renameSync(`${TOP}/pids/a`, `${TOP}/pids/b`);
    expect(points(init).filter((at) => at.startsWith(`${TOP}/pids/`))).toEqual([`${TOP}/pids/b/x`, `${TOP}/pids/b/x/y`]);
  });

  test("that was only supposed", () => {
    const kernel = new Kernel();
    const { init } = kernel;
    init.fs.mkdirSync("/tmp/p/q", { recursive: true });
    init.mount({ type: "tmpfs", at: "/tmp/p/q" });
    const supposed = suppose(kernel, () => {
      init.fs.renameSync("/tmp/p", "/tmp/r");
      return points(init);
    });
    expect(supposed).toContain("/tmp/r/q");
    expect(points(init)).toContain("/tmp/p/q");
  });

  test("its namespace got another root", () => {
    const app = Kernel.preset("docker-v2-private").find("app")!;
    expect(points(app)[0]).toBe("/");
    expect(points(app)).toEqual(expect.arrayContaining(["/proc", TOP]));
  });
});

test("mountinfo shows flags and options as they are now", () => {
  const { init } = new Kernel();
  init.mount({ type: "cgroup2", at: "/tmp" });
  expect(lineAt(init, "/tmp")).toMatchObject({ flags: "rw,relatime", options: "rw" });
  init.mount({ bind: true, remount: true, at: "/tmp", flags: { readOnly: true, nosuid: true } });
  expect(lineAt(init, "/tmp")).toMatchObject({ flags: "ro,nosuid,relatime", options: "rw" });
  init.mount({ remount: true, at: TOP, options: "nsdelegate" });
  expect([lineAt(init, "/tmp"), lineAt(init, TOP)]).toMatchObject([{ options: "rw,nsdelegate" }, { options: "rw,nsdelegate" }]);
});

test("mountinfo shows each reader its own roots, one after the other", () => {
  const { init } = new Kernel();
  init.fs.mkdirSync(`${TOP}/a/b`, { recursive: true });
  const inside = init.fork();
  init.fs.writeFileSync(`${TOP}/a/cgroup.procs`, String(inside.pid));
  inside.unshare("cgroup");
  for (let times = 0; times < 2; times++) {
    expect(lineAt(init, TOP)?.root).toBe("/");
    expect(lineAt(inside, TOP)?.root).toBe("/..");
  }
});
