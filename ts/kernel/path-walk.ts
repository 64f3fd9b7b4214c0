// Path walking as the VFS does it: `//`, `.`, `..`, trailing slashes, links, mounts, and the search permission of every
// directory on the way (path_resolution(7)).

import type { Bytes } from "./bytes.ts";
import { MAY_EXEC, mayAccess } from "./credentials.ts";
import type { Inode } from "./filesystem.ts";
import { below, type Location, topmost } from "./mount.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import { shortcut } from "./shortcuts.ts";
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

interface Walk {
  readonly by: Task;
  links: number;
}

export function rootOf(task: Task): Location {
  return { mount: task.mountNs.root, node: task.mountNs.root.root };
}

/** Where a path leads. `follow`: through a link at its end, too. */
export function resolvePath(by: Task, path: Bytes, follow = true, from?: Location): Location | Refusal {
  const refusal = vetLength(path);
  return refusal ?? resolve({ by, links: 0 }, from ?? by.fsInfo.workingDirectory, path, follow);
}

/** The directory that holds the last component, which need not exist. */
export function resolveParent(by: Task, path: Bytes, from?: Location): Parent | Refusal {
  const refusal = vetLength(path);
  return refusal ?? parentOf({ by, links: 0 }, from ?? by.fsInfo.workingDirectory, path);
}

function vetLength(path: Bytes): Refusal | undefined {
  if (path === "") return refuse("ENOENT", "path_resolution(7)");
  // rule 6.2
  return path.length >= PATH_MAX ? refuse("ENAMETOOLONG", "6.2") : undefined;
}

/** A name is entered when another follows it. */
function parentOf(walk: Walk, from: Location, path: Bytes): Parent | Refusal {
  const isAbsolute = path.startsWith("/");
  const way = isAbsolute ? shortcut(walk.by.mountNs, path) : undefined;
  let directory = way?.to ?? (isAbsolute ? topmost(rootOf(walk.by)) : from);
  let name = "";
  for (let begin = way === undefined ? 0 : way.path.length, end = 0; begin < path.length; begin = end + 1) {
    end = path.indexOf("/", begin);
    if (end === -1) end = path.length;
    if (end === begin) continue;
    const next = name === "" ? directory : enter(walk, directory, name);
    if (isRefusal(next)) return next;
    directory = next;
    name = path.slice(begin, end);
  }
  const slash = path.endsWith("/");
  if (name === "") return { directory, name, last: "root", slash };
  const last = name === "." ? "dot" : name === ".." ? "dotdot" : "name";
  return vetSearch(walk.by, directory) ?? { directory, name, last, slash };
}

function enter(walk: Walk, at: Location, name: Bytes): Location | Refusal {
  return vetSearch(walk.by, at) ?? step(walk, at, name, true);
}

function resolve(walk: Walk, from: Location, path: Bytes, follow: boolean): Location | Refusal {
  const parent = parentOf(walk, from, path);
  if (isRefusal(parent)) return parent;
  if (parent.last === "root") return parent.directory;
  const found = step(walk, parent.directory, parent.name, follow || parent.slash);
  if (isRefusal(found)) return found;
  return parent.slash && found.node.kind !== "directory" ? refuse("ENOTDIR", "path_resolution(7)") : found;
}

/** May its names be looked up? */
function vetSearch(by: Task, { mount, node }: Location): Refusal | undefined {
  if (node.kind !== "directory") return refuse("ENOTDIR", "path_resolution(7)");
  const owned = mount.filesystem.owned(node);
  if (mayAccess(by.credentials, owned, MAY_EXEC, true)) return undefined;
  return refuse("EACCES", "5.1.1", { credentials: by.credentials, ...("hierarchy" in node ? { cgroup: node } : {}) });
}

function step(walk: Walk, at: Location, name: Bytes, follow: boolean): Location | Refusal {
  if (name === ".") return at;
  if (name === "..") return up(walk.by, at);
  const { filesystem } = at.mount;
  if (name.length > filesystem.longestName) return refuse("ENAMETOOLONG", "path_resolution(7)");
  const node = filesystem.lookup(at.node, name, walk.by);
  if (node === undefined) return refuse("ENOENT", "path_resolution(7)");
  if (isRefusal(node)) return node;
  if (node.kind === "link" && follow) return through(walk, at, node);
  return topmost({ mount: at.mount, node });
}

function up(by: Task, at: Location): Location {
  let place = at;
  const root = rootOf(by);
  while (place.node === place.mount.root && place.mount !== root.mount) {
    const under = below(place.mount);
    if (under === null) return place;
    place = under;
  }
  if (place.node === root.node && place.mount === root.mount) return topmost(place);
  return topmost({ mount: place.mount, node: place.mount.filesystem.parentOf(place.node) ?? place.node });
}

function through(walk: Walk, at: Location, link: Inode): Location | Refusal {
  if (++walk.links > MOST_LINKS) return refuse("ELOOP", "path_resolution(7)");
  const target = at.mount.filesystem.readlink(link, walk.by);
  if (isRefusal(target)) return target;
  if (typeof target !== "string") return { mount: at.mount, node: target };
  return resolve(walk, at, target, true);
}
