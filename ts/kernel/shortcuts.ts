// Where the ways begin that every call walks again: down a namespace's directories to where a hierarchy or /proc is mounted.
// One is remembered where it leads through directories of tmpfs alone that everybody may search, so that who walks makes no
// difference, until something is mounted or such a directory changes. Knows nothing of what comes behind it.

import type { Bytes } from "./bytes.ts";
import { type MountNs, topmost, type Way } from "./mount.ts";
import { type Split, unique } from "./split.ts";
import { TmpFs, type TmpNode } from "./tmpfs.ts";

/** The way that an absolute path begins with, where there is one and a name follows. */
export function shortcut(namespace: MountNs, taken: Split): Way | undefined {
  const { ways } = namespace;
  for (const way of ways) if (way.path === taken.lead) return way;
  const { path } = taken;
  let found = ways.find((way) => path.startsWith(way.path) && isFollowed(path, way.path.length));
  if (found === undefined) {
    found = walk(namespace, path);
    if (found === undefined) return undefined;
    ways.push(found);
  }
  taken.lead = found.path;
  return found;
}

/** Search permission for owner, group and others. */
const FOR_ALL = 0o111;

function walk({ root }: MountNs, path: Bytes): Way | undefined {
  let to = topmost({ mount: root, node: root.root });
  if (!(to.mount.filesystem instanceof TmpFs)) return undefined;
  for (let begin = 1, end = path.indexOf("/", begin), depth = 1; end !== -1; begin = end + 1, end = path.indexOf("/", begin), depth++) {
    const { children, owned } = to.node as TmpNode;
    const node = children.get(path.slice(begin, end));
    if (node?.kind !== "directory" || (owned.mode & FOR_ALL) !== FOR_ALL) return undefined;
    to = topmost({ mount: to.mount, node });
    if (!(to.mount.filesystem instanceof TmpFs)) return isFollowed(path, end) ? { path: unique(path.slice(0, end)), depth, to } : undefined;
  }
  return undefined;
}

const SLASH = 0x2f;

const isFollowed = (path: Bytes, end: number): boolean =>
  end + 1 < path.length && path.charCodeAt(end) === SLASH && path.charCodeAt(end + 1) !== SLASH;
