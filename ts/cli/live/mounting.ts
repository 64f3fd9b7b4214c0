// Mounting a hierarchy at a place of its own, privately. What would change the hierarchy for the whole machine is refused.

import type { Result } from "../../replay/index.ts";
import type { Bytes } from "./bytes.ts";
import { type Fields, Refusal } from "./fields.ts";
import type { Deed } from "./files.ts";
import type { Stage } from "./stage.ts";

const INITIAL = "cgroup:[4026531835]";
// No helpers, no table of mounts, paths as they are.
const PLAIN = "-nci";
/** What mount(8) calls the flags of one mount. */
export const MOUNT_FLAGS: Readonly<Record<string, string>> = { rdonly: "ro", nosuid: "nosuid", nodev: "nodev", noexec: "noexec" };

async function mount(op: Fields, stage: Stage): Promise<Result> {
  const at = stage.places.mountPoint(op.word("at"));
  const command = commandOf(op, stage, at);
  await stage.do("ctl", "mkdir", ["mkdir", at], 0);
  return stage.do(op.agent, "mount", ["mount", PLAIN, ...command]);
}

function commandOf(op: Fields, stage: Stage, at: Bytes): Bytes[] {
  const flags = op.words("mflags", []);
  switch (op.word("fstype", "cgroup2")) {
    case "bind":
      return [flags.includes("rec") ? "--rbind" : "--bind", stage.places.file(op.with({ op: "bind" })), at];
    case "remount":
      return [...options(["remount", "bind", ...words(flags)]), "none", at];
    case "cgroup":
      return ["-t", "cgroup", ...options([v1Of(op, stage), ...words(flags)]), op.bytes("src", "none"), at];
    default:
      spare(op, stage);
      return ["-t", "cgroup2", ...options([...words(flags), op.bytes("opts", "")]), op.bytes("src", "none"), at];
  }
}

// A mount from the initial namespace sets the unified hierarchy's options anew: harmless only where there are none.
function spare(op: Fields, stage: Stage): void {
  if (stage.hierarchies.options.length === 0 || stage.crew.namespace(op.agent, "cgroup") !== INITIAL) return;
  throw new Refusal(`that would clear options of the whole machine: ${stage.hierarchies.options.join(",")}`);
}

function v1Of(op: Fields, stage: Stage): string {
  const name = op.word("opts", "");
  if (name === "v2" || !stage.hierarchies.tops.has(name)) throw new Refusal("not one of our v1 hierarchies");
  return name;
}

const words = (flags: readonly string[]): string[] => flags.flatMap((flag) => MOUNT_FLAGS[flag] ?? []);

function options(words: readonly Bytes[]): Bytes[] {
  const given = words.filter((word) => word !== "");
  return given.length === 0 ? [] : ["-o", given.join(",")];
}

const umount: Deed = (op, stage) => stage.do(op.agent, "umount", ["umount", PLAIN, stage.places.mountPoint(op.word("at"))]);

export const MOUNTING: Readonly<Record<string, Deed>> = { mount, umount };
