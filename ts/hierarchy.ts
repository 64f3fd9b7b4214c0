// One tree of cgroups: make, look up, walk, one at a time or in bulk. Names and paths are strings or bytes. Knows nothing of processes, mounts or machines.

import { asking, Cgroup, rootOf, type Viewer } from "./cgroup.ts";
import { Core, type CoreStatistics, type Nodes, type Ref } from "./core/core.ts";
import { toBytes } from "./core/text.ts";
import { CgroupError, expected } from "./errors.ts";

export type { CoreStatistics, Nodes } from "./core/core.ts";

/** How to make a hierarchy. */
export interface HierarchyOptions {
  /** The kernel's hierarchy id: 0 (the default) is the unified (v2) hierarchy. */
  readonly id?: number;
  /** Names of the controllers, as in /proc/PID/cgroup. v1 only: the unified hierarchy names none there. */
  readonly controllers?: readonly string[];
  /** The name of a named v1 hierarchy (`name=systemd` without the `name=`). */
  readonly name?: string | null;
  /** The root's cgroup id. @defaultValue 1n */
  readonly rootId?: bigint;
  /** Another hierarchy whose core (memory, limit, key) this one shares. */
  readonly beside?: Hierarchy;
  /** Linear memory the core may use, in bytes. Beyond it: `ENOMEM`, with the tree as it was. */
  readonly maximumBytes?: number;
  /** Makes the look-up hash reproducible. For tests: it gives up the protection against chosen names. */
  readonly seed?: number;
}

/** A tree of cgroups, its root always there. */
export class Hierarchy {
  readonly id: number;
  readonly controllers: readonly string[];
  readonly name: string | null;
  readonly root: Cgroup;
  readonly #core: Core<Cgroup>;
  #lastId: bigint;

  constructor(options: HierarchyOptions = {}) {
    const { id = 0, controllers = [], name = null, rootId = 1n, beside } = options;
    if (!Number.isInteger(id) || id < 0) throw expected("id", "a hierarchy id (an integer from 0 on)", id);
    this.id = id;
    this.controllers = [...controllers];
    this.name = name;
    this.#core = beside === undefined ? new Core(checked(options)) : beside.#core;
    this.#lastId = rootId;
    this.root = this.#handle(asking("mkdir", "/", () => this.#core.createHierarchy(asId(rootId))));
  }

  /**
   * Makes the cgroup at an absolute path. With `recursive` missing parents are made too and an existing cgroup is no
   * error, as in fs.mkdirSync; it answers the cgroup either way. Without an `id` it gets the next one.
   * @throws CgroupError ENOENT, EEXIST, EINVAL (not a path, or the id is taken: EEXIST), ENAMETOOLONG, ENOMEM
   */
  create(path: string | Uint8Array, options: { readonly recursive?: boolean; readonly id?: bigint } = {}): Cgroup {
    const bytes = toBytes(path, "path");
    if (options.recursive === true) return this.get(bytes) ?? this.#createAll(bytes, options.id);
    const { parent, name } = splitPath(bytes);
    return this.#resolve("mkdir", this.root, parent, bytes).create(name, idOption(options.id));
  }

  /** The cgroup at a path, or undefined where nobody is. @throws CgroupError EINVAL, ENAMETOOLONG, EILSEQ for what is no path */
  get(path: string | Uint8Array, from: Viewer = this.root): Cgroup | undefined {
    const root = from === this.root ? from : rootOf(from, this);
    const found = asking("resolve", path, () => this.#core.find(this.#refOf(root), path));
    return found === undefined ? undefined : this.#handle(found);
  }

  /**
   * The live cgroup at a path as a view prints it: `/`, or `/..` any number of times, then names.
   * @throws CgroupError ENOENT (nobody there), EINVAL (empty, `.`, a later `..`, no leading `/`), ENAMETOOLONG
   */
  resolve(path: string | Uint8Array, from: Viewer = this.root): Cgroup {
    return this.#resolve("resolve", rootOf(from, this), path, path);
  }

  /** The cgroup with this kernel id, or undefined. */
  byId(id: bigint | number): Cgroup | undefined {
    const found = this.#core.byId(this.root.ref, asId(id));
    return found === undefined ? undefined : this.#handle(found);
  }

  /**
   * Resolves many paths in one call: newline-separated bytes, or strings. Node numbers come out, 0 where there is none.
   * `out` must hold as many numbers as there are paths; without it a list of the right length is made.
   */
  resolveMany(
    paths: Uint8Array | readonly string[],
    options: { readonly from?: Viewer; readonly out?: Uint32Array } = {},
  ): Nodes {
    const bytes = paths instanceof Uint8Array ? paths : toBytes(joinLines(paths));
    const numbers = options.out ?? new Uint32Array(countLines(bytes));
    if (!(numbers instanceof Uint32Array)) throw expected("out", "a Uint32Array", numbers);
    // There are never more paths than bytes, so a roomy list need not be counted against.
    if (numbers.length < bytes.length && options.out !== undefined && numbers.length < countLines(bytes)) {
      throw new TypeError(`Expected \`out\` to be as long as there are paths, got ${numbers.length}`);
    }
    const stamp = this.#core.stamp();
    asking("resolve", undefined, () =>
      this.#core.resolveLines(this.#refOf(rootOf(options.from ?? this.root, this)), bytes, numbers),
    );
    return { numbers, stamp };
  }

  /** The cgroup behind one number of a bulk result; undefined for 0 and for a cgroup that is gone. */
  at(nodes: Nodes, index: number): Cgroup | undefined {
    const ref = this.#core.at(nodes.numbers[index] ?? 0, nodes.stamp);
    return ref === undefined ? undefined : this.#handle(ref);
  }

  /** A subtree in pre-order, its top first. What is removed meanwhile is left out, what is added is not seen. */
  *walk(top: Cgroup = this.root): Generator<Cgroup, void, undefined> {
    const nodes = asking("walk", undefined, () => this.#core.walk(this.#refOf(top)));
    yield* this.#each(nodes);
  }

  /** The core's state; hierarchies that share a core share it. */
  stats(): CoreStatistics {
    return this.#core.statistics();
  }

  /** @internal */
  *children(parent: Cgroup): Generator<Cgroup, void, undefined> {
    yield* this.#each(asking("readdir", undefined, () => this.#core.children(this.#refOf(parent))));
  }

  /** @internal The core, for the handles of this tree. */
  get core(): Core<Cgroup> {
    return this.#core;
  }

  /** @internal */
  handle(ref: Ref<Cgroup> | undefined): Cgroup | undefined {
    return ref === undefined ? undefined : this.#handle(ref);
  }

  /** @internal */
  createIn(parent: Cgroup, name: string | Uint8Array, id: bigint = this.#lastId + 1n): Cgroup {
    const made = asking("mkdir", name, () => this.#core.create(parent.ref, name, asId(id)));
    if (id > this.#lastId) this.#lastId = id;
    return this.#handle(made);
  }

  // Whatever this made is removed again when it cannot make the rest.
  #createAll(path: Uint8Array, id: bigint | undefined): Cgroup {
    const names = splitNames(path);
    const made: Cgroup[] = [];
    let cgroup = this.root;
    try {
      for (const [i, name] of names.entries()) {
        const there = cgroup.child(name);
        cgroup = there ?? cgroup.create(name, idOption(i === names.length - 1 ? id : undefined));
        if (there === undefined) made.push(cgroup);
      }
    } catch (error) {
      for (const left of made.reverse()) left.remove();
      throw error;
    }
    return cgroup;
  }

  *#each(nodes: Nodes): Generator<Cgroup, void, undefined> {
    for (let i = 0; i < nodes.numbers.length; i++) {
      const cgroup = this.at(nodes, i);
      if (cgroup !== undefined && !cgroup.removed) yield cgroup;
    }
  }

  #resolve(syscall: string, from: Cgroup, path: string | Uint8Array, asked: string | Uint8Array): Cgroup {
    return this.#handle(asking(syscall, asked, () => this.#core.resolve(this.#refOf(from), path)));
  }

  #handle(ref: Ref<Cgroup>): Cgroup {
    ref.owner ??= new Cgroup(this, ref);
    return ref.owner;
  }

  #refOf(cgroup: Cgroup): Ref<Cgroup> {
    if (!(cgroup instanceof Cgroup)) throw expected("cgroup", "a Cgroup", cgroup);
    if (cgroup.hierarchy !== this) {
      throw new CgroupError("EINVAL", { syscall: "resolve", rule: "the cgroup belongs to another hierarchy" });
    }
    return cgroup.ref;
  }
}

function checked(options: HierarchyOptions): HierarchyOptions {
  const { maximumBytes, seed } = options;
  if (maximumBytes !== undefined && !(maximumBytes > 0)) throw expected("maximumBytes", "a number of bytes", maximumBytes);
  if (seed !== undefined && !Number.isFinite(seed)) throw expected("seed", "a number", seed);
  return options;
}

function asId(id: bigint | number): bigint {
  if (typeof id === "number" && !Number.isSafeInteger(id)) throw expected("id", "a bigint or a safe integer", id);
  const value = BigInt(id);
  if (value < 0n || value > 0xffffffffffffffffn) throw expected("id", "an unsigned 64-bit cgroup id", id);
  return value;
}

// "/a/b/c" → "/a/b" and "c"; "/a" → "/" and "a". Whether the parts are names the core says.
function splitPath(path: Uint8Array): { parent: Uint8Array; name: Uint8Array } {
  const slash = path.lastIndexOf(0x2f);
  if (slash === -1) throw new CgroupError("EINVAL", { syscall: "mkdir", path, rule: "a path starts with /" });
  return { parent: path.subarray(0, Math.max(slash, 1)), name: path.subarray(slash + 1) };
}

function splitNames(path: Uint8Array): Uint8Array[] {
  const names: Uint8Array[] = [];
  for (let at = 0; at < path.length; ) {
    const slash = path.indexOf(0x2f, at + 1);
    const end = slash === -1 ? path.length : slash;
    names.push(path.subarray(at + 1, end));
    at = end;
  }
  return names;
}

const idOption = (id: bigint | undefined): { readonly id?: bigint } => (id === undefined ? {} : { id });

function joinLines(paths: readonly string[]): string {
  if (!Array.isArray(paths)) throw expected("paths", "a Uint8Array or an array of strings", paths);
  // A path with a newline would be two lines: no cgroup is called that, so any other unknown path may stand for it.
  return paths.map((path) => (path.includes("\n") ? "" : path)).join("\n") + (paths.length > 0 ? "\n" : "");
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return bytes.length > 0 && bytes[bytes.length - 1] !== 10 ? count + 1 : count;
}
