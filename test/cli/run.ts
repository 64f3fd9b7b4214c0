// The command run in process, as a shell would see it: what it printed, what it said on standard error, its exit status.

import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../../ts/cli/main.ts";
import { sampleCapture } from "../../ts/cli/sample.ts";

export interface Ran {
  readonly out: string;
  readonly err: string;
  readonly status: number;
}

export async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const out: Buffer[] = [];
  const err: string[] = [];
  const status = await main(args, {
    out: (text) => out.push(Buffer.from(text as string)),
    err: (line) => err.push(`cgroupns: ${line}\n`),
    env,
    tty: false,
  });
  return { out: Buffer.concat(out).toString("latin1"), err: err.join(""), status };
}

/** A capture in a file of its own; the sample unless another is given. */
export function captureFile(capture: object | string = sampleCapture()): string {
  const file = join(mkdtempSync(join(tmpdir(), "cgroupns-cli-")), "capture.json");
  writeFileSync(file, typeof capture === "string" ? capture : JSON.stringify(capture));
  return file;
}

/** What is kept under this name; UPDATE_GOLDENS=1 writes it, nothing else does. */
export function golden(name: string, text: string): string {
  const file = fileURLToPath(new URL(`golden/${name}.txt`, import.meta.url));
  if (process.env.UPDATE_GOLDENS === "1") writeFileSync(file, text, "latin1");
  return existsSync(file) ? readFileSync(file, "latin1") : `no golden ${name}: UPDATE_GOLDENS=1 writes it`;
}
