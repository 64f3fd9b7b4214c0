// `npm run check:peers`: every case of a case file (CGROUPNS_CASES, else the one beside the project) answered by cgroupns
// and, for container ids, by the npm peers. Exits 1 where a case differs without a rule or a rule excuses a right answer.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { ancestor, bytesOf, isAtOrBelow, relative } from "../../dist/ts/host/relative.js";
import * as menu from "../../dist/ts/index.js";
import { parseCpuMax, parseLimit } from "../../dist/ts/limits/value.js";
import { unmangle } from "../../dist/ts/proc/escape.js";
import { caseFile, factsOf, readCases, textsOf } from "./cases.mjs";
import { DIFFERENCES } from "./differences.mjs";
import { ask, installed, NAMES, versionOf } from "./npm-peers.mjs";
import { answer } from "./ours.mjs";
import { byKind, judge, score } from "./report.mjs";

const library = { ...menu, ancestor, bytesOf, isAtOrBelow, relative, parseCpuMax, parseLimit, unmangle };
const style = { head: [], border: [] };
const percent = (part, whole) => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);

function main() {
  const path = caseFile();
  if (path === undefined) {
    console.log("No case file: name one in CGROUPNS_CASES, or put the shared folder beside the project.");
    return;
  }
  const verdicts = readCases(path).map((one) => judge(one, answer(library, one)));
  printKinds(verdicts);
  printRules(verdicts);
  printFailures(verdicts);
  return printPeers(verdicts);
}

function printKinds(verdicts) {
  const table = new Table({ head: ["kind", "cases", "agree", "by a rule", "without one", "undisputed that agree"], style });
  for (const [kind, { cases, agree, rule, differ, broken, undisputed }] of byKind(verdicts)) {
    table.push([kind, cases, agree, rule, differ + broken, percent(agree, undisputed)]);
  }
  console.log(table.toString());
}

function printRules(verdicts) {
  const table = new Table({ head: ["difference", "cases", "source"], style, colWidths: [44, 7, 92], wordWrap: true });
  for (const rule of DIFFERENCES) table.push([rule.name, verdicts.filter(({ rules }) => rules.includes(rule)).length, rule.source]);
  console.log(table.toString());
}

function printFailures(verdicts) {
  for (const { one, verdict, wanted, got, rules } of verdicts) {
    if (verdict !== "differ" && verdict !== "broken") continue;
    const shown = Object.fromEntries(Object.keys(wanted).map((key) => [key, got[key]]));
    console.log(`${verdict === "broken" ? `rule "${rules[0].name}" excuses a right answer` : "differs"}: ${one.id} (${one.source})`);
    console.log(`  asserted ${JSON.stringify(wanted)}\n  answered ${JSON.stringify(shown)}`);
    process.exitCode = 1;
  }
}

async function printPeers(verdicts) {
  if (!installed() && !install()) return;
  const cases = verdicts.filter(({ one, disputed, wanted }) => one.kind === "container-id" && !disputed && wanted.containerId !== undefined && one.input.id === undefined && one.input.path === undefined && one.external === undefined);
  const table = new Table({ head: [`container id, ${cases.length} undisputed cases`, "right", "", "missed", "wrong id", "id where there is none"], style });
  const row = (name, pairs) => {
    const { right, missed, wrong, invented } = score(pairs);
    table.push([name, right, percent(right, cases.length), missed, wrong, invented]);
  };
  row("cgroupns", cases.map(({ one, got, rules }) => ({ wanted: ruled(one, rules), got: got.containerId })));
  for (const name of NAMES) {
    const pairs = [];
    for (const { one, rules } of cases) pairs.push({ wanted: ruled(one, rules), got: await ask(name, textsOf(one.input)) });
    row(`${name} ${versionOf(name)}`, pairs);
  }
  console.log(table.toString());
}

// Where a rule with a documented source says otherwise than the case, the rule counts, for everybody.
const ruled = (one, rules) => Object.assign({}, factsOf(one), ...rules.map((rule) => rule.facts(one))).containerId;

function install() {
  const folder = fileURLToPath(new URL("./", import.meta.url));
  console.log("The npm peers are not installed: running npm ci in bench/peers …");
  try {
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
    return true;
  } catch {
    console.log("That failed. By hand: npm ci --ignore-scripts --prefix bench/peers");
    return false;
  }
}

await main();
