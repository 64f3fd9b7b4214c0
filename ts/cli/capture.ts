// `cgroupns capture FILE`: a machine as one JSON file that every other command reads with --from-file.

import { Host, writeCapture } from "../host/index.ts";
import { type Command, type Given, type Io, MACHINE, Misuse } from "./command.ts";
import { readOptions } from "./machine.ts";

export const capture: Command = {
  usage: "[options] FILE",
  summary: "Write what is known of a machine's namespaces to FILE, or to '-'.",
  options: [
    { long: "redact", help: "keep the shape, hide names, users and commands" },
    { long: "threads", short: "t", help: "all threads, not leaders alone" },
    ...MACHINE,
  ],
  run,
};

async function run(given: Given, io: Io): Promise<number> {
  const [file, ...more] = given.positionals;
  if (file === undefined || more.length > 0) throw new Misuse("one FILE is expected");
  const host = await Host.read({ ...readOptions(given), threads: given.flag("threads"), limits: true, identities: true });
  const captured = host.capture({ redact: given.flag("redact") });
  if (file === "-") io.out(`${JSON.stringify(captured)}\n`);
  else writeCapture(captured, file);
  return 0;
}
