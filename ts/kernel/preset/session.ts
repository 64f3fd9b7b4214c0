// A user's session under systemd, without containers: what a desktop, a login and `systemd-run --user` make, with systemd's
// escapes in the names.

import type { Kernel } from "../kernel.ts";
import { type Boot, PresetHost } from "./host.ts";

const UID = 1000;
const USER = "/user.slice/user-1000.slice";

export function session(boot: Boot): Kernel {
  const host = new PresetHost(boot);
  host.service("/system.slice/dbus.service", "dbus-daemon");
  host.service("/system.slice/system-getty.slice/getty@tty1.service", "agetty");
  const sshd = host.service("/system.slice/ssh.service", "sshd");
  host.user(`${USER}/session-2.scope`, "bash", UID, sshd.fork());
  const manager = host.user(`${USER}/user@1000.service/init.scope`, "systemd", UID);
  host.delegate(`${USER}/user@1000.service`, UID);
  // A dash in a name goes a level down, so one that is part of it is written \x2d.
  host.user(`${USER}/user@1000.service/app.slice/app-gnome-org.gnome.Terminal-4242.scope`, "gnome-terminal", UID, manager);
  host.user(`${USER}/user@1000.service/app.slice/app-code\\x2doss-4711.scope`, "app", UID, manager);
  host.user(`${USER}/user@1000.service/session.slice/dbus.service`, "dbus-broker", UID, manager);
  return host.kernel;
}
