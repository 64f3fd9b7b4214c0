// The texts of /proc about tasks: cgroup, mountinfo, status, stat, and the machine's table of controllers. Each is made for
// its reader (rules 1.1 to 1.10, 10.4).

import { type Bytes, escapeBlanks } from "./bytes.ts";
import type { CgroupNode } from "./cgroup.ts";
import { CONTROLLERS } from "./controller.ts";
import type { Filesystem, Inode } from "./filesystem.ts";
import type { KernelHierarchy } from "./hierarchy.ts";
import type { Kernel } from "./kernel.ts";
import { below, type Mount, type MountText, NO_FLAGS } from "./mount.ts";
import type { PidNs } from "./pid-namespace.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";
import { view } from "./view.ts";

/** /proc/PID/cgroup: newest hierarchy first, the unified one last (rule 1.2). */
export function cgroupText(of: Task, reader: Task): Bytes | Refusal {
  let text = "";
  const { hierarchies, isUnifiedVisible } = of.kernel;
  // rule 1.2
  for (let i = hierarchies.length - 1; i >= 0; i--) {
    const hierarchy = hierarchies[i]!;
    // rule 1.3
    if (hierarchy.isUnified && !isUnifiedVisible) continue;
    const path = shownPath(of, hierarchy, reader);
    // rule 1.9
    if (path === undefined) return refuse("ENAMETOOLONG", "1.9");
    text += path === "/" ? hierarchy.rootLine : `${hierarchy.prefix}${path}\n`;
  }
  return text;
}

function shownPath(of: Task, hierarchy: KernelHierarchy, reader: Task): Bytes | undefined {
  if (!hierarchy.isUnified && of.state !== "running") {
    // rule 1.6
    return "/";
  }
  const cgroup = of.cgroupIn(hierarchy);
  const path = view(reader.cgroupNs.rootIn(hierarchy), cgroup);
  // rule 1.4, 1.8, 1.10
  if (path === undefined || !hierarchy.isUnified || !cgroup.dead) return path;
  // rule 1.5, 2.5
  return `${path} (deleted)`;
}

/** The name of a node in its directory. */
const nameOf = (node: Inode): Bytes => ("name" in node ? node.name : "");

/** Where a mount is, from the root of its namespace. */
export const mountPoint = (mount: Mount): Bytes => mount.text(textOf).point;

const textOf = (mount: Mount): MountText => ({ point: walkDown(mount), line: "", root: "", flags: NO_FLAGS, options: "" });

function walkDown(mount: Mount): Bytes {
  let path = "";
  for (let place = below(mount); place !== null; place = below(place.mount)) {
    const { filesystem, root } = place.mount;
    for (let node: Inode | null = place.node; node !== null && node !== root; node = parentOf(filesystem, node)) path = `/${nameOf(node)}${path}`;
  }
  return path === "" ? "/" : path;
}

const parentOf = (filesystem: Filesystem, node: Inode): Inode | null => filesystem.parentOf(node);

function optionsText({ flags }: Mount): Bytes {
  return `${flags.readOnly ? "ro" : "rw"}${flags.nosuid ? ",nosuid" : ""}${flags.nodev ? ",nodev" : ""}${flags.noexec ? ",noexec" : ""},relatime`;
}

/** /proc/PID/mountinfo: its mounts, with roots as the reader's namespace sees them. */
export function mountinfoText(of: Task, reader: Task): Bytes | Refusal {
  let text = "";
  for (const mount of of.mountNs.mounts) {
    const root = mount.filesystem.shownRoot(mount.root, reader);
    if (isRefusal(root)) return root;
    text += lineOf(mount, root);
  }
  return text;
}

function lineOf(mount: Mount, root: Bytes): Bytes {
  const { flags, filesystem, source } = mount;
  const options = filesystem.superOptions();
  const text = mount.text(textOf);
  if (text.root === root && text.flags === flags && text.options === options) return text.line;
  const at = `${mount.id} ${mount.parent?.id ?? mount.id} 0:${filesystem.device} ${root} ${escapeBlanks(text.point)} ${optionsText(mount)}`;
  text.line = `${at} - ${filesystem.type} ${escapeBlanks(source)} ${options}\n`;
  text.root = root;
  text.flags = flags;
  text.options = options;
  return text.line;
}

/** /proc/PID/mounts */
export function mountsText(of: Task): Bytes {
  return of.mountNs.mounts
    .map((mount) => `${escapeBlanks(mount.source)} ${escapeBlanks(mountPoint(mount))} ${mount.filesystem.type} ${optionsText(mount)} 0 0\n`)
    .join("");
}

export function stateLetter(task: Task): Bytes {
  if (task.state !== "running") return "Z";
  if (task.killPending || task.kernel.isHeldByFreezer(task)) return "D";
  return task.process.stopped ? "T" : "S";
}

const STATES: Readonly<Record<Bytes, Bytes>> = { Z: "Z (zombie)", D: "D (disk sleep)", T: "T (stopped)", S: "S (sleeping)" };

const parentPid = (task: Task, seenIn: PidNs): number => task.process.parent?.leader.numberIn(seenIn) ?? 0;

export function statText(task: Task, seenIn: PidNs): Bytes {
  const rest = `${parentPid(task, seenIn)} 0 0 0 -1 ${"0 ".repeat(10)}20 0 ${task.process.threads.size} 0 0`;
  return `${task.numberIn(seenIn)} (${task.process.command}) ${stateLetter(task)} ${rest}\n`;
}

export function statusText(task: Task, reader: Task, seenIn: PidNs): Bytes {
  const { credentials: own, process } = task;
  const space = reader.credentials.userNamespace;
  const uids = [own.uid, own.euid, own.suid, own.fsuid].map((id) => space.shownUid(id)).join("\t");
  const gids = [own.gid, own.egid, own.sgid, own.fsgid].map((id) => space.shownGid(id)).join("\t");
  const caps = (set: bigint): Bytes => set.toString(16).padStart(16, "0");
  const lines = [
    `Name:\t${process.command}`, `State:\t${STATES[stateLetter(task)]}`, `Tgid:\t${process.leader.numberIn(seenIn)}`,
    `Pid:\t${task.numberIn(seenIn)}`, `PPid:\t${parentPid(task, seenIn)}`, `Uid:\t${uids}`, `Gid:\t${gids}`,
    `Groups:\t${own.groups.map((id) => `${space.shownGid(id)} `).join("")}`, `NSpid:\t${task.numbers.slice(seenIn.level).join("\t")}`,
    `Threads:\t${process.threads.size}`, `CapInh:\t${caps(own.inheritable)}`, `CapPrm:\t${caps(own.permitted)}`,
    `CapEff:\t${caps(own.effective)}`, `CapBnd:\t${caps(own.bounding)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** /proc/cgroups: every controller of the kernel, with its hierarchy and how many cgroups that has. */
export function controllersTable(kernel: Kernel): Bytes {
  const count = (cgroup: CgroupNode): number => cgroup.descendants + 1;
  const lines = CONTROLLERS.map((controller, bit) => {
    if ((kernel.builtIn & (1 << bit)) === 0) return "";
    const home = kernel.hierarchies.find(({ controllers }) => (controllers & (1 << bit)) !== 0)!;
    return `${controller.legacyName}\t${home.id}\t${count(home.root)}\t1\n`;
  });
  return `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${lines.join("")}`;
}
