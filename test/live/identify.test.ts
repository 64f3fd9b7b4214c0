// Who real containers are — runc, podman, LXC, with a host and with a private cgroup namespace, and one inside another — as
// the host says it and as they can tell themselves: right wherever a file that can be read holds it, else unknown, with the
// reason. Limits too. Skipped, saying so, where a runtime is missing.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Host, identify, limits } from "../../ts/host/index.ts";
import type { Identification } from "../../ts/index.ts";
import { run } from "../cli/run.ts";
import { type Container, missingRuntimes, startContainer, startNested, stateRoot, sweep } from "./containers.ts";
import { whyNotLive } from "./world.ts";

const why = [whyNotLive(), ...missingRuntimes()].filter((reason) => reason !== "").join(", ");
const NOBODY = "65534";
const library = fileURLToPath(new URL("../../dist/ts/host/index.js", import.meta.url));
const PRINT = [process.execPath, fileURLToPath(new URL("print-identity.mjs", import.meta.url)), library];

async function ended(child: ChildProcess): Promise<Identification> {
  let out = "";
  child.stdout!.on("data", (piece) => (out += piece));
  await new Promise((resolve) => child.once("close", resolve));
  return JSON.parse(out);
}

/** Who it is as read from its own cgroup namespace. */
const fromInside = ({ pid }: Container): Promise<Identification> =>
  ended(spawn("nsenter", ["--cgroup", `--target=${pid}`, ...PRINT, String(pid)], { stdio: ["ignore", "pipe", "inherit"] }));

/** The files that it can read of itself, in there. */
const textsFromInside = ({ pid }: Container): string[] =>
  ["cgroup", "mountinfo"].map((file) => {
    const { status, stdout } = spawnSync("nsenter", ["--cgroup", "--mount", "--pid", `--target=${pid}`, "/bin/cat", `/proc/1/${file}`], { encoding: "utf8" });
    expect(status).toBe(0);
    return stdout;
  });

describe.skipIf(why !== "")(`identities of real containers ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  const containers: Container[] = [];
  let nested: Container;

  beforeAll(() => {
    for (const runtime of ["runc", "podman", "lxc"] as const) {
      for (const cgroupns of ["host", "private"] as const) {
        containers.push(startContainer(runtime, { cgroupns, name: `who-${runtime}-${cgroupns}` }));
      }
    }
    nested = startNested("who-nested");
  });
  afterAll(() => {
    for (const container of [nested, ...containers]) container?.stop();
    sweep();
  });

  const of = (runtime: string): Container[] => containers.filter((container) => container.runtime === runtime);

  test("podman, from the host: the id and the runtime are in its cgroup's name", () => {
    for (const container of of("podman")) {
      const { containerId, containerRuntime, conflicts } = identify(container.pid);
      expect(containerId, container.name).toMatchObject({ value: container.id, confidence: "certain", source: { file: "cgroup" } });
      expect([containerRuntime.value, conflicts]).toEqual(["podman", []]);
    }
  });

  test("podman, from inside: the same, from its own cgroup or from what it has mounted", async () => {
    for (const container of of("podman")) {
      const { containerId, containerRuntime } = await fromInside(container);
      expect([containerId.value, containerRuntime.value], container.name).toEqual([container.id, "podman"]);
      expect(containerId.source!.file).toBe(container.cgroupns === "private" ? "mountinfo" : "cgroup");
    }
  });

  test("LXC, from the host: the machine's name is in its cgroup's", () => {
    for (const { pid, name, id } of of("lxc")) {
      const { machine, machineManager, containerId } = identify(pid);
      expect([machine.value, machineManager.value, containerId.value], name).toEqual([id, "lxc", null]);
    }
  });

  test("runc, from the host: the id and the runtime are in its state file, named by it", () => {
    for (const container of of("runc")) {
      const stateRoots = [stateRoot(container)];
      const { containerId, containerRuntime, toAttributes } = identify(container.pid, { stateRoots });
      const source = { file: `${stateRoots[0]}/${container.id}/state.json`, line: 1, text: `"id":"${container.id}"` };
      expect(containerId, container.name).toEqual({ value: container.id, source, confidence: "certain", reason: null });
      expect(containerRuntime).toEqual({ value: "runc", source, confidence: "certain", reason: null });
      expect(readFileSync(source.file, "utf8")).toContain(source.text);
      expect(toAttributes()).toMatchObject({ "container.id": container.id, "container.runtime.name": "runc" });
    }
  });

  test("runc, from the host, where nobody tells where its state is: unknown, and the id in none of the files", () => {
    for (const { pid, id, name } of of("runc")) {
      const { containerId, containerRuntime } = identify(pid);
      expect([containerId.value, containerRuntime.value], name).toEqual([null, null]);
      expect(containerId.reason, name).toMatch(/^no component follows a runtime's convention/);
      for (const file of ["cgroup", "mountinfo"]) expect(readFileSync(`/proc/${pid}/${file}`, "utf8"), `${name} ${file}`).not.toContain(id);
    }
  });

  test("another container's state says nothing of it", () => {
    const [one, other] = of("runc");
    expect(identify(one!.pid, { stateRoots: [stateRoot(other!)] }).containerId.value).toBeNull();
    expect(identify("self", { stateRoots: [stateRoot(other!)] }).containerId.value).toBeNull();
  });

  test("runc and LXC, from inside a private namespace: unknown with the reason, and the id in none of the files", async () => {
    for (const container of [...of("runc"), ...of("lxc")].filter(({ cgroupns }) => cgroupns === "private")) {
      const { containerId, machine } = await fromInside(container);
      expect([containerId.value, machine.value], container.name).toEqual([null, null]);
      expect(containerId.reason, container.name).toMatch(/private cgroup namespace|in the cgroup namespace/);
      for (const text of textsFromInside(container)) expect(text, container.name).not.toContain(container.id);
    }
  });

  test("inside a host namespace each sees of itself what the host does", async () => {
    for (const container of [...of("runc"), ...of("lxc")].filter(({ cgroupns }) => cgroupns === "host")) {
      const [inside, host] = [await fromInside(container), identify(container.pid)];
      expect([inside.containerId.value, inside.machine.value], container.name).toEqual([host.containerId.value, host.machine.value]);
      const [cgroup] = textsFromInside(container);
      expect(cgroup!.includes(container.id), container.name).toBe(container.runtime === "lxc");
    }
  });

  test("runc in runc, from the host: the inner one's id, from the state file inside the outer one", () => {
    const { containerId, containerRuntime } = identify(nested.pid, { stateRoots: [stateRoot(nested)] });
    expect([containerId.value, containerRuntime.value, containerId.confidence]).toEqual(["inner", "runc", "certain"]);
    expect(containerId.source!.file).toMatch(/^\/proc\/\d+\/root\/run\/runc\/inner\/state\.json$/);
    const outer = Number(/^\/proc\/(\d+)\//.exec(containerId.source!.file)![1]);
    expect(identify(outer, { stateRoots: [stateRoot(nested)] }).containerId).toMatchObject({ confidence: "certain", source: { file: expect.stringContaining(stateRoot(nested)) } });
  });

  test("runc in runc, from inside: unknown with the reason", async () => {
    const { containerId } = await fromInside(nested);
    expect([containerId.value, containerId.reason]).toEqual([null, expect.stringMatching(/private cgroup namespace|in the cgroup namespace/)]);
  });

  test("nobody, without any privileges, is as right and never wrong", async () => {
    for (const { pid, id, runtime, name } of [...containers, nested]) {
      const argv = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...PRINT, String(pid)];
      const { containerId, machine } = await ended(spawn("setpriv", argv, { stdio: ["ignore", "pipe", "inherit"] }));
      expect(runtime === "podman" ? containerId.value : runtime === "lxc" ? machine.value : id, name).toBe(id);
      if (runtime === "runc") expect([containerId.value, containerId.reason], name).toEqual([null, expect.stringMatching(/^no component follows a runtime.s convention/)]);
    }
  });

  test("a reading of the whole machine, and a capture of it, say the same", () => {
    const host = Host.readSync({ roots: false, identities: true });
    const captured = Host.fromCapture(JSON.stringify(host.capture()));
    for (const { pid, name } of [...containers, nested]) {
      const { toAttributes: _, ...who } = identify(pid);
      for (const answer of [host, captured]) expect(answer.identify(pid), name).toMatchObject({ ...who, containerId: expect.objectContaining({ value: who.containerId.value }), containerRuntime: expect.anything() });
    }
  });

  test("the commands say it: explain, resolve by pid, by id's beginning, by a stream", async () => {
    const podman = of("podman")[0]!;
    const { out } = await run(["explain", "-J", `${podman.pid}`]);
    const { explain } = JSON.parse(out);
    expect(explain["container.id"]).toMatchObject({ value: podman.id, confidence: "certain", source: { file: "cgroup" } });
    expect([explain["container.runtime"].value, explain["sandbox.id"].value, explain["pod.uid"].value]).toEqual(["podman", null, null]);
    expect(explain.limits["memory.max"].value).toBe(64 * 2 ** 20);
    expect((await run(["explain", `${podman.pid}`])).out).toMatch(new RegExp(`container +podman ${podman.id}\n +certain, cgroup line \\d+: libpod-${podman.id}\n`));
    const selectors = [`pid:${podman.pid}`, `container:${podman.id.slice(0, 12)}`];
    const wanted = { out: `${podman.id}\n${podman.id}\n`, err: "", status: 0 };
    expect(await run(["resolve", "-r", "-n", "-o", "CONTAINER", ...selectors])).toEqual(wanted);
    expect(await run(["resolve", "-o", "CONTAINER", "-"], {}, [selectors.join("\n")])).toEqual(wanted);
  });

  test("limits of podman's are right there too, of the others what the levels say", () => {
    for (const { pid, runtime, name } of [...containers, nested]) {
      const { memory, pids } = limits(pid);
      expect([memory.how, pids.how], name).toEqual(["exact", "exact"]);
      if (runtime === "podman") expect([memory.max, pids.max], name).toEqual([64 * 2 ** 20, 50]);
    }
  });
});
