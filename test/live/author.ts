// Writes random scripts for a live replay, the same for the same seed: delegation, namespaces, moves and mounts in a few
// cgroups, by a few agents, so that they meet. Knows what operations look like, not what comes of them.

import type { Operation } from "../../ts/replay/index.ts";

const NAMES = ["x", "y", "z"];
const FILES = [
  "cgroup.procs", "cgroup.procs", "cgroup.threads", "cgroup.type", "cgroup.controllers", "cgroup.subtree_control",
  "cgroup.max.depth", "cgroup.max.descendants", "cgroup.events", "cgroup.kill", "nothing",
];
const V1_FILES = ["cgroup.procs", "tasks", "pids.max", "pids.current", "cgroup.clone_children", "notify_on_release", "nothing"];
const VALUES = ["", "0", "1", "2", "max", "threaded", "domain", "+hugetlb", "-pids", "x", " 0\n", "-1", "0x1", "99999", "\n0", "3\u00004", "1\n2"];
const USERS = [0, 1000, 1001];

export class Author {
  #state: number;
  readonly #hierarchies: readonly string[];
  readonly #agents: string[] = [];
  #born = 0;

  constructor(seed: number, v1: readonly string[]) {
    this.#state = seed * 2654435761;
    this.#hierarchies = ["v2", "v2", "v2", ...v1];
  }

  /** Ends with a question for every agent's namespace: asked earlier, a number could be another one's later. */
  script(length: number): Operation[] {
    const script: Operation[] = [this.#spawn(), this.#spawn(), { op: "mkdir", path: "x" }, { op: "mkdir", path: "x/y" }, this.#delegate()];
    while (script.length < length - this.#agents.length) script.push(this.#operation());
    return [...script, ...this.#agents.map((target) => ({ op: "nsid", target }))];
  }

  #operation(): Operation {
    const deeds: readonly (readonly [number, () => Operation])[] = [
      [this.#agents.length < 8 ? 3 : 0, () => this.#spawn()],
      [this.#agents.length < 8 ? 3 : 0, () => this.#fork()],
      [5, () => this.#by({ op: "unshare", agent: this.#agent(), flags: this.#pick([["cgroup"], ["cgroup"], ["user"], ["user", "cgroup"], ["user", "mnt", "cgroup"], ["mnt"], []]) })],
      [3, () => ({ op: "setns", agent: this.#agent(), target: this.#anyone(), ns: this.#pick(["cgroup", "cgroup", "cgroup", "mnt"]) })],
      [3, () => ({ op: "setid", agent: this.#agent(), ...this.#ids() })],
      [1, () => ({ op: "idmap", target: this.#agent(), map: this.#pick(["0 0 1", "0 1000 1", "0 0 2000"]) })],
      [12, () => this.#by({ op: "move", ...this.#place(), ...this.#targets() })],
      [10, () => this.#by({ op: "mkdir", ...this.#place(), ...this.#sometimes({ mode: this.#pick([0o700, 0o777, 0o500]) }) })],
      [6, () => this.#by({ op: "rmdir", ...this.#place() })],
      [10, () => this.#by({ op: "read", ...this.#file(), ...this.#sometimes({ pids: true }) })],
      [9, () => this.#by({ op: "write", ...this.#file(), data: this.#pick([...VALUES, `{${this.#anyone()}}`]) })],
      [5, () => this.#by(this.#delegate())],
      [3, () => this.#by({ op: "chmod", ...this.#pick([this.#place(), this.#file()]), mode: this.#pick([0o755, 0o700, 0o666, 0o444, 0o1777]) })],
      [4, () => this.#by({ op: "stat", ...this.#pick([this.#place(), this.#file()]) })],
      [2, () => ({ op: "ls", ...this.#place() })],
      [4, () => this.#by(this.#mount())],
      [2, () => this.#by({ op: "mountinfo", target: this.#anyone() })],
      [8, () => this.#by({ op: "cgroup", target: this.#anyone() })],
      [2, () => ({ op: "cgroup", agent: this.#anyone(), target: "self" })],
      [1, () => this.#by({ op: "umount", at: this.#pick(["m1", "m2"]) })],
    ];
    const bag = deeds.flatMap(([weight, deed]) => Array<() => Operation>(weight).fill(deed));
    return this.#pick(bag)();
  }

  #spawn(): Operation {
    return { op: "spawn", agent: this.#newcomer(), path: this.#pick(["", "", "x", "x/y"]) };
  }

  #fork(): Operation {
    const agent = this.#agent();
    return { op: "fork", agent, child: this.#newcomer(), ...this.#sometimes({ flags: this.#pick([["cgroup"], ["user", "cgroup"]]) }) };
  }

  #delegate(): Operation {
    return { op: "chown", ...this.#pick([this.#place(), this.#file("cgroup.procs")]), uid: this.#pick(USERS), ...this.#sometimes({ gid: this.#pick(USERS) }) };
  }

  #mount(): Operation {
    const at = this.#pick(["m1", "m2"]);
    return this.#pick<Operation>([
      { op: "mount", at }, { op: "mount", at, opts: "nothing" }, { op: "mount", at, mflags: ["rdonly"] },
      { op: "mount", at, fstype: "cgroup", opts: this.#hierarchies.at(-1) },
      { op: "mount", at, fstype: "bind", ...this.#place() }, { op: "mount", at, fstype: "remount", mflags: ["bind", "rdonly"] },
    ]);
  }

  #ids(): object {
    const id = this.#pick(USERS);
    return this.#pick([{ uid: id, gid: id, groups: [] }, { uid: id }, { gid: id }, { groups: [id] }, { uid: id, gid: id }]);
  }

  #targets(): object {
    return this.#pick<object>([{}, { target: this.#anyone() }, { zero: true }]);
  }

  #place(): { hier?: string; mnt?: string; path: string } {
    const depth = this.#below(4);
    const path = Array.from({ length: depth }, () => this.#pick(NAMES)).join("/");
    const hier = this.#pick(this.#hierarchies);
    if (this.#below(8) === 0) return { mnt: this.#pick(["m1", "m2"]), path };
    return { ...(hier === "v2" ? {} : { hier }), path };
  }

  #file(name?: string): { path: string } {
    const { path, ...where } = this.#place();
    const file = name ?? this.#pick("hier" in where ? V1_FILES : FILES);
    return { ...where, path: path === "" ? file : `${path}/${file}` };
  }

  /** Mostly by an agent. */
  #by(operation: Operation): Operation {
    return "agent" in operation || this.#below(3) === 0 ? operation : { ...operation, agent: this.#agent() };
  }

  #newcomer(): string {
    const name = String.fromCharCode(97 + this.#born++);
    this.#agents.push(name);
    return name;
  }

  #agent(): string {
    return this.#pick(this.#agents);
  }

  #anyone(): string {
    return this.#pick([...this.#agents, "ctl"]);
  }

  #sometimes(fields: object): object {
    return this.#below(3) === 0 ? fields : {};
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!;
  }

  // xorshift32
  #below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
}
