// Credentials of a task: its ids, capabilities and user namespace; who has which capability where. They never change:
// a change makes new ones, and open files keep the old (rule 5.9).

import { ALL, CAP, type Capabilities, NONE } from "./capability.ts";
import { mapUp, NO_ID, type UserNamespace } from "./user-namespace.ts";

export class Credentials {
  readonly uid: number;
  readonly euid: number;
  readonly suid: number;
  readonly fsuid: number;
  readonly gid: number;
  readonly egid: number;
  readonly sgid: number;
  readonly fsgid: number;
  readonly groups: readonly number[];
  readonly inheritable: Capabilities;
  readonly permitted: Capabilities;
  readonly effective: Capabilities;
  readonly bounding: Capabilities;
  readonly userNamespace: UserNamespace;

  constructor(of: Omit<Credentials, "with">) {
    this.uid = of.uid;
    this.euid = of.euid;
    this.suid = of.suid;
    this.fsuid = of.fsuid;
    this.gid = of.gid;
    this.egid = of.egid;
    this.sgid = of.sgid;
    this.fsgid = of.fsgid;
    this.groups = of.groups;
    this.inheritable = of.inheritable;
    this.permitted = of.permitted;
    this.effective = of.effective;
    this.bounding = of.bounding;
    this.userNamespace = of.userNamespace;
  }

  with(changes: Partial<Omit<Credentials, "with">>): Credentials {
    return new Credentials({
      uid: changes.uid ?? this.uid, euid: changes.euid ?? this.euid, suid: changes.suid ?? this.suid, fsuid: changes.fsuid ?? this.fsuid,
      gid: changes.gid ?? this.gid, egid: changes.egid ?? this.egid, sgid: changes.sgid ?? this.sgid, fsgid: changes.fsgid ?? this.fsgid,
      groups: changes.groups ?? this.groups, inheritable: changes.inheritable ?? this.inheritable, permitted: changes.permitted ?? this.permitted,
      effective: changes.effective ?? this.effective, bounding: changes.bounding ?? this.bounding,
      userNamespace: changes.userNamespace ?? this.userNamespace,
    });
  }
}

export function rootCredentials(userNamespace: UserNamespace, bounding: Capabilities = ALL): Credentials {
  return new Credentials({
    uid: 0, euid: 0, suid: 0, fsuid: 0, gid: 0, egid: 0, sgid: 0, fsgid: 0,
    groups: [], inheritable: NONE, permitted: bounding, effective: bounding, bounding, userNamespace,
  });
}

/** Has it this capability in that user namespace? The owner of a child namespace has all of them there (user_namespaces(7)). */
export function isCapable(credentials: Credentials, capability: Capabilities, where: UserNamespace): boolean {
  const own = credentials.userNamespace;
  for (let at: UserNamespace | null = where; at !== null; at = at.parent) {
    if (at === own) return (credentials.effective & capability) !== 0n;
    if (at.level <= own.level) return false;
    if (at.parent === own && at.owner === credentials.euid) return true;
  }
  return false;
}

export function isInGroup(credentials: Credentials, gid: number): boolean {
  return credentials.fsgid === gid || credentials.groups.includes(gid);
}

/** Everything in a user namespace just made or joined. */
export function inUserNamespace(credentials: Credentials, userNamespace: UserNamespace): Credentials {
  return credentials.with({ userNamespace, inheritable: NONE, permitted: ALL, effective: ALL, bounding: ALL });
}

/** What setresuid(2) does to capabilities when root's uid is given up or taken (capabilities(7)). */
export function afterUidChange(old: Credentials, changed: Credentials): Credentials {
  const root = old.userNamespace.uid(0);
  const wasRoot = old.uid === root || old.euid === root || old.suid === root;
  const isRoot = changed.uid === root || changed.euid === root || changed.suid === root;
  let { permitted, effective } = changed;
  if (wasRoot && !isRoot) permitted = effective = NONE;
  if (old.euid === root && changed.euid !== root) effective = NONE;
  if (old.euid !== root && changed.euid === root) effective = permitted;
  return changed.with({ permitted, effective });
}

/** What execve(2) makes of them: saved ids follow, root's capabilities come back. */
export function afterExec(old: Credentials): Credentials {
  const root = old.userNamespace.uid(0);
  const isRoot = old.uid === root || old.euid === root;
  const permitted = isRoot ? old.inheritable | old.bounding : NONE;
  const effective = old.euid === root ? permitted : NONE;
  return old.with({ suid: old.euid, fsuid: old.euid, sgid: old.egid, fsgid: old.egid, permitted, effective });
}

const isSubset = (inner: Capabilities, outer: Capabilities): boolean => (inner & ~outer) === 0n;

/** Does this change make a process undumpable (commit_creds)? */
export function clearsDumpable(old: Credentials, changed: Credentials): boolean {
  if (old.euid !== changed.euid || old.egid !== changed.egid || old.fsuid !== changed.fsuid || old.fsgid !== changed.fsgid) return true;
  if (old.userNamespace === changed.userNamespace) return !isSubset(changed.permitted, old.permitted);
  for (let at = changed.userNamespace; at.parent !== null; at = at.parent) {
    if (at.parent === old.userNamespace && at.owner === old.euid) return false;
  }
  return true;
}

/** @returns undefined where capset(2) is refused (EPERM) */
export function withCapabilities(
  old: Credentials,
  wanted: { readonly permitted: Capabilities; readonly effective: Capabilities },
): Credentials | undefined {
  if (!isSubset(wanted.permitted, old.permitted) || !isSubset(wanted.effective, wanted.permitted)) return undefined;
  return old.with({ permitted: wanted.permitted, effective: wanted.effective });
}

/** A file's owner, group and mode, as the machine has them. */
export interface Owned {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Has it the capability in its own user namespace, and does that map the file's owner and group? */
export function isCapableOver(credentials: Credentials, capability: Capabilities, file: Owned): boolean {
  return (credentials.effective & capability) !== 0n && credentials.userNamespace.maps(file.uid, file.gid);
}

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

/** The kernel's generic_permission(): owner, group or others by mode, then the capabilities that override it. */
export function mayAccess(credentials: Credentials, file: Owned, mask: number, isDirectory: boolean): boolean {
  const shift = credentials.fsuid === file.uid ? 6 : isInGroup(credentials, file.gid) ? 3 : 0;
  if (((file.mode >> shift) & mask) === mask) return true;
  const readsOnly = isDirectory ? (mask & MAY_WRITE) === 0 : mask === MAY_READ;
  if (readsOnly && isCapableOver(credentials, CAP.DAC_READ_SEARCH, file)) return true;
  if (!isDirectory && (mask & MAY_EXEC) !== 0 && (file.mode & 0o111) === 0) return false;
  return isCapableOver(credentials, CAP.DAC_OVERRIDE, file);
}

/** May it chmod: the owner, or CAP_FOWNER over the owner's uid. */
export function isOwner(credentials: Credentials, file: Owned): boolean {
  if (credentials.fsuid === file.uid) return true;
  return (credentials.effective & CAP.FOWNER) !== 0n && mapUp(credentials.userNamespace.uidMap, file.uid) !== NO_ID;
}
