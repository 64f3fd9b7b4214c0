// task.fs against node:fs: the same calls on a real folder and on one of the model, in all three forms, give the same answers
// and the same errors; and what only a cgroup filesystem or /proc does.

import realFs, { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { TaskFs } from "../../ts/kernel/fs/index.ts";
import { Kernel } from "../../ts/kernel/kernel.ts";

type Fs = Record<string, unknown>;
type Call = (...args: unknown[]) => unknown;
const FORMS = ["sync", "callback", "promise"] as const;
type Form = (typeof FORMS)[number];

/** One call in one form. Calls on descriptors have no promise form: their callback form stands in. */
async function call(fs: Fs, form: Form, name: string, args: unknown[]): Promise<unknown> {
  const promised = (fs.promises as Fs)[name] as Call | undefined;
  const sync = fs[`${name}Sync`] as Call;
  if (form === "sync") return sync(...args);
  if (form === "promise" && promised !== undefined && name !== "open") return promised(...args);
  const promisified = promisify(fs[name] as Call) as Call;
  const answer = await promisified(...args);
  return typeof answer === "object" && answer !== null && "bytesRead" in answer ? answer.bytesRead
    : typeof answer === "object" && answer !== null && "bytesWritten" in answer ? answer.bytesWritten : answer;
}

/** Everything that has to be the same, with the folder called BASE. */
function plain(value: unknown, base: string): unknown {
  if (typeof value === "string") return value.replaceAll(base, "BASE");
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map((item) => plain(item, base));
  if (typeof value !== "object" || value === null) return value;
  const kinds = ["isFile", "isDirectory", "isSymbolicLink", "isFIFO", "isSocket", "isBlockDevice", "isCharacterDevice"];
  if (!("isFile" in value)) return value;
  const is = Object.fromEntries(kinds.map((kind) => [kind, ((value as Fs)[kind] as () => boolean)()]));
  const { name, parentPath, mode, size } = value as Fs;
  if (name !== undefined) return { ...is, name: plain(name, base), parentPath: plain(parentPath, base) };
  return { ...is, mode, type: typeof mode, ...(is.isFile ? { size } : {}) };
}

interface Thrown extends Error { code?: string; errno?: number; syscall?: string; path?: string; dest?: string; rule?: string }

function shapeOf(error: Thrown, base: string): unknown {
  const { code, errno, syscall, path, dest, rule, message } = error;
  if (errno === undefined) return { misuse: error instanceof TypeError || error instanceof RangeError };
  return { code, errno, syscall, path: plain(path, base), dest: plain(dest, base), message: plain(rule === undefined ? message : message.replace(` (${rule})`, ""), base) };
}

type Step = readonly [name: string, ...args: unknown[]];
/** `$` in a string is the folder, FD the descriptor opened last. */
const FD = Symbol("the descriptor");
const bytes = (...values: number[]): Uint8Array => Buffer.from(values);

const STEPS: readonly Step[] = [
  ["mkdir", "$/d"], ["mkdir", "$/d"], ["mkdir", "$/d/e/f/g", { recursive: true }], ["mkdir", "$/d/e/f", { recursive: true }], ["mkdir", "$/x/y"],
  ["mkdir", "$/mode", 0o700], ["stat", "$/mode"], ["mkdir", "$/mode2", { mode: "750" }], ["stat", "$/mode2"],
  ["writeFile", "$/d/file", "héllo wörld\n"], ["readFile", "$/d/file", "utf8"], ["readFile", "$/d/file"], ["readFile", "$/d/file", { encoding: "latin1" }],
  ["readFile", "$/d/file", "hex"], ["readFile", "$/d/file", "base64"], ["readFile", "$/d/file", "base64url"], ["readFile", "$/d/file", "ascii"],
  ["readFile", "$/d/file", "ucs2"], ["readFile", "$/d/file", "rot13"],
  ["writeFile", "$/d/hex", "00ff41zz", "hex"], ["readFile", "$/d/hex"], ["writeFile", "$/d/b64", "AP9B_-", { encoding: "base64" }], ["readFile", "$/d/b64"],
  ["writeFile", "$/d/u16", "aé", "utf16le"], ["readFile", "$/d/u16"], ["writeFile", "$/d/l1", "aéŁ", "latin1"], ["readFile", "$/d/l1"],
  ["appendFile", "$/d/file", bytes(0x21)], ["appendFile", "$/d/new", "made"], ["readFile", "$/d/file", "utf8"], ["writeFile", "$/d/new", "x", { flag: "wx" }],
  ["writeFile", "$/d/new", new DataView(new ArrayBuffer(2))], ["readFile", "$/d/new"], ["writeFile", "$/d/new", { not: "data" }],
  ["readFile", "$/nowhere"], ["readFile", "$/d"], ["readFile", "$/d/file/x"], ["writeFile", "$/d", ""], ["writeFile", "$/x/y", ""],
  ["access", "$/d/file"], ["access", "$/d/file", 4], ["access", "$/nowhere"], ["chmod", "$/d/file", 0o640], ["stat", "$/d/file"], ["chmod", "$/d/file", "600"],
  ["stat", "$/d/file"], ["chmod", "$/nowhere", 0o600], ["chmod", "$/d/file", "9"], ["chown", "$/d/file", -1, -1], ["chown", "$/nowhere", 0, 0], ["lchown", "$/nowhere", 0, 0],
  ["chown", "$/d/file", "root", 0],
  ["symlink", "file", "$/d/link"], ["symlink", "file", "$/d/link"], ["readlink", "$/d/link"], ["readlink", "$/d/link", "buffer"], ["readlink", "$/d/file"], ["readlink", "$/nowhere"],
  ["stat", "$/d/link"], ["lstat", "$/d/link"], ["lchown", "$/d/link", -1, -1], ["realpath", "$/d/link"], ["realpath", "$/d/../d/./link"], ["realpath", "$/nowhere/x"],
  ["symlink", "loop", "$/loop"], ["readFile", "$/loop"], ["stat", "$/nowhere"], ["lstat", "$/nowhere"], ["stat", "$/d/file/"], ["stat", "$/d//./e/"],
  ["stat", "$/d/file", { bigint: true }],
  ["readdir", "$/d"], ["readdir", "$/d", "buffer"], ["readdir", "$/d", { withFileTypes: true }], ["readdir", "$/d", { recursive: true }],
  ["readdir", "$/d", { recursive: true, withFileTypes: true }], ["readdir", "$/nowhere"], ["readdir", "$/d/file"],
  ["truncate", "$/d/file", 3], ["readFile", "$/d/file"], ["truncate", "$/d/file", 5], ["readFile", "$/d/file"], ["truncate", "$/nowhere"], ["truncate", "$/d"],
  ["rename", "$/d/file", "$/d/moved"], ["rename", "$/nowhere", "$/d/x"], ["rename", "$/d", "$/d/e/x"], ["rename", "$/d/moved", "$/d/e"],
  ["unlink", "$/d/link"], ["unlink", "$/nowhere"], ["rmdir", "$/d"], ["rmdir", "$/nowhere"], ["rmdir", "$/d/moved"],
  ["rm", "$/d"], ["rm", "$/nowhere"], ["rm", "$/nowhere", { force: true }], ["rm", "$/d/e", { recursive: true }], ["readdir", "$/d"],
  ["statfs", "$/nowhere"], ["readFile", "$\0"], ["readFile", null], ["readFile", ""], ["mkdir", "$/d", "nonsense"],
  ["open", "$/d/rw", "w+"], ["write", FD, "0123456789"], ["write", FD, "ab", 3], ["write", FD, "cd", 5, "latin1"], ["write", FD, bytes(65, 66, 67), 1, 2, 0],
  ["read", FD, bytes(0, 0, 0, 0), 0, 4, 0], ["read", FD, bytes(0), 0, 9, 0], ["read", FD, bytes(0), 5, 0, 0], ["writev", FD, [bytes(68), bytes(69, 70)], 2],
  ["readv", FD, [bytes(0, 0), bytes(0)], 1], ["fstat", FD], ["ftruncate", FD, 4], ["fchmod", FD, 0o604], ["fchown", FD, -1, -1], ["fstat", FD],
  ["fsync", FD], ["fdatasync", FD], ["close", FD], ["readFile", "$/d/rw", "utf8"], ["close", 1e9], ["fstat", 1e9], ["read", 1e9, bytes(0), 0, 1, 0], ["write", 1e9, "x"],
  ["ftruncate", 1e9], ["fchmod", 1e9, 0], ["fchown", 1e9, 0, 0], ["close", -1], ["close", "3"],
  ["open", "$/d/rw", "zz"], ["open", "$/nowhere", "r"], ["open", "$/d/rw", "wx"], ["open", "$/d/rw", realFs.constants.O_RDONLY | realFs.constants.O_DIRECTORY],
  ["open", "$/d", "r"], ["read", FD, bytes(0), 0, 1, null], ["close", FD],
];

async function run(fs: Fs, base: string, form: Form): Promise<unknown[]> {
  const results: unknown[] = [];
  let fd: unknown;
  for (const [name, ...args] of STEPS) {
    const given = args.map((arg) => (arg === FD ? fd : typeof arg === "string" ? arg.replace("$", base) : arg instanceof Uint8Array ? Buffer.from(arg) : arg));
    try {
      const answer = await call(fs, form, name, given);
      if (name === "open") fd = answer;
      const buffers = given.filter((arg) => arg instanceof Uint8Array || Array.isArray(arg));
      results.push([name, name === "open" ? "opened" : plain(answer, base), plain(buffers, base)]);
    } catch (error) {
      results.push([name, "throws", shapeOf(error as Thrown, base)]);
    }
  }
  return results;
}

const model = (): TaskFs => {
  const fs = new Kernel().init.fork().fs;
  fs.mkdirSync("/tmp/base");
  return fs;
};

describe.skipIf(process.platform !== "linux")("as node:fs", () => {
  const mask = process.umask(0o022);
  const folders: string[] = [];
  beforeAll(() => void process.umask(0o022));
  afterAll(() => {
    process.umask(mask);
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  test.each(FORMS)("every call, %s: answers and errors are those of a real folder", async (form) => {
    const folder = mkdtempSync(join(tmpdir(), "cgroupns-fs-"));
    folders.push(folder);
    const real = await run(realFs as unknown as Fs, folder, form);
    const ours = await run(model() as unknown as Fs, "/tmp/base", form);
    for (const [index, step] of STEPS.entries()) {
      expect({ step, is: ours[index] }, `${index}`).toEqual({ step, is: real[index] });
    }
  });
});

test("a descriptor that is not open is found by its fstat, as in Node", () => {
  expect(() => model().readFileSync(1e9)).toThrow(/^EBADF: bad file descriptor, fstat$/);
  expect(() => realFs.readFileSync(1e9)).toThrow(/^EBADF: bad file descriptor, fstat$/);
});

test("errors carry the kernel's rule and Node's words", () => {
  const fs = model();
  const error = (act: () => void): Thrown => {
    try {
      act();
    } catch (thrown) {
      return thrown as Thrown;
    }
    throw new Error("nothing was thrown");
  };
  const busy = error(() => fs.rmdirSync("/sys/fs/cgroup"));
  expect(busy).toMatchObject({ code: "EBUSY", errno: -16, syscall: "rmdir", path: "/sys/fs/cgroup" });
  expect(busy.message).toMatch(/^EBUSY: resource busy or locked, rmdir '\/sys\/fs\/cgroup' \(/);
  expect(error(() => fs.writeFileSync("/sys/fs/cgroup/cgroup.procs", "x"))).toMatchObject({ code: "EINVAL", syscall: "write", path: undefined });
  expect(error(() => fs.unlinkSync("/sys/fs/cgroup/cgroup.procs"))).toMatchObject({ code: "EPERM", syscall: "unlink" });
  expect(error(() => fs.writeFileSync("/sys/fs/cgroup/new", "x"))).toMatchObject({ code: "EACCES", syscall: "open" });
  expect(error(() => fs.openSync("/proc/99/cgroup"))).toMatchObject({ code: "ENOENT", syscall: "open", path: "/proc/99/cgroup" });
});

test.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)("/proc refuses as the real one does", () => {
  const outcomes = (fs: Fs): unknown[] =>
    ([
      ["writeFile", "/proc/self/cgroup", "x"], ["writeFile", "/proc/self/mountinfo", "x"], ["writeFile", "/proc/cgroups", "x"], ["writeFile", "/proc/version", "x"],
      ["writeFile", "/proc/sys/kernel/osrelease", "x"], ["writeFile", "/proc/self/ns/cgroup", "x"], ["readFile", "/proc/self/ns/cgroup"], ["mkdir", "/proc/x"],
      ["rmdir", "/proc"], ["symlink", "/x", "/proc/1"], ["rm", "/proc/self/ns", {}], ["mkdir", "/proc/version/x", { recursive: true }],
    ] as Step[]).map(([name, ...args]) => {
      try {
        return plain((fs[`${name}Sync`] as Call)(...args), "/none");
      } catch (error) {
        return shapeOf(error as Thrown, "/none");
      }
    });
  expect(outcomes(model() as unknown as Fs)).toEqual(outcomes(realFs as unknown as Fs));
});

test("nobody opens a namespace for writing, root or not", () => {
  const { init } = new Kernel();
  const user = init.fork();
  user.setIds({ uid: [1000, 1000, 1000] });
  for (const { fs } of [init, user]) expect(() => fs.openSync("/proc/self/ns/cgroup", "r+")).toThrow(/^EPERM/);
});

test("functions work on their own, and paths are strings, bytes and file: URLs", async () => {
  const { readFileSync, promises: { readFile }, existsSync, exists } = model();
  const text = readFileSync("/proc/self/cgroup", "utf8");
  expect(text).toBe("0::/\n");
  expect(String(readFileSync(Buffer.from("/proc/self/cgroup")))).toBe(text);
  expect(readFileSync(pathToFileURL("/proc/self/cgroup"), { encoding: "utf8" })).toBe(text);
  expect(await readFile(new URL("file:///proc/self/cgrou%70"), "utf8")).toBe(text);
  expect(() => readFileSync(new URL("https://example.com/x"))).toThrow(TypeError);
  expect(() => readFileSync(new URL("file:///a%2Fb"))).toThrow(TypeError);
  expect(Buffer.isBuffer(readFileSync("/proc/self/cgroup"))).toBe(true);
  expect([existsSync("/proc"), existsSync("/nowhere"), existsSync(null as never), existsSync("\0")]).toEqual([true, false, false, false]);
  expect(await promisify(exists as never as (path: string) => unknown)("/proc")).toBe(true);
  expect(await new Promise<boolean>((resolve) => exists("/nowhere", resolve))).toBe(false);
});

test("throwIfNoEntry, bigint, statfs and lstat of a namespace link", async () => {
  const { statSync, lstatSync, statfsSync, readlinkSync, realpathSync, promises } = model();
  expect(statSync("/nowhere", { throwIfNoEntry: false })).toBe(undefined);
  expect(lstatSync("/proc/version/x", { throwIfNoEntry: false })).toBe(undefined);
  expect(statSync("/sys/fs/cgroup", { bigint: true })).toMatchObject({ ino: 1n, nlink: 2n, mtimeNs: 0n });
  expect((await promises.stat("/sys/fs/cgroup")).isDirectory()).toBe(true);
  expect([statfsSync("/sys/fs/cgroup").type, statfsSync("/proc").type, statfsSync("/tmp").type]).toEqual([0x63677270, 0x9fa0, 0x01021994]);
  expect(statfsSync("/proc", { bigint: true }).type).toBe(0x9fa0n);
  expect(readlinkSync("/proc/self/ns/cgroup")).toBe("cgroup:[4026531835]");
  expect(statSync("/proc/self/ns/cgroup")).toMatchObject({ dev: 4, ino: 4026531835 });
  expect(lstatSync("/proc/self/ns/cgroup").isSymbolicLink()).toBe(true);
  expect(realpathSync("/proc/self/status")).toMatch(/^\/proc\/\d+\/status$/);
  expect(realpathSync.native("/proc/../sys/./fs")).toBe("/sys/fs");
  expect(() => realpathSync.native("/proc/self/ns/cgroup")).toThrow(/ENOENT.*realpath/);
});

test("directories are read one by one, in a loop and as resources", async () => {
  const fs = model();
  for (const name of ["b", "a"]) fs.mkdirSync(`/tmp/base/${name}`);
  const dir = fs.opendirSync("/tmp/base");
  expect([dir.readSync()?.name, (await dir.read())?.name, dir.readSync()]).toEqual(["b", "a", null]);
  await dir.close();
  expect(() => dir.readSync()).toThrow(/EBADF/);
  const names: unknown[] = [];
  for await (const entry of await fs.promises.opendir("/tmp/base")) names.push(entry.name, entry.isDirectory());
  expect(names).toEqual(["b", true, "a", true]);
  expect(fs.task.process.files.size).toBe(0);
  expect(() => fs.opendirSync("/nowhere")).toThrow(/^ENOENT: no such file or directory, opendir '\/nowhere'/);
});

test("file handles read, write, stat and close themselves", async () => {
  const { promises, task } = model();
  {
    await using handle = await promises.open("/tmp/base/f", "w+");
    await handle.writeFile("one\ntwo\n");
    expect(await handle.write(Buffer.from("X"), 0, 1, 0)).toMatchObject({ bytesWritten: 1 });
    expect((await handle.read({ buffer: Buffer.alloc(3), position: 0 })).buffer).toEqual(Buffer.from("Xne"));
    await handle.chmod(0o600);
    await handle.chown(-1, -1);
    await handle.truncate(7);
    await handle.appendFile("!");
    expect((await handle.stat()).size).toBe(9);
    expect((await handle.readv([Buffer.alloc(2)], 0)).bytesRead).toBe(2);
    expect((await handle.writev([Buffer.from("Y")], 0)).bytesWritten).toBe(1);
    await handle.sync();
    await handle.datasync();
  }
  expect(task.process.files.size).toBe(0);
  const handle = await promises.open("/tmp/base/f");
  expect(await promises.readFile(handle, "utf8")).toBe("Yne\ntwo\0!");
  await handle.close();
  expect(handle.fd).toBe(-1);
  await expect(handle.read()).rejects.toMatchObject({ code: "EBADF", syscall: "read" });
  await expect(promises.readFile("/tmp/base/f", { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
  const lines: string[] = [];
  for await (const line of (await promises.open("/tmp/base/f")).readLines()) lines.push(line);
  expect(lines).toEqual(["Yne", "two\0!"]);
});

test("streams are Node's", async () => {
  const { createReadStream, createWriteStream, readFileSync, task } = model();
  const out = createWriteStream("/tmp/base/s");
  out.write("hello ");
  await new Promise<void>((resolve) => out.end("stream", resolve));
  await new Promise((resolve) => (task.process.files.size === 0 ? resolve(0) : out.on("close", () => resolve(0))));
  expect([readFileSync("/tmp/base/s", "utf8"), out.bytesWritten]).toEqual(["hello stream", 12]);
  let text = "";
  for await (const chunk of createReadStream("/tmp/base/s", { encoding: "utf8", start: 2, end: 7, highWaterMark: 3 })) text += chunk;
  expect(text).toBe("llo st");
  const broken = createReadStream("/nowhere");
  expect(await new Promise((resolve) => broken.on("error", resolve as () => void))).toMatchObject({ code: "ENOENT", syscall: "open" });
  expect(task.process.files.size).toBe(0);
});

test("wrong arguments throw at once from callbacks and reject from promises; errors of the kernel come later", async () => {
  const fs = model() as unknown as Record<string, Call> & { promises: Record<string, Call> };
  expect(() => fs.readFile!(null, () => {})).toThrow(TypeError);
  expect(() => fs.readFile!("/proc/version")).toThrow(/callback/);
  await expect(fs.promises.readFile!(null)).rejects.toThrow(TypeError);
  let called = false;
  const error = new Promise((resolve) => fs.readFile!("/nowhere", (thrown: unknown) => resolve(thrown)));
  error.then(() => (called = true));
  expect(called).toBe(false);
  expect(await error).toMatchObject({ code: "ENOENT" });
});

test("it is the task that acts: its namespace, its ids, its descriptors", () => {
  const kernel = new Kernel();
  const task = kernel.init.fork();
  const { fs } = task;
  fs.mkdirSync("/sys/fs/cgroup/a/b", { recursive: true });
  fs.writeFileSync("/sys/fs/cgroup/a/b/cgroup.procs", "0");
  task.unshare("cgroup");
  expect([fs.readFileSync("/proc/self/cgroup", "utf8"), kernel.init.fs.readFileSync(`/proc/${task.pid}/cgroup`, "utf8")]).toEqual(["0::/\n", "0::/a/b\n"]);
  expect(fs.readFileSync("/proc/1/cgroup", "utf8")).toBe("0::/../..\n");
  const fd = fs.openSync("/proc/self/ns/cgroup");
  expect(task.process.files.has(fd)).toBe(true);
  fs.closeSync(fd);
  task.setIds({ uid: 1000 });
  expect(() => fs.mkdirSync("/sys/fs/cgroup/c")).toThrow(/EACCES.*mkdir/);
  expect(() => fs.accessSync("/sys/fs/cgroup/cgroup.procs", fs.constants.W_OK)).toThrow(/EACCES.*access/);
  task.exit();
  expect(() => fs.readFileSync("/proc/version")).toThrow(/ESRCH/);
});

test("where there is no Node: bytes are Uint8Arrays, and streams say what they miss", () => {
  const { readFileSync, createReadStream } = model();
  vi.stubGlobal("Buffer", undefined);
  vi.stubGlobal("process", {});
  try {
    const bytes = readFileSync("/proc/self/cgroup");
    expect(bytes.constructor).toBe(Uint8Array);
    expect(() => createReadStream("/proc/self/cgroup")).toThrow(/^Expected node:stream to be there/);
  } finally {
    vi.unstubAllGlobals();
  }
});

test("mkdir gives up where nothing can be made, with the path that was asked for", () => {
  expect(() => model().mkdirSync("/proc/x/y", { recursive: true })).toThrow(/ENOENT.*mkdir '\/proc\/x\/y'/);
});
