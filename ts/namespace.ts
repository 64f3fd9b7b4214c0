// A cgroup namespace: an identity plus one root per hierarchy, fixed when it is made. It keeps its roots' records, so
// views from a removed root stay exact; disposing of it lets them go.

import { Cgroup } from "./cgroup.ts";
import type { Encoding, Text } from "./core/text.ts";
import { CgroupError, expected } from "./errors.ts";
import type { Hierarchy } from "./hierarchy.ts";

export interface NamespaceOptions {
  /** The inode number of /proc/PID/ns/cgroup, where there is one. */
  readonly id?: number | bigint | null;
  /** Whatever stands for the owning user namespace. */
  readonly owner?: unknown;
}

/** As unshare(CLONE_NEWCGROUP) makes it: `new CgroupNamespace([the caller's cgroup in each hierarchy])`. */
export class CgroupNamespace {
  readonly id: bigint | null;
  readonly owner: unknown;
  readonly #roots = new Map<Hierarchy, Cgroup>();
  readonly #pins: Disposable[] = [];

  constructor(roots: Iterable<Cgroup> | Cgroup, { id = null, owner }: NamespaceOptions = {}) {
    this.id = id === null ? null : BigInt(id);
    this.owner = owner;
    for (const root of roots instanceof Cgroup ? [roots] : roots) {
      if (!(root instanceof Cgroup)) throw expected("roots", "cgroups, one for each hierarchy", root);
      if (this.#roots.has(root.hierarchy)) throw expected("roots", "at most one cgroup for each hierarchy", roots);
      this.#roots.set(root.hierarchy, root);
    }
    for (const root of this.#roots.values()) this.#pins.push(root.pin());
  }

  /** The cgroupns roots, in the order given. */
  get roots(): readonly Cgroup[] {
    return [...this.#roots.values()];
  }

  /** The root in a hierarchy; one that was mounted after the namespace was made is seen from its own root (rule 2.7). */
  rootIn(hierarchy: Hierarchy): Cgroup {
    return this.#roots.get(hierarchy) ?? hierarchy.root;
  }

  /** How a process in this namespace reads a cgroup's path. Throws as `Cgroup.viewFrom`. */
  view<E extends Encoding = "utf8">(cgroup: Cgroup, options: { readonly encoding?: E } = {}): Text<E> {
    if (!(cgroup instanceof Cgroup)) throw expected("cgroup", "a Cgroup", cgroup);
    return cgroup.viewFrom(this, options);
  }

  /** The cgroup a path read in this namespace names. Throws as `Hierarchy.resolve`. */
  resolve(path: string | Uint8Array, hierarchy: Hierarchy | undefined = this.roots[0]?.hierarchy): Cgroup {
    if (hierarchy === undefined) throw new CgroupError("EINVAL", { syscall: "resolve", path, rule: "no hierarchy given" });
    return hierarchy.resolve(path, this);
  }

  /** What no namespace keeps any longer is free to go: removed roots above all. */
  [Symbol.dispose](): void {
    for (const pin of this.#pins.splice(0)) pin[Symbol.dispose]();
  }
}
