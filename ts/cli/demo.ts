// `cgroupns demo`: the story, this machine (or a sample, said to be one), a race. Needs no root and no Linux.

import { Host } from "../host/index.ts";
import { type Command, type Given, type Io, Misuse } from "./command.ts";
import { nsTable } from "./ns.ts";
import { race } from "./race.ts";
import { sampleHost } from "./sample.ts";
import { story } from "./story.ts";
import { drawTree, isAscii } from "./tree.ts";
import { visible } from "./text.ts";

const TREE_LINES = 20;

export const demo: Command = {
  usage: "[options]",
  summary: "Tell what a cgroup namespace is, show this machine's, race a JS Map.",
  options: [
    { long: "sample", help: "show the sample host instead of this machine" },
    { long: "no-race", help: "leave out the race" },
  ],
  run,
};

async function run(given: Given, io: Io): Promise<number> {
  if (given.positionals.length > 0) throw new Misuse("no argument is expected");
  heading(io, "1. What a cgroup namespace is");
  for (const line of story()) io.out(line.startsWith("  ") ? `${line}\n` : `\n${line}\n`);
  await showMachine(given.flag("sample"), io);
  if (!given.flag("no-race")) showRace(io);
  return 0;
}

async function showMachine(sample: boolean, io: Io): Promise<void> {
  const live = sample ? undefined : await liveHost();
  heading(io, live === undefined ? "2. A sample host (made up: there is no cgroup filesystem to read here)" : "2. This machine");
  const host = live ?? sampleHost();
  io.out("\nIts cgroup namespaces, where each is rooted, and how that is known:\n");
  io.out(indented(nsTable(host)));
  const hierarchy = host.hierarchies().find(({ key }) => key === "") ?? host.hierarchies()[0];
  if (hierarchy !== undefined) {
    io.out(`\nIts ${hierarchy.key === "" ? "unified" : hierarchy.key} hierarchy, where there are processes:\n`);
    const lines = drawTree(host, hierarchy, { depth: 8, width: 100, ascii: isAscii(io) }).split("\n").slice(0, -1);
    io.out(indented(`${lines.slice(0, TREE_LINES).join("\n")}\n`));
    if (lines.length > TREE_LINES) io.out(`  … and ${lines.length - TREE_LINES} lines more: cgroupns tree\n`);
  }
  io.out("\nThis process reads in its own /proc/self/cgroup:\n");
  io.out(indented(visible(host.view("self", { from: "self", encoding: "buffer" }).text ?? "").replaceAll("\\x0a", "\n")));
}

// Undefined where there is nothing to read: no /proc, no cgroup filesystem.
async function liveHost(): Promise<Host | undefined> {
  try {
    const host = await Host.read();
    return host.snapshot.hierarchies.some(({ cgroups }) => cgroups.length > 0) ? host : undefined;
  } catch {
    return undefined;
  }
}

function showRace(io: Io): void {
  heading(io, "3. A million look-ups");
  io.out("\nField-like paths among 200,000 cgroups, from the same bytes, in turn:\n");
  const { paths, ours, map } = race(200_000, 1_000_000, io.tty);
  const rate = (ns: number): string => `${(1e3 / ns).toFixed(1)} million a second, ${ns.toFixed(0)} ns each`;
  io.out(`  cgroupns, ${paths} paths in bulk   ${rate(ours)}\n`);
  io.out(`  JS Map, the same paths          ${rate(map)}\n`);
  io.out(`  ${(map / ours).toFixed(1)} times the Map's rate\n`);
}

function heading(io: Io, text: string): void {
  io.out(`\n${text}\n${"─".repeat(text.length)}\n`);
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "  ");
