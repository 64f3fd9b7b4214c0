// parse∘format = id and format∘parse = id, over what a kernel may print, over that with bytes changed, and over any bytes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CgroupError } from "../../ts/errors.ts";
import { formatMountinfo, formatProcCgroup, parseMountinfo, parseProcCgroup } from "../../ts/proc/index.ts";
import { bytes, cgroupFile, join, mountinfoFile } from "./legal-texts.ts";

const formats = {
  "/proc/PID/cgroup": { legal: cgroupFile, parse: parseProcCgroup, format: formatProcCgroup },
  mountinfo: { legal: mountinfoFile, parse: parseMountinfo, format: formatMountinfo },
} as const;

type Parse = (text: string | Uint8Array, options?: { encoding?: "utf8" | "buffer" }) => never[];
type Format = (entries: readonly never[], options?: { encoding?: "utf8" | "buffer" }) => string | Uint8Array;

const hex = (raw: string | Uint8Array): string => Buffer.from(raw as Uint8Array).toString("hex");

/** Accepted and the same bytes back, or refused with a CgroupError. */
const sameOrRefused = (parse: Parse, format: Format, text: Uint8Array): boolean => {
  let entries: never[];
  try {
    entries = parse(text, { encoding: "buffer" });
  } catch (error) {
    expect(error).toBeInstanceOf(CgroupError);
    const lines = Buffer.from(text).toString("latin1").split("\n").length;
    expect((error as CgroupError).line).toBeGreaterThan(0);
    expect((error as CgroupError).line).toBeLessThanOrEqual(lines);
    return false;
  }
  expect(hex(format(entries, { encoding: "buffer" }))).toBe(hex(text));
  expect(parse(format(entries, { encoding: "buffer" }), { encoding: "buffer" })).toEqual(entries);
  return true;
};

const change = fc.record({
  at: fc.nat(),
  gone: fc.nat({ max: 3 }),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 2 }),
    fc.constantFrom("/", ":", "..", " (deleted)", "\\040", " ", "\t", "\n", "-", ",", "0").map(bytes),
  ),
});

const changed = (text: Uint8Array, changes: readonly { at: number; gone: number; put: Uint8Array }[]): Uint8Array =>
  changes.reduce((from, { at, gone, put }) => {
    const cut = at % (from.length + 1);
    return join([from.subarray(0, cut), put, from.subarray(cut + gone)]);
  }, text);

describe.each(Object.entries(formats))("%s", (_, { legal, parse, format }) => {
  const [read, write] = [parse as Parse, format as Format];

  it("what a kernel may print is accepted and comes back byte for byte", () => {
    fc.assert(fc.property(legal, (text) => sameOrRefused(read, write, text)), { numRuns: 1000 });
  });

  it("strings and bytes say the same", () => {
    fc.assert(fc.property(legal, (raw) => {
      const text = Buffer.from(raw).toString();
      fc.pre(hex(Buffer.from(text)) === hex(raw));
      expect(read(text)).toEqual(read(raw));
      expect(write(read(text))).toBe(text);
      expect(hex(write(read(raw), { encoding: "buffer" }))).toBe(hex(raw));
    }), { numRuns: 300 });
  });

  it("changed bytes come back the same or are refused", () => {
    fc.assert(
      fc.property(legal, fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        sameOrRefused(read, write, changed(text, changes));
      }),
      { numRuns: 1500 },
    );
  });

  it("any bytes come back the same or are refused", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (text) => { sameOrRefused(read, write, text); }), { numRuns: 2000 });
  });

  it("any string comes back the same or is refused", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      try {
        expect(write(read(text))).toBe(text);
      } catch (error) {
        if (!(error instanceof CgroupError)) throw error;
      }
    }), { numRuns: 1000 });
  });
});

const anyText = fc.oneof(
  fc.constantFrom("/", "/a", "/..", "/a (deleted)", "/a\n0::/b", ""),
  fc.string().map((text) => `/${text}`),
  fc.uint8Array(),
);

const anyEntry = fc.record({
  hierarchyId: fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 3 }) }, fc.double()),
  controllers: fc.array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom("cpu", "pids", "name=x") }, fc.string()), { maxLength: 2 }),
  name: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom("systemd", ""), fc.string()),
  path: anyText,
  deleted: fc.boolean(),
});

const anyId = fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 0x7fffffff }) }, fc.double());
const anyWord = fc.oneof({ weight: 9, arbitrary: fc.constantFrom("rw", "shared:1", "a=b c", "\\040", "é") }, fc.string());
const anyWords = fc.array(anyWord, { minLength: 1, maxLength: 3 });

const anyMount = fc.record({
  mountId: anyId, parentId: anyId, major: anyId, minor: anyId, root: anyText, mountPoint: anyText, source: anyText,
  mountOptions: anyWords, optionalFields: fc.array(fc.constantFrom("shared:1", "-", "unbindable"), { maxLength: 2 }),
  fsType: fc.oneof(fc.constantFrom("cgroup2", "fuse.a#b \\"), fc.string()), superOptions: anyWords,
});

/** Every path in hexadecimal, so that strings and bytes compare. */
const comparable = (entry: object): object =>
  Object.fromEntries(Object.entries(entry).map(([key, value]) =>
    [key, value instanceof Uint8Array || ["path", "root", "mountPoint", "source"].includes(key) ? hex(Buffer.from(value)) : value]));

it.each([
  ["/proc/PID/cgroup", anyEntry as fc.Arbitrary<object>, formats["/proc/PID/cgroup"]],
  ["mountinfo", anyMount as fc.Arbitrary<object>, formats.mountinfo],
])("an entry of %s is read back as it was given, or refused", (_, arbitrary, { parse, format }) => {
  let written = 0;
  fc.assert(fc.property(arbitrary, (entry) => {
    try {
      const back = (parse as Parse)((format as Format)([entry as never], { encoding: "buffer" }), { encoding: "buffer" });
      expect(back.map(comparable)).toEqual([comparable(entry)]);
      written++;
    } catch (error) {
      if (!(error instanceof CgroupError)) throw error;
    }
  }), { numRuns: 5000, seed: 1 });
  expect(written).toBeGreaterThan(300);
});

it("a text of a megabyte is read in one go", () => {
  const hard = [
    ":".repeat(1e6), `0::${"/a".repeat(5e5)}`, `1:${"a,".repeat(5e5)}:/`, "0::/\n".repeat(2e5), `0::/${" (deleted)".repeat(1e5)}`,
  ];
  const hardMounts = [
    " ".repeat(1e6), `1 1 0:1 / / rw${" a".repeat(5e5)}`,
    `1 1 0:1 ${"\\040".repeat(2.5e5)} / rw - a b c`, `1 1 0:1 / / rw - a b ${",".repeat(1e6)}`,
  ];
  const begun = performance.now();
  for (const text of hard) sameOrRefused(parseProcCgroup as Parse, formatProcCgroup as Format, bytes(text));
  for (const text of hardMounts) {
    try {
      formatMountinfo(parseMountinfo(text));
    } catch (error) {
      expect(error).toBeInstanceOf(CgroupError);
    }
  }
  expect(performance.now() - begun).toBeLessThan(5000);
});
