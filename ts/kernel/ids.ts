// Changing ids and capabilities: setresuid(2), setresgid(2), setgroups(2), capset(2), each of one thread only.

import { CAP, type Capabilities } from "./capability.ts";
import { afterUidChange, clearsDumpable, type Credentials, isCapable, withCapabilities } from "./credentials.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";
import { NO_ID } from "./user-namespace.ts";

/** Real, effective and saved id, as its own user namespace numbers them; null keeps one. */
export type IdTriple = readonly [number | null, number | null, number | null];

export interface IdChanges {
  /** One number for all three. */
  readonly uid?: number | IdTriple;
  readonly gid?: number | IdTriple;
  readonly groups?: readonly number[];
}

/** Groups, then gids, then uids, as a program has to do it to keep the right until the end. */
export function setIds(task: Task, changes: IdChanges): Refusal | undefined {
  return (
    (changes.groups === undefined ? undefined : setGroups(task, changes.groups)) ??
    (changes.gid === undefined ? undefined : setGids(task, triple(changes.gid))) ??
    (changes.uid === undefined ? undefined : setUids(task, triple(changes.uid)))
  );
}

const triple = (ids: number | IdTriple): IdTriple => (typeof ids === "number" ? [ids, ids, ids] : ids);

export function commit(task: Task, changed: Credentials): void {
  if (clearsDumpable(task.credentials, changed)) task.process.dumpable = false;
  task.credentials = changed;
}

function setGroups(task: Task, groups: readonly number[]): Refusal | undefined {
  const { credentials } = task;
  const { userNamespace } = credentials;
  const allowed = userNamespace.setgroupsAllowed && userNamespace.gidMap.length > 0;
  if (!allowed || !isCapable(credentials, CAP.SETGID, userNamespace)) return refuse("EPERM", "setgroups(2)", { credentials });
  const mapped = groups.map((gid) => userNamespace.gid(gid));
  if (mapped.includes(NO_ID)) return refuse("EINVAL", "setgroups(2)");
  commit(task, credentials.with({ groups: mapped }));
  return undefined;
}

/** The machine's ids; what is kept stays. Undefined where one has no mapping. */
function mapped(ids: IdTriple, old: IdTriple, map: (id: number) => number): [number, number, number] | undefined {
  const all = ids.map((id, i) => (id === null ? old[i]! : map(id)));
  return all.includes(NO_ID) ? undefined : (all as [number, number, number]);
}

function setGids(task: Task, ids: IdTriple): Refusal | undefined {
  const { credentials } = task;
  const { gid, egid, sgid, userNamespace } = credentials;
  const wanted = mapped(ids, [gid, egid, sgid], (id) => userNamespace.gid(id));
  if (wanted === undefined) return refuse("EINVAL", "setresuid(2)");
  const known = wanted.every((id) => id === gid || id === egid || id === sgid);
  if (!known && !isCapable(credentials, CAP.SETGID, userNamespace)) return refuse("EPERM", "setresuid(2)", { credentials });
  commit(task, credentials.with({ gid: wanted[0], egid: wanted[1], sgid: wanted[2], fsgid: wanted[1] }));
  return undefined;
}

function setUids(task: Task, ids: IdTriple): Refusal | undefined {
  const { credentials } = task;
  const { uid, euid, suid, userNamespace } = credentials;
  const wanted = mapped(ids, [uid, euid, suid], (id) => userNamespace.uid(id));
  if (wanted === undefined) return refuse("EINVAL", "setresuid(2)");
  const known = wanted.every((id) => id === uid || id === euid || id === suid);
  if (!known && !isCapable(credentials, CAP.SETUID, userNamespace)) return refuse("EPERM", "setresuid(2)", { credentials });
  const changed = credentials.with({ uid: wanted[0], euid: wanted[1], suid: wanted[2], fsuid: wanted[1] });
  commit(task, afterUidChange(credentials, changed));
  return undefined;
}

export function setCapabilities(task: Task, wanted: { permitted: Capabilities; effective: Capabilities }): Refusal | undefined {
  const changed = withCapabilities(task.credentials, wanted);
  if (changed === undefined) return refuse("EPERM", "capset(2)", { credentials: task.credentials });
  commit(task, changed);
  return undefined;
}
