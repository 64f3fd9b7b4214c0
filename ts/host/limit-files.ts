// The limit files of one cgroup, read from its directory: the ones that are there, as texts, and why the others that are
// there could not be read. Knows nothing of what they say.

import { readdirSync } from "node:fs";
import { isLimitFile } from "../limits/files.ts";
import { errnoOf, readWhole } from "./machine.ts";
import type { LimitFiles } from "./snapshot.ts";

// All but these lines of memory.stat are figures of use, which nobody asked for.
const KEPT = /^hierarchical_mem\w+ .*\n/gm;

/** `whole`: with v1's memory.stat, which takes the kernel longer than all the others and only a process's own cgroup needs. */
export function readLimitFiles(directory: Buffer, version: 1 | 2, whole = true): LimitFiles {
  const files: Record<string, string> = {};
  const unread: Record<string, string> = {};
  const attempt = (name: string, read: () => void): void => {
    try {
      read();
    } catch (error) {
      unread[name] = errnoOf(error) ?? String(error);
    }
  };
  attempt("*", () => {
    for (const name of readdirSync(directory, "latin1")) {
      if (!isLimitFile(name, version) || (name === "memory.stat" && !whole)) continue;
      attempt(name, () => {
        const text = readWhole(Buffer.concat([directory, Buffer.from(`/${name}`)])).toString("latin1");
        files[name] = name === "memory.stat" ? (text.match(KEPT) ?? []).join("") : text;
      });
    }
  });
  return { files, unread };
}
