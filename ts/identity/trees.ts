// Directories that conventions set up for containers without a prefix: what may stand below `docker`, `ecs`, `kubepods`,
// `garden`, `lxc` and their like. Knows one component and the tree it stands in.

import { bareContainer, type ContainerName } from "./container-name.ts";
import { isFargateId, isGardenId, isLongId, isTaskId, isUuid } from "./id-shape.ts";
import { isKubepods } from "./kubernetes.ts";
import type { Runtime } from "./link.ts";

/** Whose directory it is. In `pod` the components of a pod's own cgroup are meant. */
export type Tree = "docker" | "kubernetes" | "pod" | "ecs" | "garden" | "podman" | "containerd" | "isulad" | "mesos" | "buildkit";

// `actions_job` and `azpl_job` are what GitHub's and Azure's runners give dockerd as --cgroup-parent.
const NAMES: ReadonlyMap<string, Tree> = new Map<string, Tree>([
  ["docker", "docker"], ["moby", "docker"], ["actions_job", "docker"], ["azpl_job", "docker"], ["ecs", "ecs"],
  ["garden", "garden"], ["libpod_parent", "podman"], ["k8s.io", "containerd"], ["isulad", "isulad"], ["mesos", "mesos"],
  ["buildkit", "buildkit"],
]);

/** The tree that a component opens. */
export function treeOf(component: string): Tree | undefined {
  return NAMES.get(component) ?? (isKubepods(component) ? "kubernetes" : undefined);
}

// Of containers whose names are 64 hex digits and nothing else.
const RUNTIMES: Readonly<Record<Tree, Runtime | null>> = {
  docker: "docker", kubernetes: null, pod: null, ecs: "docker", garden: "garden", podman: "podman", containerd: "containerd",
  isulad: "isulad", mesos: "mesos", buildkit: "buildkit",
};

/** Whether 64 hex digits alone are a container in this tree: in `libpod_parent` they are a pod. */
export const takesLongIds = (tree: Tree): boolean => tree !== "podman" && tree !== "garden" && tree !== "mesos";

/**
 * The container that a component without a prefix names in a tree. `task` says that the ECS task above was named already.
 *
 *     in docker, pod, ecs   34dc0b5e…b03376, 34dc0b5e…b03376.scope, a UUID (in ecs the first UUID is the task)
 *     in ecs                8cd79a803caf4d2aa945152e934a5c00-1053176469 (Fargate 1.4)
 *     in garden             6f265890-5165-7fab-6b52-18d1
 */
export function containerIn(tree: Tree, component: string, task: boolean): ContainerName | undefined {
  if (tree === "garden") return isGardenId(component) ? named(component, "garden") : undefined;
  if (tree === "mesos") return isUuid(component) ? named(component, "mesos") : undefined;
  if (tree === "podman") return undefined;
  if (tree === "ecs" && isFargateId(component)) return named(component, "containerd");
  const found = bareContainer(component, RUNTIMES[tree]);
  if (found === undefined || isLongId(found.id)) return found;
  return tree === "docker" || tree === "pod" || (tree === "ecs" && task) ? found : undefined;
}

function named(id: string, runtime: Runtime): ContainerName {
  return { kind: "container", id, runtime, certain: true };
}

/** The task that a component names in the ECS tree: 32 hex digits, a UUID, or the beginning of a Fargate container. */
export function taskIn(component: string): string | undefined {
  if (isTaskId(component) || isUuid(component)) return component;
  return isFargateId(component) ? component.slice(0, 32) : undefined;
}
