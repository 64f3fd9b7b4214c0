// Random questions to a machine of the model, and the same calls really made: what a verdict has to agree with.

import { CgroupFs } from "../../ts/kernel/cgroupfs.ts";
import type { CgroupNode } from "../../ts/kernel/cgroup.ts";
import { mkdir, rmdir } from "../../ts/kernel/file-calls.ts";
import { filesOf } from "../../ts/kernel/files/table.ts";
import type { Kernel } from "../../ts/kernel/kernel.ts";
import { mount, type MountRequest } from "../../ts/kernel/mounting.ts";
import { openFile, opening } from "../../ts/kernel/open.ts";
import { resolvePath } from "../../ts/kernel/path-walk.ts";
import { mountPoint } from "../../ts/kernel/proc-text.ts";
import { isRefusal, type Refusal } from "../../ts/kernel/refusal.ts";
import { setns, type SetnsTarget } from "../../ts/kernel/setns.ts";
import type { Task } from "../../ts/kernel/task.ts";
import { NAMESPACE_FLAGS, type NamespaceFlag, unshare } from "../../ts/kernel/unshare.ts";
import type { Verdict } from "../../ts/kernel/verdict.ts";
import type { Random } from "./random.ts";

export interface Asked {
  readonly kind: string;
  readonly verdict: () => Verdict;
  /** The call. */
  readonly act: () => Refusal | undefined;
  /** Who calls. */
  readonly by: Task;
}

const WRITE = opening({ write: true });
const TEXTS = ["", "0", "1", "2", "max", "-1", "x", "threaded", "domain", "+hugetlb", "-hugetlb", "+hugetlb +pids", "+memory", "+bogus", "FROZEN", "THAWED", "5", "some 1000 2000000", "99999"];
const FLAGS: readonly (readonly NamespaceFlag[])[] = [["cgroup"], ["user"], ["user", "cgroup"], ["mnt"], ["cgroup", "mnt"], ["pid"], ["user", "pid", "mnt", "cgroup"], ["uts"], [], ["bogus" as NamespaceFlag]];

export function writeTo(by: Task, path: string, data: string): Refusal | undefined {
  const file = openFile(by, path, WRITE);
  if (isRefusal(file)) return file;
  const written = file.write(by, data);
  return isRefusal(written) ? written : undefined;
}

export class Asker {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly #tops: readonly string[];

  constructor(kernel: Kernel, random: Random, tops: readonly string[]) {
    this.kernel = kernel;
    this.random = random;
    this.#tops = tops;
  }

  ask(): Asked {
    const { random } = this;
    const kind = random.weighted([[6, "migrate"], [4, "create"], [4, "remove"], [1.5, "unshare"], [2, "setns"], [2, "mount"], [5, "write"]] as const);
    return this[kind](this.#task(true));
  }

  migrate(by: Task): Asked {
    const { kernel, random } = this;
    const task = random.chance(0.85) ? random.pick([...by.pidNs.tasks.values()]) : this.#task(false);
    const { cgroup, path } = this.#cgroup();
    const unit = random.chance(0.75) ? "process" : "thread";
    const place = resolvePath(by, path);
    const seen = !isRefusal(place) && "hierarchy" in place.node ? place.node : cgroup;
    const file = unit === "process" ? "cgroup.procs" : isRefusal(place) || seen.hierarchy.isUnified ? "cgroup.threads" : "tasks";
    const number = by.pidNs.tasks.get(task.numberIn(by.pidNs)) === task ? task.numberIn(by.pidNs) : 4194304;
    return { kind: "migrate", by, verdict: () => kernel.mayMigrate(task, Buffer.from(path, "latin1"), { by, unit }), act: () => writeTo(by, `${path}/${file}`, String(number)) };
  }

  create(by: Task): Asked {
    const { cgroup, path } = this.#cgroup();
    const name = this.random.weighted([[10, `new${this.random.below(1000)}`], [1, "a\nb"], [1, "cgroup.procs"], [1, "."], [1, ".."], [1, "no/where"], [1, "x".repeat(4080)], [2, [...cgroup.children.keys()][0] ?? "c"]] as const);
    const at = `${path}/${name}`;
    return { kind: "create", by, verdict: () => this.kernel.mayCreate(Buffer.from(at, "latin1"), { by }), act: () => mkdir(by, at) };
  }

  remove(by: Task): Asked {
    const { path } = this.#cgroup(0.02);
    const at = this.random.weighted([[14, path], [1, `${path}/cgroup.procs`], [1, `${path}/nowhere`], [1, `${path}/.`], [1, `${path}/..`]] as const);
    return { kind: "remove", by, verdict: () => this.kernel.mayRemove(Buffer.from(at, "latin1"), { by }), act: () => rmdir(by, at) };
  }

  unshare(by: Task): Asked {
    const flags = this.random.pick(FLAGS);
    return { kind: "unshare", by, verdict: () => this.kernel.mayUnshare(flags, { by }), act: () => unshare(by, flags) };
  }

  setns(by: Task): Asked {
    const { random } = this;
    const task = this.#task(false);
    const types = random.weighted([[5, ["cgroup"]], [1, ["user"]], [2, ["user", "cgroup"]], [1, ["mnt"]], [1, ["pid"]], [1, ["time"]], [0.5, []]] as const) as readonly NamespaceFlag[];
    const path = `/proc/${task.numberIn(by.pidNs)}/ns/${types[0] ?? random.pick(NAMESPACE_FLAGS)}`;
    const target: SetnsTarget = random.chance(0.5) ? { pidfd: task, types } : random.chance(0.8) ? { path } : { path, type: random.pick(NAMESPACE_FLAGS) };
    return { kind: "setns", by, verdict: () => this.kernel.maySetns(target, { by }), act: () => setns(by, target) };
  }

  mount(by: Task): Asked {
    const { random } = this;
    const request: MountRequest = {
      at: random.weighted([[6, "/mnt"], [1, "/tmp"], [1, "/nowhere"], [1, this.#tops[0]!], [1, this.#cgroup().path]] as const).replace(/[^ -~]/g, "?"),
      type: random.weighted([[6, "cgroup2"], [2, "cgroup"], [1, "tmpfs"], [0.5, "ext4"]] as const),
      options: random.weighted([[5, ""], [2, "pids"], [1, "nsdelegate"], [1, "bogus"], [1, "none,name=fresh"]] as const),
    };
    return { kind: "mount", by, verdict: () => this.kernel.mayMount(request, { by }), act: () => mount(by, request) };
  }

  write(by: Task): Asked {
    const { random } = this;
    const { cgroup, path } = this.#cgroup();
    const names = ["cgroup.subtree_control", "cgroup.type", "cgroup.max.depth", "cgroup.procs", ...filesOf(cgroup).map(({ name }) => name)];
    const file = random.weighted([[14, random.pick(names)], [1, "nowhere"], [1, "hugetlb.2MB.max"], [1, "pids.max"], [0.5, "cpu.pressure"], [0.3, ""]] as const);
    const data = random.weighted([[12, random.pick(TEXTS)], [2, String(this.#task(false).numberIn(by.pidNs))], [0.5, "9".repeat(4097)]] as const);
    return { kind: "write", by, verdict: () => this.kernel.mayWrite(Buffer.from(`${path}/${file}`, "latin1"), data, { by }), act: () => writeTo(by, `${path}/${file}`, data) };
  }

  #task(alive: boolean): Task {
    const all = [...this.kernel.tasks()].filter(({ state, kernelThread }) => (!alive || state === "running") && (!alive || !kernelThread));
    return this.random.chance(0.15) ? this.kernel.init : this.random.pick(all);
  }

  /** A cgroup and a directory of it: by its hierarchy's usual mount, or by any mount in somebody's reach. */
  #cgroup(roots = 0.1): { cgroup: CgroupNode; path: string } {
    const { random, kernel } = this;
    const mounts = kernel.init.mountNs.mounts.filter(({ filesystem }) => filesystem instanceof CgroupFs);
    const usual = mounts.filter((mount) => this.#tops.includes(mountPoint(mount)));
    const found = random.pick(usual);
    const { root } = (found.filesystem as CgroupFs).hierarchy;
    const all = [...root.subtree()];
    const cgroup = random.chance(roots) ? root : (random.maybe(all.slice(1)) ?? root);
    const names: string[] = [];
    for (let at = cgroup; at.parent !== null; at = at.parent) names.unshift(at.name);
    return { cgroup, path: [mountPoint(found), ...names].join("/") };
  }
}
