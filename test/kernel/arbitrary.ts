// Arbitrary operations over few names, so that they meet: agents, cgroups, namespaces, mounts and open files that come and go.

import fc from "fast-check";
import type { Operation } from "../../ts/replay/index.ts";

const agent = fc.constantFrom("a", "b", "c", "d");
const newcomer = fc.constantFrom("b", "c", "d", "e", "f");
const place = fc.constantFrom("", "x", "y", "x/y", "x/y/z");
const hier = fc.constantFrom("v2", "v2", "v2", "pids", "freezer");
const fd = fc.constantFrom("f", "g");
const flags = fc.uniqueArray(fc.constantFrom("cgroup", "user", "mnt", "pid", "uts", "ipc", "net", "time"), { maxLength: 4 });
const some = (of: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Record<string, unknown>> => fc.record(of, { requiredKeys: [] });

/** An operation with these fields, and perhaps those. */
const op = (name: string, fields: Readonly<Record<string, fc.Arbitrary<unknown>>>, more: Readonly<Record<string, fc.Arbitrary<unknown>>> = {}): fc.Arbitrary<Operation> =>
  fc.tuple(fc.record(fields), some(more)).map(([own, other]) => ({ op: name, ...own, ...other }));

const file = fc.tuple(place, fc.constantFrom("cgroup.procs", "cgroup.threads", "cgroup.events", "cgroup.freeze", "pids.max")).map(([path, name]) => `${path}/${name}`.replace(/^\//, ""));

export const OPERATION: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: op("mkdir", { path: place, hier }, { agent }) },
  { weight: 3, arbitrary: op("rmdir", { path: place, hier }, { agent }) },
  { weight: 1, arbitrary: op("rename", { path: place, to: place, hier }) },
  { weight: 2, arbitrary: op("spawn", { agent: newcomer }, { path: place }) },
  { weight: 3, arbitrary: op("fork", { agent, child: newcomer }, { flags, into: place }) },
  { weight: 2, arbitrary: op("thread", { agent, name: newcomer }) },
  { weight: 1, arbitrary: op("texit", { agent }) },
  { weight: 1, arbitrary: op("exec", { agent }) },
  { weight: 2, arbitrary: op("exit", { agent }, { raw: fc.constant(true) }) },
  { weight: 2, arbitrary: op("kill", { target: agent }, { sig: fc.constantFrom(9, 15, 19, 18) }) },
  { weight: 3, arbitrary: op("reap", { target: agent }) },
  { weight: 4, arbitrary: op("move", { path: place, hier }, { agent, target: agent, zero: fc.constant(true) }) },
  { weight: 2, arbitrary: op("move_thread", { path: place }, { agent, target: agent }) },
  { weight: 3, arbitrary: op("unshare", { agent, flags }) },
  { weight: 2, arbitrary: op("setns", { agent, target: agent, ns: fc.constantFrom("cgroup", "mnt", "user", "pid", "uts") }, { via: fc.constantFrom("pidfd", "ctl", "agent") }) },
  { weight: 2, arbitrary: op("nsopen", { agent, fd, target: agent }) },
  { weight: 2, arbitrary: op("setns", { agent, via: fc.constant("fd"), fd, ns: fc.constant("cgroup") }) },
  { weight: 3, arbitrary: op("open", { path: file, fd, hier, mode: fc.constantFrom("r", "w", "rw", "path") }, { agent }) },
  { weight: 1, arbitrary: op("open", { path: place, fd, hier, mode: fc.constantFrom("dir", "path") }, { agent }) },
  { weight: 2, arbitrary: op("close", { fd }, { agent }) },
  { weight: 1, arbitrary: op("sendfd", { agent, fd, to: agent }) },
  { weight: 1, arbitrary: op("fork", { agent, child: newcomer, into_fd: fd }) },
  { weight: 1, arbitrary: op("setid", { agent, uid: fc.constantFrom(0, 1000), gid: fc.constantFrom(0, 1000) }) },
  { weight: 1, arbitrary: op("idmap", { target: agent, map: fc.constant("0 0 1001") }) },
  { weight: 1, arbitrary: op("chown", { path: place, uid: fc.constant(1000) }) },
  { weight: 2, arbitrary: op("mount", { at: fc.constantFrom("m", "n") }, { agent, fstype: fc.constantFrom("bind", "cgroup2"), path: place }) },
  { weight: 1, arbitrary: op("umount", { at: fc.constantFrom("m", "n") }, { agent, uflags: fc.constant(2) }) },
  { weight: 2, arbitrary: op("write", { path: place.map((path) => `${path}/cgroup.type`), data: fc.constant("threaded") }) },
  { weight: 1, arbitrary: op("write", { path: place.map((path) => `${path}/cgroup.kill`), data: fc.constant("1") }) },
  { weight: 1, arbitrary: op("write", { path: place.map((path) => `${path}/cgroup.freeze`), data: fc.constantFrom("0", "1") }) },
  { weight: 1, arbitrary: op("write", { path: place.map((path) => `${path}/freezer.state`), hier: fc.constant("freezer"), data: fc.constantFrom("FROZEN", "THAWED") }) },
  { weight: 1, arbitrary: op("write", { path: place.map((path) => `${path}/pids.max`), hier: fc.constant("pids"), data: fc.constantFrom("1", "3", "max") }) },
  { weight: 2, arbitrary: op("write", { path: place.map((path) => `${path}/cgroup.subtree_control`), data: fc.constantFrom("+hugetlb", "-hugetlb") }) },
  { weight: 1, arbitrary: op("write", { path: place.map((path) => `${path}/cgroup.pressure`), data: fc.constantFrom("0", "1") }) },
  { weight: 1, arbitrary: op("cgroup", { target: agent }, { agent }) },
);

/** A few agents in a few cgroups, to begin with. */
export const OPENING: readonly Operation[] = [
  { op: "mkdir", path: "x" }, { op: "mkdir", path: "y" }, { op: "mkdir", path: "x/y" }, { op: "mkdir", path: "x", hier: "pids" }, { op: "mkdir", path: "x", hier: "freezer" },
  { op: "spawn", agent: "a", path: "x" }, { op: "spawn", agent: "b" }, { op: "unshare", agent: "a" }, { op: "fork", agent: "a", child: "c" }, { op: "thread", agent: "b", name: "d" },
];
export const SCRIPT: fc.Arbitrary<Operation[]> = fc.array(OPERATION, { maxLength: 60, size: "max" });
