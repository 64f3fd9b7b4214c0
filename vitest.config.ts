// The same suite runs twice: on the release Wasm and on the debug Wasm (assertions on, no optimisation).
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const debugCore = fileURLToPath(new URL("./build/debug.ts", import.meta.url));

const project = (name: string, plugins: object[], include: string[]) => ({
  plugins,
  test: { name, include, testTimeout: 120_000, hookTimeout: 120_000 },
});

const useDebugCore = {
  name: "use-debug-core",
  enforce: "pre" as const,
  resolveId: (source: string) => (source.endsWith("/build/release.ts") ? debugCore : undefined),
};

export default defineConfig({
  test: {
    projects: [
      project("release", [], ["test/**/*.test.ts"]),
      project("debug", [useDebugCore], ["test/**/*.test.ts"]),
    ],
  },
});
