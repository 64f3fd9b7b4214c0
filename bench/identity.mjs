// `node bench/identity.mjs [COUNT]`: container ids and pods of a million distinct paths, ours in bulk and one by one, beside
// the npm peers' own code on the same bytes, round by round in one process; medians. Every lane starts from the bytes, as a
// pipeline does, and gives a string for each id; the ids are counted and must be the same. Needs bench/peers installed.

import Table from "cli-table3";
import { identifyMany, identifyPath } from "../dist/ts/index.js";
import { fieldPaths, random } from "./field.mjs";
import { countOf } from "./options.mjs";
import { containerInfo, datadogExpression, installed, otelLine } from "./peers/npm-peers.mjs";

const COUNT = countOf(1_000_000);
const ROUNDS = 3;
/** Paths in one go of a lane: a lane's time is the sum, so that what disturbs the machine meets all lanes alike. */
const SLICE = 50_000;

function shuffled(list) {
  const next = random(3);
  for (let at = list.length - 1; at > 0; at--) {
    const other = (next() * (at + 1)) | 0;
    [list[at], list[other]] = [list[other], list[at]];
  }
  return list;
}

// Each lane: bytes in, how many characters its ids and pods have.
const each = (work) => (bytes) => {
  let sum = 0;
  let at = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, at)) {
    sum += work(bytes.latin1Slice(at, end))?.length ?? 0;
    at = end + 1;
  }
  return sum;
};

function inBulk(bytes) {
  const rows = identifyMany(bytes);
  let sum = 0;
  for (let row = 0; row < rows.length; row++) sum += rows.containerId(row)?.length ?? 0;
  return sum;
}

function inBulkWithPods(bytes) {
  const rows = identifyMany(bytes);
  let sum = 0;
  let pods = 0;
  for (let row = 0; row < rows.length; row++) {
    sum += rows.containerId(row)?.length ?? 0;
    pods += rows.podUid(row)?.length ?? 0;
  }
  return pods > 0 ? sum : -1;
}

function lanes() {
  const expression = datadogExpression();
  const parse = containerInfo();
  const extract = otelLine();
  return {
    "ours, in bulk": inBulk,
    "ours, in bulk, with pods": inBulkWithPods,
    "ours, one by one": each((path) => identifyPath(path).container?.id),
    "container-info": each((path) => parse(`0::${path}`).containerId),
    "dd-trace": each((path) => path.match(expression)?.[1]),
    "@opentelemetry/resource-detector-container": each((path) => extract(`0::${path}`)),
  };
}

function measure(paths) {
  const work = lanes();
  const slices = [];
  for (let at = 0; at < paths.length; at += SLICE) slices.push(Buffer.from(`${paths.slice(at, at + SLICE).join("\n")}\n`));
  const rounds = Object.fromEntries(Object.keys(work).map((name) => [name, []]));
  const sums = {};
  for (let round = 0; round <= ROUNDS; round++) {
    const times = Object.fromEntries(Object.keys(work).map((name) => [name, 0]));
    for (const name of Object.keys(work)) sums[name] = 0;
    for (const bytes of slices) {
      for (const [name, lane] of Object.entries(work)) {
        const start = process.hrtime.bigint();
        sums[name] += lane(bytes);
        times[name] += Number(process.hrtime.bigint() - start);
      }
    }
    if (round > 0) for (const [name, time] of Object.entries(times)) rounds[name].push(time / paths.length);
  }
  return { rounds, sums };
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

function print(order, paths) {
  const { rounds, sums } = measure(paths);
  const base = median(rounds["ours, in bulk"]);
  const table = new Table({ head: [`${paths.length} paths, ${order}`, "ns a path", "spread", "× ours in bulk", "id characters"], style: { head: [], border: [] } });
  for (const [name, values] of Object.entries(rounds)) {
    const spread = `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`;
    table.push([name, median(values).toFixed(0), spread, (median(values) / base).toFixed(2), sums[name]]);
  }
  console.log(table.toString());
}

if (!installed()) {
  console.log("The npm peers are not installed: npm ci --ignore-scripts --prefix bench/peers");
} else {
  const paths = fieldPaths(COUNT);
  print("as a walk meets them", paths);
  print("at random", shuffled([...paths]));
}
