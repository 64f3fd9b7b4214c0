// A Snapshot as one JSON object and back. Bytes that are UTF-8 become strings, others { "base64": "…" }; ids are strings.
// Whatever is read is checked first: a capture may come from anywhere.

import { CgroupError } from "../errors.ts";
import { Field } from "./field.ts";
import { redact } from "./redact.ts";
import type { CgroupRecord, HierarchyRecord, How, LimitFiles, MachineRecord, NamespaceRecord, RootRecord, Snapshot, TaskRecord } from "./snapshot.ts";
import type { StateAnswer } from "./state-search.ts";

export const SCHEMA_VERSION = 1;
const KIND = "cgroupns capture";

/** The JSON object of a capture; `schemaVersion` 1. Opaque but for these two members. */
export interface Capture {
  readonly schemaVersion: number;
  readonly kind: string;
  readonly [member: string]: unknown;
}

export function toCapture(snapshot: Snapshot, options: { readonly redact?: boolean } = {}): Capture {
  const { hierarchies, tasks, namespaces, mountinfos, ...rest } = options.redact === true ? redact(snapshot) : snapshot;
  return {
    schemaVersion: SCHEMA_VERSION,
    kind: KIND,
    ...rest,
    hierarchies: hierarchies.map(({ mounts, cgroups, origin, ...hierarchy }) => ({
      ...hierarchy,
      origin: `${origin}`,
      mounts: mounts.map(({ root, mountPoint, hidden }) => ({ root: text(root), mountPoint: text(mountPoint), hidden })),
      cgroups: cgroups.map(({ parent, name, id, limits }) => [parent, text(name), `${id}`, ...(limits === undefined ? [] : [limits])]),
    })),
    tasks: tasks.map((task) => ({ ...task, cgroup: text(task.cgroup) })),
    ...(mountinfos === undefined ? {} : { mountinfos: mountinfos.map(text) }),
    namespaces: namespaces.map(({ ns, roots, witnessed }) => ({
      ns,
      roots: roots.map((root) => ({ ...root, path: root.path === null ? null : text(root.path) })),
      witnessed: [...witnessed].map(([tid, seen]) => [tid, text(seen)]),
    })),
  };
}

/** @throws CgroupError EINVAL: what is wrong and where */
export function fromCapture(capture: string | object): Snapshot {
  const json = new Field(typeof capture === "string" ? parse(capture) : capture, "capture");
  if (json.get("kind").value !== KIND) throw json.get("kind").bad(`"${KIND}"`);
  if (json.get("schemaVersion").value !== SCHEMA_VERSION) throw json.get("schemaVersion").bad(`${SCHEMA_VERSION}`);
  const skipped = json.get("skipped");
  const reader = json.get("reader");
  const snapshot: Snapshot = {
    release: json.get("release").string(),
    reader: { pid: reader.get("pid").or(null, (f) => f.integer()), uid: reader.get("uid").integer(), ns: reader.get("ns").or(null, (f) => f.number()) },
    hierarchies: json.get("hierarchies").list(hierarchyOf),
    tasks: json.get("tasks").list(taskOf),
    namespaces: json.get("namespaces").list(namespaceOf),
    ...optional("mountinfos", json.get("mountinfos"), (f) => f.list((m) => m.bytes())),
    ...(json.get("machine").value === undefined ? {} : { machine: machineOf(json.get("machine")) }),
    skipped: { processes: skipped.get("processes").integer(), cgroups: skipped.get("cgroups").integer() },
    refused: json.get("refused").list((f) => f.string()),
  };
  checkReferences(snapshot, json);
  return snapshot;
}

function parse(capture: string): unknown {
  try {
    return JSON.parse(capture);
  } catch (error) {
    throw new CgroupError("EINVAL", { syscall: "parse", rule: `a capture is JSON: ${(error as Error).message}` });
  }
}

function hierarchyOf(f: Field): HierarchyRecord {
  return {
    id: f.get("id").integer(),
    controllers: f.get("controllers").list((c) => c.string()),
    name: f.get("name").or(null, (n) => n.string()),
    origin: f.get("origin").id(),
    mounts: f.get("mounts").list((m) => ({
      root: m.get("root").path(), mountPoint: m.get("mountPoint").bytes(), hidden: m.get("hidden").boolean(),
    })),
    cgroups: f.get("cgroups").list(cgroupOf),
  };
}

function cgroupOf(f: Field, index: number): CgroupRecord {
  const parent = f.get(0).integer(-1);
  if (parent >= index) throw f.get(0).bad("an earlier cgroup");
  const name = parent === -1 ? f.get(1).path() : f.get(1).name();
  const limits = f.get(3);
  return { parent, name, id: f.get(2).id(), ...(limits.value === undefined ? {} : { limits: limitFilesOf(limits) }) };
}

const limitFilesOf = (f: Field): LimitFiles => ({ files: f.get("files").strings(), unread: f.get("unread").strings() });

function machineOf(f: Field): MachineRecord {
  return {
    memory: f.get("memory").or(null, (m) => m.integer()),
    online: f.get("online").or(null, (o) => o.list((cpu) => cpu.integer())),
  };
}

// A member that need not be there.
function optional<K extends string, T>(name: K, field: Field, read: (field: Field) => T): Partial<Record<K, T>> {
  return field.value === undefined ? {} : ({ [name]: read(field) } as Record<K, T>);
}

function taskOf(f: Field): TaskRecord {
  return {
    pid: f.get("pid").integer(),
    tid: f.get("tid").integer(),
    namespace: f.get("namespace").or(null, (n) => n.integer()),
    reason: f.get("reason").or(null, (r) => r.string()),
    exiting: f.get("exiting").boolean(),
    uid: f.get("uid").integer(),
    user: f.get("user").string(),
    command: f.get("command").string(),
    cgroup: f.get("cgroup").procCgroup(),
    ...optional("mountinfo", f.get("mountinfo"), (m) => (typeof m.value === "string" ? m.value : m.integer())),
    ...optional("state", f.get("state"), stateOf),
  };
}

function stateOf(f: Field): StateAnswer {
  const [runtime, confidence, source] = [f.get("runtime").string(), f.get("confidence").string(), f.get("source")];
  if (confidence !== "certain" && confidence !== "likely") throw f.get("confidence").bad("certain or likely");
  return {
    id: f.get("id").string(),
    runtime: runtime as StateAnswer["runtime"],
    confidence,
    source: { file: source.get("file").string(), line: source.get("line").integer(1), text: source.get("text").string() },
  };
}

function namespaceOf(f: Field): NamespaceRecord {
  return {
    ns: f.get("ns").or(null, (n) => n.number()),
    roots: f.get("roots").list(rootOf),
    witnessed: new Map(f.get("witnessed").list((w) => [w.get(0).integer(), w.get(1).procCgroup()])),
  };
}

function rootOf(f: Field): RootRecord {
  const how = f.get("how").string();
  if (!["exact", "removed", "inferred", "unknown"].includes(how)) throw f.get("how").bad("exact, removed, inferred or unknown");
  const path = f.get("path").or(null, (p) => p.path());
  if ((path === null) !== (how === "unknown")) throw f.get("path").bad("a path, or null where it is unknown");
  const below = f.get("below").integer();
  if (below > 4096) throw f.get("below").bad("a number of levels");
  return { hierarchy: f.get("hierarchy").integer(), how: how as How, path, below, reason: f.get("reason").or(null, (r) => r.string()) };
}

function checkReferences({ hierarchies, tasks, namespaces, mountinfos }: Snapshot, json: Field): void {
  const ids = new Set(hierarchies.map(({ id }) => id));
  if (ids.size !== hierarchies.length) throw json.get("hierarchies").bad("hierarchies of different ids");
  for (const [n, task] of tasks.entries()) {
    if (task.namespace !== null && task.namespace >= namespaces.length) {
      throw json.get("tasks").get(n).get("namespace").bad("an index into namespaces");
    }
    if (typeof task.mountinfo === "number" && task.mountinfo >= (mountinfos?.length ?? 0)) {
      throw json.get("tasks").get(n).get("mountinfo").bad("an index into mountinfos");
    }
  }
  for (const [n, { roots }] of namespaces.entries()) {
    if (roots.some(({ hierarchy }) => !ids.has(hierarchy))) throw json.get("namespaces").get(n).get("roots").bad("known hierarchies");
  }
}

function text(bytes: Uint8Array): string | { base64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const string = buffer.toString("utf8");
  return Buffer.from(string, "utf8").equals(buffer) ? string : { base64: buffer.toString("base64") };
}
