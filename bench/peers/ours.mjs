// What cgroupns answers to a case, in the words of cases.mjs. `library` is the public menu with the few inner functions
// that a case asks for by themselves.

import { textsOf } from "./cases.mjs";

const ANSWERS = {
  "container-id": (library, { input }) => {
    if (input.id !== undefined) return ofId(library.parseContainerId(input.id));
    return input.path !== undefined ? ofPath(library.identifyPath(input.path)) : ofTexts(library.identifyTexts(textsOf(input)));
  },
  "proc-cgroup-parse": (library, { input }) => {
    if (input["/proc/cgroups line"] !== undefined) return ofCgroups(library, input["/proc/cgroups line"]);
    return refusable(() => ofEntries(library.parseProcCgroup(input.line ?? input["/proc/self/cgroup"])));
  },
  "mountinfo-parse": (library, { input }) => {
    if (input.field !== undefined) return { unescaped: Buffer.from(library.unmangle(Buffer.from(input.field))).toString() };
    return refusable(() => ofMounts(library.parseMountinfo(input.line ?? input["/proc/self/mountinfo"])));
  },
  "resolve-cgroup-dir": (library, { input }) => refusable(() => directory(library, input)),
  "k8s-name": (library, { input }) => kubernetes(library, input),
  limits: (library, { input }) => limits(library, input),
};

export const answer = (library, one) => ANSWERS[one.kind](library, one);

function refusable(work) {
  try {
    const facts = work();
    return facts === undefined ? { refused: true } : { refused: false, ...facts };
  } catch (error) {
    if (error.name !== "CgroupError" && !(error instanceof TypeError)) throw error;
    return { refused: true, found: false };
  }
}

const ofId = (found) => ({ containerId: found?.id ?? null, error: found === undefined });

const ofPath = ({ container }) => ({
  containerId: container?.id ?? null, isContainer: container !== null, isCrioContainer: container?.runtime === "cri-o",
});

const ofTexts = ({ containerId, podUid, taskId, machine }) => ({
  containerId: containerId.value, podId: podUid.value, taskId: taskId.value,
  containerized: containerId.value !== null || machine.value !== null,
});

const controllersOf = ({ controllers, name }) => (name === null ? controllers : [...controllers, `name=${name}`]);

function ofEntries(entries) {
  if (entries.length === 0) return undefined;
  const unified = entries.find(({ hierarchyId }) => hierarchyId === 0);
  const memory = entries.find(({ controllers }) => controllers.includes("memory"));
  return {
    id: entries[0].hierarchyId, controllers: controllersOf(entries[0]), path: unified?.path ?? (entries.length === 1 ? entries[0].path : undefined),
    paths: { ...(unified === undefined ? {} : { "": unified.path }), ...(memory === undefined ? {} : { memory: memory.path }) },
    entries: entries.map(({ path }) => path),
  };
}

function ofCgroups(library, line) {
  return refusable(() => {
    const [{ controller, hierarchyId, cgroups, enabled }] = library.parseProcCgroups(line);
    return { cgroups: [controller, hierarchyId, cgroups, Number(enabled)] };
  });
}

// A line without its super options has not all fields of proc_pid_mountinfo(5): the parser marks it as odd.
function ofMounts(entries) {
  const [entry] = entries;
  if (entry === undefined || entries.some(({ superOptions }) => superOptions.length === 0)) return undefined;
  const { major, minor, superOptions } = entry;
  return { ...entry, device: `${major}:${minor}`, superOptionsCount: superOptions.length, pureV2: isPure(entries) };
}

const isPure = (entries) => entries.some(({ fsType, mountPoint }) => fsType === "cgroup2" && mountPoint === "/sys/fs/cgroup");

function directory(library, input) {
  const { mountinfoLine, path, mountpoint, root, cgroup, groupPath, viewerCgroup, procCgroupPath, existingDir } = input;
  if (mountinfoLine !== undefined) return through(library, library.parseMountinfo(mountinfoLine)[0], path);
  if (mountpoint !== undefined) return through(library, { mountPoint: mountpoint, root }, cgroup);
  if (groupPath !== undefined) return { valid: isPath(library, groupPath) };
  if (viewerCgroup !== undefined) return { absolute: absolute(library, viewerCgroup, procCgroupPath) };
  const entries = library.parseProcCgroup(input["/proc/self/cgroup"]);
  if (input["/proc/self/mountinfo"] !== undefined) return mounted(library, entries, input);
  const dir = onHost(entries, existingDir === undefined ? input.cgroupMount : "<sysfs>");
  return existingDir === undefined ? dir && { dir } : { found: dir === existingDir };
}

// The bytes below the mount root, put behind the mount point.
function through(library, { root, mountPoint }, path) {
  const [lower, upper] = [path, root].map((text) => library.relative(Buffer.from(checkedPath(library, text))));
  if (!library.isAtOrBelow(lower, upper)) return undefined;
  return { dir: mountPoint + lower.names.slice(upper.names.length).map((name) => `/${name}`).join("") };
}

const checkedPath = (library, path) => library.parseProcCgroup(`0::${path}`)[0].path;

function isPath(library, path) {
  try {
    return checkedPath(library, path) === path;
  } catch {
    return false;
  }
}

function absolute(library, viewer, path) {
  const [from, to] = [viewer, path].map((text) => library.relative(Buffer.from(checkedPath(library, text))));
  const top = library.ancestor(from, to.ups);
  return library.bytesOf({ ...top, names: [...top.names, ...to.names] }).toString();
}

function mounted(library, entries, input) {
  const mounts = library.parseMountinfo(input["/proc/self/mountinfo"]);
  const { controller } = input;
  const entry = entries.find(({ controllers }) => controller === undefined || controllers.includes(controller));
  const mount = mounts.find(({ fsType, superOptions }) => fsType === "cgroup" && entry.controllers.every((name) => superOptions.includes(name)));
  if (controller !== undefined) return mount && through(library, mount, entry.path);
  const all = entries.map(({ controllers, path }) => {
    const of = mounts.find(({ fsType, superOptions }) => fsType === "cgroup" && controllers.every((name) => superOptions.includes(name)));
    return of && through(library, of, path);
  });
  return all.includes(undefined) ? undefined : all[0];
}

// Where a machine has its hierarchies by convention; the memory controller speaks for v1.
function onHost(entries, at) {
  const memory = entries.find(({ controllers }) => controllers.includes("memory"));
  const unified = entries.find(({ hierarchyId }) => hierarchyId === 0);
  const [place, entry] = memory === undefined ? [at, unified] : [`${at}/memory`, memory];
  return entry && (entry.path === "/" ? place : place + entry.path);
}

function kubernetes(library, { cgroupName, systemdPath }) {
  if (systemdPath !== undefined) return { cgroupName: library.parseKubernetesCgroup(systemdPath) };
  const path = library.formatKubernetesCgroup(cgroupName, "systemd");
  return {
    systemdPath: path, basename: path.slice(path.lastIndexOf("/") + 1) || "/", cgroupfsPath: library.formatKubernetesCgroup(cgroupName, "cgroupfs"),
  };
}

function limits({ parseCpuMax, parseLimit }, input) {
  const file = (name) => Object.entries(input).find(([path]) => path.slice(path.lastIndexOf("/") + 1) === name)?.[1];
  const numbers = [["memoryMax", "memory.max", "memory.limit_in_bytes"], ["swapMax", "memory.swap.max", "memory.memsw.limit_in_bytes"], ["pidsMax", "pids.max"]];
  const facts = { cpuset: (file("cpuset.cpus.effective") ?? file("cpuset.cpus"))?.trim() };
  for (const [fact, ...names] of numbers) {
    const text = names.map(file).find((found) => found !== undefined);
    if (text !== undefined) facts[fact] = parseLimit(text);
  }
  const quota = file("cpu.max") ?? (file("cpu.cfs_quota_us") === undefined ? null : `${file("cpu.cfs_quota_us").trim()} ${file("cpu.cfs_period_us")?.trim() ?? ""}`);
  const cpus = quota === null ? null : parseCpuMax(quota);
  return cpus === undefined ? { refused: true } : { refused: false, ...facts, cpus, quota: cpus };
}
