// One path's identity: its components read one after the other. Knows paths; the conventions are elsewhere.

import { decode, isBytes } from "../core/text.ts";
import { expected } from "../errors.ts";
import { mangledText } from "../proc/escape.ts";
import type { PathIdentity } from "./link.ts";
import { Place } from "./place.ts";

/** The root of a tree, about which nothing is said. */
export const TOP: Place = new Place(null, "");

const SLASH = 0x2f;

/**
 * Who a cgroup path is: every container, pod, machine and unit its components name by a documented convention, outermost
 * first, each with the component that says so. A UUID or a hex word alone is nobody. Any text has an answer: the parts of a
 * path as /proc/PID/cgroup prints it, leading `/..` included; other texts name nothing.
 *
 *     path:   /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod2d3da189_….slice/cri-containerd-7b89….scope
 *     result: pod { uid: "2d3da189-…", qos: "burstable" }, container { id: "7b89…", runtime: "containerd" }, …
 *
 * Components that are not UTF-8 come out with their bytes above ASCII as octal escapes, which no id holds.
 *
 * @throws TypeError for what is neither a string nor a Uint8Array
 */
export function identifyPath(path: string | Uint8Array): PathIdentity {
  if (typeof path === "string") return placeOf(path).identity;
  if (!isBytes(path)) throw expected("path", "a string or a Uint8Array", path);
  return placeOfBytes(path).identity;
}

/** A component as a string. */
export function componentText(bytes: Uint8Array): string {
  return decode(bytes) ?? mangledText(bytes);
}

/** The place a path leads to. A text without `/` in front or with one at its end leads nowhere; empty names are no cgroups. */
function placeOf(path: string): Place {
  if (path.charCodeAt(0) !== SLASH || path.charCodeAt(path.length - 1) === SLASH) return TOP;
  let place = TOP;
  for (let from = 1; from <= path.length; ) {
    const slash = path.indexOf("/", from);
    const end = slash === -1 ? path.length : slash;
    if (end > from) place = new Place(place, path.slice(from, end));
    from = end + 1;
  }
  return place;
}

function placeOfBytes(path: Uint8Array): Place {
  if (path[0] !== SLASH || path[path.length - 1] === SLASH) return TOP;
  let place = TOP;
  for (let from = 1; from <= path.length; ) {
    const slash = path.indexOf(SLASH, from);
    const end = slash === -1 ? path.length : slash;
    if (end > from) place = new Place(place, componentText(path.subarray(from, end)));
    from = end + 1;
  }
  return place;
}
