// `cgroupns view TARGET --from VIEWER`: what VIEWER would read in /proc/TARGET/cgroup, byte for byte.

import { Host } from "../host/index.ts";
import { type Command, type Given, type Io, JSON_OPTION, MACHINE, Misuse } from "./command.ts";
import { readOptions, taskOf, threadsOf, tidsOf } from "./machine.ts";
import { json, jsonText } from "./text.ts";

export const view: Command = {
  usage: "[options] TARGET --from VIEWER",
  summary: "Print what VIEWER would read in /proc/TARGET/cgroup.",
  options: [
    { long: "from", short: "f", argument: "viewer", help: "whose cgroup namespace to look from" },
    ...MACHINE,
    JSON_OPTION,
    { long: "quiet", short: "q", help: "print nothing, exit 0 if the view is known" },
  ],
  notes: [
    "TARGET is a pid, PID/task/TID for a thread, or 'self'. VIEWER is one of them or",
    "'init' for the initial cgroup namespace. An inferred view is said to be one on",
    "standard error; an unknown one is not printed, and the exit status is 1.",
  ],
  run,
};

async function run(given: Given, io: Io): Promise<number> {
  const [target, ...more] = given.positionals;
  const from = given.value("from");
  if (target === undefined || more.length > 0) throw new Misuse("one TARGET is expected");
  if (from === undefined) throw new Misuse("--from VIEWER is expected: a pid, PID/task/TID, self or init");
  const seen = taskOf(target);
  const viewer = from === "init" ? undefined : taskOf(from);
  const host = await Host.read({ ...readOptions(given), threads: threadsOf([seen, viewer]), roots: tidsOf(viewer) });
  const { text, how, reason } = host.view(target, { from, encoding: "buffer" });
  if (given.flag("quiet")) return text === null ? 1 : 0;
  if (given.flag("json")) {
    io.out(json({ view: { target, from, text: text === null ? null : jsonText(text), how, reason } }));
    return text === null ? 1 : 0;
  }
  if (text === null) {
    io.err(`${target} as ${from} sees it is unknown: ${reason}`);
    return 1;
  }
  io.out(text);
  if (how === "inferred") io.err(`inferred: ${reason}`);
  return 0;
}
