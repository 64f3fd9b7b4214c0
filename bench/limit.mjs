// limit.c as a lane: compiled when there is a compiler, run as a process of its own on the same bytes, asked between the
// other lanes.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BATCH } from "./queries.mjs";

const SOURCE = fileURLToPath(new URL("limit.c", import.meta.url));
export const LIMIT = "C, fetching ahead";

export class Limit {
  #folder = mkdtempSync(join(tmpdir(), "cgroupns-bench-"));
  #program = join(this.#folder, "limit");
  #paths = join(this.#folder, "paths");
  #children = [];
  /** Why there is no such lane, or "". */
  missing = "";

  constructor(paths) {
    const { status } = spawnSync(process.env.CC ?? "cc", ["-O3", "-march=native", "-o", this.#program, SOURCE], { stdio: "ignore" });
    this.missing = status === 0 ? "" : "C compiler";
    if (status === 0) writeFileSync(this.#paths, paths.lines());
    process.once("exit", () => this.close());
  }

  lane(batches) {
    if (this.missing !== "") return { name: LIMIT, missing: this.missing };
    const queries = join(this.#folder, `queries${this.#children.length}`);
    writeFileSync(queries, Buffer.concat(batches.map(({ bytes }) => bytes)));
    const child = spawn(this.#program, [this.#paths, queries, String(BATCH)], { stdio: ["pipe", "pipe", "inherit"] });
    this.#children.push(child);
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const hits = batches.reduce((sum, batch) => sum + batch.hits, 0) / batches.length / BATCH;
    const ask = async (milliseconds) => {
      child.stdin.write(`${milliseconds}\n`);
      const [time, found, asked] = (await answers.next()).value.split(" ").map(Number);
      if (Math.abs(found / asked - hits) > 0.05) throw new Error(`${LIMIT}: found ${found} of ${asked}`);
      return time;
    };
    return { name: LIMIT, ask };
  }

  close() {
    for (const child of this.#children) child.stdin.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
