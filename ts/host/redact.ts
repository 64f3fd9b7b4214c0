// A Snapshot with its shape kept and its names hidden: each path component becomes n1, n2, … the same one everywhere,
// users and commands go, and so do mounts, state files and what was refused, which speak of paths and ids. Pids, ids, levels and numbers stay.

import { latin1, relative } from "./relative.ts";
import type { Snapshot, TaskRecord } from "./snapshot.ts";

const DELETED = " (deleted)";

export function redact(snapshot: Snapshot): Snapshot {
  const names = new Names();
  const { mountinfos: _, ...rest } = snapshot;
  return {
    ...rest,
    reader: { ...snapshot.reader },
    hierarchies: snapshot.hierarchies.map((hierarchy) => ({
      ...hierarchy,
      mounts: hierarchy.mounts.map((mount) => ({ ...mount, root: names.path(mount.root), mountPoint: names.path(mount.mountPoint) })),
      cgroups: hierarchy.cgroups.map((cgroup) => ({
        ...cgroup,
        name: cgroup.parent === -1 ? names.path(cgroup.name) : names.name(cgroup.name),
      })),
    })),
    tasks: snapshot.tasks.map(({ mountinfo: _mountinfo, state: _state, ...task }) => ({
      ...task, uid: 0, user: "user", command: "command", cgroup: names.text(task.cgroup, task.exiting),
    })),
    namespaces: snapshot.namespaces.map((namespace) => ({
      ...namespace,
      roots: namespace.roots.map((root) => ({
        ...root, path: root.path === null ? null : names.path(root.path), reason: root.reason === null ? null : "redacted",
      })),
      witnessed: new Map(
        [...namespace.witnessed].map(([tid, text]) => [tid, names.text(text, isExiting(snapshot.tasks, tid))]),
      ),
    })),
    refused: snapshot.refused.map(() => "redacted"),
  };
}

const isExiting = (tasks: readonly TaskRecord[], tid: number): boolean => tasks.find((task) => task.tid === tid)?.exiting ?? false;

class Names {
  readonly #known = new Map<string, string>();

  name(name: Uint8Array): Uint8Array {
    return Buffer.from(this.#hide(latin1(name)));
  }

  path(path: Uint8Array): Uint8Array {
    return Buffer.from(this.#path(path));
  }

  /** A /proc/PID/cgroup, line by line. */
  text(text: Uint8Array, exiting: boolean): Uint8Array {
    const lines = latin1(text).split("\n");
    return Buffer.from(lines.map((line) => this.#line(line, exiting)).join("\n"));
  }

  #line(line: string, exiting: boolean): string {
    const start = line.indexOf(":", line.indexOf(":") + 1) + 1;
    if (start === 0) return line;
    const mark = exiting && line.startsWith("0::") && line.endsWith(DELETED) ? DELETED : "";
    const path = line.slice(start, line.length - mark.length);
    return line.slice(0, start) + this.#path(Buffer.from(path, "latin1")) + mark;
  }

  #path(path: Uint8Array): string {
    const { ups, names } = relative(path);
    return "/..".repeat(ups) + names.map((name) => `/${this.#hide(name)}`).join("") || "/";
  }

  #hide(name: string): string {
    let hidden = this.#known.get(name);
    if (hidden === undefined) {
      hidden = `n${this.#known.size + 1}`;
      this.#known.set(name, hidden);
    }
    return hidden;
  }
}
