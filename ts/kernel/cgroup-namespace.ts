// A cgroup namespace of the model: one root per hierarchy, fixed when it is made, an owner, and a count of what pins it.

import type { CgroupNode } from "./cgroup.ts";
import type { KernelHierarchy } from "./hierarchy.ts";
import type { NamespaceInodes } from "./inodes.ts";
import { type UserNamespace, unchargeCgroupNamespace } from "./user-namespace.ts";

export class CgroupNs {
  readonly kind = "cgroup";
  readonly inode: number;
  readonly userNamespace: UserNamespace;
  /** The euid it counts for; null for the initial one. */
  readonly chargedTo: number | null;
  /** One a hierarchy; a hierarchy made later is seen from its own root (rule 2.7). */
  readonly roots: readonly CgroupNode[];
  pins = 0;

  constructor(inode: number, userNamespace: UserNamespace, chargedTo: number | null, roots: readonly CgroupNode[]) {
    this.inode = inode;
    this.userNamespace = userNamespace;
    this.chargedTo = chargedTo;
    this.roots = roots;
    for (const root of roots) root.hold();
  }

  get isInitial(): boolean {
    return this.chargedTo === null;
  }

  rootIn(hierarchy: KernelHierarchy): CgroupNode {
    // rule 2.7
    const root = this.roots[hierarchy.slot];
    if (root?.hierarchy === hierarchy) return root;
    // Hierarchies end, and later ones move up.
    return this.roots.find((one) => one.hierarchy === hierarchy) ?? hierarchy.root;
  }

  /** rule 3.12: pinned by threads, by open files of the namespace itself, and by control files opened from inside. */
  pin(): this {
    this.pins++;
    return this;
  }

  unpin(inodes: NamespaceInodes): void {
    this.pins--;
    if (this.pins > 0 || this.chargedTo === null) return;
    // rule 3.12
    for (const root of this.roots) root.release();
    unchargeCgroupNamespace(this.userNamespace, this.chargedTo);
    inodes.free(this.inode);
  }
}
