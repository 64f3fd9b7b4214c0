#!/usr/bin/env node
// The `cgroupns` command: finds the command, runs it, turns what it throws into one line and an exit status:
// 0 found, 1 not found or not known, 2 misuse. Never a stack trace, unless CGROUPNS_DEBUG asks for one.

import { existsSync, readFileSync, realpathSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { can } from "./can.ts";
import { capture } from "./capture.ts";
import { type Command, help, type Io, Misuse, parse } from "./command.ts";
import { demo } from "./demo.ts";
import { explain } from "./explain.ts";
import { limits } from "./limits.ts";
import { ns } from "./ns.ts";
import { replay } from "./replay.ts";
import { resolve } from "./resolve.ts";
import { tree } from "./tree.ts";
import { view } from "./view.ts";
import { whoami } from "./whoami.ts";

const COMMANDS: Readonly<Record<string, Command>> = { whoami, explain, resolve, view, ns, tree, limits, can, capture, replay, demo };

export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...args] = argv;
  try {
    if (name === "--version" || name === "-V") return said(io, `cgroupns ${version()}\n`);
    if (name === "--help" || name === "-h") return said(io, overview());
    const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) throw new Misuse(name === undefined ? "a command is expected" : `unknown command '${name}'`);
    const given = parse(command, args);
    return given.flag("help") ? said(io, help(name!, command)) : await command.run(given, io);
  } catch (error) {
    return failed(error, name, io);
  }
}

function said(io: Io, text: string): number {
  io.out(text);
  return 0;
}

function failed(error: unknown, name: string | undefined, io: Io): number {
  if (io.env.CGROUPNS_DEBUG) io.err(String((error as Error).stack));
  if (error instanceof Misuse) {
    const known = name !== undefined && Object.hasOwn(COMMANDS, name) ? ` ${name}` : "";
    io.err(`${oneLine(error.message)}; try 'cgroupns${known} --help'`);
    return 2;
  }
  const { code, message } = error as { code?: string; message: string };
  if (code === "EPIPE") return 0;
  io.err(oneLine(typeof code === "string" ? message : `internal error: ${message}`));
  return 1;
}

const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ");

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => ` ${name.padEnd(9)} ${summary}`);
  return `\nUsage:\n cgroupns <command> [options]\n\nWhat one process sees of another, as the Linux kernel says it.\n\nCommands:\n${lines.join("\n")}\n\nOptions:\n -h, --help               display this help, behind a command that command's\n -V, --version            display version\n`;
}

// The package's own package.json: above dist/, or above ts/ when run from source.
function version(): string {
  const file = ["../../../package.json", "../../package.json"].map((up) => new URL(up, import.meta.url)).find((url) => existsSync(url));
  return file === undefined ? "unknown" : JSON.parse(readFileSync(file, "utf8")).version;
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

// Written at once and whole, so that nothing is lost when the process ends.
function writeAll(fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      // A pipe is full: whoever reads it is given time.
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}

const isMain = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) {
  process.exitCode = await main(process.argv.slice(2), {
    out: (text) => writeAll(1, text),
    err: (line) => writeAll(2, `cgroupns: ${line}\n`),
    env: process.env,
    tty: process.stdout.isTTY === true,
  });
}
