// A task as the caller names it.

import { CgroupError, expected } from "../errors.ts";

/** A task: a pid, `"PID/task/TID"` for a thread, or `"self"`. */
export type Target = number | string;

/** `self`: the reader's pid, null where it is not in that /proc. @throws TypeError; CgroupError ESRCH for a reader that is not there */
export function parseTarget(target: Target, self: number | null): { pid: number; tid: number } {
  if (target === "self") {
    if (self !== null) return { pid: self, tid: self };
    throw new CgroupError("ESRCH", { syscall: "open", path: "/proc/self/cgroup", rule: "the reader is not in this /proc" });
  }
  const [, pid, tid] = /^([0-9]+)(?:\/task\/([0-9]+))?$/.exec(String(target)) ?? [];
  if (pid === undefined) throw expected("target", 'a pid, "PID/task/TID", "self" or (to view from) "init"', target);
  return { pid: Number(pid), tid: Number(tid ?? pid) };
}

/** What stands behind /proc/ for it. "self" stands for itself: whoever it is may not be known, and there may be no /proc. @throws TypeError */
export function nameOf(target: Target): string {
  if (target === "self") return target;
  const { pid, tid } = parseTarget(target, null);
  return pid === tid ? `${pid}` : `${pid}/task/${tid}`;
}
