// What one component of a cgroup path can say, and a whole path's answer. Types only; knows no convention.

/** Who made a container: the program whose naming convention the component follows. */
export type Runtime =
  | "docker" | "containerd" | "cri-o" | "podman" | "runc" | "crun" | "youki" | "garden" | "lxc" | "isulad" | "buildkit"
  | "mesos" | "kata";

/** The kubelet's quality-of-service class of a pod. */
export type QosClass = "guaranteed" | "burstable" | "besteffort";

/** Whose naming convention a machine's name follows; Incus and LXD name their cgroups as LXC does. */
export type MachineManager = "lxc" | "systemd-nspawn" | "libvirt" | "machined";

/** Where it stands in the path: evidence for people. */
export interface Evidence {
  /** The component that said it, as it stands in the path; `/` where it follows from the root alone. */
  readonly component: string;
  /** Levels below the root of the path; the first component is 1. */
  readonly level: number;
  /** How many containers and machines lie around it: 0 is the machine whose path this is. */
  readonly depth: number;
}

/** A container, a pod's sandbox (pause) container, or the monitor (conmon, lxc.monitor) of a container. */
export interface ContainerLink extends Evidence {
  readonly kind: "container" | "sandbox" | "monitor";
  readonly id: string;
  /** Null where the convention is shared by several, such as the kubelet's cgroupfs driver. */
  readonly runtime: Runtime | null;
  /** False where the name is a convention's, but of an unusual length or with an unknown ending. */
  readonly certain: boolean;
}

/** A pod: of Kubernetes (uid as its API spells it) or of Podman (64 hex digits). */
export interface PodLink extends Evidence {
  readonly kind: "pod";
  readonly uid: string;
  readonly qos: QosClass | null;
  readonly orchestrator: "kubernetes" | "podman";
}

/** An ECS task. */
export interface TaskLink extends Evidence {
  readonly kind: "task";
  readonly id: string;
}

/** A machine in machined's sense: nspawn, LXC (Incus, LXD), a virtual machine of libvirt. */
export interface MachineLink extends Evidence {
  readonly kind: "machine";
  readonly name: string;
  readonly manager: MachineManager;
}

/** A unit, user unit, slice, user slice or session, named as systemd names it. */
export interface UnitLink extends Evidence {
  readonly kind: "unit" | "user-unit" | "slice" | "user-slice" | "session";
  readonly name: string;
}

/** The user whose slice this is. */
export interface OwnerLink extends Evidence {
  readonly kind: "owner";
  readonly uid: number;
}

export type Link = ContainerLink | PodLink | TaskLink | MachineLink | UnitLink | OwnerLink;

/**
 * Everything a path says. Containers, pods and machines are the innermost; units, slices, session and owner are those of
 * the machine whose path it is, as `sd_pid_get_unit(3)` and its kin would say. `chain` has them all, outermost first.
 */
export interface PathIdentity {
  readonly chain: readonly Link[];
  readonly container: ContainerLink | null;
  readonly sandbox: ContainerLink | null;
  readonly monitor: ContainerLink | null;
  readonly pod: PodLink | null;
  readonly task: TaskLink | null;
  readonly machine: MachineLink | null;
  readonly unit: UnitLink | null;
  readonly userUnit: UnitLink | null;
  readonly slice: UnitLink | null;
  readonly userSlice: UnitLink | null;
  readonly session: UnitLink | null;
  readonly owner: OwnerLink | null;
}
