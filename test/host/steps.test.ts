// One job, run at a stretch and in slices: the same answers, an event loop that breathes, an abort that is heeded.

import { describe, expect, test } from "vitest";
import { Host } from "../../ts/host/index.ts";
import { output, run, runSync, type Steps } from "../../ts/host/steps.ts";

function* echo(text: string): Steps<string> {
  yield;
  const { stdout } = yield* output({ file: "echo", args: [text], fds: [] });
  return String(stdout);
}

function* missing(): Steps<string> {
  return (yield* output({ file: "no-such-program-anywhere", args: [], fds: [] })).stderr;
}

function* endless(closed: { yes: boolean }): Steps<void> {
  try {
    for (;;) yield;
  } finally {
    closed.yes = true;
  }
}

describe("a job", () => {
  test("gives the same at a stretch and in slices", async () => {
    expect(runSync(echo("here"))).toBe("here\n");
    expect(await run(echo("here"))).toBe("here\n");
  });

  test("is told of a program that is not there", async () => {
    expect(runSync(missing())).toBe("not found on PATH");
    expect(await run(missing())).toBe("not found on PATH");
  });

  test("lets timers run, and ends when it is aborted, closing what it holds", async () => {
    const closed = { yes: false };
    const aborting = new AbortController();
    setTimeout(() => aborting.abort(new Error("enough")), 20);
    await expect(run(endless(closed), aborting.signal)).rejects.toThrow("enough");
    expect(closed.yes).toBe(true);
  });
});

test("an aborted reading of a host rejects with the signal's reason", async () => {
  await expect(Host.read({ signal: AbortSignal.abort(new Error("not now")) })).rejects.toThrow("not now");
});

test("a machine without cgroups is an error that says so", () => {
  expect(() => Host.readSync({ root: "/nowhere-at-all" })).toThrow(/ENOENT.*no cgroups/);
});

test("options of the wrong type are a TypeError that says what was expected", () => {
  expect(() => Host.readSync({ root: 7 as unknown as string })).toThrow(/Expected `root` to be a directory/);
  expect(() => Host.readSync({ file: 7 as unknown as string })).toThrow(/Expected `file` to be a path/);
});
