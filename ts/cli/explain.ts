// `cgroupns explain TARGET`: the whole story of one process — where it is and as whom it is seen, who it is, what binds it —
// or of files that somebody pasted.

import { readFileSync } from "node:fs";
import { Host } from "../host/index.ts";
import { type Identification, identifyTexts } from "../index.ts";
import { type Command, type Given, type Io, JSON_OPTION, MACHINE, Misuse } from "./command.ts";
import { conflictText, identityJson } from "./identity-rows.ts";
import { readOptions, taskOf, threadsOf, tidsOf } from "./machine.ts";
import { placeLines, placeOf, type Place } from "./place.ts";
import { bindings, bindingsJson } from "./bindings.ts";
import { type Lines, storyLines, whoLines } from "./story-lines.ts";
import { json } from "./text.ts";

export const explain: Command = {
  usage: "[options] TARGET | --cgroup FILE [--mountinfo FILE]",
  summary: "Tell where a process is, who it is, what binds it and what says so.",
  options: [
    { long: "cgroup", argument: "file", help: "a /proc/PID/cgroup somebody pasted, instead of TARGET" },
    { long: "mountinfo", argument: "file", help: "the same process's mountinfo" },
    ...MACHINE,
    JSON_OPTION,
  ],
  notes: [
    "TARGET is a pid, PID/task/TID for a thread, or 'self'. The host's view is that",
    "of the initial cgroup namespace, the own view the process's, yours the reader's.",
    "JSON has 'container.id', 'container.runtime', 'sandbox.id', 'pod.uid', 'unit',",
    "…, each with value, source, confidence and, where it is null, the reason.",
  ],
  run,
};

async function run(given: Given, io: Io): Promise<number> {
  const [target, ...more] = given.positionals;
  const pasted = given.value("cgroup") ?? given.value("mountinfo");
  if (pasted !== undefined) {
    if (target !== undefined) throw new Misuse("either TARGET or --cgroup and --mountinfo is expected");
    return explainFiles(given, io);
  }
  if (target === undefined || more.length > 0) throw new Misuse("one TARGET is expected");
  const task = taskOf(target);
  const host = await Host.read({ ...readOptions(given), threads: threadsOf([task]), roots: tidsOf(task), limits: true, identities: true });
  return explainTask(target, host, given, io);
}

function explainTask(target: string, host: Host, given: Given, io: Io): number {
  const place = placeOf(host, target);
  const who = host.identify(target);
  const limits = host.limits(target, { encoding: "buffer" });
  if (given.flag("json")) {
    io.out(json({ explain: { target, ...place.json, ...identityJson(who), limits: bindingsJson(limits) } }));
    return 0;
  }
  io.out(`${heading(place)}\n${storyLines([...placeLines(place), ...whoLines(who), ...bindings(limits)])}`);
  for (const conflict of who.conflicts) io.err(conflictText(conflict));
  return 0;
}

const heading = ({ pid, tid, command }: Place): string => `pid ${pid}${pid === tid ? "" : `, thread ${tid}`}  ${command}`;

function explainFiles(given: Given, io: Io): number {
  if (given.value("root") !== undefined || given.value("from-file") !== undefined) {
    throw new Misuse("--cgroup and --mountinfo are read as they are, of no machine");
  }
  const read = (name: "cgroup" | "mountinfo"): Uint8Array | undefined => {
    const file = given.value(name);
    return file === undefined ? undefined : readFileSync(file);
  };
  const who = identifyTexts({ cgroup: read("cgroup"), mountinfo: read("mountinfo"), missing: { cgroup: "no --cgroup was given", mountinfo: "no --mountinfo was given" } });
  if (given.flag("json")) io.out(json({ explain: { target: null, ...identityJson(who) } }));
  else io.out(storyLines(whoLines(who) satisfies Lines));
  for (const conflict of who.conflicts) io.err(conflictText(conflict));
  return isAnybody(who) ? 0 : 1;
}

const isAnybody = (who: Identification): boolean => who.chain.length > 0 || [who.containerId, who.sandboxId, who.podUid].some(({ value }) => value !== null);
