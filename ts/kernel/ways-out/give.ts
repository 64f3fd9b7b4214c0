// Steps that change who may: owners and modes of directories and files, capabilities and namespaces of whoever asks.

import type { Bytes } from "../bytes.ts";
import { ALL, CAP, type CapabilityName } from "../capability.ts";
import type { CgroupNode } from "../cgroup.ts";
import { type Credentials, isInGroup, MAY_WRITE, type Owned, rootCredentials } from "../credentials.ts";
import { exec } from "../fork.ts";
import { fileOwned } from "../files/table.ts";
import type { Kernel } from "../kernel.ts";
import { onShell } from "../place.ts";
import { suppose } from "../suppose.ts";
import type { Task } from "../task.ts";
import type { TmpNode } from "../tmpfs.ts";
import { enterCgroupNs } from "../unshare.ts";
import { fullUserNamespace } from "../user-namespace.ts";
import type { Step } from "../verdict.ts";
import { locate } from "./as-root.ts";
import type { Case } from "./case.ts";
import type { WayOut } from "./index.ts";

/** With these owner and mode the mask is granted: to write is to own, to search is a bit more. */
function granting(owned: Owned, by: Credentials, mask: number): Owned {
  if (by.fsuid === owned.uid) return { ...owned, mode: owned.mode | (mask << 6) };
  if ((mask & MAY_WRITE) !== 0) return { ...owned, uid: by.fsuid, mode: owned.mode | (mask << 6) };
  return { ...owned, mode: owned.mode | (isInGroup(by, owned.gid) ? mask << 3 : mask) };
}

function words(before: Owned, after: Owned, path: string): string {
  const parts: string[] = [];
  if (after.uid !== before.uid) parts.push(`chown ${after.uid} ${path}`);
  if (after.mode !== before.mode) parts.push(`chmod ${after.mode.toString(8).padStart(4, "0")} ${path}`);
  return parts.join(" && ");
}

export function giveFile({ kernel, by }: { kernel: Kernel; by: Task }, cgroup: CgroupNode, file: Bytes, mask: number): Step {
  const find = locate(cgroup);
  const now = fileOwned(cgroup, file);
  return {
    words: words(now, granting(now, by.credentials, mask), onShell(kernel, cgroup, file)),
    apply: () => {
      const at = find();
      at.fileOwned.set(file, granting(fileOwned(at, file), by.credentials, mask));
    },
  };
}

export function giveDirectory({ kernel, by }: { kernel: Kernel; by: Task }, cgroup: CgroupNode, mask: number): Step {
  const find = locate(cgroup);
  return {
    words: words(cgroup.owned, granting(cgroup.owned, by.credentials, mask), onShell(kernel, cgroup)),
    apply: () => {
      const at = find();
      at.owned = granting(at.owned, by.credentials, mask);
    },
  };
}

/** A directory of the files around. */
export function giveOther(by: Task, node: TmpNode, path: string, mask: number): Step {
  return {
    words: words(node.owned, granting(node.owned, by.credentials, mask), path),
    apply: () => {
      node.owned = granting(node.owned, by.credentials, mask);
    },
  };
}

function grant(by: Task, name: CapabilityName): Step {
  const { inode } = by.credentials.userNamespace;
  return {
    words: `ask with CAP_${name} in user namespace ${inode} (setpriv --inh-caps, --ambient-caps)`,
    apply: () => {
      const { credentials } = by;
      const one = CAP[name];
      by.credentials = credentials.with({ permitted: credentials.permitted | one, effective: credentials.effective | one });
    },
  };
}

export function becomeRoot({ kernel, by }: { kernel: Kernel; by: Task }): WayOut {
  const { euid, fsuid, effective, userNamespace } = by.credentials;
  if (euid === 0 && fsuid === 0 && effective === ALL && userNamespace === kernel.initialUserNs) return "not even root may";
  const apply = (): void => {
    by.credentials = rootCredentials(kernel.initialUserNs);
  };
  return [{ words: "ask as root of the initial user namespace (sudo)", apply }];
}

/** The capability where it is; where it would not count, root. */
export function capable({ question, refusal }: Case, name: CapabilityName): WayOut {
  const { kernel, by } = question;
  const step = grant(by, name);
  const helps = suppose(kernel, () => {
    step.apply();
    const next = question.ask();
    return next === undefined || next.code !== refusal.code || next.rule !== refusal.rule;
  });
  return helps ? [step] : becomeRoot(question);
}

export function leaveCgroupNs({ kernel, by }: { kernel: Kernel; by: Task }): WayOut {
  if (by.cgroupNs.isInitial) return "it is in the initial cgroup namespace already";
  return [{ words: "ask from the initial cgroup namespace (nsenter --target 1 --cgroup)", apply: () => enterCgroupNs(by, kernel.initialCgroupNs) }];
}

/** exec ends the other threads. */
export function alone({ by }: { by: Task }, otherwise: string): WayOut {
  if (by.process.threads.size === 1 && by.isLeader) return otherwise;
  return [{ words: "ask after an exec, which ends the process's other threads", apply: () => exec(by, undefined) }];
}

export function raiseLimit({ by }: { by: Task }): WayOut {
  const { userNamespace, euid } = by.credentials;
  const full = fullUserNamespace(userNamespace, euid);
  if (full === undefined) return "no limit is reached";
  const owner = full === userNamespace ? euid : ownerBelow(userNamespace, full);
  const limit = Math.max(full.maxCgroupNamespaces, full.charged.get(owner) ?? 0) + 1;
  const apply = (): void => {
    full.maxCgroupNamespaces = Math.max(full.maxCgroupNamespaces, limit);
  };
  return [{ words: `echo ${limit} > /proc/sys/user/max_cgroup_namespaces, in user namespace ${full.inode}`, apply }];
}

function ownerBelow(from: Task["credentials"]["userNamespace"], at: Task["credentials"]["userNamespace"]): number {
  let below = from;
  while (below.parent !== null && below.parent !== at) below = below.parent;
  return below.owner;
}
