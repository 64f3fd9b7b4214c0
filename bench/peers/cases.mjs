// The case file: what other projects' tests feed their parsers and assert of them, as facts that can be compared.
// CGROUPNS_CASES names it; without it the one beside the project is used, if it is there.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BESIDE = fileURLToPath(new URL("../../../shared/fixtures/peers.json", import.meta.url));

/** The path of the case file, or undefined. */
export function caseFile(environment = process.env) {
  const path = environment.CGROUPNS_CASES ?? BESIDE;
  return existsSync(path) ? path : undefined;
}

export const readCases = (path) => JSON.parse(readFileSync(path, "utf8")).cases;

const first = (input, ...keys) => keys.map((key) => input[key]).find((text) => text !== undefined);

/** The texts of a case of the kind container-id. */
export const textsOf = (input) => ({
  cgroup: first(input, "line", "/proc/self/cgroup", "/proc/self/cgroup line", "/proc/1/cgroup"),
  mountinfo: first(input, "/proc/self/mountinfo", "/proc/self/mountinfo line"),
});

const words = (list) => (list === null ? [] : typeof list === "string" ? list.split(",").filter((word) => word !== "") : list);
const pairs = (options) => (Array.isArray(options) || options === null ? options : Object.entries(options).map(([key, value]) => (value === "" ? key : `${key}=${value}`)));
const tags = (fields) => pairs(fields)?.map((field) => field.replace("=", ":")) ?? [];

const only = (entries) => Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
const given = (value, change = (same) => same) => (value === undefined ? undefined : change(value));

// Some projects look at how many lines there are, their inode or their metrics: no facts about an identity.
const FACTS = {
  "container-id": (wanted) =>
    wanted === null ? { containerId: null } : only({
      containerId: wanted.containerId, podId: wanted.podId, taskId: wanted.taskId, error: wanted.error,
      isContainer: wanted.isContainer, isCrioContainer: wanted.isCrioContainer, containerized: wanted.containerized,
    }),
  "proc-cgroup-parse": (wanted) =>
    refusal(wanted) ?? only({
      id: given(wanted.hierarchyID ?? wanted.iD, Number),
      controllers: given(wanted.controllers ?? wanted.subsystems ?? wanted.controllerList, words),
      path: wanted.path ?? wanted.name ?? wanted.cgroupPath ?? wanted.unified,
      paths: wanted['pathByController(only "" and memory kept)'],
      entries: given(wanted.entries, (entries) => entries.map(({ path }) => path)),
      cgroups: given(wanted.subsysName, () => [wanted.subsysName, wanted.hierarchy, wanted.cgroups, wanted.enabled]),
    }),
  "mountinfo-parse": (wanted) =>
    refusal(wanted) ?? only({
      unescaped: wanted.unescaped, pureV2: wanted.pureV2, mountId: wanted.mountID, parentId: wanted.parentID,
      device: wanted.majorMinorVer ?? wanted.deviceID, root: wanted.root, mountPoint: wanted.mountPoint ?? wanted.mountpoint,
      mountOptions: given(wanted.options, pairs), optionalFields: given(wanted.optionalFields, tags) ?? given(wanted.optional, (text) => text.split(" ")),
      fsType: wanted.fSType ?? wanted.filesystemType ?? wanted.fstype, source: wanted.source ?? wanted.mountSource,
      superOptions: given(wanted.superOptions, (options) => (typeof options === "string" ? options.split(",") : pairs(options))),
      superOptionsCount: wanted.superOptionsCount, refused: given(wanted.valid, (valid) => !valid),
    }),
  "resolve-cgroup-dir": (wanted) => refusal(wanted) ?? wanted,
  "k8s-name": (wanted) => wanted,
  limits: (wanted) =>
    refusal(wanted) ?? only({
      cpus: given(wanted.cpus, (cpus) => (wanted.defined ? cpus : null)), memoryMax: unlimited(wanted.memoryMax ?? wanted.memoryLimit),
      swapMax: unlimited(wanted.swapMax ?? wanted.memswLimit), pidsMax: unlimited(wanted.pidsMax), cpuset: wanted.cpuset,
      quota: given(wanted.cpuPeriod, () => (wanted.cpuQuota === null ? null : wanted.cpuQuota / wanted.cpuPeriod)),
    }),
};

const refusal = (wanted) => (wanted.error === true || typeof wanted.error === "string" ? { refused: true } : undefined);
const unlimited = (value) => (value === "max" ? null : value);

/** What a case asserts, in one set of words. */
export const factsOf = ({ kind, expected }) => FACTS[kind](expected);

/** Equal as far as these facts go: maps of options have no order. */
export function same(wanted, got) {
  return Object.keys(wanted).every((key) => JSON.stringify(canonical(wanted[key])) === JSON.stringify(canonical(got[key])));
}

function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical).map((item) => JSON.stringify(item)).sort();
  if (value === null || typeof value !== "object") return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
