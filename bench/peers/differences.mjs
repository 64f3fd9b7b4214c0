// Where cgroupns answers otherwise than a case asserts: at most twelve rules, each with its source, each applied to every
// case it matches. A rule reads a case for itself and says what the facts ought to be: it never asks what cgroupns answers,
// and knows no case. `disputed` rules are those on which the peers contradict one another.

import { factsOf, textsOf } from "./cases.mjs";

const LONG = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}$/;
const GARDEN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{4,12}$/;
const FARGATE = /^[0-9a-f]{32}-\d{1,10}$/;
const TASK = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const POD = /(?:^|-)pod(?:[0-9a-f]{32}|[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?:\.slice)?$/;
const PREFIX = /(?:^|:)(?:docker|cri-containerd|crio|libpod)[-:]/;
const PLACES = new Set(["docker", "ecs", "garden", "lxc", "kubepods", "containers", "overlay-containers"]);

const stem = (component) => component.split(".")[0];
const isId = (word) => [LONG, UUID, GARDEN, FARGATE].some((shape) => shape.test(word));
const isPlace = (component) => PLACES.has(component) || POD.test(component);

// Paths of the lines that have the kernel's form `ID:LIST:/…`, blanks around them aside.
const paths = (text) => (text ?? "").split("\n").flatMap((line) => /^\s*\d+:[^:]*:(\/.*?)\s*$/.exec(line)?.[1] ?? []);
const components = (path) => path.split("/").slice(1).map((name) => name.trim());

/** Whether a runtime's prefix or directory makes `id` the id of something, anywhere in the texts of a case. */
function isNamed(texts, id) {
  const lines = [texts.cgroup, texts.mountinfo].flatMap((text) => (text ?? "").split("\n"));
  return lines.some((line) => {
    const words = line.split(/[/\s]+/);
    return words.some((word, at) =>
      (PREFIX.test(word) && word.includes(id)) || (stem(word) === id && isId(id) && words.slice(0, at).some(isPlace)));
  });
}

// What most lines name, each by its last component.
function mostNamed(texts) {
  const votes = new Map();
  for (const path of paths(texts.cgroup)) {
    const names = components(path);
    const id = stem(names.at(-1));
    if (isId(id) && names.slice(0, -1).some(isPlace)) votes.set(id, (votes.get(id) ?? 0) + 1);
  }
  return { most: [...votes].sort((a, b) => b[1] - a[1])[0]?.[0], distinct: votes.size };
}

const containerCase = (rule) => ({ kind, input, expected }) => (kind === "container-id" && input.id === undefined && expected !== null ? rule(textsOf(input), expected, input) : undefined);

const PRINTED = {
  cgroup: (text) => text.split("\n").filter((line, at, all) => at < all.length - 1 || line !== "").every((line) => /^(?:0::|[1-9]\d*:[^:]+:)\/(?:$|(?:[^/\n]+\/)*[^/\n]+$)/.test(line)),
  path: (text) => /^\/(?:$|(?:[^/\n]+\/)*[^/\n]+$)/.test(text),
  "cpu.max": (text) => /^(?:max|\d+) [1-9]\d*\n?$/.test(text),
};

/** What the kernel could not have printed among the texts of a case. */
function isPrinted({ kind, input }) {
  if (kind === "limits") return input["cpu.cfs_period_us"]?.trim() !== "0" && PRINTED["cpu.max"](input["cpu.max"] ?? "max 1");
  if (kind === "proc-cgroup-parse") return PRINTED.cgroup(input.line ?? input["/proc/self/cgroup"] ?? "0::/");
  if (kind !== "resolve-cgroup-dir") return true;
  const given = [input.path, input.viewerCgroup, input.procCgroupPath].filter((text) => text !== undefined);
  return given.every(PRINTED.path) && PRINTED.cgroup(input["/proc/self/cgroup"] ?? "0::/");
}

export const DIFFERENCES = [
  {
    name: "a hex word or UUID alone is no container",
    source: "contradiction: Datadog, New Relic and OpenTelemetry take any of some length, Elastic none; what runtimes make has 64 digits, or a prefix",
    disputed: true,
    facts: containerCase((texts, { containerId }) => (containerId && !isNamed(texts, containerId) ? { containerId: null } : undefined)),
  },
  {
    name: "a pod's uid is spelt as the API spells it",
    source: "contradiction: Elastic gives `-`, Datadog leaves the `_` of the kubelet's systemd driver (cm/cgroup_manager_linux.go)",
    disputed: true,
    facts: containerCase((_, { podId }) => (podId?.includes("_") ? { podId: podId.replaceAll("_", "-") } : undefined)),
  },
  {
    name: "what runs in a cgroup below a container's is in the container",
    source: "contradiction: libdatadog and the eBPF profiler look past `/container` and `/init`, others at the last component; kernel rule: a sub-tree is its owner's",
    disputed: true,
    facts: containerCase((texts, { containerId }) => {
      if (containerId !== null) return undefined;
      const inner = paths(texts.cgroup).map(components).find((names) => names.some((name, at) => at < names.length - 1 && LONG.test(name) && isPlace(names[at - 1] ?? "")));
      return inner?.at(-1) ? { containerId: inner.find((name) => LONG.test(name)) } : undefined;
    }),
  },
  {
    name: "every line of the file is heard, and most agree",
    source: "contradiction: of one file Datadog takes the first line in Go, the last in Java, none in Python; New Relic the cpu line alone",
    disputed: true,
    facts: containerCase((texts, { containerId }) => {
      const { most, distinct } = mostNamed(texts);
      return paths(texts.cgroup).length > 1 && most !== undefined && most !== containerId && (distinct > 1 || containerId === null) ? { containerId: most } : undefined;
    }),
  },
  {
    name: "ECS names tasks and containers as AWS does",
    source: "AWS: task ids were UUIDs before the long ARN format; a Fargate container is its task's id and the FNV-1a hash of its name, a 32-bit number (`web`: 265927825); contradiction: Elastic's Node agent accepts nine digits, its Java agent ten only",
    facts: containerCase((texts, { containerId, taskId }) => {
      const all = paths(texts.cgroup).map(components).filter(([tree]) => tree === "ecs");
      if (all.length === 0 || mostNamed(texts).distinct > 1) return undefined;
      const task = all[0].slice(1).find((name) => TASK.test(name));
      const fargate = all[0].find((name) => FARGATE.test(name) && Number(name.slice(33)) < 2 ** 32);
      const wrongTask = taskId !== undefined && task !== undefined && taskId !== task;
      if (!wrongTask && (fargate === undefined || fargate === containerId)) return undefined;
      return all[0].length > 3 ? undefined : { ...(wrongTask ? { taskId: task } : {}), ...(fargate ? { containerId: fargate } : {}) };
    }),
  },
  {
    name: "a sandbox is not the container",
    source: "contradiction: OpenTelemetry's .NET detector gives the sandbox's id, its Java detector and datadog-go do not; CRI: a PodSandbox has an id of its own",
    disputed: true,
    facts: containerCase((texts, { containerId }) => {
      const roots = [...(texts.mountinfo ?? "").matchAll(/\/sandboxes\/([0-9a-f]{64})\//g)].map(([, id]) => id);
      return roots.includes(containerId) && !(texts.cgroup ?? "").includes(containerId) ? { containerId: null } : undefined;
    }),
  },
  {
    name: "a slice is no container",
    source: "systemd.slice(5): a slice holds no processes of its own",
    facts: containerCase((_, { isContainer, isCrioContainer }, { path }) => {
      if (!path?.endsWith(".slice")) return undefined;
      return isContainer || isCrioContainer ? { isContainer: false, isCrioContainer: false } : undefined;
    }),
  },
  {
    name: "what the kernel does not print is refused, not guessed at",
    source: "kernel rule: cgroup_print_v1/v2 write `ID:LIST:/PATH` without blanks or a slash at the end; cpu.max has quota and period, no period is 0. Peers contradict one another: some skip such a line, others refuse the file",
    disputed: true,
    facts: (one) => (isPrinted(one) || factsOf(one).refused || factsOf(one).found === false || factsOf(one).valid !== undefined ? undefined : refusedFacts(one)),
  },
  {
    name: "mountinfo has the fields that are written, every escape undone",
    source: "kernel rule: show_mountinfo() and mangle(); contradiction: moby/sys keeps unknown optional fields, prometheus/procfs drops them",
    facts: (one) => (one.kind === "mountinfo-parse" ? writtenFields(one) : undefined),
  },
  {
    name: "any name is a cgroup's, that of a mount point too",
    source: "kernel rule: a name is any bytes but `/` and newline",
    facts: ({ kind, input, expected }) =>
      kind === "resolve-cgroup-dir" && input.groupPath !== undefined && PRINTED.path(input.groupPath) && !input.groupPath.split("/").includes("..") && !expected.valid ? { valid: true } : undefined,
  },
];

function refusedFacts(one) {
  return one.kind === "resolve-cgroup-dir" && factsOf(one).found !== undefined ? { found: false } : { refused: true };
}

function writtenFields(one) {
  const { field, line } = one.input;
  const facts = factsOf(one);
  if (facts.unescaped !== undefined) {
    const bytes = Buffer.from(Buffer.from(field).toString("latin1").replace(/\\([0-3][0-7]{2})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))), "latin1");
    return bytes.toString() === facts.unescaped ? undefined : { unescaped: bytes.toString() };
  }
  if (facts.optionalFields === undefined) return undefined;
  const written = line.slice(0, line.indexOf(" - ")).split(" ").slice(6).filter((word) => word !== "");
  return written.length > facts.optionalFields.length ? { optionalFields: written } : undefined;
}
