// open(2): a path to an open file description, with the kernel's order of refusals (rule 5.1.1).

import { MAY_EXEC, MAY_READ, MAY_WRITE, mayAccess } from "./credentials.ts";
import type { Location } from "./mount.ts";
import { OpenFile, type OpenMode } from "./open-file.ts";
import { type Parent, resolveParent, resolvePath } from "./path-walk.ts";
import { isRefusal, type Refusal, refuse } from "./refusal.ts";
import type { Path } from "./split.ts";
import type { Task } from "./task.ts";

export interface OpenRequest extends OpenMode {
  readonly directory: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
  readonly noFollow: boolean;
  /** Mode of a file made. */
  readonly fileMode: number;
}

/** A request for what is named here and nothing else. */
export const opening = ({
  read = false, write = false, append = false, pathOnly = false, directory = false, create = false, exclusive = false, truncate = false,
  noFollow = false, fileMode = 0o666,
}: Partial<OpenRequest>): OpenRequest => ({ read, write, append, pathOnly, directory, create, exclusive, truncate, noFollow, fileMode });

/** Not yet shared with any descriptor. */
export function openFile(by: Task, path: Path, request: OpenRequest, from?: Location): OpenFile | Refusal {
  const place = request.create ? findOrCreate(by, path, request, from) : resolvePath(by, path, !request.noFollow, from);
  if (isRefusal(place)) return place;
  const refusal = vetOpen(by, place, request);
  if (refusal !== undefined) return refusal;
  if (request.truncate) place.mount.filesystem.truncate(place.node, 0);
  return new OpenFile(place, request, by);
}

/** May it be opened so? */
export function vetOpen(by: Task, { mount, node }: Location, request: OpenRequest): Refusal | undefined {
  const isDirectory = node.kind === "directory";
  if (request.directory && !isDirectory) return refuse("ENOTDIR", "open(2)");
  if (request.pathOnly) return undefined;
  if (node.kind === "link") return refuse("ELOOP", "open(2)");
  if (isDirectory && request.write) return refuse("EISDIR", "open(2)");
  const mask = (request.read ? MAY_READ : 0) | (request.write ? MAY_WRITE : 0);
  // rule 10.3
  if (request.write && mount.filesystem.readOnly) return refuse("EROFS", "10.3");
  if (request.write && mount.filesystem.isImmutable(node)) return refuse("EPERM", "open(2)");
  if (!mayAccess(by.credentials, mount.filesystem.owned(node), mask, isDirectory)) {
    // rule 5.1.1, 12.2, 12.3
    return refuse("EACCES", "5.1.1", { credentials: by.credentials, ...("cgroup" in node ? { cgroup: node.cgroup, file: node.name } : {}) });
  }
  // rule 10.3
  if (request.write && mount.isReadOnly) return refuse("EROFS", "10.3");
  return mount.filesystem.mayOpen(node, by, request.write);
}

function findOrCreate(by: Task, path: Path, request: OpenRequest, from: Location | undefined): Location | Refusal {
  const found = resolvePath(by, path, true, from);
  if (!isRefusal(found)) return request.exclusive ? refuse("EEXIST", "open(2)") : found;
  if (found.code !== "ENOENT") return found;
  const parent = resolveParent(by, path, from);
  if (isRefusal(parent)) return parent;
  if (parent.last !== "name" || parent.slash) return refuse("EISDIR", "open(2)");
  return create(by, parent, request);
}

function create(by: Task, { directory, name }: Parent, request: OpenRequest): Location | Refusal {
  const { mount, node } = directory;
  if (mount.isReadOnly) return refuse("EROFS", "10.3");
  const { credentials } = by;
  if (!mayAccess(credentials, mount.filesystem.owned(node), MAY_WRITE | MAY_EXEC, true)) return refuse("EACCES", "open(2)", { credentials });
  const mode = request.fileMode & 0o7777 & ~by.fsInfo.umask;
  const made = mount.filesystem.create(node, name, { uid: credentials.fsuid, gid: credentials.fsgid, mode }, by);
  return isRefusal(made) ? made : { mount, node: made };
}
