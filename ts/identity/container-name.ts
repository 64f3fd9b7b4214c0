// Components that name a container by a runtime's prefix: `docker-ID.scope`, `SLICE:cri-containerd:ID`, `libpod-conmon-ID.scope`.
// Knows single components; must not know what lies above them.

import { isLongId, isShortId, isUuid } from "./id-shape.ts";
import type { ContainerLink, Runtime } from "./link.ts";
import { unitType } from "./unit-name.ts";

/** What a component says of a container. */
export type ContainerName = Pick<ContainerLink, "kind" | "id" | "runtime" | "certain">;

// Longer prefixes first: `crio-conmon-` is no `crio-`.
const PREFIXES: readonly (readonly [prefix: string, kind: ContainerName["kind"], runtime: Runtime])[] = [
  ["cri-containerd-", "container", "containerd"],
  ["docker-", "container", "docker"],
  ["crio-conmon-", "monitor", "cri-o"],
  ["crio-", "container", "cri-o"],
  ["libpod-conmon-", "monitor", "podman"],
  ["libpod-payload-", "container", "podman"],
  ["libpod-", "container", "podman"],
  ["nerdctl-", "container", "containerd"],
  ["isulad-", "container", "isulad"],
  ["kata_", "sandbox", "kata"],
];

// Low-level runtimes, run by hand: the id is any name, so only a scope of theirs counts.
const BY_HAND: readonly (readonly [prefix: string, runtime: Runtime])[] = [["runc-", "runc"], ["crun-", "crun"], ["youki-", "youki"]];

const INITIALS = new Set([...PREFIXES, ...BY_HAND].map(([prefix]) => prefix.charAt(0)));

/**
 * The container that a component names by prefix, or undefined.
 *
 *     docker-<64 hex>.scope     crio-<64 hex>     cri-containerd-<64 hex>.scope     runc-web.scope
 */
export function prefixedContainer(component: string): ContainerName | undefined {
  if (!INITIALS.has(component.charAt(0))) return undefined;
  for (const [prefix, kind, runtime] of PREFIXES) {
    if (component.startsWith(prefix)) return withId(component.slice(prefix.length), kind, runtime, true);
  }
  for (const [prefix, runtime] of BY_HAND) {
    if (component.startsWith(prefix) && component.endsWith(".scope")) {
      const id = component.slice(prefix.length, -".scope".length);
      return /^[\w+.-]+$/.test(id) ? { kind: "container", id, runtime, certain: true } : undefined;
    }
  }
  return undefined;
}

/** The container of a component in the form `SLICE:PREFIX:ID`: runc's systemd form, taken for a path by the cgroupfs driver. */
export function colonContainer(component: string): ContainerName | undefined {
  const colon = component.indexOf(":");
  return colon === -1 ? undefined : prefixedContainer(component.slice(colon + 1).replace(":", "-"));
}

/** A component without a prefix, in a place where a convention puts ids: 64 hex digits or a UUID, and an ending. */
export function bareContainer(component: string, runtime: Runtime | null): ContainerName | undefined {
  return withId(component, "container", runtime, false);
}

// The ending may be `.scope` or a word of someone's own, but no other type of unit: `crio-ID.mount` is a mount.
function withId(text: string, kind: ContainerName["kind"], runtime: Runtime | null, prefixed: boolean): ContainerName | undefined {
  const dot = text.indexOf(".");
  const id = dot === -1 ? text : text.slice(0, dot);
  const type = dot === -1 ? "scope" : unitType(text);
  if (type !== undefined && type !== "scope") return undefined;
  if (dot === text.length - 1 || (type === "scope" && dot !== -1 && text.length !== dot + ".scope".length)) return undefined;
  const long = isLongId(id);
  if (!long && !isUuid(id) && !(prefixed && isShortId(id))) return undefined;
  return { kind, id, runtime, certain: long && type === "scope" };
}
