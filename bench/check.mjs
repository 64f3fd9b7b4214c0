// `npm run bench:check`: fails when one of our ratios has fallen below the kept baseline by more than the noise.
//
// Noise is three standard errors of the median of the rounds' ratios (from their median absolute deviation), of this run
// or of the kept ones, or half of what the kept runs differed by, whichever is most; never less than 6 %, nor more than
// 10 %, so that a slowdown of 15 %, which takes 13 % off a ratio, does not pass. A ratio that fell is measured twice
// more before it counts.
//
//   --keep            measures three times and keeps the baseline, in baseline.json
//   --show-it-fails   the check as it is has to pass, and with our lanes slowed by 15 % it has to fail

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { claimsOf } from "./claims.mjs";
import { optionsOf } from "./options.mjs";
import { median } from "./rounds.mjs";
import { hostPaths } from "./shapes.mjs";
import { Size } from "./sizes.mjs";
import { plain } from "./tables.mjs";

const SIZES = [5_000, 200_000];
const RUNS = 3;
const MOST = 0.1;
/** What one process differs from the next by on a shared machine, however steady each is. */
const LEAST = 0.06;
const OPTIONS = { rounds: 61, time: 10 };
const SELF = fileURLToPath(import.meta.url);
const BASELINE = new URL("baseline.json", import.meta.url);

const flags = optionsOf({ keep: { type: "boolean" }, "show-it-fails": { type: "boolean" }, json: { type: "boolean" } });

/** Our claims of each size: the median ratio and its noise. */
async function measure() {
  const found = {};
  for (const count of SIZES) {
    const size = new Size(hostPaths(count));
    try {
      const groups = [await size.lookUps("uniform", OPTIONS), await size.strings(OPTIONS), await size.views(OPTIONS), await size.ids(OPTIONS)];
      for (const { what, ratios, isOurs } of claimsOf(count, groups)) if (isOurs) found[`${count}: ${what}`] = { ratio: median(ratios), noise: noiseOf(ratios) };
    } finally {
      size.close();
    }
  }
  return found;
}

function noiseOf(ratios) {
  const middle = median(ratios);
  const deviation = 1.4826 * median(ratios.map((ratio) => Math.abs(ratio - middle)));
  return (3 * 1.2533 * deviation) / Math.sqrt(ratios.length) / middle;
}

/** A run in a process of its own: where things lie in memory differs from process to process. */
function run() {
  const { status, stdout } = spawnSync(process.execPath, [SELF, "--json"], { stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 24 });
  if (status !== 0) throw new Error("the measuring failed");
  return JSON.parse(stdout);
}

function keep() {
  const runs = Array.from({ length: RUNS }, run);
  const kept = {};
  for (const what of Object.keys(runs[0])) {
    const ratios = runs.map((found) => found[what].ratio);
    const apart = (Math.max(...ratios) - Math.min(...ratios)) / 2 / median(ratios);
    const noise = Math.max(apart, ...runs.map((found) => found[what].noise));
    kept[what] = { ratio: rounded(median(ratios)), noise: rounded(Math.min(MOST, noise)) };
  }
  writeFileSync(BASELINE, `${JSON.stringify(kept, null, 2)}\n`);
  console.log(plain(["kept", "ratio", "noise"], Object.entries(kept).map(([what, { ratio, noise }]) => [what, ratio.toFixed(2), percent(noise)])));
}

function check() {
  if (!existsSync(BASELINE)) {
    console.error("no baseline.json: keep one with --keep");
    return 2;
  }
  const kept = JSON.parse(readFileSync(BASELINE, "utf8"));
  let found = run();
  for (let again = 1; again < RUNS && fallen(kept, found).length > 0; again++) found = better(found, run());
  const rows = Object.entries(kept).map(([what, { ratio }]) => {
    const now = found[what];
    return [what, ratio.toFixed(2), now === undefined ? "gone" : now.ratio.toFixed(2), percent(allowance(kept[what], now)), isFallen(kept[what], now) ? "FALLEN" : ""];
  });
  console.log(plain(["ratio", "kept", "now", "noise", ""], rows));
  return fallen(kept, found).length > 0 ? 1 : 0;
}

const allowance = (kept, now) => Math.min(MOST, Math.max(LEAST, kept.noise, now?.noise ?? 0));
const isFallen = (kept, now) => now === undefined || now.ratio < kept.ratio * (1 - allowance(kept, now));
const fallen = (kept, found) => Object.keys(kept).filter((what) => isFallen(kept[what], found[what]));
const percent = (part) => `${(100 * part).toFixed(1)} %`;
const rounded = (value) => Math.round(value * 1000) / 1000;

/** Of two runs the higher ratio of each. */
function better(one, other) {
  return Object.fromEntries(Object.keys(one).map((what) => [what, other[what].ratio > one[what].ratio ? other[what] : one[what]]));
}

function showItFails() {
  const statusWith = (slower) => {
    console.log(slower === "1" ? "as it is:" : `our lanes slowed, × ${slower}:`);
    return spawnSync(process.execPath, [SELF], { stdio: "inherit", env: { ...process.env, CGROUPNS_BENCH_SLOWER: slower } }).status;
  };
  const plainly = statusWith("1");
  const slowed = statusWith("1.15");
  const shown = plainly === 0 && slowed === 1;
  console.log(`the check ${plainly === 0 ? "passes" : "FAILS"} as it is and ${slowed === 1 ? "fails" : "PASSES"} with 15 % more time${shown ? ": as it should" : ""}`);
  return shown ? 0 : 1;
}

if (flags.json) console.log(JSON.stringify(await measure()));
else if (flags.keep) keep();
else if (flags["show-it-fails"]) process.exitCode = showItFails();
else process.exitCode = check();
