// A process or thread as the generator remembers it: where it is, who it is, what it holds.

import type { Place } from "./place.ts";

/** A cgroup namespace: its root in each hierarchy. */
export interface View {
  readonly roots: ReadonlyMap<string, Place>;
  readonly userns: UserNamespace;
}

export interface UserNamespace {
  readonly parent: UserNamespace | undefined;
  readonly owner: number;
  mapped: boolean;
  /** The map's text once written: `inside outside count`. */
  map?: string;
}

/** What is mounted at a scratch mount point. */
export interface Mount {
  readonly at: string;
  readonly root: Place;
  readonly readOnly: boolean;
}

export interface Descriptor {
  readonly kind: "file" | "dir" | "path" | "ns" | "proc";
  readonly place?: Place;
  readonly file?: string;
  /** When it was read last, in operations. */
  read?: number;
}

export interface Agent {
  readonly name: string;
  readonly pid: number;
  readonly parent: string;
  /** The first thread of its process. */
  readonly leader: string;
  state: "alive" | "zombie" | "gone";
  /** It may live, but the oracle no longer speaks to it. */
  lost: boolean;
  /** A child that a sibling thread forked holds its socket: the oracle would not notice its end. */
  echoed: boolean;
  /** It has a pid namespace of its own. */
  readonly nested: boolean;
  readonly at: Map<string, Place>;
  view: View;
  userns: UserNamespace;
  mounts: Map<string, Mount>;
  uids: [real: number, effective: number, saved: number];
  /** Every capability is still there. */
  whole: boolean;
  fds: Map<string, Descriptor>;
}
