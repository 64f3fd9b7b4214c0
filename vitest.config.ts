// The same suite runs twice: on the release Wasm and on the debug Wasm (assertions on, no optimisation). What never comes
// near the core (the kernel's model and its proof), or only near the built package's, runs once.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const debugCore = fileURLToPath(new URL("./build/debug.ts", import.meta.url));

const WITHOUT_CORE = ["test/bench.test.ts", "test/kernel/**", "test/identity/{conventions,naming,texts,hostile,peers}.test.ts", "test/cli/{replay,can}.test.ts", "test/limits/{value,limit,cpu,heap}.test.ts", "test/live/{replay*,can,packages,limits,identify,agent,unprivileged}.test.ts"];

const project = (name: string, plugins: object[], exclude: string[]) => ({
  plugins,
  test: { name, include: ["test/**/*.test.ts"], exclude, testTimeout: 120_000, hookTimeout: 120_000 },
});

const useDebugCore = {
  name: "use-debug-core",
  enforce: "pre" as const,
  resolveId: (source: string) => (source.endsWith("/build/release.ts") ? debugCore : undefined),
};

export default defineConfig({
  test: {
    projects: [
      project("release", [], []),
      project("debug", [useDebugCore], WITHOUT_CORE),
    ],
  },
});
