// Ways to a path: making what is missing on it, opening what may not be searched or written, taking off what is mounted or
// lives in the way (rules 5.1.1, 6.1, 6.9, 10.2, 10.3).

import { bitOf } from "../controller.ts";
import type { CgroupNode } from "../cgroup.ts";
import { MAY_EXEC, MAY_WRITE, mayAccess } from "../credentials.ts";
import { findFile } from "../files/table.ts";
import type { Location } from "../mount.ts";
import { resolvePath } from "../path-walk.ts";
import { namesTo, quoted } from "../place.ts";
import { mountPoint } from "../proc-text.ts";
import { isRefusal } from "../refusal.ts";
import { split } from "../split.ts";
import { suppose } from "../suppose.ts";
import { type TmpFs, TmpNode } from "../tmpfs.ts";
import type { Step } from "../verdict.ts";
import { create, remove, write } from "./as-root.ts";
import { type Case, inTurn } from "./case.ts";
import { enable, evict } from "./controllers.ts";
import { giveDirectory, giveFile, giveOther } from "./give.ts";
import type { WayOut } from "./index.ts";

interface Reached {
  readonly at: Location;
  readonly path: string;
  /** The names behind it. */
  readonly rest: readonly string[];
}

/** How far the path leads for whoever asks. */
function reached({ question: { by, path = "/" } }: Case): Reached | undefined {
  const { names, isAbsolute } = split(path);
  for (let length = names.length; length >= 0; length--) {
    const prefix = `${isAbsolute ? "/" : "./"}${names.slice(0, length).join("/")}`;
    const at = resolvePath(by, prefix);
    if (!isRefusal(at)) return { at, path: prefix, rest: names.slice(length) };
  }
  return undefined;
}

const asCgroup = ({ at: { node } }: Reached): CgroupNode | undefined => ("hierarchy" in node && !node.dead ? node : undefined);

/** ENOENT on the way. */
export function missing(from: Case): WayOut {
  const found = reached(from);
  if (found === undefined || found.rest.length === 0) return "the path leads to a removed place";
  const { last } = from.question;
  const cgroup = asCgroup(found);
  if (last === "cgroup") return "there is no such cgroup";
  const { node, mount } = found.at;
  if (last === "mount point" && node instanceof TmpNode && !node.removed) return [makeDirectory(node, mount.filesystem as TmpFs, found)];
  if (cgroup === undefined) return "no mount of the hierarchy shows that place to whoever asks";
  if (last === "file" && found.rest.length === 1) return missingFile(from, cgroup, found.rest[0]!);
  const wanted = last === "mount point" ? found.rest : found.rest.slice(0, -1);
  const name = wanted[0];
  if (name === undefined || name === "." || name === "..") return "the path does not lead there";
  return create(from, cgroup, name);
}

function makeDirectory(parent: TmpNode, filesystem: TmpFs, { path, rest: [name] }: Reached): Step {
  const apply = (): void => {
    if (!parent.children.has(name!)) filesystem.mkdir(parent, name!, { uid: 0, gid: 0, mode: 0o755 });
  };
  return { words: `mkdir ${quoted(`${path.replace(/\/$/, "")}/${name}`)}`, apply };
}

/** A file of a controller comes with the controller. */
function missingFile(from: Case, cgroup: CgroupNode, name: string): WayOut {
  if (!cgroup.hierarchy.isUnified) return "a cgroup of that hierarchy has no such file";
  if (name.endsWith(".pressure") && !cgroup.pressure) return write(from, cgroup, "cgroup.pressure", "1");
  const controller = name.split(".")[0]!;
  if (bitOf(controller) === -1 || cgroup.isRoot) return "a cgroup of its kind has no such file";
  const steps = enable(from, cgroup, controller);
  if (typeof steps === "string") return steps;
  const appears = suppose(from.question.kernel, () => {
    for (const step of steps) step.apply();
    return findFile(cgroup, name) !== undefined;
  });
  return appears ? steps : "no controller has such a file";
}

/** rule 5.1.1: a directory that may not be searched, or a file that may not be written. */
export function unreachable(from: Case): WayOut {
  const { question, refusal } = from;
  const { cgroup, file } = refusal.blame;
  if (cgroup !== undefined && file !== undefined) return [giveFile(question, cgroup, file, MAY_WRITE)];
  if (cgroup !== undefined) return [giveDirectory(question, cgroup, MAY_EXEC)];
  const found = reached(from);
  if (found === undefined || !(found.at.node instanceof TmpNode)) return "the files of another task or of the kernel are not for sharing";
  const closed = !mayAccess(question.by.credentials, found.at.node.owned, MAY_EXEC, true);
  return closed ? [giveOther(question.by, found.at.node, quoted(found.path), MAY_EXEC)] : "the path does not lead there";
}

/** rules 6.1 and 6.9: names are made and taken in a directory that may be written. */
export function unwritable({ question, refusal }: Case): WayOut {
  const { cgroup } = refusal.blame;
  return cgroup === undefined ? "that is no cgroup's directory" : [giveDirectory(question, cgroup, MAY_WRITE | MAY_EXEC)];
}

/** rule 6.9: EBUSY of what lives there, is below or is mounted on it; EPERM of a sticky directory. */
export function inTheWay(from: Case): WayOut {
  const { refusal: { blame, code }, question } = from;
  const found = reached(from);
  const cgroup = blame.cgroup ?? (found === undefined ? undefined : asCgroup(found));
  if (code === "EPERM") return cgroup === undefined ? "it is somebody else's" : [giveDirectory(question, cgroup, MAY_WRITE)];
  if (blame.cgroup === undefined) return mountedOn(found);
  if (blame.cgroup.isPopulated) return evict(from, blame.cgroup, true);
  const below = [...blame.cgroup.subtree()].slice(1).reverse();
  return below.map((at) => remove(question.kernel, at));
}

function mountedOn(found: Reached | undefined): WayOut {
  const mount = found?.at.mount;
  if (mount === undefined || mount.parent === null || !("hierarchy" in mount.point!)) return "the top of a mounted filesystem cannot be removed";
  return [{ words: `umount ${quoted(mountPoint(mount))}`, apply: () => mount.detach() }];
}

/** rule 10.3: EROFS of a mount or of the whole filesystem. */
export function readOnly(from: Case): WayOut {
  const { refusal } = from;
  if (refusal.code !== "EROFS") return "the filesystem has no such option";
  const mount = reached(from)?.at.mount;
  const hierarchy = refusal.blame.cgroup?.hierarchy ?? (mount !== undefined && "hierarchy" in mount.root ? mount.root.hierarchy : undefined);
  if (mount?.lockedFlags.readOnly === true) return "the mount came read-only from another user namespace and stays so";
  const where = mount === undefined ? "it" : quoted(mountPoint(mount));
  const apply = (): void => {
    if (mount !== undefined) mount.flags = { ...mount.flags, readOnly: false };
    if (hierarchy !== undefined) hierarchy.readOnly = false;
  };
  return [{ words: `mount -o remount,rw ${where}${mount?.flags.readOnly === true ? " (with bind for this mount alone)" : ""}`, apply }];
}

/** rule 10.2: another cgroup of the names of a removed root will do. */
export function missingRoot(from: Case): WayOut {
  const root = from.refusal.blame.cgroup!;
  let at = root.hierarchy.root;
  for (const name of namesTo(root)) {
    const next = at.children.get(name);
    if (next === undefined) return create(from, at, name);
    at = next;
  }
  return "the namespace's root is there again";
}

/** rule 6.3: a directory has the name of a file that would appear. */
export function nameTaken(from: Case): WayOut {
  const parent = from.refusal.blame.cgroup!;
  const { kernel } = from.question;
  const named = [...parent.children.values()].filter(({ name }) => bitOf(name.split(".")[0]!) !== -1);
  const clear = (child: CgroupNode): WayOut =>
    child.isPopulated ? evict(from, child, true) : [...child.subtree()].reverse().map((at) => remove(kernel, at));
  return inTurn(...named.map(clear));
}
