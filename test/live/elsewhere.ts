// The built library run as another user or in other namespaces, its answers judged by the kernel's.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Person, truth } from "./world.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));

export const at = ({ pid, tid }: Person): string => (pid === tid ? `${pid}` : `${pid}/task/${tid}`);

export interface Root {
  readonly hierarchy: string;
  readonly how: string;
  readonly path: string | null;
  readonly reason: string | null;
}

export class Elsewhere implements Disposable {
  readonly #library = copyOfLibrary();
  #views: Record<string, { text: string | null; how: string; reason: string | null }> = {};
  namespaces: { ns: string | null; pid: number; roots: Root[] }[] = [];
  tops: number[] = [];

  /** Reads all views through a command that runs its further arguments, as `setpriv …` does. */
  read(through: readonly string[], options: object, viewers: readonly Person[], targets: readonly Person[]): void {
    const script = fileURLToPath(new URL("read-views.mjs", import.meta.url));
    const library = join(this.#library, "ts/host/index.js");
    const args = [script, library, JSON.stringify(options), viewers.map(at).join(","), targets.map(at).join(",")];
    const argv = [...through, process.execPath, ...args];
    const { stdout, stderr, status } = spawnSync(argv[0]!, argv.slice(1), { encoding: "utf8", maxBuffer: 1 << 28, cwd: "/" });
    if (status !== 0) throw new Error(stderr);
    ({ views: this.#views, namespaces: this.namespaces, tops: this.tops } = JSON.parse(stdout));
  }

  /** "right", "unknown: why", or "wrong: …" with both sides. */
  judge(viewer: Person, target: Person): string {
    const { text, how, reason } = this.#views[`${at(viewer)} ${at(target)}`]!;
    if (how === "unknown") return reason === null ? "wrong: unknown without a reason" : `unknown: ${reason}`;
    const expected = truth(viewer, target)?.toString("base64");
    if (text === expected) return "right";
    return `wrong: ${viewer.name} looks at ${target.name}: ${how} ${Buffer.from(text ?? "", "base64")}`;
  }

  [Symbol.dispose](): void {
    rmSync(this.#library, { recursive: true });
  }
}

// Where anybody can read it, whatever the rights of the checkout.
function copyOfLibrary(): string {
  const to = mkdtempSync(join(tmpdir(), "cgroupns-"));
  cpSync(join(project, "dist"), to, { recursive: true });
  cpSync(join(project, "package.json"), join(to, "package.json"));
  cpSync(join(project, "node_modules/@assemblyscript/loader"), join(to, "node_modules/@assemblyscript/loader"), { recursive: true });
  spawnSync("chmod", ["-R", "a+rX", to]);
  return to;
}
