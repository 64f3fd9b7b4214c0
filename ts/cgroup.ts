// A handle to one cgroup of a hierarchy, and what can be asked of it. Knows nothing of processes, mounts or machines.

import type { Core } from "./core/core.ts";
import { type Encoding, fromBytes, type Text } from "./core/text.ts";
import { CgroupError, expected } from "./errors.ts";
import type { Hierarchy } from "./hierarchy.ts";
import type { CgroupNamespace } from "./namespace.ts";

/** What a path is resolved from, and what a view is seen from. */
export type Viewer = Cgroup | CgroupNamespace;

/** A handle to one cgroup: never another one, whatever is removed and made again at its path. */
export class Cgroup {
  readonly hierarchy: Hierarchy;
  /** @internal */
  readonly node: number;
  /** @internal */
  readonly birth: number;
  #id: bigint | undefined;
  #last: { readonly id: bigint; readonly name: Uint8Array; readonly path: Uint8Array } | undefined;

  /** @internal Cgroups come from a Hierarchy. */
  constructor(hierarchy: Hierarchy, node: number, birth: number) {
    this.hierarchy = hierarchy;
    this.node = node;
    this.birth = birth;
  }

  /** The kernel's 64-bit id of this cgroup. A removed cgroup keeps it. */
  get id(): bigint {
    this.#id ??= this.#ask("id", () => this.#core.id(this));
    return this.#id;
  }

  /** The last path component, "" for the root. A removed cgroup keeps it. @throws CgroupError EILSEQ */
  get name(): string {
    return fromBytes(this.nameBytes);
  }

  get nameBytes(): Uint8Array {
    return this.#last?.name ?? this.#ask("name", () => this.#core.name(this).slice());
  }

  /** The whole path from the hierarchy's root, never cut. A removed cgroup keeps its last one. @throws CgroupError EILSEQ */
  get path(): string {
    return fromBytes(this.pathBytes);
  }

  get pathBytes(): Uint8Array {
    if (this.#last !== undefined) return this.#last.path;
    try {
      return this.#ask("path", () => this.#core.path(this).slice());
    } catch (error) {
      // With memory exhausted a long path is put together here, so that removing what is deep down always works.
      if ((error as CgroupError).code !== "ENOMEM") throw error;
      return joinNames([...this.ancestors()].map(({ nameBytes }) => nameBytes).reverse());
    }
  }

  /** Distance from the hierarchy's root. */
  get level(): number {
    return this.#ask("level", () => this.#core.level(this));
  }

  get removed(): boolean {
    return !this.#core.isLive(this);
  }

  get parent(): Cgroup | undefined {
    return this.level === 0 ? undefined : this.ancestorAt(this.level - 1);
  }

  /** Makes a child. @throws CgroupError EINVAL (no name), ENAMETOOLONG, EEXIST (name or id), ENOENT (this cgroup is removed), ENOMEM */
  create(name: string | Uint8Array, options: { readonly id?: bigint } = {}): Cgroup {
    return this.hierarchy.createIn(this, name, options.id);
  }

  /** @throws CgroupError EBUSY (it has children, or is the root), ENODEV (removed already) */
  remove(): void {
    const last = this.#last ?? { id: this.id, name: this.nameBytes, path: this.pathBytes };
    this.#ask("rmdir", () => this.#core.remove(this));
    this.#last = last;
  }

  /** Gives it another name at the same place, as v1 hierarchies allow. @throws CgroupError EEXIST, EINVAL, EBUSY, ENODEV */
  rename(name: string | Uint8Array): void {
    asking("rename", this.pathBytes, () => this.#core.rename(this, name));
  }

  /** The child of this name, or undefined. */
  child(name: string | Uint8Array): Cgroup | undefined {
    return this.#ask("lookup", () => this.#core.child(this, name));
  }

  /** The live children, in order of creation. */
  children(): Generator<Cgroup, void, undefined> {
    return this.hierarchy.children(this);
  }

  /** From this cgroup up to the root, both included. */
  *ancestors(): Generator<Cgroup, void, undefined> {
    for (let at: Cgroup | undefined = this; at !== undefined; at = at.parent) yield at;
  }

  /** The ancestor at this level, itself at its own; undefined below. */
  ancestorAt(level: number): Cgroup | undefined {
    if (!Number.isInteger(level) || level < 0) throw expected("level", "an integer from 0 on", level);
    return this.#ask("ancestor", () => this.#core.ancestorAt(this, level));
  }

  /** The deepest cgroup that is an ancestor of both. @throws CgroupError EINVAL across hierarchies, ENODEV */
  commonAncestor(other: Cgroup): Cgroup {
    return this.#ask("ancestor", () => this.#core.commonAncestor(this, this.#mate(other)))!;
  }

  /** Is `ancestor` above this cgroup, or the same? */
  isDescendantOf(ancestor: Cgroup): boolean {
    return this.#ask("ancestor", () => this.#core.isDescendant(this, this.#mate(ancestor)));
  }

  /**
   * This cgroup's path as the kernel prints it for a reader in that namespace, or in one rooted at that cgroup: names
   * are cut at 4,095 bytes as the kernel cuts them.
   * @throws CgroupError ENAMETOOLONG (the `/..` alone do not fit), ENODEV (removed, and nothing keeps it), EINVAL (another hierarchy), EILSEQ
   */
  viewFrom<E extends Encoding = "utf8">(viewer: Viewer, options?: { readonly encoding?: E }): Text<E> {
    const encoding = options?.encoding;
    const seenFrom = rootOf(viewer, this.hierarchy);
    try {
      const root = this.#mate(seenFrom);
      const text = encoding === undefined ? this.#core.viewText(root, this) : undefined;
      return text === undefined ? fromBytes(this.#core.view(root, this), encoding) : (text as Text<E>);
    } catch (error) {
      throw asked(error, "view", this.#last?.path);
    }
  }

  /** Keeps the record when the cgroup is removed, so that views from it and of it stay exact, until disposed of. */
  pin(): Disposable {
    this.#ask("pin", () => this.#core.pin(this));
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#core.unpin(this);
        held = false;
      },
    };
  }

  toString(): string {
    return new TextDecoder().decode(this.pathBytes);
  }

  /** @internal Another cgroup of the same hierarchy. */
  beside(node: number, birth: number): Cgroup {
    return new Cgroup(this.hierarchy, node, birth);
  }

  get #core(): Core<Cgroup> {
    return this.hierarchy.core;
  }

  #mate(other: Cgroup): Cgroup {
    if (!(other instanceof Cgroup)) throw expected("other", "a Cgroup", other);
    if (other.hierarchy === this.hierarchy) return other;
    throw new CgroupError("EINVAL", { syscall: "view", rule: "the two cgroups are in different hierarchies" });
  }

  #ask<T>(syscall: string, question: () => T): T {
    return asking(syscall, this.#last?.path, question);
  }
}

function joinNames(names: readonly Uint8Array[]): Uint8Array {
  const path = new Uint8Array(names.reduce((sum, name) => sum + name.length + 1, -1));
  let at = 0;
  for (const name of names.slice(1)) {
    path[at] = 0x2f;
    path.set(name, at + 1);
    at += name.length + 1;
  }
  return path;
}

/** The cgroup that a viewer sees as `/` in this hierarchy. */
export function rootOf(viewer: Viewer, hierarchy: Hierarchy): Cgroup {
  if (viewer instanceof Cgroup) return viewer;
  if (typeof viewer?.rootIn === "function") return viewer.rootIn(hierarchy);
  throw expected("from", "a Cgroup or a CgroupNamespace", viewer);
}

/** Asks the core, whose errors know no paths: they get here what the caller asked for. */
export function asking<T>(syscall: string, path: string | Uint8Array | undefined, question: () => T): T {
  try {
    return question();
  } catch (error) {
    throw asked(error, syscall, path);
  }
}

/** The core's error as what the caller asked for; any other as it is. */
export function asked(error: unknown, syscall: string, path: string | Uint8Array | undefined): unknown {
  return error instanceof CgroupError && error.syscall === undefined ? new CgroupError(error.code, { syscall, path }) : error;
}
