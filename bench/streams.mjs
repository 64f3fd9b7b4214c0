// 10⁸ paths through a translation in constant memory, in Node and Deno: `node bench/streams.mjs`, `deno run -A
// bench/streams.mjs`. A count may follow. Prints the resident memory ten times on the way, and fails when it grows: the
// last tenth may lie no more than 10 % and 32 MB above the second.

import process from "node:process";
import { Hierarchy } from "../dist/ts/index.js";
import { countOf } from "./options.mjs";
import { fill } from "./ours.mjs";
import { batches, cycle } from "./queries.mjs";
import { hostPaths } from "./shapes.mjs";

const CGROUPS = 200_000;
const COUNT = countOf(1e8);
const TENTH = Math.ceil(COUNT / 10);
const GROWTH = 1.1;
const SPARE = 32e6;

const tree = new Hierarchy();
const paths = hostPaths(CGROUPS);
fill(tree, paths);
if (typeof tree.translation !== "function") {
  console.log("left out: no translation yet");
  process.exit(0);
}

let sent = 0;
let lines = 0;
const resident = [];

/** As many lines as are asked for, no faster than they are taken. */
function source() {
  const next = cycle(batches(paths));
  return new ReadableStream({
    pull(controller) {
      const { bytes, indexes } = next();
      // A copy: what goes into a stream may be taken away.
      controller.enqueue(new Uint8Array(bytes));
      sent += indexes.length;
      if (sent >= COUNT) controller.close();
    },
  });
}

function countLines(bytes) {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

const start = performance.now();
const views = source().pipeThrough(tree.translation({ from: tree.root, to: tree.get(paths.path(0)) }));
for await (const bytes of views) {
  lines += countLines(bytes);
  if (lines < TENTH * (resident.length + 1)) continue;
  resident.push(process.memoryUsage().rss);
  console.log(`${lines.toLocaleString("en").padStart(13)} paths, ${(resident.at(-1) / 1e6).toFixed(0)} MB resident`);
}
const seconds = (performance.now() - start) / 1e3;
if (lines !== sent) throw new Error(`${sent} paths went in, ${lines} views came out`);
console.log(`${(lines / seconds / 1e6).toFixed(2)} M paths a second`);
if (resident.at(-1) > resident[1] * GROWTH + SPARE) {
  console.log("memory has grown");
  process.exitCode = 1;
}
