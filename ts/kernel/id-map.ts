// Writing the id maps of a user namespace: /proc/PID/uid_map, gid_map and setgroups (user_namespaces(7)).

import { type Bytes, upToNul } from "./bytes.ts";
import { CAP, type Capabilities } from "./capability.ts";
import { type Credentials, isCapable } from "./credentials.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";
import { type Extent, type IdMap, mapDown, NO_ID, type UserNamespace } from "./user-namespace.ts";

const PAGE = 4096;
const MOST_EXTENTS = 340;

interface Kind {
  readonly map: "uidMap" | "gidMap";
  readonly capability: Capabilities;
}

export const UID_MAP: Kind = { map: "uidMap", capability: CAP.SETUID };
export const GID_MAP: Kind = { map: "gidMap", capability: CAP.SETGID };

/** `opener` are the credentials the file was opened with. */
export function writeIdMap(of: UserNamespace, kind: Kind, data: Bytes, opener: Credentials, by: Task): Refusal | undefined {
  const { parent } = of;
  const denied = refuse("EPERM", "user_namespaces(7)", { credentials: opener });
  if (parent === null || (opener.userNamespace !== of && opener.userNamespace !== parent)) return denied;
  if (data.length >= PAGE) return refuse("EINVAL", "user_namespaces(7)");
  if (of[kind.map].length > 0 || !isCapable(opener, CAP.SYS_ADMIN, of)) return denied;
  const wanted = parse(upToNul(data));
  if (wanted === undefined) return refuse("EINVAL", "user_namespaces(7)");
  if (!mayMap(of, parent, kind, wanted, opener, by)) return denied;
  const lower = wanted.map((extent) => ({ ...extent, lower: mapWhole(parent[kind.map], extent) }));
  if (lower.some((extent) => extent.lower === NO_ID)) return denied;
  of[kind.map] = lower;
  return undefined;
}

/** The whole extent in one extent of the parent's. */
function mapWhole(map: IdMap, { lower, count }: Extent): number {
  const from = mapDown(map, lower);
  const within = map.some(({ first, count: size }) => lower >= first && lower + count <= first + size);
  return within ? from : NO_ID;
}

/** Lines of `INSIDE OUTSIDE COUNT`, not overlapping; undefined for anything else. */
function parse(text: Bytes): Extent[] | undefined {
  const extents: Extent[] = [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines) {
    const [, first, lower, count] = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*$/.exec(line) ?? [];
    const extent = { first: Number(first), lower: Number(lower), count: Number(count) };
    if (count === undefined || !isSound(extent) || extents.some((other) => overlaps(extent, other))) return undefined;
    extents.push(extent);
  }
  return extents.length === 0 || extents.length > MOST_EXTENTS ? undefined : extents;
}

const LAST = 0xffffffff;
const isSound = ({ first, lower, count }: Extent): boolean =>
  count > 0 && first < LAST && lower < LAST && first + count <= LAST && lower + count <= LAST;

const meets = (a: number, b: number, countA: number, countB: number): boolean => a < b + countB && b < a + countA;
const overlaps = (a: Extent, b: Extent): boolean => meets(a.first, b.first, a.count, b.count) || meets(a.lower, b.lower, a.count, b.count);

function mayMap(of: UserNamespace, parent: UserNamespace, kind: Kind, wanted: readonly Extent[], opener: Credentials, by: Task): boolean {
  if (kind === UID_MAP && wanted.some(({ lower }) => lower === 0)) {
    const may = opener.userNamespace === of ? of.parentCouldSetfcap : isCapable(opener, CAP.SETFCAP, parent);
    if (!may) return false;
  }
  const [one] = wanted;
  if (wanted.length === 1 && one!.count === 1 && of.owner === opener.euid) {
    if (kind === UID_MAP && parent.uid(one!.lower) === opener.euid) return true;
    if (kind === GID_MAP && !of.setgroupsAllowed && parent.gid(one!.lower) === opener.egid) return true;
  }
  return isCapable(by.credentials, kind.capability, parent) && isCapable(opener, kind.capability, parent);
}

export function writeSetgroups(of: UserNamespace, data: Bytes, opener: Credentials): Refusal | undefined {
  const word = /^(allow|deny)\s*$/.exec(upToNul(data))?.[1];
  if (data.length >= 8 || word === undefined) return refuse("EINVAL", "user_namespaces(7)");
  const denied = refuse("EPERM", "user_namespaces(7)", { credentials: opener });
  if (word === "allow") return of.setgroupsAllowed ? undefined : denied;
  if (of.gidMap.length > 0) return denied;
  of.setgroupsAllowed = false;
  return undefined;
}
