// One tree of cgroups: make, look up, walk, one at a time or in bulk. Names and paths are strings or bytes. Knows nothing of processes, mounts or machines.

import { asked, asking, Cgroup, rootOf, type Viewer } from "./cgroup.ts";
import * as bulk from "./bulk.ts";
import type { Paths, ViewManyOptions } from "./bulk.ts";
import type { Made, Nodes } from "./core/bulk.ts";
import { Core, type CoreStatistics } from "./core/core.ts";
import { toBytes } from "./core/text.ts";
import { CgroupError, expected } from "./errors.ts";
import { fromImage, toImage } from "./image.ts";
import { PidTable } from "./pid-table.ts";
import { subtreeCounts, subtreeSums } from "./roll-up.ts";
import { resolveStream, type Source, translation } from "./streams.ts";

export type { Paths, ViewManyOptions } from "./bulk.ts";
export type { Made, Nodes } from "./core/bulk.ts";
export type { Source } from "./streams.ts";
export type { CoreStatistics } from "./core/core.ts";

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
  #pids: PidTable | undefined;

  constructor(options: HierarchyOptions = {}) {
    const { id = 0, controllers = [], name = null, rootId = 1n, beside } = options;
    if (!Number.isInteger(id) || id < 0) throw expected("id", "a hierarchy id (an integer from 0 on)", id);
    this.id = id;
    this.controllers = [...controllers];
    this.name = name;
    this.#core = beside === undefined ? new Core(checked(options)) : beside.#core;
    this.#lastId = rootId;
    this.root = asking("mkdir", "/", () => this.#core.createHierarchy(asId(rootId), (node, birth) => new Cgroup(this, node, birth)));
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
    const above = asking("mkdir", bytes, () => this.#core.find(this.root, parent));
    if (above === undefined) throw new CgroupError("ENOENT", { syscall: "mkdir", path: bytes });
    return above.create(name, idOption(options.id));
  }

  /**
   * The cgroup at a path, or undefined where nobody is. Strings that come again are remembered, 16,384 of them at most: they
   * are found sooner, until a cgroup is removed or renamed.
   * @throws CgroupError EINVAL, ENAMETOOLONG, EILSEQ for what is no path
   */
  get(path: string | Uint8Array, from: Viewer = this.root): Cgroup | undefined {
    const root = from === this.root ? from : this.#own(rootOf(from, this));
    try {
      return this.#core.find(root, path);
    } catch (error) {
      throw asked(error, "resolve", path);
    }
  }

  /**
   * The live cgroup at a path as a view prints it: `/`, or `/..` any number of times, then names.
   * @throws CgroupError ENOENT (nobody there), EINVAL (empty, `.`, a later `..`, no leading `/`), ENAMETOOLONG
   */
  resolve(path: string | Uint8Array, from: Viewer = this.root): Cgroup {
    const found = this.get(path, from);
    if (found === undefined) throw new CgroupError("ENOENT", { syscall: "resolve", path });
    return found;
  }

  /** The cgroup with this kernel id, or undefined. */
  byId(id: bigint | number): Cgroup | undefined {
    return this.#core.byId(this.root, asId(id));
  }

  /**
   * Makes many cgroups in one call, at newline-separated paths or strings in any order, without handles. Each is made or not
   * for itself: `errnos` says why not (0: made). With `recursive` missing parents are made too, and what is there already is
   * answered. `ids` has one id for each path.
   */
  createMany(paths: Paths, options: { readonly ids?: BigUint64Array; readonly recursive?: boolean } = {}): Made {
    const { nextId, ...made } = bulk.createMany(this, paths, options.ids, this.#lastId + 1n, options.recursive ?? false);
    this.passOver(nextId - 1n);
    return made;
  }

  /**
   * Resolves many paths in one call: strings, newline-separated bytes, or bytes one path behind the other with the length of
   * each in `lengths`. Node numbers come out, 0 where there is none. `out` must hold as many numbers as there are paths; without
   * it a list of the right length is made.
   */
  resolveMany(paths: Paths, options: { readonly from?: Viewer; readonly lengths?: Uint32Array; readonly out?: Uint32Array } = {}): Nodes {
    const { from = this.root, lengths, out } = options;
    if (out !== undefined && !(out instanceof Uint32Array)) throw expected("out", "a Uint32Array", out);
    const root = this.#own(rootOf(from, this));
    if (lengths === undefined) {
      const lines = bulk.linesOf(paths);
      return this.#nodes(asking("resolve", undefined, () => this.#core.bulk.resolveLines(root, lines, out)));
    }
    const pieces = bulk.piecesOf(paths, lengths);
    return this.#nodes(asking("resolve", undefined, () => this.#core.bulk.resolvePieces(root, pieces.bytes, pieces.lengths, out)));
  }

  /**
   * Room in the core's own memory for so many bytes. Paths that are read into it (fs.readSync, encodeInto) and given to
   * `resolveMany` as they lie there are not copied again; nor are ids for `resolveIds`, and node numbers. It is the same room
   * each time, unless more is asked for than ever before. When memory grows (cgroups are made, say) this view of it has no
   * length any more: ask again, what was in it still is. Whatever else of `buffer` is written to, breaks the tree.
   * @throws TypeError where that is no number of bytes, CgroupError ENOMEM
   */
  inputBuffer(bytes: number): Uint8Array {
    if (!Number.isInteger(bytes) || bytes <= 0) throw expected("bytes", "a number of bytes (an integer from 1 on)", bytes);
    return asking("read", undefined, () => this.#core.bulk.inputBuffer(bytes));
  }

  /**
   * The view of each cgroup from one viewer, as `viewFrom` has it: newline-separated bytes (of `out` the part that was
   * written), or strings. An empty line, or null, where there is none: a stale number, another hierarchy, too far up.
   */
  viewMany(nodes: Nodes, options: ViewManyOptions & { readonly as: "strings" }): (string | null)[];
  viewMany(nodes: Nodes, options?: ViewManyOptions): Uint8Array;
  viewMany(nodes: Nodes, options: ViewManyOptions = {}): Uint8Array | (string | null)[] {
    return bulk.viewMany(this, nodes, options);
  }

  /** Cgroup ids to node numbers, 0 where there is none. */
  resolveIds(ids: BigUint64Array, options: { readonly out?: Uint32Array } = {}): Nodes {
    const out = bulk.outOf(Uint32Array, bulk.checkIds(ids).length, options.out);
    asking("resolve", undefined, () => this.#core.bulk.resolveIds(this.root, ids, out));
    return this.#nodes(out);
  }

  /** The cgroup id of each, 0n for stale numbers. */
  idsOf(nodes: Nodes, options: { readonly out?: BigUint64Array } = {}): BigUint64Array {
    const out = bulk.outOf(BigUint64Array, bulk.checkNodes(nodes).numbers.length, options.out);
    asking("id", undefined, () => this.#core.bulk.idsOf(nodes, out));
    return out;
  }

  /** The ancestor of each at a level, itself at its own; 0 for what is higher, and for stale numbers. */
  ancestorsAt(nodes: Nodes, level: number, options: { readonly out?: Uint32Array } = {}): Nodes {
    if (!Number.isInteger(level) || level < 0) throw expected("level", "an integer from 0 on", level);
    const out = bulk.outOf(Uint32Array, bulk.checkNodes(nodes).numbers.length, options.out);
    asking("ancestor", undefined, () => this.#core.bulk.ancestorsAt(nodes, level, out));
    return this.#nodes(out);
  }

  /** The deepest cgroup that is an ancestor of both of each pair; 0 for stale numbers. */
  commonAncestors(a: Nodes, b: Nodes, options: { readonly out?: Uint32Array } = {}): Nodes {
    bulk.sameLength(bulk.checkNodes(a).numbers, bulk.checkNodes(b, "b").numbers, "b");
    const out = bulk.outOf(Uint32Array, a.numbers.length, options.out);
    asking("ancestor", undefined, () => this.#core.bulk.commonAncestors(a, b, out));
    return this.#nodes(out);
  }

  /** 1 where the second of a pair is above the first, or the same; else 0, for stale numbers too. */
  areDescendants(nodes: Nodes, ancestors: Nodes, options: { readonly out?: Uint8Array } = {}): Uint8Array {
    bulk.sameLength(bulk.checkNodes(nodes).numbers, bulk.checkNodes(ancestors, "ancestors").numbers, "ancestors");
    const out = bulk.outOf(Uint8Array, nodes.numbers.length, options.out);
    asking("ancestor", undefined, () => this.#core.bulk.areDescendants(nodes, ancestors, out));
    return out;
  }

  /** A subtree as node numbers in pre-order, its top first. */
  subtree(top: Cgroup = this.root): Nodes {
    return asking("walk", undefined, () => this.#core.walk(this.#own(top)));
  }

  /** How many cgroups are in the subtree of each, as far as the list has them, itself included; 0 for stale numbers. `nodes` is in pre-order, as of `subtree`. */
  subtreeCounts(nodes: Nodes): Uint32Array {
    return subtreeCounts(this, nodes);
  }

  /** A roll-up: for each the sum of its value and of those below it in the list; NaN for stale numbers. `nodes` is in pre-order, as of `subtree`. */
  subtreeSums(nodes: Nodes, values: Float64Array, options: { readonly out?: Float64Array } = {}): Float64Array {
    if (!(values instanceof Float64Array)) throw expected("values", "a Float64Array", values);
    bulk.sameLength(bulk.checkNodes(nodes).numbers, values, "values");
    return subtreeSums(this, nodes, values, bulk.outOf(Float64Array, values.length, options.out));
  }

  /** Resolves a stream of newline-separated paths, however it is cut: a list of nodes for each piece that ends a line. */
  resolveStream(source: Source, options: { readonly from?: Viewer } = {}): AsyncGenerator<Nodes, void, undefined> {
    return resolveStream(this, source, options.from ?? this.root);
  }

  /**
   * A stream of lines into a stream of lines: paths as `from` sees them in, the same cgroups as `to` sees them out (the root,
   * unless told); an empty line where there is none. Memory stays constant, and the reader's pace is kept.
   */
  translation(options: { readonly from?: Viewer; readonly to?: Viewer } = {}): TransformStream<Uint8Array, Uint8Array> {
    return translation(this, options.from ?? this.root, options.to ?? this.root);
  }

  /** Which cgroup each process is in, by pid and start time. */
  get pids(): PidTable {
    this.#pids ??= new PidTable(this);
    return this.#pids;
  }

  /** This tree from a cgroup on (from its root, unless told) as bytes, for `Hierarchy.fromImage`. @throws CgroupError ENODEV */
  toImage(top: Cgroup = this.root): Uint8Array {
    this.#own(top);
    return toImage(top);
  }

  /**
   * The tree of an image, with the ids it had; of a cgroup's image that cgroup is the root.
   * @throws CgroupError EINVAL (damaged, cut off, foreign: `rule` says what), ENOMEM
   */
  static fromImage(image: Uint8Array, options: Omit<HierarchyOptions, "rootId" | "beside"> = {}): Hierarchy {
    const tree = fromImage(image, (rootId) => new Hierarchy({ ...options, rootId }));
    tree.passOver(tree.#core.bulk.highestId);
    return tree;
  }

  /** The cgroup behind one number of a bulk result; undefined for 0 and for a cgroup that is gone. */
  at(nodes: Nodes, index: number): Cgroup | undefined {
    return this.#core.at(this.root, nodes.numbers[index] ?? 0, nodes.stamp);
  }

  /** A subtree in pre-order, its top first. What is removed meanwhile is left out, what is added is not seen. */
  *walk(top: Cgroup = this.root): Generator<Cgroup, void, undefined> {
    const nodes = asking("walk", undefined, () => this.#core.walk(this.#own(top)));
    yield* this.#each(nodes);
  }

  /** The core's state; hierarchies that share a core share it. */
  stats(): CoreStatistics {
    return this.#core.statistics();
  }

  /** @internal */
  *children(parent: Cgroup): Generator<Cgroup, void, undefined> {
    yield* this.#each(asking("readdir", undefined, () => this.#core.children(this.#own(parent))));
  }

  /** @internal Ids up to this one are taken. */
  passOver(id: bigint): void {
    if (id > this.#lastId) this.#lastId = id;
  }

  /** @internal The core, for the handles of this tree. */
  get core(): Core<Cgroup> {
    return this.#core;
  }

  /** @internal */
  createIn(parent: Cgroup, name: string | Uint8Array, id: bigint = this.#lastId + 1n): Cgroup {
    const made = asking("mkdir", name, () => this.#core.create(parent, name, asId(id)));
    this.passOver(id);
    return made;
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

  #nodes(numbers: Uint32Array): Nodes {
    return { numbers, stamp: this.#core.bulk.stamp };
  }

  #own(cgroup: Cgroup): Cgroup {
    if (!(cgroup instanceof Cgroup)) throw expected("cgroup", "a Cgroup", cgroup);
    if (cgroup.hierarchy !== this) {
      throw new CgroupError("EINVAL", { syscall: "resolve", rule: "the cgroup belongs to another hierarchy" });
    }
    return cgroup;
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
  if (path.length === 1 && slash === 0) throw new CgroupError("EEXIST", { syscall: "mkdir", path });
  if (path[0] !== 0x2f) throw new CgroupError("EINVAL", { syscall: "mkdir", path, rule: "a path starts with /" });
  if (slash === 1) throw new CgroupError("EINVAL", { syscall: "mkdir", path, rule: "a name has a byte at least" });
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
