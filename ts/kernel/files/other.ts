// Controllers with little to keep: devices, net_cls, net_prio, rdma and misc.

import { type Bytes, strip } from "../bytes.ts";
import { controllerSet } from "../controller.ts";
import type { NumberErrno } from "../number.ts";
import type { FileType } from "./file.ts";
import type { ControllerFiles } from "./file.ts";
import { command, fixed, kept, unsignedIn } from "./setting.ts";

const DEVICES = controllerSet(["devices"])!;
const NET_CLS = controllerSet(["net_cls"])!;
const NET_PRIO = controllerSet(["net_prio"])!;
const RDMA = controllerSet(["rdma"])!;
const MISC = controllerSet(["misc"])!;
const BELOW_ROOT = { where: "not root" } as const;

const isDeviceRule = (text: Bytes): boolean => text === "a" || /^[abc] (?:\d+|\*):(?:\d+|\*) [rwm]{1,3}$/.test(text) || /^a\b/.test(text);

const lines = (name: Bytes, controllers: number): FileType => ({
  ...kept<Bytes>(name, controllers, "", (text): Bytes | NumberErrno => (/^\S+ \S+/.test(strip(text)) ? strip(text) : "EINVAL"), { where: BELOW_ROOT }),
  show: (cgroup) => (cgroup.settings.has(name) ? `${cgroup.settings.get(name)}\n` : ""),
});

export const OTHER_FILES: ControllerFiles = {
  unified: [
    lines("rdma.max", RDMA), fixed("rdma.current", RDMA, "", BELOW_ROOT),
    lines("misc.max", MISC), fixed("misc.current", MISC, ""), fixed("misc.events", MISC, "", BELOW_ROOT),
  ],
  legacy: [
    command("devices.allow", DEVICES, isDeviceRule), command("devices.deny", DEVICES, isDeviceRule),
    fixed("devices.list", DEVICES, "a *:* rwm\n"),
    kept<bigint>("net_cls.classid", NET_CLS, 0n, unsignedIn(0n, 0xffffffffn)),
    fixed("net_prio.prioidx", NET_PRIO, "1\n"), lines("net_prio.ifpriomap", NET_PRIO),
  ],
};
