// Every snippet of the README runs, and what it says after `// →` is what comes out. Shell lines name real commands.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { captureFile, run } from "./cli/run.ts";
import * as library from "../ts/index.ts";
import * as host from "../ts/host/index.ts";

const project = fileURLToPath(new URL("../", import.meta.url));
const readme = readFileSync(`${project}README.md`, "utf8");
const snippets = (language: string): string[] => [...readme.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm"))].map((m) => m[1]!);

const libraries: Record<string, object> = { cgroupns: library, "cgroupns/host": host };
const AsyncFunction = (async () => {}).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>;

// `expression; // → value` becomes a check; imports become constants.
function runnable(snippet: string): string {
  return snippet
    .replace(/^import (\{[^}]+\}) from "([^"]+)";$/gm, (_, names, from) => `const ${names} = libraries[${JSON.stringify(from)}];`)
    .replace(/^(.*?);\s*\/\/ → (.*)$/gm, (_, expression, value) => `check(${expression}, ${value}, ${JSON.stringify(expression)});`);
}

describe("the README", () => {
  test.each(snippets("js").map((snippet, n) => [n + 1, snippet] as const))("snippet %i runs and gives what it says", async (_, snippet) => {
    let checks = 0;
    const check = (value: unknown, said: unknown, expression: string): void => {
      checks++;
      expect(value, expression).toEqual(said);
    };
    if (snippet.includes("cgroupns/host") && process.platform !== "linux") return;
    await new AsyncFunction("libraries", "check", runnable(snippet))(libraries, check);
    expect(checks).toBeGreaterThan(0);
  });

  test("shows what the command prints on the sample host", async () => {
    const sample = captureFile();
    const steps = snippets("console").flatMap((block) => block.split(/^(?=\$ )/m));
    for (const step of steps) {
      const [command, ...answer] = step.trimEnd().split("\n");
      const args = command!.replace(/^\$ cgroupns /, "").split(" ");
      const { out, status } = await run([...args, "--from-file", sample]);
      expect([Buffer.from(out, "latin1").toString().trimEnd(), status], command).toEqual([answer.join("\n"), 0]);
    }
    expect(steps.length).toBeGreaterThanOrEqual(3);
  });

  test("has at most 200 lines", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(200);
  });

  test("names scripts that exist", () => {
    const scripts = JSON.parse(readFileSync(`${project}package.json`, "utf8")).scripts;
    for (const [, , script] of readme.matchAll(/npm (run )?(start|test|bench\S*)/g)) expect(scripts).toHaveProperty(script!.replace(/[`,.]+$/, ""));
  });
});
