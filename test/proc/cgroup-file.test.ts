// /proc/PID/cgroup, one sentence for each thing the kernel does there.
import { describe, expect, it } from "vitest";
import { formatProcCgroup, type ProcCgroupEntry, parseProcCgroup } from "../../ts/proc/index.ts";

const v2 = (path: string, more: object = {}) => ({ hierarchyId: 0, controllers: [], name: null, path, deleted: false, ...more });

const accepted: Record<string, [string, object[]]> = {
  "an empty text has no lines": ["", []],
  "the unified hierarchy has id 0 and no controller list": ["0::/\n", [v2("/")]],
  "a v1 hierarchy lists its controllers": [
    "4:cpu,cpuacct:/a\n",
    [{ hierarchyId: 4, controllers: ["cpu", "cpuacct"], name: null, path: "/a", deleted: false }],
  ],
  "a named hierarchy without controllers": [
    "1:name=systemd:/user.slice\n",
    [{ hierarchyId: 1, controllers: [], name: "systemd", path: "/user.slice", deleted: false }],
  ],
  "a name stands after the controllers": [
    "2:cpu,name=mine:/\n",
    [{ hierarchyId: 2, controllers: ["cpu"], name: "mine", path: "/", deleted: false }],
  ],
  "a controller may be called like the key of a name": [
    "2:name:/\n",
    [{ hierarchyId: 2, controllers: ["name"], name: null, path: "/", deleted: false }],
  ],
  "newest hierarchy first, unified last": [
    "9:name=systemd:/\n8:pids:/p\n0::/B\n",
    [
      { hierarchyId: 9, controllers: [], name: "systemd", path: "/", deleted: false },
      { hierarchyId: 8, controllers: ["pids"], name: null, path: "/p", deleted: false },
      v2("/B"),
    ],
  ],
  "the order of the lines is not judged": [
    "0::/\n1:memory:/docker/abc123\n",
    [v2("/"), { hierarchyId: 1, controllers: ["memory"], name: null, path: "/docker/abc123", deleted: false }],
  ],
  "in 2014 the unified hierarchy listed controllers": [
    "0:cpuset,cpu,cpuacct,memory,devices,freezer,hugetlb:/batchjobs/c_job_id1\n",
    [{
      hierarchyId: 0, controllers: ["cpuset", "cpu", "cpuacct", "memory", "devices", "freezer", "hugetlb"], name: null,
      path: "/batchjobs/c_job_id1", deleted: false,
    }],
  ],
  "a path may contain colons: only the first two split": ["0::/B/x:y::z\n", [v2("/B/x:y::z")]],
  "nothing in a path is escaped": ["0::/B/sp ace\t\\040\x01\r\n", [v2("/B/sp ace\t\\040\x01\r")]],
  "a byte-order mark is three bytes of a name": ["0::/\ufeffa\n", [v2("/\ufeffa")]],
  "a cgroup outside the namespace is climbed to": ["0::/../..\n", [v2("/../..")]],
  "a sibling of the cgroupns root": ["0::/../c_job_id2\n", [v2("/../c_job_id2")]],
  "names may begin with dots": ["0::/.../..a/.b\n", [v2("/.../..a/.b")]],
  "a removed cgroup with a zombie is marked": ["0::/a (deleted)\n", [v2("/a", { deleted: true })]],
  "the reader's own cgroupns root, removed": ["0::/ (deleted)\n", [v2("/", { deleted: true })]],
  "a removed cgroup above the cgroupns root": ["0::/.. (deleted)\n", [v2("/..", { deleted: true })]],
  "the mark is added once, after a name that looks like it": ["0::/a (deleted) (deleted)\n", [v2("/a (deleted)", { deleted: true })]],
  "a name that is the mark and nothing else": ["0::/B/ (deleted)\n", [v2("/B/ (deleted)")]],
  "such a name, removed": ["0::/B/ (deleted) (deleted)\n", [v2("/B/ (deleted)", { deleted: true })]],
  "the mark after a dot can only be a name": ["0::/. (deleted)\n", [v2("/. (deleted)")]],
  "a v1 line is never marked": [
    "1:cpu:/a (deleted)\n",
    [{ hierarchyId: 1, controllers: ["cpu"], name: null, path: "/a (deleted)", deleted: false }],
  ],
  "in 2014 there was no mark": [
    "0:cpu:/a (deleted)\n",
    [{ hierarchyId: 0, controllers: ["cpu"], name: null, path: "/a (deleted)", deleted: false }],
  ],
  "the last newline may be missing": ["1:cpu:/a\n0::/", [
    { hierarchyId: 1, controllers: ["cpu"], name: null, path: "/a", deleted: false },
    v2("/", { unterminated: true }),
  ]],
  "the largest hierarchy id": [
    "2147483647:cpu:/\n",
    [{ hierarchyId: 2147483647, controllers: ["cpu"], name: null, path: "/", deleted: false }],
  ],
};

describe("parse and format give each other back", () => {
  it.each(Object.entries(accepted))("%s", (_, [text, entries]) => {
    expect(parseProcCgroup(text)).toEqual(entries);
    expect(parseProcCgroup(Buffer.from(text))).toEqual(entries);
    expect(formatProcCgroup(entries as ProcCgroupEntry[])).toBe(text);
    const raw = parseProcCgroup(text, { encoding: "buffer" });
    expect(raw.map(({ path }) => Buffer.from(path).toString())).toEqual(entries.map((entry) => (entry as ProcCgroupEntry).path));
    expect(Buffer.from(formatProcCgroup(raw, { encoding: "buffer" })).toString()).toBe(text);
  });
});

describe("the kernel cuts a path at 4,095 bytes without a word", () => {
  const long = `/${"n".repeat(4094)}`;
  const cut = (end: string) => `${long.slice(0, -end.length)}${end}`;

  it.each([long, cut("/"), cut("/."), cut("/.."), cut("/n"), cut("//").replace("//", "n/"), "/..".repeat(1365)])(
    "a path of that length may be cut: %#",
    (path) => {
      const text = `0::${path}\n`;
      expect(parseProcCgroup(text)).toEqual([v2(path, { truncated: "possible" })]);
      expect(formatProcCgroup(parseProcCgroup(text))).toBe(text);
    },
  );

  it("a shorter path was not cut", () => {
    expect(parseProcCgroup(`0::${long.slice(1).replace("n", "/")}\n`)[0]).not.toHaveProperty("truncated");
  });

  it("the mark comes on top of the 4,095 bytes", () => {
    const text = `0::${cut("/.")} (deleted)\n`;
    expect(parseProcCgroup(text)).toEqual([v2(cut("/."), { deleted: true, truncated: "possible" })]);
    expect(formatProcCgroup(parseProcCgroup(text))).toBe(text);
  });

  it("4,095 bytes with the mark inside are a shorter path", () => {
    expect(parseProcCgroup(`0::${cut(" (deleted)")}\n`)).toEqual([v2(cut(" (deleted)").slice(0, -10), { deleted: true })]);
  });

  it("4,095 bytes ending in a name that is the mark are a path", () => {
    expect(parseProcCgroup(`0::${cut("/ (deleted)")}\n`)).toEqual([v2(cut("/ (deleted)"), { truncated: "possible" })]);
  });

  it("a cut in the middle of a character is not UTF-8", () => {
    const bytes = Buffer.from(`0::/${"n".repeat(4093)}é`).subarray(0, -1);
    expect(() => parseProcCgroup(bytes)).toThrow(expect.objectContaining({ code: "EILSEQ", line: 1 }));
    const entries = parseProcCgroup(bytes, { encoding: "buffer" });
    expect(entries[0]?.truncated).toBe("possible");
    expect(Buffer.from(formatProcCgroup(entries, { encoding: "buffer" }))).toEqual(bytes);
  });

  it("whoever formats need not know that", () => {
    expect(formatProcCgroup([{ hierarchyId: 0, controllers: [], name: null, path: long, deleted: false }])).toBe(`0::${long}\n`);
  });
});

const refused: [string, string, RegExp][] = [
  ["an empty line", "", /never empty/],
  ["no colon", "other_line", /ID:CONTROLLERS:PATH/],
  ["one colon", "invalid-line:", /ID:CONTROLLERS:PATH/],
  ["no id", ":cpu:/", /decimal number/],
  ["a negative id", "-1:cpu:/", /decimal number/],
  ["an id that is no number", "1x:cpu:/", /decimal number/],
  ["an id in hexadecimal", "0x1:cpu:/", /decimal number/],
  ["an id above the largest int", "2147483648:cpu:/", /decimal number/],
  ["a huge id", `${"9".repeat(400)}:cpu:/`, /decimal number/],
  ["a leading zero", "07:cpu:/", /leading zeros/],
  ["two zeros", "00::/", /leading zeros/],
  ["a leading blank", "\t7:cpu:/", /decimal number/],
  ["a v1 hierarchy with nothing attached", "7::/", /controllers or a name/],
  ["an empty controller at the end", "7:cpu,:/", /a controller has a name/],
  ["an empty controller at the start", "7:,cpu:/", /a controller has a name/],
  ["an empty controller before the name", "7:cpu,,name=x:/", /a controller has a name/],
  ["an empty name", "7:name=:/", /not empty/],
  ["a name before a controller", "7:name=x,cpu:/", /after the controllers/],
  ["two names", "7:name=x,name=y:/", /after the controllers/],
  ["a name that mount refuses", "7:name=a b:/", /letters, digits/],
  ["a name with a second equals sign", "7:name=a=b:/", /only name=NAME/],
  ["an equals sign elsewhere", "7:cpu=1:/", /only name=NAME/],
  ["a name of 64 bytes", `7:name=${"n".repeat(64)}:/`, /at most 63/],
  ["a controller that is not ASCII", "7:cpü:/", /letters, digits/],
  ["a controller twice", "7:cpu,memory,cpu:/", /listed once/],
  ["a named unified hierarchy", "0:name=x:/", /unified hierarchy has no name/],
  ["an empty path", "0::", /starts with/],
  ["a path without its slash", "0::a", /starts with/],
  ["a blank before the path", "0:: /a", /starts with/],
  ["only the mark", "0:: (deleted)", /starts with/],
  ["a trailing slash", "0::/a/", /empty component/],
  ["a double slash", "0::/a//b", /empty component/],
  ["two slashes", "0:://", /empty component/],
  ["a component `.`", "0::/./a", /named `\.`/],
  ["a last component `.`", "0::/a/.", /named `\.`/],
  ["a `/..` after a name", "0::/a/../b", /only at the start/],
  ["a last `/..` after a name", "0::/../a/..", /only at the start/],
  ["a `/..` after a name, marked", "0::/a//b (deleted)", /empty component/],
  ["4,096 bytes", `0::/${"n".repeat(4095)}`, /4095 bytes/],
  ["4,096 bytes, marked", `0::/${"n".repeat(4095)} (deleted)`, /4095 bytes/],
  ["4,095 bytes with an empty component inside", `0::/a//${"n".repeat(4091)}`, /empty component/],
  ["4,095 bytes on v1 and something that looks like the mark", `1:cpu:/${"n".repeat(4094)} (deleted)`, /4095 bytes/],
  ["a NUL", "0::/a\0b", /NUL/],
  ["a NUL in the id", "\x000::/", /NUL/],
];

describe("what the kernel cannot print is refused", () => {
  it.each(refused)("%s", (_, line, rule) => {
    for (const [before, after] of [["", ""], ["", "\n"], ["3:pids:/\n", "\n"], ["3:pids:/\n2:misc:/a\n", "\n1:rdma:/b\n"]] as const) {
      if (line === "" && after === "") continue;
      const error = expect.objectContaining({
        name: "CgroupError", code: "EINVAL", errno: -22, syscall: "parse", line: before.split("\n").length,
        rule: expect.stringMatching(rule) as string,
      });
      expect(() => parseProcCgroup(before + line + after)).toThrow(error);
      expect(() => parseProcCgroup(Buffer.from(before + line + after), { encoding: "buffer" })).toThrow(error);
    }
  });

  it("a hierarchy that was already there: two files in one", () => {
    const text = "8:pids:/\n0::/a\n9:cpu:/\n0::/b\n";
    expect(() => parseProcCgroup(text)).toThrow(expect.objectContaining({ code: "EINVAL", line: 4 }));
  });

  it("the first refused line is named", () => {
    expect(() => parseProcCgroup("0::/\n\nx\n")).toThrow(
      "EINVAL: invalid argument, parse, line 2 (a line is never empty)",
    );
  });
});

describe("an entry that no text is read back as", () => {
  const fine: ProcCgroupEntry = { hierarchyId: 1, controllers: ["cpu"], name: null, path: "/a", deleted: false };
  it.each<[string, Partial<ProcCgroupEntry>, RegExp]>([
    ["a newline in the path", { path: "/a\nb" }, /newline/],
    ["a newline at the end of the path", { path: "/a\n" }, /newline/],
    ["a NUL", { path: "/\0" }, /NUL/],
    ["a path that is none", { path: "a" }, /starts with/],
    ["a colon in a controller", { controllers: ["a:b"] }, /starts with/],
    ["a comma in a controller", { controllers: ["cpu,memory"] }, /another controllers/],
    ["a controller that is a name", { controllers: ["cpu", "name=x"] }, /another controllers/],
    ["an id that is no int", { hierarchyId: 1.5 }, /decimal/],
    ["a negative zero", { hierarchyId: -0 }, /another hierarchyId/],
    ["an id that is no number at all", { hierarchyId: Number.NaN }, /decimal/],
    ["an id in exponents", { hierarchyId: 1e21 }, /decimal/],
    ["a v1 cgroup marked as removed", { deleted: true }, /another path/],
    ["a live cgroup whose name ends in the mark", { hierarchyId: 0, controllers: [], path: "/a (deleted)" }, /another path/],
    ["a short path that may be cut", { truncated: "possible" }, /another truncated/],
    ["a hierarchy twice", { hierarchyId: 5 }, /already there/],
  ])("%s", (_, change, rule) => {
    const entries = [{ ...fine, hierarchyId: 5 }, { ...fine, ...change }];
    const error = expect.objectContaining({
      name: "CgroupError", code: "EINVAL", syscall: "format", line: 2, rule: expect.stringMatching(rule) as string,
    });
    expect(() => formatProcCgroup(entries)).toThrow(error);
    expect(() => formatProcCgroup(entries, { encoding: "buffer" })).toThrow(error);
  });

  it("a missing newline before the last line", () => {
    expect(() => formatProcCgroup([{ ...fine, unterminated: true }, { ...fine, hierarchyId: 2 }])).toThrow(
      expect.objectContaining({ code: "EINVAL", line: 1 }),
    );
  });
});
