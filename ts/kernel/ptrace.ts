// May one task look into another? The kernel's ptrace access check for reading, which guards the links of /proc/PID/ns and
// pidfds (ptrace(2), "Ptrace access mode checking").

import { CAP } from "./capability.ts";
import { isCapable } from "./credentials.ts";
import type { Task } from "./task.ts";

/** Its memory is open to look into, or was at its end; else one needs power over where it began, of the dead over the whole machine. */
function mayDump({ credentials, kernel }: Task, { state, process, diedDumpable }: Task): boolean {
  if (state === "running" ? process.dumpable : diedDumpable) return true;
  return isCapable(credentials, CAP.SYS_PTRACE, state === "running" ? process.memoryNamespace : kernel.initialUserNs);
}

/** `fs`: by filesystem ids and effective capabilities, as /proc asks; `real`: by real ids and permitted ones. */
export function mayInspect(by: Task, target: Task, ids: "fs" | "real"): boolean {
  if (by.process === target.process) return true;
  const own = by.credentials;
  const its = target.credentials;
  const uid = ids === "fs" ? own.fsuid : own.uid;
  const gid = ids === "fs" ? own.fsgid : own.gid;
  const same = [its.uid, its.euid, its.suid].every((id) => id === uid) && [its.gid, its.egid, its.sgid].every((id) => id === gid);
  if (!same && !isCapable(own, CAP.SYS_PTRACE, its.userNamespace)) return false;
  if (!mayDump(by, target)) return false;
  const held = ids === "fs" ? own.effective : own.permitted;
  if (own.userNamespace === its.userNamespace && (its.permitted & ~held) === 0n) return true;
  return isCapable(own, CAP.SYS_PTRACE, its.userNamespace);
}
