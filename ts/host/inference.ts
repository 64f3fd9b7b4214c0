// What may be said of a namespace that cannot be entered: only of a container's first process, whose mounts and place
// everybody may read, and only where they cannot be explained without a namespace of its own. Always marked as inferred.
//
// A mount of a hierarchy that is not the initial namespace's shows its mounter's root (rule 10.2) — or it is a bind of a
// subtree, as runtimes make for containers in the host's namespace. A bind keeps the source field of the mount it was
// taken from, so a mount whose source nobody further up has was mounted afresh, in a namespace rooted at its root.

import { linesOf } from "./lines.ts";
import { type CgroupMount, cgroupMounts } from "./mounts.ts";
import type { Task } from "./processes.ts";
import { bytesOf, depthOf, isAtOrBelow, latin1, type Relative, relative, same } from "./relative.ts";
import type { Reading } from "./roots.ts";
import type { RootRecord } from "./snapshot.ts";

/** A first process and the mounts it has. */
interface Container {
  readonly task: Task;
  readonly mounts: readonly CgroupMount[];
}

export class Inference {
  readonly #reading: Reading;
  #containers: Map<Task, Container> | undefined;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** The roots of a task's namespace, one for each hierarchy, or the reason why they cannot be inferred. */
  rootsOf(task: Task): RootRecord[] | string {
    if (!this.#isFirst(task)) return "it is no container's first process, so its mounts tell nothing certain";
    this.#containers ??= this.#readContainers();
    const container = this.#containers.get(task);
    if (container === undefined) return "its mounts may not be read";
    if (container.mounts.length === 0) return this.#fromPayload(task);
    const fresh = container.mounts.find((mount) => this.#isFresh(mount));
    if (fresh === undefined) return "its mounts look alike in a namespace of its own and in the host's";
    return this.#fromMounts(container, fresh);
  }

  #readContainers(): Map<Task, Container> {
    const lines = this.#reading.hierarchies.map(({ id, controllers, name }) => ({ hierarchyId: id, controllers, name }));
    const found = new Map<Task, Container>();
    for (const task of this.#reading.tasks) {
      if (!this.#isFirst(task)) continue;
      const mountinfo = this.#reading.machine.readIfAny(`/proc/${task.pid}/mountinfo`);
      if (mountinfo !== undefined) found.set(task, { task, mounts: cgroupMounts(mountinfo, lines) });
    }
    return found;
  }

  // Process 1 of a pid namespace of its own, or the only child that lxc-init starts.
  #isFirst({ pid, tid, pidLevels, innerPid, parent, exiting }: Task): boolean {
    if (pid !== tid || pidLevels < 2 || exiting) return false;
    if (innerPid === 1) return true;
    const init = this.#reading.tasks.find((task) => task.tid === parent);
    return innerPid === 2 && init?.innerPid === 1 && /lxc/.test(init.name);
  }

  // There are mounts that start further up, and none of them has this source: it was bound from none of them.
  #isFresh({ hierarchy, root, source }: CgroupMount): boolean {
    const path = relative(root);
    const all = [this.#reading.mounts, ...[...this.#containers!.values()].map(({ mounts }) => mounts)].flat();
    const wider = all.filter(
      (other) => other.hierarchy.hierarchyId === hierarchy.hierarchyId && isAbove(relative(other.root), path),
    );
    return wider.length > 0 && wider.every((other) => other.source !== source);
  }

  #fromMounts({ task, mounts }: Container, fresh: CgroupMount): RootRecord[] | string {
    const own = new Map(linesOf(task.cgroup, false).map((line) => [line.hierarchyId, relative(line.path)]));
    const reason = `its mount at ${latin1(fresh.mountPoint)} was made afresh, by ${JSON.stringify(fresh.source)}`;
    const settled = mounts.every(({ hierarchy, root }) => {
      const path = own.get(hierarchy.hierarchyId);
      return path !== undefined && same(path, relative(root));
    });
    if (!settled && task.mayUnshare) return MOVED;
    const roots: RootRecord[] = [];
    for (const { id } of this.#reading.hierarchies) {
      const mount = mounts.find(({ hierarchy }) => hierarchy.hierarchyId === id);
      // Where it is not mounted, a process that has moved nowhere else has not moved here.
      const root = mount === undefined ? (settled ? own.get(id) : undefined) : relative(mount.root);
      if (root === undefined) return "it has moved since, and not every hierarchy is mounted in it";
      roots.push(inferred(id, root, reason));
    }
    return roots;
  }

  // LXC mounts no cgroups for a container with a namespace of its own, and names its cgroup lxc.payload.NAME.
  #fromPayload(task: Task): RootRecord[] | string {
    const roots: RootRecord[] = [];
    for (const { hierarchyId, path } of linesOf(task.cgroup, false)) {
      const { ups, names } = relative(path);
      const payload = names.findLastIndex((name) => name.startsWith("lxc.payload."));
      if (payload === -1 && names.length > 0) return "no cgroups are mounted in it";
      if (payload < names.length - 1) return MOVED;
      roots.push(inferred(hierarchyId, { ups, names }, LXC));
    }
    return roots.some(({ path }) => path!.length > 1) ? roots : "no cgroups are mounted in it";
  }
}

const MOVED = "it is below where it was started, and may have made a namespace there";
const LXC = "an LXC payload with no cgroups mounted, as LXC starts one that has a namespace of its own";

const inferred = (hierarchy: number, path: Relative, reason: string): RootRecord => ({
  hierarchy, how: "inferred", path: bytesOf(path), below: 0, reason,
});

const isAbove = (upper: Relative, lower: Relative): boolean =>
  depthOf(upper) < depthOf(lower) && isAtOrBelow(lower, upper);
