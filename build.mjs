// Builds the core: AssemblyScript to WebAssembly (release and debug), then each module inlined as base64 in a
// TypeScript file of its own under build/, so that the library loads it without a file system or a network.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import asc from "assemblyscript/asc";

mkdirSync("build", { recursive: true });
for (const target of ["release", "debug"]) {
  const { error, stderr } = await asc.main(["--config", "asconfig.json", "--target", target]);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  const wasm = readFileSync(target === "release" ? "build/core.wasm" : "build/core.debug.wasm");
  writeFileSync(
    `build/${target}.ts`,
    `// Made by build.mjs from assembly/: the ${target} core, ${wasm.length} bytes.\nexport const wasm: string =\n  "${wasm.toString("base64")}";\n`,
  );
}
