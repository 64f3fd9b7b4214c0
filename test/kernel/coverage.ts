// What the scripts reached: operations per family and per call, how many changed something, every errno of every call.

import type { Operation, Result } from "../../ts/replay/operation.ts";

const CHANGING = new Set([
  "spawn", "fork", "thread", "texit", "exec", "exit", "kill", "reap", "mkdir", "rmdir", "unlink", "rename", "chown", "chmod", "write", "move", "move_thread", "unshare",
  "setns", "setid", "caps", "idmap", "mount", "umount", "open", "fdwrite", "fdmkdir", "close", "sendfd", "nsopen", "userlimit",
]);

interface Tally {
  ops: number;
  changing: number;
  errnos: number;
  uncompared: number;
}

const none = (): Tally => ({ ops: 0, changing: 0, errnos: 0, uncompared: 0 });

export class Coverage {
  readonly families = new Map<string, Tally>();
  readonly calls = new Map<string, Tally>();
  readonly errnos = new Map<string, number>();
  readonly refusals = new Map<string, number>();
  readonly all = none();
  batches = 0;
  /** What ended a batch's comparison early: the oracle did not do what the model did. */
  readonly partings = new Map<string, number>();
  /** Batches that the oracle did not finish. */
  readonly stalled: string[] = [];
  /** Differences that did not show again in the same script. */
  readonly unrepeated: string[] = [];

  add(ops: readonly Operation[], tags: readonly string[], results: readonly Result[]): void {
    this.batches++;
    for (const [index, op] of ops.entries()) {
      const result = results[index];
      if (result === undefined) break;
      for (const tally of [this.all, tallyOf(this.families, tags[index]!), tallyOf(this.calls, op.op)]) count(tally, op, result);
      if ("err" in result) increment(this.errnos, `${result.err}@${op.op}`);
      if ("refused" in result) increment(this.refusals, `${op.op}: ${result.refused}`);
    }
  }

  /** A batch that the oracle did not finish; false once there are too many for chance. */
  stall(what: string): boolean {
    this.stalled.push(what);
    return this.stalled.length <= 2 + this.batches / 100;
  }

  /** A batch was left before its end because the two machines could no longer be compared. */
  part({ op, real }: { op: Operation; real: Result }): void {
    increment(this.partings, `${op.op}: ${JSON.stringify(real)}`);
  }

  /** The tables, as text. */
  toString(): string {
    const { batches, all } = this;
    const left = [...this.partings].map(([why, times]) => `${times} at ${why}`);
    const head = `${all.ops - all.uncompared} operations compared in ${batches} batches${left.length === 0 ? "" : `, of which left early: ${left.join("; ")}`}`;
    const errnos = [...this.errnos].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, times]) => `${name} ${times}`);
    const refusals = [...this.refusals].sort((a, b) => b[1] - a[1]).slice(0, 12).map(([name, times]) => `${times}\t${name}`);
    return [head, table("family", this.families, all), table("call", this.calls, all), columns(errnos), ...this.stalled.map((what) => `not finished: ${what}`), ...this.unrepeated.map((what) => `did not show again: ${what}`), ...(refusals.length > 0 ? ["not tried:", ...refusals] : [])].join("\n");
  }
}

function count(tally: Tally, op: Operation, result: Result): void {
  tally.ops++;
  if ("ok" in result && CHANGING.has(op.op)) tally.changing++;
  if ("refused" in result || ("err" in result && isSilence(result.err))) tally.uncompared++;
  else if ("err" in result) tally.errnos++;
}

/** Not the kernel's word: nobody answered. */
export const isSilence = (err: string): boolean => err === "AGENT_DEAD" || err === "TIMEOUT";

function tallyOf(map: Map<string, Tally>, key: string): Tally {
  if (!map.has(key)) map.set(key, none());
  return map.get(key)!;
}

function increment(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

function table(title: string, rows: ReadonlyMap<string, Tally>, all: Tally): string {
  const sorted = [...rows].sort((a, b) => b[1].ops - a[1].ops);
  const line = (name: string, { ops, changing, errnos, uncompared }: Tally): string =>
    name.padEnd(14) + String(ops - uncompared).padStart(9) + share(changing, ops) + share(errnos, ops) + share(uncompared, ops);
  const head = title.padEnd(14) + "compared".padStart(9) + "changing".padStart(10) + "errno".padStart(10) + "not tried".padStart(10);
  return [head, ...sorted.map(([name, tally]) => line(name, tally)), line("all", all), ""].join("\n");
}

const share = (part: number, whole: number): string => `${((100 * part) / Math.max(whole, 1)).toFixed(2)} %`.padStart(10);

function columns(cells: readonly string[], width = 32, across = 4): string {
  const lines: string[] = [];
  for (let index = 0; index < cells.length; index += across) lines.push(cells.slice(index, index + across).map((cell) => cell.padEnd(width)).join("").trimEnd());
  return lines.join("\n");
}
