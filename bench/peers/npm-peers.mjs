// The real npm peers, run as they are installed in this folder: their own code, with a `node:fs` that reads the texts of a
// case. Each answers an id, or null.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("./", import.meta.url));
const require = createRequire(join(here, "package.json"));

export const installed = () => existsSync(join(here, "node_modules"));

const ENTRIES = {
  "dd-trace": "dd-trace/packages/dd-trace/src/exporters/common/docker.js",
  "@opentelemetry/resource-detector-container": "@opentelemetry/resource-detector-container/build/src/detectors/ContainerDetector.js",
  "container-info": "container-info/index.js",
  "docker-container-id": "docker-container-id/index.js",
};

export const NAMES = Object.keys(ENTRIES);
export const versionOf = (name) => JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8")).version;

// A module of theirs, evaluated anew with a file system of ours.
function load(name, fs) {
  const path = join(here, "node_modules", ENTRIES[name]);
  const inner = createRequire(path);
  const module = { exports: {} };
  const asked = (id) => (id === "fs" || id === "node:fs" ? fs : inner(id));
  asked.main = undefined;
  new Function("exports", "require", "module", "__filename", "__dirname", readFileSync(path, "utf8"))(module.exports, asked, module, path, dirname(path));
  return module.exports;
}

const missing = (path) => Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT" });

function fileSystem({ cgroup, mountinfo }) {
  const textOf = (path) => {
    const text = path === "/proc/self/cgroup" ? cgroup : path === "/proc/self/mountinfo" ? mountinfo : undefined;
    if (text === undefined) throw missing(path);
    return text;
  };
  const readFile = (path, ...rest) => {
    const done = rest.at(-1);
    let text;
    try {
      text = textOf(path);
    } catch (error) {
      queueMicrotask(() => done(error));
      return;
    }
    queueMicrotask(() => done(null, text));
  };
  return { readFile, readFileSync: textOf, statSync: (path) => { throw missing(path); } };
}

const ANSWERS = {
  "dd-trace": (texts) => load("dd-trace", fileSystem(texts)).containerId,
  "@opentelemetry/resource-detector-container": (texts) =>
    new (load("@opentelemetry/resource-detector-container", fileSystem(texts)).ContainerDetector)().detect().attributes["container.id"],
  "container-info": (texts) => load("container-info", fileSystem(texts)).sync()?.containerId,
  "docker-container-id": (texts) => (texts.cgroup === undefined ? undefined : load("docker-container-id", fileSystem(texts))()),
};

/** The id a peer gives for these texts, null for none and where it throws. */
export async function ask(name, texts) {
  try {
    return (await ANSWERS[name](texts)) || null;
  } catch {
    return null;
  }
}

/** The regular expression that dd-trace looks for ids with, caught as it uses it. */
export function datadogExpression() {
  let caught;
  const text = { trim: () => ({ match: (expression) => { caught ??= expression; return null; } }) };
  load("dd-trace", { readFileSync: () => text, statSync: () => { throw missing(""); } });
  return caught;
}

export const containerInfo = () => load("container-info", fileSystem({})).parse;
export const otelLine = () => require("@opentelemetry/resource-detector-container/build/src/detectors/utils.js").extractContainerIdFromLine;
