// /proc/PID/mountinfo, one sentence for each thing the kernel does there, and for what it would print otherwise.
import { describe, expect, it } from "vitest";
import { formatMountinfo, type MountinfoEntry, parseMountinfo } from "../../ts/proc/index.ts";

const cgroup2 = {
  mountId: 41, parentId: 31, major: 0, minor: 38, root: "/", mountPoint: "/sys/fs/cgroup", mountOptions: ["rw", "nosuid"],
  optionalFields: ["shared:9"], fsType: "cgroup2", source: "cgroup2", superOptions: ["rw", "nsdelegate"],
};
const tmpfs = {
  mountId: 7, parentId: 1, major: 0, minor: 9, root: "/", mountPoint: "/a", mountOptions: ["rw"],
  optionalFields: [], fsType: "tmpfs", source: "none", superOptions: ["rw"],
};

const accepted: Record<string, [string, object]> = {
  "the mount of the unified hierarchy": [
    "41 31 0:38 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate",
    cgroup2,
  ],
  "a mount root outside the reader's namespace": [
    "41 31 0:38 /../q /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate",
    { ...cgroup2, root: "/../q" },
  ],
  "no optional field": ["7 1 0:9 / /a rw - tmpfs none rw", tmpfs],
  "many optional fields": [
    "7 1 0:9 / /a rw shared:1 master:2 propagate_from:3 unbindable - tmpfs none rw",
    { ...tmpfs, optionalFields: ["shared:1", "master:2", "propagate_from:3", "unbindable"] },
  ],
  "blank, tab, newline and backslash are escaped in root and mount point": [
    "7 1 0:9 /\\040\\011 /\\012\\134040 rw - tmpfs none rw",
    { ...tmpfs, root: "/ \t", mountPoint: "/\n\\040" },
  ],
  "a hash is escaped in type and source only": [
    "7 1 0:9 /# /a#b rw - fuse.x\\043y \\043s\\040p rw",
    { ...tmpfs, root: "/#", mountPoint: "/a#b", fsType: "fuse.x#y", source: "#s p" },
  ],
  "a root that is no path": ["7 1 0:9 net:[4026531992] /a rw - nsfs nsfs rw",
    { ...tmpfs, root: "net:[4026531992]", fsType: "nsfs", source: "nsfs" }],
  "an empty source, before 5.1": ["7 1 0:9 / /a rw - tmpfs  rw", { ...tmpfs, source: "" }],
  "super options with blanks, on WSL": [
    "560 77 0:138 / /Docker/host rw,noatime - 9p drvfs rw,dirsync,aname=drvfs;path=C:\\Program Files\\Docker;symlinkroot=/mnt/,mmap",
    {
      mountId: 560, parentId: 77, major: 0, minor: 138, root: "/", mountPoint: "/Docker/host", mountOptions: ["rw", "noatime"],
      optionalFields: [], fsType: "9p", source: "drvfs",
      superOptions: ["rw", "dirsync", "aname=drvfs;path=C:\\Program Files\\Docker;symlinkroot=/mnt/", "mmap"],
    },
  ],
  "escapes in super options are the file system's own": [
    "7 1 0:9 / /a rw - overlay overlay rw,lowerdir=/a\\054b:/c",
    { ...tmpfs, fsType: "overlay", source: "overlay", superOptions: ["rw", "lowerdir=/a\\054b:/c"] },
  ],
  "a field `-` comes first after the optional fields": [
    "7 1 0:9 - - rw - tmpfs - rw",
    { ...tmpfs, root: "-", mountPoint: "-", source: "-" },
  ],
  "nothing after the source": ["7 1 0:9 / /a rw - tmpfs none ", { ...tmpfs, superOptions: [] }],
  "names in any script": ["7 1 0:9 / /Это\\040комон rw - tmpfs none rw", { ...tmpfs, mountPoint: "/Это комон" }],
};

describe("parse and format give each other back", () => {
  it.each(Object.entries(accepted))("%s", (_, [line, entry]) => {
    const text = `${line}\n`;
    expect(parseMountinfo(text)).toEqual([entry]);
    expect(parseMountinfo(Buffer.from(text))).toEqual([entry]);
    expect(parseMountinfo(line)).toEqual([{ ...entry, unterminated: true }]);
    expect(formatMountinfo([entry as MountinfoEntry])).toBe(text);
    expect(formatMountinfo(parseMountinfo(line))).toBe(line);
    expect(Buffer.from(formatMountinfo(parseMountinfo(text, { encoding: "buffer" }), { encoding: "buffer" })).toString()).toBe(text);
  });

  it("an empty text has no lines", () => {
    expect(parseMountinfo("")).toEqual([]);
    expect(formatMountinfo([])).toBe("");
  });
});

const odd: Record<string, [string, object]> = {
  "no super options": ["7 1 0:9 / /a rw - tmpfs none", { ...tmpfs, superOptions: [] }],
  "nothing after the type": ["7 1 0:9 / /a rw - tmpfs", { ...tmpfs, source: "", superOptions: [] }],
  "nothing after the type but a blank": ["7 1 0:9 / /a rw - tmpfs ", { ...tmpfs, source: "", superOptions: [] }],
  "two blanks": ["7 1 0:9 /  /a rw - tmpfs none rw", tmpfs],
  "a tab": ["7 1 0:9 /\t/a rw - tmpfs none rw", tmpfs],
  "a tab after the type": ["7 1 0:9 / /a rw - tmpfs\tnone rw", tmpfs],
  "a tab after the source": ["7 1 0:9 / /a rw - tmpfs none\trw", tmpfs],
  "an indented line": ["\t7 1 0:9 / /a rw - tmpfs none rw", tmpfs],
  "two blanks before the separator": ["7 1 0:9 / /a rw  - tmpfs none rw", tmpfs],
  "two blanks after the separator": ["7 1 0:9 / /a rw -  tmpfs none rw", tmpfs],
  "a leading zero": ["07 1 0:009 / /a rw - tmpfs none rw", tmpfs],
  "an escape the kernel does not write": ["7 1 0:9 / /\\141 rw - tmpfs none rw", tmpfs],
  "an escaped hash in a root": ["7 1 0:9 /\\043 /a rw - tmpfs none rw", { ...tmpfs, root: "/#" }],
  "a bare hash in the source, as older kernels print it": ["7 1 0:9 / /a rw - tmpfs a#b rw", { ...tmpfs, source: "a#b" }],
  "a bare backslash": ["7 1 0:9 / /\\x\\12\\400\\ rw - tmpfs none rw", { ...tmpfs, mountPoint: "/\\x\\12\\400\\" }],
  "an escaped NUL": ["7 1 0:9 / /\\000 rw - tmpfs none rw", { ...tmpfs, mountPoint: "/\0" }],
};

describe("odd lines are read and their bytes kept", () => {
  it.each(Object.entries(odd))("%s", (_, [line, entry]) => {
    const [read] = parseMountinfo(`${line}\n`);
    expect(read).toEqual({ ...entry, odd: new TextEncoder().encode(line) });
    expect(formatMountinfo([read!])).toBe(`${line}\n`);
  });

  it("a word that is not UTF-8 is escaped where bytes are asked for", () => {
    const line = Buffer.from("7 1 0:9 / /a rw - fuse.\xff none rw,x=\xe9\xe8", "latin1");
    expect(() => parseMountinfo(line)).toThrow(expect.objectContaining({ code: "EILSEQ", line: 1 }));
    const [entry] = parseMountinfo(line, { encoding: "buffer" });
    expect(entry).toMatchObject({ fsType: "fuse.\\377", superOptions: ["rw", "x=\\351\\350"], odd: new Uint8Array(line) });
    expect(Buffer.from(formatMountinfo([entry!], { encoding: "buffer" }))).toEqual(line);
  });

  it("an escaped byte may make a path that is not UTF-8", () => {
    const line = "7 1 0:9 / /\\222 rw - tmpfs none rw";
    expect(() => parseMountinfo(`\t${line}\n${line}`)).toThrow(expect.objectContaining({ code: "EILSEQ", line: 1 }));
    expect(parseMountinfo(line, { encoding: "buffer" })[0]?.mountPoint).toEqual(Uint8Array.of(0x2f, 0x92));
  });
});

const refused: [string, string, RegExp][] = [
  ["an empty line", "", /never empty/],
  ["blanks", " \t ", /before the mount id/],
  ["no structure", "random line", /mount id is a decimal/],
  ["a mount id that is no number", "x 0 252:0 / / rw - ext4 /dev/dm-0 rw", /mount id/],
  ["a parent id that is no number", "1 x 252:0 / / rw - ext4 /dev/dm-0 rw", /parent id/],
  ["a mount id above the largest int", "2147483648 0 252:0 / / rw - ext4 /dev/dm-0 rw", /mount id/],
  ["a negative id", "-1 0 252:0 / / rw - ext4 /dev/dm-0 rw", /mount id/],
  ["a device without a colon", "1 0 252 / / rw - ext4 /dev/dm-0 rw", /minor number/],
  ["a device without its major number", "1 0 :1 / / rw - ext4 /dev/dm-0 rw", /major number/],
  ["a device of three numbers", "1 0 1:2:3 / / rw - ext4 /dev/dm-0 rw", /minor number/],
  ["a huge minor number", "1 0 1:4294967296 / / rw - ext4 /dev/dm-0 rw", /minor number/],
  ["five fields", "1 0 252:0 / /", /before the mount options/],
  ["no separator", "1 0 252:0 / / rw,noatime shared:1 ext4 /dev/dm-0 rw", /before the separator/],
  ["a separator that is none", "1 0 252:0 / / rw -- ext4 /dev/dm-0 rw", /before the separator/],
  ["nothing after the separator", "1 0 252:0 / / rw shared:1 -", /before the file-system type/],
  ["blanks after the separator", "1 0 252:0 / / rw -  ", /before the file-system type/],
  ["a NUL", "1 0 252:0 / /\0 rw - ext4 /dev/dm-0 rw", /NUL/],
];

describe("a line without the required structure is refused", () => {
  const good = "1 0 0:1 / / rw - tmpfs none rw\n";
  it.each(refused)("%s", (_, line, rule) => {
    for (const [before, after] of [["", "\n"], [good, "\n"], [good + good, `\n${good}`]] as const) {
      const error = expect.objectContaining({
        name: "CgroupError", code: "EINVAL", syscall: "parse", line: before.split("\n").length,
        rule: expect.stringMatching(rule) as string,
      });
      expect(() => parseMountinfo(before + line + after)).toThrow(error);
      expect(() => parseMountinfo(Buffer.from(before + line + after), { encoding: "buffer" })).toThrow(error);
    }
  });
});

describe("an entry that no text is read back as", () => {
  const [oddOne] = parseMountinfo("7 1 0:9 /  /a rw - tmpfs none rw");
  it.each<[string, object, RegExp]>([
    ["an empty root", { root: "" }, /decimal|another|before/],
    ["an empty mount point", { mountPoint: new Uint8Array(0) }, /another|before/],
    ["no mount options", { mountOptions: [] }, /another|before/],
    ["a blank in a mount option", { mountOptions: ["a b"] }, /another mountOptions/],
    ["a comma in a mount option", { mountOptions: ["a,b"] }, /another mountOptions/],
    ["an optional field that is the separator", { optionalFields: ["-"] }, /another/],
    ["an empty optional field", { optionalFields: [""] }, /another optionalFields/],
    ["an empty type", { fsType: "" }, /another fsType/],
    ["one empty super option", { superOptions: [""] }, /another superOptions/],
    ["a newline in a super option", { superOptions: ["rw", "a\nb"] }, /newline/],
    ["a NUL in a path", { root: "/\0" }, /NUL/],
    ["a negative id", { mountId: -1 }, /decimal/],
    ["half an id", { parentId: 0.5 }, /decimal/],
    ["odd bytes that are not odd", { odd: new TextEncoder().encode("7 1 0:9 / /a rw - tmpfs none rw") }, /another odd/],
    ["odd bytes that say something else", { odd: oddOne!.odd, mountPoint: "/b" }, /another mountPoint/],
    ["odd bytes of two lines", { odd: new TextEncoder().encode("7 1 0:9 /  /a rw - tmpfs none rw\nx") }, /newline/],
    ["no bytes at all", { odd: new Uint8Array(0), unterminated: true }, /never empty/],
  ])("%s", (_, change, rule) => {
    const entries = [tmpfs, { ...tmpfs, ...change }];
    const error = expect.objectContaining({
      name: "CgroupError", code: "EINVAL", syscall: "format", line: 2, rule: expect.stringMatching(rule) as string,
    });
    expect(() => formatMountinfo(entries)).toThrow(error);
  });
});
