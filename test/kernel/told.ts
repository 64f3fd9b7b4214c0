// A replay told in few words: an operation's name and fields in, its answer out as a test compares it. Everything is below
// /B, as in the notes of the probes.

import { Replay, type ReplayOptions, type Result } from "../../ts/replay/index.ts";

/** What an operation gives: its value (`"ok"` where there is none), an errno, or why it was not tried. */
export type Tell = (op: string, fields?: Readonly<Record<string, unknown>>) => unknown;

function answer(result: Result): unknown {
  if ("ok" in result) return result.ok ?? "ok";
  return "err" in result ? result.err : `refused: ${result.refused}`;
}

/** A fresh machine. */
export function told(options: ReplayOptions = {}): Tell {
  const replay = new Replay({ base: "B", ...options });
  return (op, fields = {}) => answer(replay.run({ op, ...fields }));
}

/** Several operations that all have to work; a test that cannot begin is no test. */
export function done(tell: Tell, ...ops: readonly (readonly [op: string, fields: Readonly<Record<string, unknown>>])[]): void {
  for (const [op, fields] of ops) {
    const got = tell(op, fields);
    if (typeof got === "string" && got !== "ok") throw new Error(`${op} ${JSON.stringify(fields).slice(0, 200)}: ${got}`);
  }
}

/** A machine with somebody in each of these cgroups of the unified hierarchy, which are made with those above them. */
export function inhabited(people: Readonly<Record<string, string>>, options: ReplayOptions = {}): Tell {
  const tell = told(options);
  for (const [agent, path] of Object.entries(people)) {
    const names = path === "" ? [] : path.split("/");
    for (const [at] of names.entries()) tell("mkdir", { path: names.slice(0, at + 1).join("/") });
    done(tell, ["spawn", { agent, path }]);
  }
  return tell;
}

/** An agent's path on v2 as a reader sees it. */
export function seen(tell: Tell, reader: string, target: string, hierarchy = "v2"): unknown {
  const paths = tell("cgroup", { agent: reader, target });
  return typeof paths === "object" ? (paths as Record<string, string>)[hierarchy] : paths;
}

/** Writes a text and says what came of it. */
export const write = (tell: Tell, path: string, data: string, by = "ctl", more: object = {}): unknown => tell("write", { path, data, agent: by, ...more });
