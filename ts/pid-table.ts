// Which cgroup each process is in, by pid and start time, many at a time. Knows nothing of where they come from.

import { asking } from "./cgroup.ts";
import { checkNodes, outOf, sameLength, there } from "./bulk.ts";
import type { Nodes } from "./core/bulk.ts";
import { expected } from "./errors.ts";
import type { Hierarchy } from "./hierarchy.ts";

/**
 * A table from (pid, start time) to cgroup, of one hierarchy. A start time is any unsigned 64-bit number that tells a pid's
 * users apart, such as field 22 of /proc/PID/stat (proc_pid_stat(5)). Pids are below 4,194,304 (PID_MAX_LIMIT).
 */
export class PidTable {
  readonly #tree: Hierarchy;

  /** @internal Of a hierarchy: `tree.pids`. */
  constructor(tree: Hierarchy) {
    this.#tree = tree;
  }

  /**
   * Puts processes in cgroups: `pids[i]`, started at `starts[i]`, is in `nodes.numbers[i]`. Whoever had the pid before is
   * forgotten. A stale node, or a pid that is none, leaves the table as it was. Answers how many were put.
   * @throws CgroupError ENOMEM, with the table as it was
   */
  put(pids: Uint32Array, starts: BigUint64Array, nodes: Nodes): number {
    checkPids(pids, starts);
    sameLength(pids, checkNodes(nodes).numbers, "nodes");
    return asking("put", undefined, () => this.#bulk.putPids(this.#tree.root, pids, starts, nodes));
  }

  /** The cgroups of processes, 0 where none is known: no such pid, another start time, or the cgroup is gone. Without `starts`: of whoever was put last. */
  get(pids: Uint32Array, starts?: BigUint64Array, options: { readonly out?: Uint32Array } = {}): Nodes {
    checkPids(pids, starts);
    const numbers = outOf(Uint32Array, pids.length, options.out);
    asking("get", undefined, () => this.#bulk.getPids(this.#tree.root, pids, starts, numbers));
    return { numbers, stamp: this.#bulk.stamp };
  }

  /** Forgets processes; with `starts` only those that started then. Answers how many were known. */
  delete(pids: Uint32Array, starts?: BigUint64Array): number {
    checkPids(pids, starts);
    return asking("delete", undefined, () => this.#bulk.removePids(this.#tree.root, pids, starts));
  }

  get #bulk(): Hierarchy["core"]["bulk"] {
    return this.#tree.core.bulk;
  }
}

function checkPids(pids: Uint32Array, starts: BigUint64Array | undefined): void {
  if (!(pids instanceof Uint32Array)) throw expected("pids", "a Uint32Array", pids);
  there(pids, "pids");
  if (starts === undefined) return;
  if (!(starts instanceof BigUint64Array)) throw expected("starts", "a BigUint64Array", starts);
  sameLength(pids, there(starts, "starts"), "starts");
}
