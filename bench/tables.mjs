// What the races found, as tables for people to read.

import Table from "cli-table3";

// No lines between rows.
const NO_LINES = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

/** Lane, ns for one, spread of the rounds, ratio to the base. */
export function raceTable(heading, { title, rounds, base }) {
  const rows = [...rounds.times.keys()].map((name) => {
    const [low, high] = rounds.spread(name);
    return [name, figure(rounds.middle(name)), `${figure(low)}–${figure(high)}`, base === undefined ? "" : rounds.ratio(name, base).toFixed(2)];
  });
  return [plain([`${heading}: ${title}`, "ns for one", "spread", base === undefined ? "" : "ratio"], rows), ...rounds.left].join("\n");
}

/** Any rows, the first column text and the others figures. */
export function plain(head, rows) {
  const table = new Table({ head, colAligns: ["left", ...head.slice(1).map(() => "right")], style: { head: [], border: [] }, chars: NO_LINES });
  table.push(...rows.map((row) => row.map((cell) => (typeof cell === "number" ? figure(cell) : cell))));
  return table.toString();
}

export function figure(value) {
  if (Number.isInteger(value)) return value.toLocaleString("en");
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
