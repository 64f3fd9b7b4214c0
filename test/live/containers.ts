// Real containers for the live suites: runc, podman and LXC each start a `sleep` from a scratch root of busybox, with the
// host's cgroup namespace or a private one, and runc inside runc for a nested one. Everything that it leaves on the machine
// carries its prefix, and `stop` and `sweep` take it away. It installs nothing, and must not know of the library or of
// what a test expects a container to look like.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  closeSync, copyFileSync, existsSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync,
  writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { foldersOf, hierarchies, isNamed, PREFIX, readIfAny, removeCgroups, removeFolder, removeIfEmpty } from "./leftovers.ts";
import { pause } from "./world.ts";

export type Runtime = "runc" | "podman" | "lxc";
export type CgroupNamespace = "host" | "private";

export interface Container {
  readonly runtime: Runtime;
  readonly cgroupns: CgroupNamespace;
  readonly nested: boolean;
  readonly name: string;
  /** What the runtime calls it: of runc and LXC an id that no folder and no cgroup of ours is called after. */
  readonly id: string;
  /** The payload `sleep`, as the host numbers it. */
  readonly pid: number;
  stop(): void;
}

const MINE = `${PREFIX}-${process.pid}`;
const SLEEP = ["sleep", "100000"];
const COMMANDS: Record<Runtime, readonly string[]> = {
  runc: ["runc"], podman: ["podman", "conmon", "runc"], lxc: ["lxc-execute", "lxc-info", "lxc-stop"],
};

/** Why some of this cannot run here; empty where all of it can. */
export function missingRuntimes(): string[] {
  const missing: string[] = [];
  if (process.platform !== "linux") missing.push("not Linux");
  if (process.getuid?.() !== 0) missing.push("not root");
  if (which("busybox") === "") missing.push("no busybox");
  for (const [runtime, commands] of Object.entries(COMMANDS)) {
    const absent = commands.find((command) => which(command) === "");
    if (absent !== undefined) missing.push(`${runtime} (${absent} not on PATH)`);
  }
  return missing;
}

/** A container whose payload runs when this returns. `bare`: LXC leaves mounting cgroups to the container. */
export function startContainer(
  runtime: Runtime,
  { cgroupns, name, bare = false }: { cgroupns: CgroupNamespace; name: string; bare?: boolean },
): Container {
  const start = { runc: startRunc, podman: startPodman, lxc: bare ? startBareLxc : startLxc }[runtime];
  return begin({ runtime, cgroupns, nested: false, name: `${MINE}-${name}` }, start);
}

/** Where a runc container's state is kept: what `runc --root` was given. */
export function stateRoot({ name }: Container): string {
  return join(scratchOf(MINE), name, "state");
}

/** runc inside runc: the payload's cgroup namespace is private and made inside another private one. */
export function startNested(name: string): Container {
  return begin({ runtime: "runc", cgroupns: "private", nested: true, name: `${MINE}-${name}` }, startRuncInRunc);
}

/** Takes away what this process and those that have ended left behind: processes, cgroups, mounts and folders. */
export function sweep(): void {
  const prefixes = new Set([MINE]);
  for (const found of [...readdirSync(tmpdir()), ...hierarchies().flatMap((top) => readdirSync(top))]) {
    const match = new RegExp(`${PREFIX}-(\\d+)`).exec(found);
    if (match !== null && !existsSync(`/proc/${match[1]}`)) prefixes.add(match[0]);
  }
  for (const prefix of prefixes) {
    const scratch = scratchOf(prefix);
    if (existsSync(join(scratch, "podman"))) spawnSync("podman", [...podmanOptions(scratch), "rm", "--all", "--force", "--time", "0"]);
    removeCgroups((cgroup) => isNamed(cgroup, prefix));
    removeFolder(scratch);
    rmSync(`/run/lxc/lock${scratch}`, { recursive: true, force: true });
    rmSync(`/run/lxc${scratch}`, { recursive: true, force: true });
  }
  removeIfEmpty(["libpod_parent/conmon", "libpod_parent", "lxc.pivot"]);
}

type Wanted = Omit<Container, "pid" | "stop">;
/** `id`: where the runtime has chosen it. */
interface Started { readonly pid: number; readonly id?: string; readonly end: () => void }

// Starts it in a folder of its own; what has failed half-way is taken away as what has ended is.
function begin(asked: Omit<Wanted, "id">, start: (wanted: Wanted, folder: string) => Started): Container {
  const wanted: Wanted = { ...asked, id: `${asked.name}-${randomBytes(4).toString("hex")}` };
  const folder = join(scratchOf(MINE), wanted.name);
  if (existsSync(folder)) throw new Error(`there is a container ${wanted.name} already`);
  mkdirSync(folder, { recursive: true });
  const clear = (): void => {
    removeCgroups((cgroup) => isNamed(cgroup, wanted.name));
    removeFolder(folder);
    removeIfEmpty([MINE, "lxc.pivot"]);
  };
  try {
    const { pid, id = wanted.id, end } = start(wanted, folder);
    const stop = (): void => {
      end();
      clear();
      waitForEnd(pid);
    };
    return { ...wanted, id, pid, stop };
  } catch (error) {
    clear();
    throw error;
  }
}

// ── runc ──

interface Spec {
  process: {
    terminal: boolean; args: string[]; noNewPrivileges: boolean; rlimits?: unknown; capabilities: Record<string, string[]>;
  };
  root: { path: string; readonly: boolean };
  hostname: string;
  mounts: { destination: string; type: string; source: string; options: string[] }[];
  linux: {
    cgroupsPath: string; namespaces: { type: string }[]; resources: unknown; maskedPaths: string[]; readonlyPaths: string[];
  };
}

function startRunc({ id, name, cgroupns }: Wanted, folder: string): Started {
  makeRoot(join(folder, "rootfs"));
  writeBundle(folder, { args: SLEEP, cgroup: `/${MINE}/${name}`, cgroupns });
  return runBundle(id, folder, (pid) => pid);
}

function startRuncInRunc({ id, name, cgroupns }: Wanted, folder: string): Started {
  const inner = join(folder, "rootfs", "inner");
  makeRoot(join(folder, "rootfs"), "usr bin sbin lib lib64");
  makeRoot(join(inner, "rootfs"));
  writeBundle(inner, { args: SLEEP, cgroup: "/inner", cgroupns });
  // A cgroup2 that hands controllers down holds no process itself.
  const leaf = "[ ! -e /sys/fs/cgroup/cgroup.procs ] || { mkdir /sys/fs/cgroup/init && echo $$ >/sys/fs/cgroup/init/cgroup.procs; }";
  const args = ["/bin/sh", "-c", `${leaf}; exec ${which("runc")} run --bundle /inner inner`];
  writeBundle(folder, { args, cgroup: `/${MINE}/${name}`, cgroupns, privileged: true });
  return { ...runBundle(id, folder, (pid) => childrenOf(pid).find(isSleep)), id: "inner" };
}

function runBundle(id: string, folder: string, payload: (pid: number) => number | undefined): Started {
  const runc = ["--root", join(folder, "state")];
  const log = join(folder, "log");
  const end = (): void => void spawnSync("runc", [...runc, "delete", "--force", id]);
  try {
    run("runc", [...runc, "run", "--detach", "--bundle", folder, "--pid-file", join(folder, "pid"), id], log);
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    return { pid: waitForSleep(() => payload(pid), log), end };
  } catch (error) {
    end();
    throw error;
  }
}

interface Bundle { args: string[]; cgroup: string; cgroupns: CgroupNamespace; privileged?: boolean }

function writeBundle(folder: string, { args, cgroup, cgroupns, privileged = false }: Bundle): void {
  run("runc", ["spec", "--bundle", folder], join(folder, "log"));
  const file = join(folder, "config.json");
  const spec = JSON.parse(readFileSync(file, "utf8")) as Spec;
  Object.assign(spec.process, { terminal: false, args });
  spec.root = { path: "rootfs", readonly: false };
  spec.hostname = basename(folder).slice(0, 60);
  spec.linux.cgroupsPath = cgroup;
  spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== "cgroup");
  if (cgroupns === "private") spec.linux.namespaces.push({ type: "cgroup" });
  if (privileged) allow(spec);
  writeFileSync(file, JSON.stringify(spec));
}

// What a container needs that runs another: what we may ourselves, the programs of this machine, writable cgroups.
function allow(spec: Spec): void {
  const capabilities = ownCapabilities();
  delete spec.process.rlimits;
  spec.process.noNewPrivileges = false;
  for (const set of Object.keys(spec.process.capabilities)) spec.process.capabilities[set] = capabilities;
  for (const mount of spec.mounts) {
    if (mount.destination.startsWith("/sys")) mount.options = mount.options.filter((option) => option !== "ro");
  }
  for (const top of ["/usr", "/bin", "/sbin", "/lib", "/lib64"]) {
    if (!existsSync(top) || lstatSync(top).isSymbolicLink()) continue;
    spec.mounts.push({ destination: top, type: "bind", source: top, options: ["rbind", "ro"] });
  }
  spec.linux.resources = { devices: [{ allow: true, access: "rwm" }] };
  spec.linux.maskedPaths = [];
  spec.linux.readonlyPaths = [];
}

const CAPABILITIES =
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST " +
  "NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE " +
  "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP";

function ownCapabilities(): string[] {
  const bounding = BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"}`);
  return CAPABILITIES.split(" ").filter((_, bit) => ((bounding >> BigInt(bit)) & 1n) === 1n).map((name) => `CAP_${name}`);
}

// ── podman ──

// Its own store, so that nothing of it stays in the machine's.
function podmanOptions(scratch: string): string[] {
  const at = (name: string): string => join(scratch, "podman", name);
  return [
    "--root", at("root"), "--runroot", at("run"), "--tmpdir", at("tmp"), "--storage-driver", "vfs",
    "--cgroup-manager", "cgroupfs", "--runtime", which("runc"), "--events-backend", "none",
  ];
}

function startPodman({ name, cgroupns }: Wanted, folder: string): Started {
  const scratch = scratchOf(MINE);
  const log = join(folder, "log");
  const pidFile = join(folder, "pid");
  mkdirSync(join(scratch, "podman"), { recursive: true });
  makeRoot(join(folder, "rootfs"));
  const limits = ["--memory", "64m", "--pids-limit", "50", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"];
  const end = (): void => void spawnSync("podman", [...podmanOptions(scratch), "rm", "--force", "--time", "0", name]);
  try {
    // One parent for each container: the cgroup itself is called after an id that nobody chooses.
    run("podman", [
      ...podmanOptions(scratch), "run", "--detach", "--name", name, "--cgroupns", cgroupns, "--cgroup-parent", `/${MINE}/${name}`,
      ...limits, "--network", "none", "--pidfile", pidFile, "--cidfile", join(folder, "cid"), "--rootfs", join(folder, "rootfs"), ...SLEEP,
    ], log);
    const pid = Number(readFileSync(pidFile, "utf8"));
    return { pid: waitForSleep(() => pid, log), id: readFileSync(join(folder, "cid"), "utf8").trim(), end };
  } catch (error) {
    end();
    throw error;
  }
}

// ── LXC ──

// Without `force` a container with a private cgroup namespace gets no cgroup mounts, for its init to make them.
const startBareLxc = (wanted: Wanted, folder: string): Started => startLxc(wanted, folder, "cgroup");

function startLxc({ id, name, cgroupns }: Wanted, folder: string, mounts = "cgroup:rw:force"): Started {
  makeRoot(join(folder, "rootfs"));
  const log = join(folder, "log");
  const file = join(folder, "conf");
  const path = ["--lxcpath", scratchOf(MINE), "--name", id];
  const lines = [
    `lxc.rootfs.path = dir:${join(folder, "rootfs")}`, "lxc.net.0.type = none", `lxc.uts.name = ${name.slice(0, 60)}`,
    `lxc.mount.auto = proc sys ${mounts}`, `lxc.namespace.clone = ${cgroupns === "private" ? "cgroup " : ""}ipc mnt pid uts`,
  ];
  if (existsSync("/sys/kernel/security/apparmor")) lines.push("lxc.apparmor.profile = unconfined");
  writeFileSync(file, `${lines.join("\n")}\n`);
  const end = (): void => {
    spawnSync("lxc-stop", [...path, "--kill"]);
  };
  try {
    run("lxc-execute", [...path, "--daemon", "--rcfile", file, "--logfile", log, "--logpriority", "ERROR", "--", ...SLEEP], log);
    const init = (): number => Number(spawnSync("lxc-info", [...path, "--pid", "--no-humanize"], { encoding: "utf8" }).stdout);
    return { pid: waitForSleep(() => childrenOf(init()).find(isSleep), log), end };
  } catch (error) {
    end();
    throw error;
  }
}

// ── files and processes ──

const scratchOf = (prefix: string): string => join(tmpdir(), prefix);

/** A root of busybox alone; with `machine`, of the machine's own folders, bound where they are none of its links. */
function makeRoot(folder: string, machine = ""): void {
  for (const name of ["proc", "sys", "dev", "tmp", "etc", "run", "root"]) mkdirSync(join(folder, name), { recursive: true });
  for (const name of machine.split(" ").filter((top) => top !== "" && existsSync(`/${top}`))) {
    if (lstatSync(`/${name}`).isSymbolicLink()) symlinkSync(readlinkSync(`/${name}`), join(folder, name));
    else mkdirSync(join(folder, name));
  }
  if (machine !== "") return;
  mkdirSync(join(folder, "bin"));
  copyFileSync(which("busybox"), join(folder, "bin", "busybox"));
  for (const name of ["sh", "sleep", "cat"]) symlinkSync("busybox", join(folder, "bin", name));
}

function which(command: string): string {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/local/sbin", "/usr/sbin", "/sbin"].filter(Boolean);
  return folders.map((folder) => join(folder, command)).find((file) => existsSync(file)) ?? "";
}

// Its output goes to a file: a pipe would stay open for as long as the container runs.
function run(command: string, args: string[], log: string): void {
  const output = openSync(log, "a");
  let result: SpawnSyncReturns<string>;
  try {
    result = spawnSync(which(command), args, { stdio: ["ignore", output, output], encoding: "utf8", timeout: 30_000 });
  } finally {
    closeSync(output);
  }
  if (result.status === 0) return;
  const how = result.error?.message ?? (result.signal === null ? `ended with ${result.status}` : `was ended by ${result.signal}`);
  throw new Error(`${command} ${how}: ${readFileSync(log, "utf8").trim()}`);
}

function waitForSleep(find: () => number | undefined, log: string): number {
  for (let tries = 0; tries < 500; tries++) {
    const pid = find();
    if (pid !== undefined && isSleep(pid)) return pid;
    pause(10);
  }
  throw new Error(`the payload did not come up: ${readFileSync(log, "utf8").trim()}`);
}

// Killed it is; whether pid 1 reaps what it inherits at once is not ours to say.
function waitForEnd(pid: number): void {
  for (let tries = 0; tries < 100 && !/^$|\) Z /.test(readIfAny(`/proc/${pid}/stat`)); tries++) pause(10);
}

const isSleep = (pid: number): boolean => readIfAny(`/proc/${pid}/cmdline`).startsWith(SLEEP.join("\0"));

// A child belongs to the thread that forked it.
function childrenOf(pid: number): number[] {
  const texts = foldersOf(`/proc/${pid}/task`).map((tid) => readIfAny(`/proc/${pid}/task/${tid}/children`));
  return texts.flatMap((text) => text.split(" ").filter(Boolean).map(Number));
}

