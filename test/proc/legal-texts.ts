// What a kernel may print, as fast-check arbitraries: bytes of /proc/PID/cgroup and of mountinfo.
// Knows the kernel's rules, not the parsers'.
import fc from "fast-check";

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const join = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

const forbidden = [0, 0x0a, 0x2f];

/** A name: any bytes but NUL, newline and `/`, not `.` or `..`; colons, blanks and ` (deleted)` are likely. */
export const name: fc.Arbitrary<Uint8Array> = fc
  .oneof(
    fc.constantFrom("a", "b:c", " (deleted)", "x (deleted)", "...", "..b", ".c", "é", "a b", "\r", "\\040", "kubepods.slice").map(bytes),
    fc.uint8Array({ minLength: 1, maxLength: 12 }).map((raw) => raw.map((byte) => (forbidden.includes(byte) ? 0x3a : byte))),
  )
  .filter((raw) => !["2e", "2e2e"].includes(Buffer.from(raw).toString("hex")));

/** A view: `/`, or `/..` some times, then names. */
export const view: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.nat({ max: 3 }), fc.array(name, { maxLength: 4 }))
  .map(([up, names]) => {
    const parts = [...Array<Uint8Array>(up).fill(bytes("/..")), ...names.map((raw) => join([bytes("/"), raw]))];
    return parts.length === 0 ? bytes("/") : join(parts);
  });

/** A view that the kernel cut, or that just fits. */
export const longView: fc.Arbitrary<Uint8Array> = fc.array(view, { minLength: 1, maxLength: 3 }).chain((views) =>
  fc.constantFrom("/", "/.", "/..", "/n", "x", "\xc3").map((end) => {
    const tail = Buffer.from(end, "latin1");
    const head = join(views.map((raw) => (raw.length === 1 ? bytes("/a") : join([bytes("/b"), raw]))));
    const safe = Buffer.from(Buffer.from(head).toString("latin1").replaceAll("/..", "/.._"), "latin1");
    return join([safe, bytes("/"), bytes("n".repeat(4095 - safe.length - 1 - tail.length)), tail]);
  }),
);

const controllers = ["cpuset", "cpu", "cpuacct", "blkio", "memory", "devices", "freezer", "net_cls", "perf_event", "pids"];

const list = fc
  .tuple(fc.subarray(controllers), fc.option(fc.constantFrom("name=systemd", "name=a.b-c_1")))
  .map(([some, named]) => [...some, ...(named === null ? [] : [named])].join(","))
  .filter((text) => text !== "");

const v1Line = fc
  .tuple(fc.integer({ min: 1, max: 0x7fffffff }), list, fc.oneof({ weight: 20, arbitrary: view }, longView))
  .map(([id, words, path]) => ({ id, line: join([bytes(`${id}:${words}:`), path]) }));

const v2Line = fc
  .tuple(fc.oneof({ weight: 20, arbitrary: view }, longView), fc.boolean())
  .map(([path, deleted]) => ({ id: 0, line: join([bytes("0::"), path, bytes(deleted ? " (deleted)" : "")]) }));

const line2014 = fc
  .tuple(fc.subarray(controllers, { minLength: 1 }), view)
  .map(([some, path]) => ({ id: 0, line: join([bytes(`0:${some.join(",")}:`), path]) }));

const ended = (lines: readonly Uint8Array[], whole: boolean): Uint8Array =>
  join(lines.flatMap((line, at) => [line, bytes(whole || at < lines.length - 1 ? "\n" : "")]));

/** A /proc/PID/cgroup: v1 hierarchies with ids of their own, then the unified one, perhaps without the last newline. */
export const cgroupFile: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.uniqueArray(v1Line, { maxLength: 4, selector: ({ id }) => id }),
    fc.option(fc.oneof({ weight: 4, arbitrary: v2Line }, line2014)),
    fc.boolean(),
  )
  .map(([v1, v2, whole]) => ended([...v1, ...(v2 === null ? [] : [v2])].map(({ line }) => line), whole));

const octal = (raw: Uint8Array, set: string): Uint8Array =>
  Buffer.from(
    Buffer.from(raw).toString("latin1").replace(/[ \t\n\\#]/g, (byte) =>
      set.includes(byte) ? `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}` : byte),
    "latin1",
  );

const notNul = fc.uint8Array({ minLength: 1, maxLength: 10 }).map((raw) => raw.map((byte) => byte || 0x23));
const rootOrPoint = fc.oneof(view, notNul).map((raw) => octal(raw, " \t\n\\"));
const mangled = fc.oneof(fc.constantFrom("cgroup", "cgroup2", "tmpfs", "fuse.x#y", "/dev/sda1").map(bytes), notNul)
  .map((raw) => octal(raw, " \t\n\\#"));
const option = fc.constantFrom(
  "rw", "ro", "nosuid", "nsdelegate", "name=systemd", "path=C:\\Program Files\\D", "lowerdir=/a\\054b:/é", "mode=755",
);
const tag = fc.constantFrom("shared:1", "master:22", "propagate_from:3", "unbindable");
const int = fc.nat(0x7fffffff);

const mountLine = fc
  .record({
    ids: fc.tuple(int, int, int, int),
    root: rootOrPoint, point: rootOrPoint, options: fc.subarray(["rw", "nosuid", "relatime"], { minLength: 1 }),
    tags: fc.array(tag, { maxLength: 4 }), type: mangled, source: fc.oneof(mangled, fc.constant(bytes(""))),
    supers: fc.array(option, { minLength: 1, maxLength: 4 }), foreign: fc.boolean(),
  })
  .map(({ ids: [id, parent, major, minor], root, point, options, tags, type, source, supers, foreign }) =>
    join([
      bytes(`${id} ${parent} ${major}:${minor} `), root, bytes(" "), point, bytes(` ${[options.join(","), ...tags].join(" ")} - `),
      type, bytes(" "), source, bytes(` ${supers.join(",")}`), Uint8Array.from(foreign ? [0x2c, 0xff] : []),
    ]));

/** A mountinfo, perhaps without the last newline. */
export const mountinfoFile: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.array(mountLine, { maxLength: 4 }), fc.boolean())
  .map(([lines, whole]) => ended(lines, whole));
