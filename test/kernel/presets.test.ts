// Machines that people know: what is read inside each, and on its host; all of it reached by system calls, and every one of
// them a kernel that goes on working.

import { describe, expect, test } from "vitest";
import { Kernel, type Task } from "../../ts/index.ts";
import { PRESETS, type PresetName } from "../../ts/kernel/presets.ts";
import { parseMountinfo } from "../../ts/proc/index.ts";

const app = (name: PresetName): { kernel: Kernel; task: Task } => {
  const kernel = Kernel.preset(name);
  return { kernel, task: kernel.find("app")! };
};
const own = (task: Task): string => task.fs.readFileSync("/proc/self/cgroup", "utf8");
const fromHost = ({ kernel, task }: { kernel: Kernel; task: Task }): string => kernel.init.fs.readFileSync(`/proc/${task.numbers[0]}/cgroup`, "utf8");

describe.each(PRESETS)("%s", (name) => {
  test("has its systemd and an app, found by name and by number", () => {
    const { kernel, task } = app(name);
    expect(kernel.find("systemd")).toBe(kernel.init);
    expect(kernel.task(1)).toBe(kernel.init);
    expect(kernel.task(task.numbers[0]!)).toBe(task);
    expect([kernel.find("nobody"), kernel.task(4711)]).toEqual([undefined, undefined]);
    expect(task.fs.readFileSync("/proc/self/comm", "utf8")).toBe("app\n");
  });

  test("is the same every time, and goes on working when it was written down", () => {
    const one = app(name);
    const kernel = Kernel.fromJSON(JSON.parse(JSON.stringify(Kernel.preset(name).toJSON())));
    const again = kernel.find("app")!;
    for (const file of ["cgroup", "mountinfo", "status"]) {
      expect(again.fs.readFileSync(`/proc/self/${file}`, "utf8")).toBe(one.task.fs.readFileSync(`/proc/self/${file}`, "utf8"));
    }
    kernel.init.fork().exit();
    expect(again.fork().pid).toBeGreaterThan(0);
  });

  test("shows mounts that parse, with cgroups among them", () => {
    const { task } = app(name);
    const mounts = parseMountinfo(task.fs.readFileSync("/proc/self/mountinfo", "utf8"));
    expect(mounts.some(({ fsType }) => fsType.startsWith("cgroup"))).toBe(true);
    expect(task.fs.readdirSync("/sys/fs/cgroup").length).toBeGreaterThan(5);
  });
});

describe("what is read inside", () => {
  test("Docker: / inside, the scope on the host, its limits and no writing", () => {
    const world = app("docker-v2-private");
    const { task } = world;
    expect(own(task)).toBe("0::/\n");
    expect(fromHost(world)).toMatch(/^0::\/system\.slice\/docker-[0-9a-f]{64}\.scope\n$/);
    const read = (file: string): string => task.fs.readFileSync(`/sys/fs/cgroup/${file}`, "utf8");
    expect([read("memory.max"), read("cpu.max"), read("pids.max"), read("cgroup.procs")]).toEqual(["536870912\n", "150000 100000\n", "100\n", "1\n"]);
    expect(() => task.fs.mkdirSync("/sys/fs/cgroup/sub")).toThrow(/EROFS/);
    expect(() => task.unshare("cgroup")).toThrow(/EPERM/);
    expect(task.fs.existsSync("/.dockerenv")).toBe(true);
    expect(task.fs.readFileSync("/etc/hostname", "utf8")).toMatch(/^[0-9a-f]{12}\n$/);
    expect(task.fs.readFileSync("/proc/self/mountinfo", "utf8")).toMatch(/ \/var\/lib\/docker\/containers\/[0-9a-f]{64}\/hostname \/etc\/hostname /);
  });

  test("Kubernetes with systemd: the pod's uid with underscores on the host, a sidecar beside it", () => {
    const world = app("kubernetes-systemd");
    expect(own(world.task)).toBe("0::/\n");
    expect(fromHost(world)).toMatch(
      /^0::\/kubepods\.slice\/kubepods-burstable\.slice\/kubepods-burstable-pod[0-9a-f]{8}(?:_[0-9a-f]{4}){3}_[0-9a-f]{12}\.slice\/cri-containerd-[0-9a-f]{64}\.scope\n$/,
    );
    const sidecar = world.kernel.find("sidecar")!;
    world.kernel.init.setns({ path: `/proc/${world.task.numbers[0]}/ns/cgroup` });
    expect(world.kernel.init.fs.readFileSync(`/proc/${sidecar.numbers[0]}/cgroup`, "utf8")).toMatch(/^0::\/\.\.\/cri-containerd-[0-9a-f]{64}\.scope\n$/);
  });

  test("Kubernetes with cgroupfs: the whole path inside, on every v1 hierarchy and without a v2 line", () => {
    const world = app("kubernetes-cgroupfs");
    const lines = own(world.task).trimEnd().split("\n");
    expect(lines).toHaveLength(11);
    for (const line of lines) expect(line).toMatch(/^\d+:[a-z_,=]+:\/kubepods\/burstable\/pod[0-9a-f-]{36}\/[0-9a-f]{64}$/);
    expect(own(world.task)).toBe(fromHost(world));
    expect(world.task.fs.readFileSync("/sys/fs/cgroup/memory/memory.limit_in_bytes", "utf8")).toBe("268435456\n");
  });

  test("rootless podman: root inside and uid 1000 outside, below the user's service", () => {
    const world = app("podman-rootless");
    expect(own(world.task)).toBe("0::/\n");
    expect(fromHost(world)).toMatch(/^0::\/user\.slice\/user-1000\.slice\/user@1000\.service\/user\.slice\/libpod-[0-9a-f]{64}\.scope\/container\n$/);
    expect(world.task.credentials.uid).toBe(1000);
    expect(world.task.fs.readFileSync("/proc/self/uid_map", "utf8")).toMatch(/^\s+0\s+1000\s+1\n/);
    expect(world.task.fs.statSync("/sys/fs/cgroup").uid).toBe(0);
    expect(world.task.fs.existsSync("/run/.containerenv")).toBe(true);
  });

  test("LXC: a system's own tree, writable, rooted at the payload", () => {
    const world = app("lxc");
    expect([own(world.task), fromHost(world)]).toEqual(["0::/system.slice/app.service\n", "0::/lxc.payload.web/system.slice/app.service\n"]);
    expect(world.task.fs.readFileSync("/proc/1/cgroup", "utf8")).toBe("0::/init.scope\n");
    world.task.fs.mkdirSync("/sys/fs/cgroup/system.slice/new.service");
  });

  test("a session: systemd's escapes are part of the name, and the user may make cgroups of its own", () => {
    const { task } = app("systemd-user-session");
    expect(own(task)).toBe("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-code\\x2doss-4711.scope\n");
    expect(() => task.fs.mkdirSync("/sys/fs/cgroup/user.slice/mine")).toThrow(/EACCES/);
    task.fs.mkdirSync("/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/mine");
  });

  test("hybrid: v1 and v2 lines with the same path", () => {
    const { task } = app("hybrid");
    const lines = own(task).trimEnd().split("\n");
    expect(lines).toHaveLength(12);
    expect(new Set(lines.map((line) => line.split(":")[2])).size).toBe(1);
    expect(lines.at(-1)).toMatch(/^0::\/docker\/[0-9a-f]{64}$/);
    expect(task.fs.statfsSync("/sys/fs/cgroup/unified").type).toBe(0x63677270);
  });
});

test("a name there is none for is a TypeError", () => {
  expect(() => Kernel.preset("windows" as PresetName)).toThrow(TypeError);
  expect(() => Kernel.preset("toString" as PresetName)).toThrow(/Expected `name` to be one of docker-v2-private/);
});
