// Path walking as the VFS does it: `//`, `.`, `..`, trailing slashes, links, mounts, and the search permission of every
// directory on the way (path_resolution(7)).

import type { Bytes } from "./bytes.ts";
import { MAY_EXEC, mayAccess } from "./credentials.ts";
import type { Inode } from "./filesystem.ts";
import { below, type Location, type Mount, topmost } from "./mount.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import { shortcut } from "./shortcuts.ts";
import { type Path, type Split, split } from "./split.ts";
import type { Task } from "./task.ts";

const PATH_MAX = 4096;
const MOST_LINKS = 40;

/** The directory a path ends in, and its last component. */
export interface Parent {
  readonly directory: Location;
  readonly name: Bytes;
  /** "/" itself, "." or ".." end a path too. */
  readonly last: "name" | "root" | "dot" | "dotdot";
  /** A trailing slash asks for a directory. */
  readonly slash: boolean;
}

/** Who walks, and where the walk stands. */
interface Walk {
  readonly by: Task;
  links: number;
  mount: Mount;
  node: Inode;
}

const start = (by: Task, { mount, node }: Location): Walk => ({ by, links: 0, mount, node });

function moveTo(walk: Walk, { mount, node }: Location): void {
  walk.mount = mount;
  walk.node = node;
}

export function rootOf(task: Task): Location {
  return { mount: task.mountNs.root, node: task.mountNs.root.root };
}

/** Where a path leads. `follow`: through a link at its end, too. */
export function resolvePath(by: Task, path: Path, follow = true, from: Location = by.fsInfo.workingDirectory): Location | Refusal {
  const walk = start(by, from);
  return vetLength(path) ?? resolve(walk, split(path), follow) ?? { mount: walk.mount, node: walk.node };
}

/** The directory that holds the last component, which need not exist. */
export function resolveParent(by: Task, path: Path, from: Location = by.fsInfo.workingDirectory): Parent | Refusal {
  const tooLong = vetLength(path);
  if (tooLong !== undefined) return tooLong;
  const walk = start(by, from);
  const taken = split(path);
  const refusal = walkToParent(walk, taken);
  if (refusal !== undefined) return refusal;
  const { names, slash } = taken;
  const directory = { mount: walk.mount, node: walk.node };
  if (names.length === 0) return { directory, name: "", last: "root", slash };
  const name = names[names.length - 1]!;
  return { directory, name, last: name === "." ? "dot" : name === ".." ? "dotdot" : "name", slash };
}

function vetLength(given: Path): Refusal | undefined {
  const path = typeof given === "string" ? given : given.path;
  if (path === "") return refuse("ENOENT", "path_resolution(7)");
  // rule 6.2
  return path.length >= PATH_MAX ? refuse("ENAMETOOLONG", "6.2") : undefined;
}

/** All names but the last are entered; the last will be looked up where they lead. */
function walkToParent(walk: Walk, taken: Split): Refusal | undefined {
  const { names, isAbsolute } = taken;
  const way = isAbsolute ? shortcut(walk.by.mountNs, taken) : undefined;
  if (way !== undefined) moveTo(walk, way.to);
  else if (isAbsolute) moveTo(walk, topmost(rootOf(walk.by)));
  for (let i = way === undefined ? 0 : way.depth; i < names.length - 1; i++) {
    const refusal = vetSearch(walk) ?? step(walk, names[i]!, true);
    if (refusal !== undefined) return refusal;
  }
  return names.length === 0 ? undefined : vetSearch(walk);
}

function resolve(walk: Walk, taken: Split, follow: boolean): Refusal | undefined {
  const { names, slash } = taken;
  const refusal = walkToParent(walk, taken);
  if (refusal !== undefined || names.length === 0) return refusal;
  const last = step(walk, names[names.length - 1]!, follow || slash);
  if (last !== undefined) return last;
  return slash && walk.node.kind !== "directory" ? refuse("ENOTDIR", "path_resolution(7)") : undefined;
}

/** May its names be looked up? */
function vetSearch({ by, mount, node }: Walk): Refusal | undefined {
  if (node.kind !== "directory") return refuse("ENOTDIR", "path_resolution(7)");
  const owned = mount.filesystem.owned(node);
  if (mayAccess(by.credentials, owned, MAY_EXEC, true)) return undefined;
  return refuse("EACCES", "5.1.1", { credentials: by.credentials, ...("hierarchy" in node ? { cgroup: node } : {}) });
}

function step(walk: Walk, name: Bytes, follow: boolean): Refusal | undefined {
  if (name === ".") return undefined;
  if (name === "..") {
    moveTo(walk, up(walk));
    return undefined;
  }
  const { filesystem, children } = walk.mount;
  if (name.length > filesystem.longestName) return refuse("ENAMETOOLONG", "path_resolution(7)");
  const node = filesystem.lookup(walk.node, name);
  if (node === undefined) return refuse("ENOENT", "path_resolution(7)");
  if (node.kind === "link" && follow) return through(walk, node);
  walk.node = node;
  if (children.size > 0) moveTo(walk, topmost(walk));
  return undefined;
}

function up({ by, mount, node }: Walk): Location {
  let place: Location = { mount, node };
  const root = rootOf(by);
  while (place.node === place.mount.root && place.mount !== root.mount) {
    const under = below(place.mount);
    if (under === null) return place;
    place = under;
  }
  if (place.node === root.node && place.mount === root.mount) return topmost(place);
  return topmost({ mount: place.mount, node: place.mount.filesystem.parentOf(place.node) ?? place.node });
}

function through(walk: Walk, link: Inode): Refusal | undefined {
  if (++walk.links > MOST_LINKS) return refuse("ELOOP", "path_resolution(7)");
  const target = walk.mount.filesystem.readlink(link, walk.by);
  if (isRefusal(target)) return target;
  if (typeof target === "string") return resolve(walk, split(target), true);
  walk.node = target;
  return undefined;
}
