// The command run in process, as a shell would see it: what it printed, what it said on standard error, its exit status.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { main } from "../../ts/cli/main.ts";
import { sampleCapture } from "../../ts/cli/sample.ts";

export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

/** `input`: what comes on standard input, in these pieces. With COLUMNS in `env` standard output is a terminal of that width. */
export async function run(args: readonly string[], env: Record<string, string> = {}, input: readonly string[] = []): Promise<Ran> {
  const out: Buffer[] = [];
  const err: string[] = [];
  const status = await main(args, {
    out: (text) => out.push(Buffer.from(text as string)),
    err: (line) => err.push(`cgroupns: ${line}\n`),
    env,
    tty: env.COLUMNS !== undefined,
    input: pieces(input),
  });
  return { out: Buffer.concat(out).toString("latin1"), err: err.join(""), status };
}

async function* pieces(texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text, "latin1");
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A file in a folder of its own, until the suite has ended. */
export function textFile(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "cgroupns-cli-"));
  folders.push(folder);
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** A capture in a file of its own; the sample unless another is given. */
export function captureFile(capture: object | string = sampleCapture()): string {
  return textFile("capture.json", typeof capture === "string" ? capture : JSON.stringify(capture));
}

/** What is kept under this name; UPDATE_GOLDENS=1 writes it, nothing else does. */
export function golden(name: string, text: string): string {
  const file = fileURLToPath(new URL(`golden/${name}.txt`, import.meta.url));
  if (process.env.UPDATE_GOLDENS === "1") writeFileSync(file, text, "latin1");
  return existsSync(file) ? readFileSync(file, "latin1") : `no golden ${name}: UPDATE_GOLDENS=1 writes it`;
}
