// Container ids as Kubernetes' API and command lines spell them: `containerd://ID`. Knows that form only.

import { isLongId } from "./id-shape.ts";
import type { Runtime } from "./link.ts";

const SCHEMES: ReadonlyMap<string, Runtime> = new Map<string, Runtime>([
  ["docker", "docker"], ["containerd", "containerd"], ["cri-o", "cri-o"], ["podman", "podman"],
]);

/**
 * Reads the containerID of a Kubernetes ContainerStatus, or the 64 hex digits alone, whose runtime is then null.
 *
 *     text:   containerd://a4fdf2f3…790e              a4fdf2f3…790e                  a4fdf2f3
 *     result: { id: "a4fdf2f3…", runtime: "containerd" }   { id: "a4fdf2f3…", runtime: null }   undefined
 */
export function parseContainerId(text: string): { readonly id: string; readonly runtime: Runtime | null } | undefined {
  const end = text.indexOf("://");
  const id = end === -1 ? text : text.slice(end + 3);
  const runtime = end === -1 ? null : SCHEMES.get(text.slice(0, end));
  return runtime !== undefined && isLongId(id) ? { id, runtime } : undefined;
}
