// systemd's reading of a path, one component at a time: leading slices, then a unit; below a user's manager or a session
// slices and a unit of theirs; everything further down was delegated and is nobody's but the unit's.
// Knows systemd's rules (systemd.unit(5), systemd.slice(5), sd_pid_get_unit(3)); must not know containers.
//
//     /user.slice/user-1000.slice/user@1000.service/app.slice/app-a.scope/sub
//      slice       slice, owner   unit              user slice user unit   (delegated)

import type { OwnerLink, UnitLink } from "./link.ts";
import { isSliceName, isUnitName, isUserManager, ownerOf, sessionOf, unescapeComponent } from "./unit-name.ts";

/** What the next component may be. `payload` is the top of a container or machine, where another manager may start anew. */
export type Phase = "slices" | "payload" | "user-slices" | "below";

export interface Step {
  readonly phase: Phase;
  readonly links: readonly (UnitLink | OwnerLink)[];
}

type Said = Pick<UnitLink, "component" | "level" | "depth">;

// The sub-cgroup in which nspawn, Proxmox and crun put what runs inside: its parts are the top of the inside.
const TOPS = new Set(["payload", "ns", "container"]);

const NOTHING: Step = { phase: "below", links: [] };

/** What a component is to systemd, given what stood before it. */
export function nameStep(phase: Phase, said: Said): Step {
  const { component } = said;
  if (phase === "below") return NOTHING;
  if (phase === "payload" && TOPS.has(component)) return { phase: "slices", links: [] };
  const name = unescapeComponent(component);
  if (isSliceName(name)) return sliceStep(phase, name, said);
  // What ends in `.slice` and is none, such as an instance of a template, is no unit either.
  return isUnitName(name) && !name.endsWith(".slice") ? unitStep(phase, name, said) : NOTHING;
}

function sliceStep(phase: Phase, name: string, said: Said): Step {
  if (phase === "user-slices") return { phase, links: [unitLink("user-slice", name, said)] };
  const uid = ownerOf(name);
  const slice = unitLink("slice", name, said);
  return { phase: "slices", links: uid === undefined ? [slice] : [slice, { kind: "owner", uid, ...said }] };
}

function unitStep(phase: Phase, name: string, said: Said): Step {
  if (phase === "user-slices") return { phase: "below", links: [unitLink("user-unit", name, said)] };
  const session = sessionOf(name);
  const unit = unitLink("unit", name, said);
  if (session !== undefined) return { phase: "user-slices", links: [unit, unitLink("session", session, said)] };
  return { phase: isUserManager(name) ? "user-slices" : "below", links: [unit] };
}

function unitLink(kind: UnitLink["kind"], name: string, { component, level, depth }: Said): UnitLink {
  return { kind, name, component, level, depth };
}
