// cgroup.subtree_control: which controllers a cgroup hands to its children. All or nothing, in the kernel's order of checks
// (rules 7.3 and 7.4).

import { type Bytes, strip } from "./bytes.ts";
import type { CgroupNode } from "./cgroup.ts";
import { bitOf, CONTROLLERS, type ControllerSet, INHIBITED, THREADED } from "./controller.ts";
import { canBeThreadRoot, isThreadRoot, isValidDomain } from "./domain.ts";
import { type Act, NOTHING_TO_DO, type Use } from "./files/file.ts";
import { filesOf } from "./files/table.ts";
import { availableIn } from "./available.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";

interface Change {
  readonly enable: ControllerSet;
  readonly disable: ControllerSet;
}

/** The change a write asks for, or why not. */
export function vetSubtreeControl(cgroup: CgroupNode, text: Bytes, { by }: Pick<Use, "by">): Act | Refusal {
  const asked = parse(strip(text), known(cgroup));
  if (isRefusal(asked)) return asked;
  const change = settle(cgroup, asked);
  if (isRefusal(change)) return change;
  if ((change.enable | change.disable) === 0) return NOTHING_TO_DO;
  return vetEnable(cgroup, change.enable) ?? vetNames(cgroup, change.enable) ?? (() => apply(cgroup, change, by));
}

/** Every controller the kernel was built with and that has a v2 interface; it need not be bound to v2. */
const known = (cgroup: CgroupNode): ControllerSet => cgroup.hierarchy.builtIn & ~INHIBITED;

/** rule 7.3: later tokens win. */
function parse(text: Bytes, known: ControllerSet): Change | Refusal {
  let enable = 0;
  let disable = 0;
  for (const token of text.split(" ")) {
    if (token === "") continue;
    const sign = token[0];
    const bit = bitOf(token.slice(1));
    if ((sign !== "+" && sign !== "-") || bit === -1 || (known & (1 << bit)) === 0) {
      // rule 7.3
      return refuse("EINVAL", "7.3", { needs: token });
    }
    if (sign === "+") [enable, disable] = [enable | (1 << bit), disable & ~(1 << bit)];
    else [enable, disable] = [enable & ~(1 << bit), disable | (1 << bit)];
  }
  return { enable, disable };
}

/** What really changes: one controller after the other, in the kernel's order. */
function settle(cgroup: CgroupNode, asked: Change): Change | Refusal {
  let { enable, disable } = asked;
  const available = availableIn(cgroup);
  for (let bit = 0; bit < CONTROLLERS.length; bit++) {
    const one = 1 << bit;
    const on = (cgroup.subtreeControl & one) !== 0;
    if ((enable & one) !== 0) {
      if (on) enable &= ~one;
      else if ((available & one) === 0) {
        // rule 7.4
        return refuse("ENOENT", "7.4", { cgroup, needs: CONTROLLERS[bit]!.name });
      }
    } else if ((disable & one) !== 0) {
      if (!on) disable &= ~one;
      else if ([...cgroup.children.values()].some((child) => (child.subtreeControl & one) !== 0)) {
        // rule 7.4
        return refuse("EBUSY", "7.4", { cgroup, needs: CONTROLLERS[bit]!.name });
      }
    }
  }
  return { enable, disable };
}

function vetEnable(cgroup: CgroupNode, enable: ControllerSet): Refusal | undefined {
  if (enable === 0) return undefined;
  if (!isValidDomain(cgroup.domain)) return refuse("EOPNOTSUPP", "7.4", { cgroup });
  if (cgroup.isRoot) return undefined;
  if ((enable & ~THREADED) !== 0) {
    if (isThreadRoot(cgroup) || cgroup.isThreaded) return refuse("EOPNOTSUPP", "7.4", { cgroup });
  } else if (canBeThreadRoot(cgroup) || cgroup.isThreaded) return undefined;
  // rule 7.4
  return cgroup.tasks.size > 0 ? refuse("EBUSY", "7.4", { cgroup, needs: "no tasks" }) : undefined;
}

/** rule 6.3: a directory named like a file that would appear is in its way. */
function vetNames(cgroup: CgroupNode, enable: ControllerSet): Refusal | undefined {
  for (const child of cgroup.children.values()) {
    cgroup.subtreeControl |= enable;
    const taken = filesOf(child).some(({ name }) => child.children.has(name));
    cgroup.subtreeControl &= ~enable;
    if (taken) return refuse("EEXIST", "6.3", { cgroup: child });
  }
  return undefined;
}

/** The files that appear belong to whoever made them appear, the writer. */
function apply(cgroup: CgroupNode, { enable, disable }: Change, by: Task): void {
  const { fsuid: uid, fsgid: gid } = by.credentials;
  cgroup.subtreeControl = (cgroup.subtreeControl | enable) & ~disable;
  for (const child of cgroup.children.values()) {
    const belongs = filesOf(child).filter(({ controllers = 0 }) => (controllers & enable) !== 0);
    for (const { name, mode } of belongs) {
      child.laterFiles.set(name, ++cgroup.hierarchy.lastId);
      // rule 6.7
      child.fileOwned.set(name, child.passedOn({ uid, gid, mode }, 0));
    }
    forget(child, disable);
  }
}

/** A controller's settings and file owners go with its files. */
function forget(cgroup: CgroupNode, disable: ControllerSet): void {
  if (disable === 0) return;
  const here = new Set(filesOf(cgroup).map(({ name }) => name));
  cgroup.closeFiles((name) => !here.has(name));
  for (const kept of [cgroup.laterFiles, cgroup.fileOwned, cgroup.settings]) {
    for (const name of kept.keys()) if (name.includes(".") && !here.has(name)) kept.delete(name);
  }
}
