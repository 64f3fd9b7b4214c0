// A million hostile texts (CGROUPNS_HOSTILE of them) through both parsers: the same bytes back or a CgroupError, nothing else.
// Seeded, so that a failure comes again; the message shows the text.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CgroupError } from "../../ts/errors.ts";
import { formatMountinfo, formatProcCgroup, parseMountinfo, parseProcCgroup } from "../../ts/proc/index.ts";
import { type Random, seeded } from "../seeded.ts";

const COUNT = Number(process.env.CGROUPNS_HOSTILE ?? 100_000);

const cgroupLines = [
  "0::/", "0::/../../a", "0::/kubepods.slice/cri-containerd-0123.scope", "0::/a (deleted)", "0::/B/ (deleted)", "0::/x:y",
  "1:name=systemd:/user.slice", "4:cpu,cpuacct:/docker/ab", "7:pids,name=mine:/..", "0:cpuset,cpu:/batchjobs/c_job_id1",
  "2147483647:memory:/é", `9:blkio:/${"n".repeat(4094)}`, `0::/${"/ab".repeat(1364).slice(0, 4092)}x`.replace("//", "/"),
].map((line) => Buffer.from(line));

const mountLines = [
  "41 31 0:38 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate",
  "40 31 0:37 /../q /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd",
  "7 1 0:9 / /a\\040b rw shared:1 master:2 propagate_from:3 unbindable - tmpfs  rw",
  "560 77 0:138 / /Docker/host rw - 9p drvfs rw,aname=drvfs;path=C:\\Program Files\\D,mmap",
  "7 1 0:9 net:[4026531992] /x\\134\\011\\012 rw - fuse.a\\043b c\\043d rw", "1 0 8:1 / / rw - ext4 /dev/sda1",
].map((line) => Buffer.from(line));

const INSERTS = [
  "/", "//", "/.", "/..", ":", "::", ",", "=", "name=", " (deleted)", " ", "  ", "\t", "\r", "\n", "\0", " - ", "-", "#",
  "0", "00", "99999999999999999999", "2147483648", "4294967296", "-1", "0x1",
  "\\040", "\\134", "\\043", "\\400", "\\12", "\\", "é", "\ufeff", "\ufffd",
].map((text) => Buffer.from(text));
const FOREIGN = [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80]].map((raw) => Buffer.from(raw));

const pick = <T>(from: readonly T[], random: Random): T => from[random(from.length)]!;

const splice = (text: Buffer, at: number, gone: number, put: Uint8Array): Buffer =>
  Buffer.concat([text.subarray(0, at), put, text.subarray(at + gone)]);

/** The ways of hostility, each: text, a place in it, a random number → another text. */
const mutations: ((text: Buffer, at: number, random: Random) => Buffer)[] = [
  (text, at, random) => splice(text, at, 1, Uint8Array.of((text[at] ?? 0) ^ (1 << random(8)))),
  (text, at, random) => splice(text, at, 1, Uint8Array.of(random(256))),
  (text, at) => text.subarray(0, at),
  (text, at) => text.subarray(at),
  (text, at, random) => splice(text, at, random(6), Buffer.alloc(0)),
  (text, at, random) => splice(text, at, 0, pick(INSERTS, random)),
  (text, at, random) => splice(text, at, random(3), pick(INSERTS, random)),
  (text, at, random) => splice(text, at, random(2), pick(FOREIGN, random)),
  (text, at, random) => splice(text, at, 0, text.subarray(random(at + 1), at)),
  (text, _, random) => Buffer.concat([text, text.subarray(text.lastIndexOf(10, random(text.length + 1)) + 1)]),
];

const hostileText = (lines: readonly Buffer[], random: Random): Buffer => {
  const count = 1 + random(3);
  const newline = Buffer.from("\n");
  let text: Buffer = Buffer.concat(Array.from({ length: count }, () => [pick(lines, random), newline]).flat());
  if (random(4) === 0) text = text.subarray(0, -1);
  for (let left = random(4); left > 0; left--) text = pick(mutations, random)(text, random(text.length + 1), random);
  return text;
};

/** Half a million refusals need no stack traces. */
const { stackTraceLimit } = Error;
beforeAll(() => { Error.stackTraceLimit = 0; });
afterAll(() => { Error.stackTraceLimit = stackTraceLimit; });

type Outcome = "accepted" | "refused";

const judge = <E>(
  text: Buffer,
  encoding: "utf8" | "buffer",
  parse: (text: Uint8Array, options: object) => E[],
  format: (entries: E[], options: object) => string | Uint8Array,
): Outcome => {
  let entries: E[];
  try {
    entries = parse(text, { encoding });
  } catch (error) {
    if (error instanceof CgroupError && (error.line ?? 0) > 0 && error.rule !== undefined) return "refused";
    throw new Error(`not a CgroupError with line and rule, for ${JSON.stringify(text.toString("latin1"))}`, { cause: error });
  }
  const back = format(entries, { encoding });
  const same = typeof back === "string" ? back === text.toString() && Buffer.from(back).equals(text) : text.equals(back);
  if (!same) throw new Error(`not the same bytes for ${JSON.stringify(text.toString("latin1"))}`);
  return "accepted";
};

const shareAccepted = (lines: readonly Buffer[], seed: number, one: (text: Buffer, encoding: "utf8" | "buffer") => Outcome): number => {
  const random = seeded(seed);
  const count = Math.ceil(COUNT / 2);
  let accepted = 0;
  for (let left = count; left > 0; left--) {
    if (one(hostileText(lines, random), left % 2 === 0 ? "utf8" : "buffer") === "accepted") accepted++;
  }
  return accepted / count;
};

describe(`${COUNT} hostile texts: the same bytes back or a CgroupError`, () => {
  it("/proc/PID/cgroup", () => {
    const share = shareAccepted(cgroupLines, 1, (text, encoding) => judge(text, encoding, parseProcCgroup, formatProcCgroup));
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.9);
  });

  it("mountinfo", () => {
    const share = shareAccepted(mountLines, 2, (text, encoding) => judge(text, encoding, parseMountinfo, formatMountinfo));
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.9);
  });
});
