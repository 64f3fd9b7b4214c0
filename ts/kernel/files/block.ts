// The io controller (v1: blkio): weights and limits by device (cgroup-v2.rst, blkio-controller.rst).

import { type Bytes, strip } from "../bytes.ts";
import { controllerSet } from "../controller.ts";
import { type NumberErrno, unsigned64 } from "../number.ts";
import type { FileType } from "./file.ts";
import type { ControllerFiles } from "./file.ts";
import { command, fixed, kept, unsignedIn } from "./setting.ts";

const IO = controllerSet(["io"])!;
const BELOW_ROOT = { where: "not root" } as const;
const DEVICE = /^\d+:\d+$/;
const KEYS = ["rbps", "wbps", "riops", "wiops"];

type Lines = Readonly<Record<Bytes, Bytes>>;

/** io.max: `MAJ:MIN key=value …`, a line a device; `max` takes a limit away. */
function parseMax(text: Bytes, before: Lines): Lines | NumberErrno {
  const [device = "", ...pairs] = strip(text).split(/\s+/);
  if (!DEVICE.test(device)) return "EINVAL";
  const limits = Object.fromEntries((before[device] ?? KEYS.map((key) => `${key}=max`).join(" ")).split(" ").map((pair) => pair.split("=")));
  for (const pair of pairs) {
    const [key = "", value = ""] = pair.split("=");
    const number = value === "max" ? "max" : unsigned64(value);
    if (!KEYS.includes(key) || number === "EINVAL") return "EINVAL";
    if (number === "ERANGE" || number === 0n) return "ERANGE";
    limits[key] = String(number);
  }
  const { [device]: _gone, ...others } = before;
  const line = KEYS.map((key) => `${key}=${limits[key]}`).join(" ");
  return KEYS.every((key) => limits[key] === "max") ? others : { ...others, [device]: line };
}

const shown = (lines: Lines): Bytes => Object.entries(lines).map(([device, line]) => `${device} ${line}\n`).join("");

const max: FileType = {
  ...kept<Lines>("io.max", IO, {}, (text, cgroup) => parseMax(text, (cgroup.settings.get("io.max") as Lines | undefined) ?? {}), { where: BELOW_ROOT }),
  show: (cgroup) => shown((cgroup.settings.get("io.max") as Lines | undefined) ?? {}),
};

/** v1: one number a device. */
const byDevice = (name: Bytes): FileType => ({
  ...kept<Lines>(name, IO, {}, (text, cgroup) => {
    const [device = "", value = "", ...more] = strip(text).split(/\s+/);
    const number = unsigned64(value);
    if (!DEVICE.test(device) || typeof number === "string" || more.length > 0) return "EINVAL";
    const { [device]: _gone, ...others } = (cgroup.settings.get(name) as Lines | undefined) ?? {};
    return number === 0n ? others : { ...others, [device]: String(number) };
  }),
  show: (cgroup) => shown((cgroup.settings.get(name) as Lines | undefined) ?? {}),
});

const weight = (name: Bytes, low: bigint, high: bigint): FileType =>
  kept<bigint>(name, IO, 100n, (text) => unsignedIn(low, high, "ERANGE")(strip(text).replace(/^default\s+/, "")), {
    where: BELOW_ROOT, show: (value) => (name.startsWith("io.") ? `default ${value}` : String(value)),
  });

export const BLOCK_FILES: ControllerFiles = {
  unified: [max, weight("io.weight", 1n, 10_000n), weight("io.bfq.weight", 1n, 1000n), fixed("io.stat", IO, "")],
  legacy: [
    weight("blkio.bfq.weight", 1n, 1000n),
    ...["read_bps", "read_iops", "write_bps", "write_iops"].map((what) => byDevice(`blkio.throttle.${what}_device`)),
    ...["throttle.io_service_bytes", "throttle.io_serviced", "bfq.io_service_bytes", "bfq.io_serviced"].flatMap((what) =>
      ["", "_recursive"].map((kind) => fixed(`blkio.${what}${kind}`, IO, "Total 0\n"))),
    command("blkio.reset_stats", IO, () => true),
  ],
};
