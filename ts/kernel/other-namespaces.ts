// The kinds of namespace that cgroups do not look at: uts, ipc, net and time. They are there to be told apart, unshared and
// entered, with an owner and a number each.

import { INITIAL_INODE, type NamespaceInodes } from "./inodes.ts";
import type { UserNamespace } from "./user-namespace.ts";

export type OtherKind = "uts" | "ipc" | "net" | "time";
export const OTHER_KINDS: readonly OtherKind[] = ["uts", "ipc", "net", "time"];

export class OtherNs {
  readonly kind: OtherKind;
  readonly inode: number;
  readonly userNamespace: UserNamespace;
  pins = 0;

  constructor(kind: OtherKind, inode: number, userNamespace: UserNamespace) {
    this.kind = kind;
    this.inode = inode;
    this.userNamespace = userNamespace;
  }
}

/** Which of them a task is in; shared by tasks until one unshares. `children` is the time namespace its children get. */
export interface OtherNamespaces {
  readonly uts: OtherNs;
  readonly ipc: OtherNs;
  readonly net: OtherNs;
  readonly time: OtherNs;
  readonly children: OtherNs;
}

export function initialOthers(userNamespace: UserNamespace): OtherNamespaces {
  const make = (kind: OtherKind): OtherNs => new OtherNs(kind, INITIAL_INODE[kind], userNamespace);
  const time = make("time");
  return { uts: make("uts"), ipc: make("ipc"), net: make("net"), time, children: time };
}

const all = ({ uts, ipc, net, time, children }: OtherNamespaces): OtherNs[] => [uts, ipc, net, time, children];

export function pinOthers(namespaces: OtherNamespaces): OtherNamespaces {
  for (const one of all(namespaces)) one.pins++;
  return namespaces;
}

export function unpinOthers(namespaces: OtherNamespaces, inodes: NamespaceInodes): void {
  for (const one of all(namespaces)) if (--one.pins === 0 && one.inode !== INITIAL_INODE[one.kind]) inodes.free(one.inode);
}
