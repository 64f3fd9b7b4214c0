// A kernel written down and read again answers as the first would have; what was not written so is refused.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Kernel } from "../../ts/kernel/kernel.ts";
import type { Task } from "../../ts/kernel/task.ts";
import { type Operation, Replay, type ReplayOptions } from "../../ts/replay/index.ts";
import { generate } from "./generator.ts";
import { machine } from "./machine.ts";
import { restored } from "./restored.ts";

const RUNS = Number(process.env.CGROUPNS_SNAPSHOTS ?? 40);
const copy = (kernel: Kernel): Kernel => Kernel.fromJSON(JSON.parse(JSON.stringify(kernel)));

/** A kernel in which there is one of everything. */
function furnished(): Kernel {
  const replay = new Replay({ base: "b", v1: ["pids", "freezer"] });
  const ops: Operation[] = [
    { op: "mkdir", path: "x" }, { op: "spawn", agent: "a", path: "x" }, { op: "unshare", agent: "a", flags: ["user", "cgroup", "mnt", "uts", "time"] },
    { op: "idmap", target: "a", map: "0 0 1" }, { op: "mount", agent: "a", at: "m" }, { op: "open", agent: "a", fd: "f", path: "x/cgroup.procs" },
    { op: "nsopen", agent: "a", fd: "n" }, { op: "fork", agent: "a", child: "c", flags: ["pid"] }, { op: "thread", agent: "a", name: "t" },
    { op: "mkdir", path: "dead" }, { op: "open", fd: "d", path: "dead/cgroup.events" }, { op: "fdread", fd: "d", n: 3, noseek: true }, { op: "rmdir", path: "dead" },
    { op: "write", path: "cgroup.max.depth", data: "7" }, { op: "spawn", agent: "z" }, { op: "kill", target: "z" },
  ];
  for (const op of ops) expect(replay.run(op), JSON.stringify(op)).toHaveProperty("ok");
  return replay.kernel;
}

describe("a kernel's toJSON()", () => {
  test("comes back from JSON as it was, again and again", () => {
    const kernel = furnished();
    const text = JSON.stringify(kernel);
    expect(JSON.stringify(copy(kernel)) === text).toBe(true);
    expect(JSON.stringify(copy(copy(kernel))) === text).toBe(true);
  });

  test("shares nothing with the kernel it came from", () => {
    const kernel = furnished();
    const text = JSON.stringify(kernel);
    const other = copy(kernel);
    const fs = other.init.fs as Task["fs"] & { mkdirSync?: (path: string) => void };
    fs.mkdirSync?.("/sys/fs/cgroup/unified/new");
    other.init.unshare("cgroup");
    expect(JSON.stringify(kernel) === text).toBe(true);
    expect(JSON.stringify(other) === text).toBe(false);
  });

  test("survives any depth", () => {
    const kernel = new Kernel();
    const { unified } = kernel;
    let at = unified.root;
    for (let level = 0; level < 8000; level++) at = unified.create(at, "d", { uid: 0, gid: 0, mode: 0o755 });
    expect(copy(kernel).unified.root.descendants).toBe(8000);
  });

  test("changes no later answer", { timeout: 60_000 + RUNS * 2000 }, () => {
    for (let seed = 0; seed < RUNS; seed++) {
      const options: ReplayOptions = seed % 4 === 3 ? { nsdelegate: true, exclusive: true } : seed % 4 === 2 ? { rootControllers: ["hugetlb"] } : { v1: ["pids", "freezer"] };
      const { ops } = generate(seed, options, machine(options), 300);
      const replay = new Replay(options);
      for (const op of ops.slice(0, 150)) replay.run(op);
      const other = restored(replay, options);
      if (other === undefined) continue;
      for (const [at, op] of ops.slice(150).entries()) {
        expect(other.run(op), `seed ${seed}, operation ${at + 150}: ${JSON.stringify(op)}`).toEqual(replay.run(op));
      }
    }
  });
});

describe("Kernel.fromJSON", () => {
  const refused = (json: unknown): void => expect(() => Kernel.fromJSON(json)).toThrow(TypeError);

  test("refuses what is something else", () => {
    const cyclic: Record<string, unknown> = { format: "cgroupns-kernel", version: 1, release: "6.18", classes: {} };
    cyclic.objects = [cyclic];
    const others = [undefined, null, 7, "", "text", [], {}, { format: "cgroupns-kernel" }, { format: "cgroupns-kernel", version: 1, release: "6.18", objects: [], classes: {} }, cyclic];
    for (const json of others) refused(json);
    const json = new Kernel().toJSON();
    for (const changed of [{ version: 2 }, { release: "2.6.12" }, { checksum: "" }, { objects: [] }, { classes: {} }]) refused({ ...json, ...changed });
    refused(JSON.stringify(json));
  });

  test("refuses what was damaged, wherever", () => {
    const text = JSON.stringify(furnished());
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom("", "0", "1", "9", "x", "-", "[", "null", '"'), (at, put) => {
        const damaged = text.slice(0, at) + put + text.slice(at + 1);
        let json: unknown;
        try {
          json = JSON.parse(damaged);
        } catch {
          return;
        }
        if (JSON.stringify(json) !== text) refused(json);
      }),
      { numRuns: 300 },
    );
  });

  test("refuses even what was forged with care, or makes a kernel that works", () => {
    const { objects } = furnished().toJSON();
    fc.assert(
      fc.property(fc.nat(objects.length - 1), fc.nat(30), fc.constantFrom(null, 0, -1, "x", true, ["@", 0], ["@", 1], ["@", 1e9], ["n", "x"], ["u"], {}, []), (which, field, put) => {
        const json = furnishedJson();
        const content = json.objects[which]![1];
        if (field >= content.length) return;
        content[field] = put;
        let kernel: Kernel;
        try {
          kernel = Kernel.fromJSON({ ...json, checksum: sum(json) });
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(kernel).toBeInstanceOf(Kernel);
      }),
      { numRuns: 300 },
    );
  });
});

interface Open {
  readonly classes: object;
  readonly objects: [string, unknown[]][];
}

const furnishedJson = (): Open => JSON.parse(JSON.stringify(furnished())) as Open;

/** The same sum as snapshot.ts has. */
function sum({ classes, objects }: Open): string {
  const text = JSON.stringify([classes, objects]);
  let [a, b] = [0xdeadbeef ^ text.length, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) [a, b] = [Math.imul(a ^ text.charCodeAt(i), 2654435761), Math.imul(b ^ text.charCodeAt(i), 1597334677)];
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
