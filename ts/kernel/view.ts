// How one cgroup's path reads from another: /proc/PID/cgroup and the root field of mountinfo. Pure functions of the tree.

import type { Bytes } from "./bytes.ts";
import type { CgroupNode } from "./cgroup.ts";

/** A path with its NUL fits one page. */
const PATH_BYTES = 4095;

/**
 * The path of `to` as a reader sees it whose namespace is rooted at `root` (rules 2.1 to 2.6), or undefined where the
 * climbing alone does not fit. Names are cut without a word (rule 1.9).
 *
 *   root /B/p/q   to /B/p/q    →  /
 *   root /B/p/q   to /B/p/q2   →  /../q2
 *   root /B/p/q   to /B        →  /../..
 */
export function view(root: CgroupNode, to: CgroupNode): Bytes | undefined {
  if (root === to) {
    // rule 2.2
    return "/";
  }
  // rule 2.2, 2.4
  const common = root.commonAncestor(to);
  const up = root.level - common.level;
  if (up * 3 > PATH_BYTES) {
    // rule 1.9
    return undefined;
  }
  const names: Bytes[] = [];
  for (let at = to; at !== common; at = at.parent!) names.push(at.name);
  let path = "/..".repeat(up);
  for (let i = names.length - 1; i >= 0; i--) path += `/${names[i]}`;
  return path.length > PATH_BYTES ? path.slice(0, PATH_BYTES) : path;
}
