// A million mutated paths (CGROUPNS_HOSTILE of them) and a quarter as many texts: an answer each time, and no id that does not stand in the input once
// the documented escapes are undone: `_` for `-` in pods' uids, `\xNN` in machines' names, `\ooo` in mountinfo.
// Seeded, so that a failure comes again; the message shows the text.

import { afterAll, beforeAll, expect, test } from "vitest";
import { identifyMany, identifyPath, identifyTexts, type IdentityLink } from "../../ts/index.ts";
import { type Random, seeded } from "../seeded.ts";

const COUNT = Number(process.env.CGROUPNS_HOSTILE ?? 20_000);
const TEXTS = Math.ceil(COUNT / 4);
const TIME = 120_000 + COUNT * 2;

/** Lines that nobody can read are many here, and their refusals need no stack traces. */
const { stackTraceLimit } = Error;
beforeAll(() => { Error.stackTraceLimit = 0; });
afterAll(() => { Error.stackTraceLimit = stackTraceLimit; });

const A = "a1b2".repeat(16);
const POD = "5e0f7c2a-91d4-4b1e-8c33-7d20aa94be16";
const seeds = [
  `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD.replaceAll("-", "_")}.slice/cri-containerd-${A}.scope`,
  `/docker/${A}/kubelet/kubepods/besteffort/pod${POD}/${A}`, `/machine.slice/libpod-${A}.scope/container`, `/ecs/${"c0ffee00".repeat(4)}/${"c0ffee00".repeat(4)}-265927825`,
  `/system.slice/containerd.service/kubepods-pod${POD}.slice:cri-containerd:${A}`, "/system.slice/garden.service/garden/6f265890-5165-7fab-6b52-18d1",
  "/lxc.payload.web/system.slice/a.service", "/machine.slice/systemd-nspawn@a\\x2db.service/payload", `/libpod_parent/${A}/libpod-conmon-${A}`,
  "/user.slice/user-1000.slice/user@1000.service/app.slice/_cpu.x.scope", `/../../kubepods/pod${POD}/kata_${A}`, "/user.slice/user-1.slice/session-2.scope",
].map((path) => Buffer.from(path));

const lines = [
  ...seeds.map((path, at) => Buffer.concat([Buffer.from(`${at}:${at === 0 ? "" : `c${at}`}:`), path])),
  ...[`/var/lib/docker/containers/${A}/hostname /etc/hostname`, `/containers/overlay-containers/${A}/userdata/run/secrets /run/secrets`,
    `/x/io.containerd.grpc.v1.cri/sandboxes/${A}/hosts /etc/hosts`, `/var/lib/kubelet/pods/${POD}/etc-hosts /etc/hosts`,
    `${seeds[0]!} /sys/fs/cgroup`].map((text) => Buffer.from(`41 31 0:38 ${text} rw shared:1 - ${text.endsWith("cgroup") ? "cgroup2" : "ext4"} x rw`)),
];

const INSERTS = ["/", "//", "..", ":", "_", "-", ".scope", ".slice", "pod", "docker-", "crio-", "\\x2d", "\\040", "\n", " ", "\t", "\r", "\0", "0", "a", "A", "é"].map((text) => Buffer.from(text));

function mutate(text: Buffer, random: Random): Buffer {
  const at = random(text.length + 1);
  const put = [INSERTS[random(INSERTS.length)]!, Buffer.of(random(256)), Buffer.alloc(0), text.subarray(random(at + 1), at)][random(4)]!;
  return Buffer.concat([text.subarray(0, at), put, text.subarray(at + random(4))]);
}

function mutated(from: readonly Buffer[], random: Random): Buffer {
  let text = from[random(from.length)]!;
  for (let left = 1 + random(4); left > 0; left--) text = mutate(text, random);
  return text;
}

/** A text with every documented escape undone, so that what was read out of it can be looked for. */
function undone(text: Buffer): string {
  const octal = text.toString("latin1").replace(/\\([0-3][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
  const plain = Buffer.from(octal, "latin1").toString();
  return [plain, plain.replaceAll("_", "-"), plain.replace(/\\x([0-7][0-9a-f])/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))].join("\n");
}

function idsOf(links: readonly IdentityLink[]): string[] {
  return links.flatMap((link) => ("id" in link ? [link.id] : "uid" in link ? [String(link.uid)] : [link.name]));
}

const stands = (id: string, text: string): boolean => text.includes(id) || id === "-.slice";

test(`${COUNT} mutated paths name nothing that is not in them, alone and in bulk`, () => {
  const random = seeded(5);
  let named = 0;
  for (let left = COUNT; left > 0; left--) {
    const path = mutated(seeds, random);
    const identity = identifyPath(path);
    const text = undone(path);
    for (const id of idsOf(identity.chain)) {
      if (!stands(id, text) && !/\\[0-3][0-7]{2}/.test(id)) throw new Error(`${id} is not in ${JSON.stringify(path.toString("latin1"))}`);
    }
    if (identity.container !== null) named++;
    if (path.includes(10) || path.length === 0) continue;
    const row = identifyMany(path);
    const alone = [identity.container?.id ?? null, identity.container?.runtime ?? null, identity.pod?.uid ?? null];
    expect([row.containerId(0), row.runtime(0), row.podUid(0)], path.toString("latin1")).toEqual(alone);
  }
  expect(named / COUNT).toBeGreaterThan(0.1);
  expect(named / COUNT).toBeLessThan(0.9);
}, TIME);

test(`${TEXTS} mutated texts likewise`, () => {
  const random = seeded(6);
  let named = 0;
  for (let left = TEXTS; left > 0; left--) {
    const texts = [mutated(lines, random), mutated(lines, random), mutated(lines, random)];
    const text = Buffer.concat(texts.flatMap((line) => [line, Buffer.from("\n")]));
    const who = identifyTexts({ cgroup: text, mountinfo: text });
    const all = undone(text);
    for (const { value } of [who.containerId, who.sandboxId, who.monitorId, who.podUid, who.taskId]) {
      if (value !== null && !stands(value, all)) throw new Error(`${value} is not in ${JSON.stringify(text.toString("latin1"))}`);
    }
    if (who.containerId.value !== null) named++;
  }
  expect(named / TEXTS).toBeGreaterThan(0.2);
}, TIME);

test("a path of a million components has an answer", () => {
  expect(identifyPath("/a".repeat(1_000_000)).container).toBeNull();
  expect(identifyPath(`${"/docker".repeat(100_000)}/${A}`).container?.id).toBe(A);
  expect(identifyMany(Buffer.from("/a".repeat(100_000))).containerId(0)).toBeNull();
});
