// User and mount namespaces of tasks, for a kernel of the model. Who owns a namespace and which is above which is asked of
// util-linux's lsns, as no file says it; who made a user namespace is read off its map.

import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import type { Kernel } from "../kernel/kernel.ts";
import { Mount, MountNs, NO_FLAGS } from "../kernel/mount.ts";
import { ProcFs } from "../kernel/procfs.ts";
import { TmpFs } from "../kernel/tmpfs.ts";
import { type Extent, UserNamespace } from "../kernel/user-namespace.ts";
import { addMounts } from "./kernel-mounts.ts";
import { errnoOf } from "./machine.ts";
import type { KernelTree } from "./kernel-tree.ts";

/** As lsns tells of one. */
interface Listed {
  readonly ns: number;
  readonly pns: number;
  readonly ons: number;
  readonly pid: number;
}

export class Namespaces {
  readonly #kernel: Kernel;
  readonly #trees: readonly KernelTree[];
  readonly #notes: string[];
  readonly #users = new Map<string, UserNamespace>();
  readonly #mounts = new Map<string, MountNs>();
  #listed: Map<string, Listed> | undefined;

  constructor(kernel: Kernel, trees: readonly KernelTree[], notes: string[]) {
    this.#kernel = kernel;
    this.#trees = trees;
    this.#notes = notes;
    this.#users.set(linkOf(process.pid, "user", notes), kernel.initialUserNs);
    this.#mounts.set(linkOf(process.pid, "mnt", notes), kernel.init.mountNs);
  }

  /** The user namespace of a task. */
  user(tid: number): UserNamespace {
    return this.#user(linkOf(tid, "user", this.#notes), tid);
  }

  /** Who owns a namespace; the user namespace of its member where nobody says. */
  ownerOf(inode: string, member: UserNamespace): UserNamespace {
    const listed = this.#all().get(inode);
    if (listed === undefined || listed.ons === 0) return this.#guessed(inode, member);
    const owner = this.#all().get(String(listed.ons));
    return this.#users.get(String(listed.ons)) ?? (owner === undefined ? this.#guessed(inode, member) : this.#user(String(listed.ons), owner.pid));
  }

  mount(tid: number, member: UserNamespace): MountNs {
    const inode = linkOf(tid, "mnt", this.#notes);
    const known = this.#mounts.get(inode);
    if (known !== undefined) return known;
    const kernel = this.#kernel;
    const made = new MountNs(Number(inode), this.ownerOf(inode, member));
    const files = new TmpFs(kernel.nextDevice());
    const root = new Mount({ id: kernel.nextMountId(), namespace: made, filesystem: files, root: files.root, source: "rootfs", flags: NO_FLAGS });
    made.mounts.push(root);
    made.root = root;
    const proc = new ProcFs(kernel, kernel.initialPidNs, kernel.nextDevice());
    const place = files.mkdir(files.root, "proc", { uid: 0, gid: 0, mode: 0o555 });
    files.mkdir(files.root, "tmp", { uid: 0, gid: 0, mode: 0o1777 });
    new Mount({ id: kernel.nextMountId(), namespace: made, filesystem: proc, root: proc.root, source: "proc", flags: NO_FLAGS }).attachAt(root, place as never);
    addMounts(made, readFileSync(`/proc/${tid}/mountinfo`), this.#trees, `/proc/${tid}/root`);
    this.#mounts.set(inode, made);
    return made;
  }

  #user(inode: string, tid: number): UserNamespace {
    const known = this.#users.get(inode);
    if (known !== undefined) return known;
    const above = String(this.#all().get(inode)?.pns ?? 0);
    const parentMember = this.#all().get(above)?.pid;
    const parent = this.#users.get(above) ?? (parentMember === undefined ? this.#kernel.initialUserNs : this.#user(above, parentMember));
    const [uidMap, gidMap] = [mapOf(tid, "uid_map"), mapOf(tid, "gid_map")];
    const owner = this.#makerOf(inode, tid, uidMap);
    const made = new UserNamespace(parent, Number(inode), owner, gidMap[0]?.lower ?? owner);
    made.uidMap = uidMap;
    made.gidMap = gidMap;
    made.setgroupsAllowed = !textOf(`/proc/${tid}/setgroups`).startsWith("deny");
    this.#users.set(inode, made);
    return made;
  }

  /** An unprivileged maker maps itself first; without any map its ids are still its maker's. */
  #makerOf(inode: string, tid: number, map: readonly Extent[]): number {
    if (map[0]?.count === 1) return map[0].lower;
    if (map.length === 0) return Number(/^Uid:\s+(\d+)/m.exec(textOf(`/proc/${tid}/status`))?.[1] ?? 0);
    this.#notes.push(`who made user namespace ${inode} is not known: taken for root`);
    return 0;
  }

  #guessed(inode: string, member: UserNamespace): UserNamespace {
    this.#notes.push(`who owns namespace ${inode} is not known: taken for its member's user namespace`);
    return member;
  }

  #all(): Map<string, Listed> {
    this.#listed ??= list();
    return this.#listed;
  }
}

/** The number of a task's namespace; of the reader's, with a note, where it may not be read. */
export function linkOf(tid: number, kind: string, notes: string[]): string {
  let link: string;
  try {
    link = readlinkSync(`/proc/${tid}/ns/${kind}`);
  } catch (error) {
    notes.push(`the ${kind} namespace of ${tid} may not be read (${errnoOf(error) ?? String(error)}): taken for the reader's own`);
    link = readlinkSync(`/proc/self/ns/${kind}`);
  }
  return link.slice(link.indexOf("[") + 1, -1);
}

function list(): Map<string, Listed> {
  const { stdout, status } = spawnSync("lsns", ["-J", "-o", "NS,PNS,ONS,PID"], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  if (status !== 0) return new Map();
  const { namespaces } = JSON.parse(stdout) as { namespaces: Listed[] };
  return new Map(namespaces.map((one) => [String(one.ns), one]));
}

function mapOf(tid: number, file: string): Extent[] {
  const lines = textOf(`/proc/${tid}/${file}`).split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [first = 0, lower = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    return { first, lower, count };
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
