// A Snapshot as one JSON object and back. Bytes that are UTF-8 become strings, others { "base64": "…" }; ids are strings.
// Whatever is read is checked first: a capture may come from anywhere.

import { CgroupError } from "../errors.ts";
import { Field } from "./field.ts";
import { redact } from "./redact.ts";
import type { CgroupRecord, HierarchyRecord, How, NamespaceRecord, RootRecord, Snapshot, TaskRecord } from "./snapshot.ts";

export const SCHEMA_VERSION = 1;
const KIND = "cgroupns capture";

/** The JSON object of a capture; `schemaVersion` 1. Opaque but for these two members. */
export interface Capture {
  readonly schemaVersion: number;
  readonly kind: string;
  readonly [member: string]: unknown;
}

export function toCapture(snapshot: Snapshot, options: { readonly redact?: boolean } = {}): Capture {
  const { hierarchies, tasks, namespaces, ...rest } = options.redact === true ? redact(snapshot) : snapshot;
  return {
    schemaVersion: SCHEMA_VERSION,
    kind: KIND,
    ...rest,
    hierarchies: hierarchies.map(({ mounts, cgroups, origin, ...hierarchy }) => ({
      ...hierarchy,
      origin: `${origin}`,
      mounts: mounts.map(({ root, mountPoint, hidden }) => ({ root: text(root), mountPoint: text(mountPoint), hidden })),
      cgroups: cgroups.map(({ parent, name, id }) => [parent, text(name), `${id}`]),
    })),
    tasks: tasks.map((task) => ({ ...task, cgroup: text(task.cgroup) })),
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
  return { parent, name, id: f.get(2).id() };
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

function checkReferences({ hierarchies, tasks, namespaces }: Snapshot, json: Field): void {
  const ids = new Set(hierarchies.map(({ id }) => id));
  if (ids.size !== hierarchies.length) throw json.get("hierarchies").bad("hierarchies of different ids");
  for (const [n, task] of tasks.entries()) {
    if (task.namespace !== null && task.namespace >= namespaces.length) {
      throw json.get("tasks").get(n).get("namespace").bad("an index into namespaces");
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
