// Real containers — runc, podman, LXC, with a host and with a private cgroup namespace, and one inside another — seen by
// root and by nobody. Skipped, saying so, where a runtime is missing.

import { readlinkSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Host } from "../../ts/host/index.ts";
import { type Container, missingRuntimes, startContainer, startNested, sweep } from "./containers.ts";
import { Elsewhere } from "./elsewhere.ts";
import { type Person, truth, whyNotLive } from "./world.ts";

const NOBODY = 65534;
const why = [whyNotLive(), ...missingRuntimes()].filter((reason) => reason !== "").join(", ");
const self: Person = { name: "the reader", pid: process.pid, tid: process.pid };
const person = ({ name, pid }: Container): Person => ({ name, pid, tid: pid });

describe.skipIf(why !== "")(`real containers ${why === "" ? "" : `(skipped: ${why})`}`, () => {
  const containers: Container[] = [];
  let nested: Container | undefined;
  let nestedFails = "";

  beforeAll(() => {
    for (const runtime of ["runc", "podman", "lxc"] as const) {
      for (const cgroupns of ["host", "private"] as const) {
        containers.push(startContainer(runtime, { cgroupns, name: `${runtime}-${cgroupns}` }));
      }
    }
    containers.push(startContainer("lxc", { cgroupns: "private", name: "lxc-bare", bare: true }));
    try {
      nested = startNested("nested");
    } catch (error) {
      nestedFails = (error as Error).message;
    }
  });
  afterAll(() => {
    for (const container of [nested, ...containers]) container?.stop();
    sweep();
  });

  const everybody = (): Person[] => [...containers.map(person), ...(nested === undefined ? [] : [person(nested)]), self];

  test("by root: every view is the kernel's", () => {
    const host = Host.readSync();
    for (const viewer of everybody()) {
      for (const target of everybody()) {
        const view = host.view(target.pid, { from: viewer.pid, encoding: "buffer" });
        expect(view.how, `${viewer.name} looks at ${target.name}: ${view.reason}`).toBe("exact");
        expect(truth(viewer, target)?.equals(view.text!), `${viewer.name} looks at ${target.name}`).toBe(true);
      }
    }
  });

  test("by root: a private namespace is rooted at its container's cgroup, a host one is the reader's", () => {
    const host = Host.readSync();
    const namespaces = new Map(host.namespaces().map((namespace) => [namespace.ns, namespace]));
    for (const { name, pid, cgroupns } of containers) {
      const { ns } = host.task(pid);
      const [unified] = namespaces.get(ns)!.roots;
      expect(unified!.how, name).toBe("exact");
      const own = String(host.view(pid, { from: "self" }).text).split("0::")[1]!.trim();
      expect(String(unified!.path), name).toBe(cgroupns === "host" ? "/" : own);
      if (cgroupns === "host") expect(ns, name).toBe(host.task("self").ns);
    }
  });

  test("by nobody: private roots inferred right, the others unknown with a reason, nothing wrong", () => {
    using nobody = new Elsewhere();
    nobody.read(["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"], {}, everybody(), everybody());
    for (const container of containers) {
      const verdicts = everybody().map((target) => nobody.judge(person(container), target));
      const wanted = container.cgroupns === "private" ? /^right$/ : /^(right$|unknown: )/;
      for (const verdict of verdicts) expect(verdict, container.name).toMatch(wanted);
    }
    for (const target of everybody()) if (nested !== undefined) expect(nobody.judge(person(nested), target)).toMatch(/^(right$|unknown: )/);
  });

  test("by root without nsenter on PATH: private roots inferred right, the reason given, nothing wrong", () => {
    using root = new Elsewhere();
    root.read(["env", "PATH=/nowhere"], {}, everybody(), everybody());
    for (const container of containers) {
      for (const target of everybody()) expect(root.judge(person(container), target), container.name).toBe("right");
    }
    for (const target of everybody()) {
      expect(root.judge(person(nested!), target)).toMatch(/^(right$|unknown: .*PATH)/);
      expect(root.judge(self, target)).toBe("right");
    }
    const own = root.namespaces.find(({ ns }) => `cgroup:[${ns}]` === readlinkSync("/proc/self/ns/cgroup"))!;
    expect(new Set(own.roots.map(({ how, path }) => `${how} ${path}`)), "needs nobody's help").toEqual(new Set(["exact /"]));
  });

  test("one runs inside another", () => {
    expect(nestedFails).toBe("");
    expect(nested!.nested).toBe(true);
  });
});
