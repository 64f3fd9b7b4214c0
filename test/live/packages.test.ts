// Three packages of other people's that read /proc/self/cgroup and mountinfo, unmodified: what they find inside real containers
// and on the host is, byte for byte, what they find with task.fs for their fs in the same world of the model.

import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { TaskFs } from "../../ts/kernel/fs/index.ts";
import { Kernel, type LegacyHierarchy } from "../../ts/kernel/kernel.ts";
import type { Task } from "../../ts/kernel/task.ts";
import { type Container, missingRuntimes, startContainer, startNested, sweep } from "./containers.ts";
import { whyNotLive } from "./world.ts";

const PACKAGES = ["container-info@1.1.0", "docker-container-id@1.0.1", "@opentelemetry/resource-detector-container@0.7.11", "@opentelemetry/api@1.9.0"];
const FOLDER = join(tmpdir(), "cgroupns-packages");
const PROBE = `const fs = require("fs");
const info = require("container-info");
const { containerDetector } = require("@opentelemetry/resource-detector-container");
async function probe() {
  return JSON.stringify({
    cgroup: fs.readFileSync("/proc/self/cgroup", "latin1"),
    info: await info(), sync: info.sync(), docker: await require("docker-container-id")(),
    opentelemetry: await containerDetector.detect().attributes["container.id"],
  });
}
module.exports = probe;
if (require.main === module) probe().then((text) => process.stdout.write(text + "\\n--\\n" + fs.readFileSync("/proc/self/mountinfo", "latin1")));
`;

/** Installs them once, outside the project; why not, where that fails. */
function install(): string {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "probe.cjs"), PROBE);
  if (PACKAGES.every((name) => existsSync(join(FOLDER, "node_modules", name.replace(/@[^@]+$/, ""))))) return "";
  const { status } = spawnSync("npm", ["install", "--no-fund", "--no-audit", "--silent", "--prefix", FOLDER, ...PACKAGES], { timeout: 90_000 });
  return status === 0 ? "" : "the packages cannot be installed";
}

const missing = [whyNotLive(), ...missingRuntimes(), spawnSync("nsenter", ["--version"]).status === 0 ? "" : "no nsenter"].filter(Boolean);
const why = missing.length > 0 ? missing.join(", ") : install();

interface Found {
  /** What the packages say, as JSON. */
  readonly text: string;
  readonly mountinfo: string;
}

// ── the real worlds ──

interface Line { readonly id: number; readonly controllers: string; readonly path: string }

function linesOf(text: string): Line[] {
  return text.split("\n").filter(Boolean).map((line) => {
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line)!;
    return { id: Number(id), controllers: controllers!, path: path! };
  });
}

const cgroupFile = (pid: number | string): string => readFileSync(`/proc/${pid}/cgroup`, "latin1");

/** Where the hierarchy of a line is mounted on this machine. */
function mountOf({ id, controllers }: Line): string {
  const wanted = (type: string, options: string[]): boolean =>
    id === 0 ? type === "cgroup2" : type === "cgroup" && controllers.split(",").every((word) => options.includes(word));
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const [before, after = ""] = line.split(" - ");
    const [type = "", , options = ""] = after.split(" ");
    if (wanted(type, options.split(","))) return before!.split(" ")[4]!;
  }
  throw new Error(`${controllers} is not mounted here`);
}

/** Node and what it needs, into the container's root. */
function furnish(pid: number): void {
  const place = `/proc/${pid}/root/opt/probe`;
  if (existsSync(place)) return;
  mkdirSync(join(place, "lib"), { recursive: true });
  copyFileSync(realpathSync(process.execPath), join(place, "node"));
  const libraries = spawnSync("ldd", [process.execPath], { encoding: "utf8" }).stdout.match(/\/\S+/g) ?? [];
  for (const library of libraries) copyFileSync(realpathSync(library), join(place, "lib", library.split("/").at(-1)!));
  cpSync(FOLDER, join(place, "app"), { recursive: true });
}

/** Node inside: in the container's cgroups, then in its namespaces. */
function probeIn({ pid }: Container): Found {
  furnish(pid);
  const moves = linesOf(cgroupFile(pid)).map((line) => `echo $$ > '${mountOf(line)}${line.path}/cgroup.procs'`);
  const loader = spawnSync("ldd", [process.execPath], { encoding: "utf8" }).stdout.match(/\/\S*ld-linux\S*/)![0].split("/").at(-1);
  const inside = `cd /; exec nsenter -t ${pid} -m -p -C -- /opt/probe/lib/${loader} --library-path /opt/probe/lib /opt/probe/node /opt/probe/app/probe.cjs`;
  for (const line of linesOf(cgroupFile(pid))) if (line.controllers === "memory") unlimit(`${mountOf(line)}${line.path}`);
  return found(spawnSync("sh", ["-c", [...moves, inside].join("\n")], { encoding: "latin1", timeout: 60_000 }));
}

/** Node is larger than what the container is allowed. */
function unlimit(cgroup: string): void {
  for (const file of ["memory.memsw.limit_in_bytes", "memory.limit_in_bytes"]) {
    if (existsSync(`${cgroup}/${file}`)) writeFileSync(`${cgroup}/${file}`, "-1");
  }
}

function found({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): Found {
  if (status !== 0) throw new Error(`the probe ended with ${status}: ${stderr}`);
  const [text = "", mountinfo = ""] = stdout.split("\n--\n");
  return { text, mountinfo };
}

// ── the same worlds in the model ──

/** A kernel with this machine's hierarchies, and a task where `outside` says, in a namespace that makes it see `inside`. */
function worldOf(outside: string, real: Found, nested: boolean): Task {
  const lines = linesOf(outside).reverse();
  const legacy = lines.filter(({ id }) => id > 0).map(({ controllers }): LegacyHierarchy => {
    const words = controllers.split(",");
    const name = words.find((word) => word.startsWith("name="))?.slice(5);
    return { controllers: words.filter((word) => !word.startsWith("name=")), at: `/sys/fs/cgroup/${controllers}`, ...(name === undefined ? {} : { name }) };
  });
  const kernel = new Kernel({ legacy, unifiedAt: lines.some(({ id }) => id === 0) ? "/sys/fs/cgroup/unified" : null });
  const task = kernel.init.fork({ namespaces: ["mnt"] });
  const inside = new Map(linesOf((JSON.parse(real.text) as { cgroup: string }).cgroup).map(({ id, path }) => [id, path]));
  const roots = lines.map((line) => ({ ...line, path: line.path.slice(0, line.path.length - inside.get(line.id)!.replace(/^\/$/, "").length) }));
  if (nested) put(kernel, task, roots.map((line) => ({ ...line, path: line.path.replace(/\/[^/]*$/, "") })));
  if (nested) task.unshare("cgroup");
  put(kernel, task, roots);
  if (roots.some(({ path }) => path !== "")) task.unshare("cgroup");
  put(kernel, task, lines);
  bindHostname(kernel, task, real.mountinfo);
  return task;
}

function put(kernel: Kernel, task: Task, lines: readonly Line[]): void {
  const { fs } = kernel.init;
  for (const { id, controllers, path } of lines) {
    let place = `/sys/fs/cgroup/${id === 0 ? "unified" : controllers}`;
    for (const name of path.split("/").filter(Boolean)) {
      const above = place;
      place += `/${name}`;
      fs.mkdirSync(place, { recursive: true });
      if (controllers === "cpuset") for (const file of ["cpuset.cpus", "cpuset.mems"]) fs.writeFileSync(`${place}/${file}`, fs.readFileSync(`${above}/${file}`));
    }
    fs.writeFileSync(`${place}/cgroup.procs`, String(task.numbers[0]));
  }
}

/** What runtimes bind over /etc/hostname, from the place it has on the machine. */
function bindHostname(kernel: Kernel, task: Task, mountinfo: string): void {
  const [, , , root, at] = mountinfo.split("\n").find((line) => line.includes("hostname"))?.split(" ") ?? [];
  if (root === undefined || at === undefined) return;
  for (const path of [root, at]) {
    kernel.init.fs.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true });
    kernel.init.fs.writeFileSync(path, "name\n");
  }
  task.mount({ bind: true, source: root, at });
}

type Loader = { _load: (request: string, parent: { filename?: string } | undefined, isMain: boolean) => unknown };

/** The packages as Node loads them, except that their `fs` is the task's. */
async function probeWith(fs: TaskFs): Promise<string> {
  const loader = Module as unknown as Loader;
  const plain = loader._load;
  const require = createRequire(join(FOLDER, "probe.cjs"));
  for (const file of Object.keys(require.cache)) if (file.startsWith(realpathSync(FOLDER))) delete require.cache[file];
  loader._load = (request, parent, isMain) => {
    const ours = parent?.filename?.startsWith(realpathSync(FOLDER)) === true;
    if (ours && /^(?:node:)?fs$/.test(request)) return fs;
    return ours && /^(?:node:)?fs\/promises$/.test(request) ? fs.promises : plain(request, parent, isMain);
  };
  try {
    return await (require("./probe.cjs") as () => Promise<string>)();
  } finally {
    loader._load = plain;
  }
}

describe.skipIf(why !== "")(`three packages, unmodified ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  afterAll(sweep);

  async function compare(outside: string, real: Found, nested = false): Promise<Record<string, unknown>> {
    const { fs } = worldOf(outside, real, nested);
    const text = await probeWith(fs);
    expect(text).toBe(real.text);
    return JSON.parse(text) as Record<string, unknown>;
  }

  test("on the host", async () => {
    const real = found(spawnSync(process.execPath, [join(FOLDER, "probe.cjs")], { encoding: "latin1" }));
    await compare(cgroupFile("self"), real);
  });

  test.each([["runc", "host"], ["runc", "private"], ["podman", "host"], ["podman", "private"], ["lxc", "host"], ["lxc", "private"]] as const)(
    "in a container of %s with a %s namespace",
    async (runtime, cgroupns) => {
      const container = startContainer(runtime, { cgroupns, name: `packages-${runtime}-${cgroupns}` });
      try {
        const says = await compare(cgroupFile(container.pid), probeIn(container));
        const { containerId } = says.info as { containerId?: string };
        if (runtime === "podman" && cgroupns === "host") expect(containerId).toMatch(/^[0-9a-f]{64}$/);
      } finally {
        rmSync(`/proc/${container.pid}/root/opt`, { recursive: true, force: true });
        container.stop();
      }
    },
  );

  test("in a container inside a container", async () => {
    const container = startNested("packages-nested");
    try {
      await compare(cgroupFile(container.pid), probeIn(container), true);
    } finally {
      rmSync(`/proc/${container.pid}/root/opt`, { recursive: true, force: true });
      container.stop();
    }
  });
});
