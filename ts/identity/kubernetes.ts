// Kubernetes' names of cgroups, with both drivers of the kubelet: pods in components, and its internal names to and from
// paths. Knows the kubelet's rules; must not know containers.
//
//     driver    internal name              path
//     cgroupfs  kubepods, burstable, podU  /kubepods/burstable/podU
//     systemd   kubepods, burstable, podU  /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podU.slice
//
// In the systemd driver's names `-` separates levels, so a `-` inside a level is written `_`.

import { isTaskId, isUuid } from "./id-shape.ts";
import type { QosClass } from "./link.ts";

const SLICE = ".slice";

/** A pod as a component names it; `qos` is undefined where the component leaves it to the levels above. */
export interface PodName {
  readonly uid: string;
  readonly qos: QosClass | undefined;
}

/**
 * The pod of `podUID`, `podUID.slice` or `…-podUID.slice`, the uid as the API spells it.
 *
 *     component: kubepods-burstable-pod2d3da189_6407_48e3_9ab6_78188d75e609.slice
 *     result:    { uid: "2d3da189-6407-48e3-9ab6-78188d75e609", qos: "burstable" }
 */
export function podOf(component: string): PodName | undefined {
  const body = component.endsWith(SLICE) ? component.slice(0, -SLICE.length) : component;
  const at = body.lastIndexOf("pod");
  if (at === -1 || (at > 0 && body.charAt(at - 1) !== "-")) return undefined;
  const uid = body.slice(at + 3);
  if (!isUuid(uid) && !isTaskId(uid)) return undefined;
  return { uid: uid.replaceAll("_", "-"), qos: at > 0 ? qosOfSlice(body.slice(0, at - 1)) : undefined };
}

/** The class that a component of the kubelet's own tree names: `burstable`, `kubepods-besteffort.slice`, `kubepods`. */
export function qosOf(component: string): QosClass | undefined {
  return qosOfSlice(component.endsWith(SLICE) ? component.slice(0, -SLICE.length) : component);
}

function qosOfSlice(slice: string): QosClass | undefined {
  const last = slice.slice(slice.lastIndexOf("-") + 1);
  if (last === "kubepods") return "guaranteed";
  return last === "burstable" || last === "besteffort" ? last : undefined;
}

/** Whether a component opens the kubelet's tree: `kubepods`, `kubepods.slice`, `kubelet-kubepods.slice`, `kubepods-…`. */
export function isKubepods(component: string): boolean {
  return component === "kubepods" || component.startsWith("kubepods.") || component.startsWith("kubepods-") || component.includes("-kubepods");
}

/** The path of one of the kubelet's internal names under a driver; empty parts are left out. */
export function formatKubernetesCgroup(names: readonly string[], driver: "systemd" | "cgroupfs"): string {
  const parts = names.filter((name) => name !== "");
  if (driver === "cgroupfs") return `/${parts.join("/")}`;
  const escaped = parts.map((part) => part.replaceAll("-", "_"));
  return `/${escaped.map((_, at) => escaped.slice(0, at + 1).join("-") + SLICE).join("/")}`;
}

/** The internal name of a path of the systemd driver: the last component says it all. */
export function parseKubernetesCgroup(path: string): string[] {
  const last = path.slice(path.lastIndexOf("/") + 1);
  const body = last.endsWith(SLICE) ? last.slice(0, -SLICE.length) : last;
  return body === "" ? [] : body.split("-").map((part) => part.replaceAll("_", "-"));
}
