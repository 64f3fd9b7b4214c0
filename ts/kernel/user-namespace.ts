// User namespaces: who owns one, how its ids map to the machine's, and how many cgroup namespaces it may hold.
// Ids inside the model are the machine's (the kernel's kuid and kgid); -1 is no id.

import type { Bytes } from "./bytes.ts";

/** Ids [first, first+count) inside are [lower, lower+count) on the machine. */
export interface Extent {
  readonly first: number;
  readonly lower: number;
  readonly count: number;
}

export type IdMap = readonly Extent[];

export const NO_ID = -1;
/** What an id without a mapping is shown as. */
export const OVERFLOW_ID = 65534;
const ALL_IDS: IdMap = [{ first: 0, lower: 0, count: 0xffffffff }];

/** The machine's id for an id inside, -1 where there is none. */
export function mapDown(map: IdMap, id: number): number {
  for (const { first, lower, count } of map) if (id >= first && id < first + count) return lower + (id - first);
  return NO_ID;
}

/** The id inside for the machine's id, -1 where there is none. */
export function mapUp(map: IdMap, id: number): number {
  for (const { first, lower, count } of map) if (id >= lower && id < lower + count) return first + (id - lower);
  return NO_ID;
}

export class UserNamespace {
  readonly kind = "user";
  readonly parent: UserNamespace | null;
  readonly level: number;
  /** The creator's euid and egid, the machine's. */
  readonly owner: number;
  readonly group: number;
  readonly inode: number;
  /** Could the creator set file capabilities? Decides who may map the parent's root. */
  readonly parentCouldSetfcap: boolean;
  uidMap: IdMap;
  gidMap: IdMap;
  setgroupsAllowed: boolean;
  /** user.max_cgroup_namespaces */
  maxCgroupNamespaces: number;
  /** Cgroup namespaces charged here, by owner. */
  readonly charged: Map<number, number> = new Map<number, number>();

  constructor(parent: UserNamespace | null, inode: number, owner = 0, group = 0, parentCouldSetfcap = true) {
    this.parent = parent;
    this.level = parent === null ? 0 : parent.level + 1;
    this.owner = owner;
    this.group = group;
    this.inode = inode;
    this.parentCouldSetfcap = parentCouldSetfcap;
    this.uidMap = parent === null ? ALL_IDS : [];
    this.gidMap = parent === null ? ALL_IDS : [];
    this.setgroupsAllowed = parent?.setgroupsAllowed ?? true;
    this.maxCgroupNamespaces = 0x7fffffff;
  }

  uid(inside: number): number {
    return mapDown(this.uidMap, inside);
  }

  gid(inside: number): number {
    return mapDown(this.gidMap, inside);
  }

  shownUid(id: number): number {
    const inside = mapUp(this.uidMap, id);
    return inside === NO_ID ? OVERFLOW_ID : inside;
  }

  shownGid(id: number): number {
    const inside = mapUp(this.gidMap, id);
    return inside === NO_ID ? OVERFLOW_ID : inside;
  }

  maps(uid: number, gid: number): boolean {
    return mapUp(this.uidMap, uid) !== NO_ID && mapUp(this.gidMap, gid) !== NO_ID;
  }

  isDescendantOf(other: UserNamespace): boolean {
    let at: UserNamespace | null = this;
    while (at !== null && at.level > other.level) at = at.parent;
    return at === other;
  }
}

/** Where a cgroup namespace of (namespace, uid) counts: there, and at the owner of each user namespace above. */
function* charges(namespace: UserNamespace, uid: number): Generator<[UserNamespace, number]> {
  for (let at: UserNamespace | null = namespace, who = uid; at !== null; who = at.owner, at = at.parent) yield [at, who];
}

/** rule 3.3: where no further one may be charged, if anywhere. */
export function fullUserNamespace(namespace: UserNamespace, uid: number): UserNamespace | undefined {
  for (const [at, who] of charges(namespace, uid)) if ((at.charged.get(who) ?? 0) >= at.maxCgroupNamespaces) return at;
  return undefined;
}

export function chargeCgroupNamespace(namespace: UserNamespace, uid: number): void {
  for (const [at, who] of charges(namespace, uid)) at.charged.set(who, (at.charged.get(who) ?? 0) + 1);
}

export function unchargeCgroupNamespace(namespace: UserNamespace, uid: number): void {
  for (const [at, who] of charges(namespace, uid)) {
    const left = (at.charged.get(who) ?? 0) - 1;
    if (left > 0) at.charged.set(who, left);
    else at.charged.delete(who);
  }
}

/** As /proc/PID/uid_map shows a map to a reader in that user namespace. */
export function formatMap(map: IdMap, namespace: UserNamespace, reader: UserNamespace, kind: "uidMap" | "gidMap"): Bytes {
  const lower = reader === namespace && reader.parent !== null ? reader.parent : reader;
  const column = (n: number): string => String(n >>> 0).padStart(10);
  return map.map((extent) => `${column(extent.first)} ${column(mapUp(lower[kind], extent.lower))} ${column(extent.count)}\n`).join("");
}
