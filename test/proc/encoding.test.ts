// Bytes and strings: nothing is lost, nothing is patched, and what a caller does wrong is a TypeError.
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  formatMountinfo, formatProcCgroup, type MountinfoEntry, type ProcCgroupEntry, parseMountinfo, parseProcCgroup,
} from "../../ts/proc/index.ts";

const notUtf8 = Buffer.from("1:cpu:/ok\n0::/caf\xe9\n", "latin1");
const mounts = Buffer.from("1 0 0:1 / /ok rw - tmpfs none rw\n1 0 0:1 / /caf\xe9 rw - tmpfs none rw\n", "latin1");

describe("a path that is not UTF-8", () => {
  it("is refused where strings are asked for, with its line and the way out", () => {
    const error = expect.objectContaining({ code: "EILSEQ", errno: -84, line: 2, rule: expect.stringContaining('"buffer"') as string });
    expect(() => parseProcCgroup(notUtf8)).toThrow(error);
    expect(() => parseMountinfo(mounts)).toThrow(error);
  });

  it("comes out as its bytes where bytes are asked for", () => {
    const entries = parseProcCgroup(notUtf8, { encoding: "buffer" });
    expect(entries[1]?.path).toEqual(Uint8Array.from([0x2f, 0x63, 0x61, 0x66, 0xe9]));
    expect(Buffer.from(formatProcCgroup(entries, { encoding: "buffer" }))).toEqual(notUtf8);
    const points = parseMountinfo(mounts, { encoding: "buffer" });
    expect(Buffer.from(points[1]!.mountPoint).toString("latin1")).toBe("/caf\xe9");
    expect(points[1]).not.toHaveProperty("odd");
    expect(Buffer.from(formatMountinfo(points, { encoding: "buffer" }))).toEqual(mounts);
  });

  it("cannot be formatted as a string", () => {
    const error = expect.objectContaining({ code: "EILSEQ", syscall: "format", line: 2 });
    expect(() => formatProcCgroup(parseProcCgroup(notUtf8, { encoding: "buffer" }))).toThrow(error);
    expect(() => formatMountinfo(parseMountinfo(mounts, { encoding: "buffer" }))).toThrow(error);
  });
});

describe("a string with a lone surrogate", () => {
  it("has no bytes to parse", () => {
    const error = expect.objectContaining({ code: "EILSEQ", syscall: "parse", line: 3 });
    expect(() => parseProcCgroup("2:cpu:/\n1:pids:/é\n0::/\ud800\n")).toThrow(error);
    expect(() => parseMountinfo("\n\n\udc00")).toThrow(error);
  });

  it("has no bytes to format", () => {
    const entry = { hierarchyId: 0, controllers: [], name: null, path: "/\ud800", deleted: false };
    const error = expect.objectContaining({ code: "EILSEQ", syscall: "format", line: 1 });
    expect(() => formatProcCgroup([entry])).toThrow(error);
    expect(() => formatProcCgroup([entry], { encoding: "buffer" })).toThrow(error);
  });

  it("is not said by the bytes of an odd line", () => {
    const [odd] = parseMountinfo("1 0 0:1  /a / rw - t s rw");
    expect(() => formatMountinfo([{ ...odd!, root: "/\ud800" }])).toThrow(expect.objectContaining({ code: "EINVAL", line: 1 }));
  });
});

it("U+FFFD in a name is a character like any other", () => {
  const text = "0::/\ufffd\n";
  expect(parseProcCgroup(Buffer.from(text))[0]?.path).toBe("/\ufffd");
  expect(formatProcCgroup(parseProcCgroup(text))).toBe(text);
});

it("bytes that come out are a copy", () => {
  const buffer = Buffer.from("0::/abc\n");
  const [entry] = parseProcCgroup(buffer, { encoding: "buffer" });
  const [odd] = parseMountinfo(Buffer.from("1 0 0:1  / / rw - t s rw"), { encoding: "buffer" });
  buffer.fill(0);
  expect(Buffer.from(entry!.path).toString()).toBe("/abc");
  expect(entry!.path.constructor).toBe(Uint8Array);
  expect(odd!.odd!.constructor).toBe(Uint8Array);
});

it("strings and bytes may be mixed in what is formatted", () => {
  const entries = [
    { hierarchyId: 1, controllers: ["cpu"], name: null, path: Buffer.from("/é"), deleted: false },
    { hierarchyId: 0, controllers: [], name: null, path: "/ü", deleted: true },
  ];
  expect(formatProcCgroup(entries)).toBe("1:cpu:/é\n0::/ü (deleted)\n");
  expect(Buffer.from(formatProcCgroup(entries, { encoding: "buffer" })).toString()).toBe("1:cpu:/é\n0::/ü (deleted)\n");
});

it("the types follow the encoding", () => {
  expectTypeOf(parseProcCgroup("")).toEqualTypeOf<ProcCgroupEntry[]>();
  expectTypeOf(parseProcCgroup("", { encoding: "utf8" })).toEqualTypeOf<ProcCgroupEntry[]>();
  expectTypeOf(parseProcCgroup("", { encoding: "buffer" })).toEqualTypeOf<ProcCgroupEntry<Uint8Array>[]>();
  expectTypeOf(parseMountinfo("", { encoding: "buffer" })).toEqualTypeOf<MountinfoEntry<Uint8Array>[]>();
  expectTypeOf(formatProcCgroup([])).toEqualTypeOf<string>();
  expectTypeOf(formatMountinfo([], { encoding: "buffer" })).toEqualTypeOf<Uint8Array>();
  const encoding = "buffer" as "utf8" | "buffer";
  expectTypeOf(formatMountinfo([], { encoding })).toEqualTypeOf<string | Uint8Array>();
});

describe("misuse is a TypeError", () => {
  const wrong = (value: unknown): never => value as never;
  it.each<[string, () => unknown, string]>([
    ["text", () => parseProcCgroup(wrong(7)), "Expected `text` to be a string or Uint8Array, got number"],
    ["an ArrayBuffer", () => parseMountinfo(wrong(new ArrayBuffer(1))), "Expected `text` to be a string or Uint8Array, got object"],
    ["other views", () => parseMountinfo(wrong(new Uint16Array(1))), "Expected `text` to be a string or Uint8Array, got object"],
    ["options", () => parseProcCgroup("", wrong(null)), "Expected `options` to be an object, got null"],
    ["encoding", () => parseProcCgroup("", wrong({ encoding: "hex" })),
      'Expected `options.encoding` to be "utf8" or "buffer", got string'],
    ["entries", () => formatProcCgroup(wrong({})), "Expected `entries` to be an array, got object"],
    ["an entry", () => formatProcCgroup(wrong([null])), "Expected `entries[0]` to be an object, got null"],
    ["a hole", () => formatMountinfo(wrong(Array(1))), "Expected `entries[0]` to be an object, got undefined"],
    ["a property", () => formatProcCgroup(wrong([{ hierarchyId: "1" }])),
      "Expected `entries[0].hierarchyId` to be a number, got string"],
    ["a list", () => formatProcCgroup(wrong([{ hierarchyId: 1, controllers: [1] }])),
      "Expected `entries[0].controllers` to be an array of strings, got array"],
    ["a note",
      () => formatProcCgroup(wrong([{ hierarchyId: 1, controllers: [], name: null, path: "/", deleted: false, truncated: true }])),
      'Expected `entries[0].truncated` to be "possible" or absent, got boolean'],
  ])("%s", (_, act, message) => {
    expect(act).toThrow(TypeError);
    expect(act).toThrow(message);
  });
});
