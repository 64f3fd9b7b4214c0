// What the lines of a /proc/PID/cgroup, and the roots of cgroup mounts, say together: the line that says most, agreement
// counted over the others, contradictions kept. Knows identities of paths; must not know mounts.

import { ballot, type Conflict, type Source, type Testimony } from "./field.ts";
import type { ContainerLink, PathIdentity } from "./link.ts";
import { identifyPath } from "./path.ts";

/** A path somewhere in a text. */
export interface Sighting {
  readonly path: string;
  readonly source: Source;
  readonly exact: boolean;
}

/** A sighting and what its path says. */
export interface Witness extends Sighting {
  readonly identity: PathIdentity;
}

export function witnesses(sightings: readonly Sighting[]): Witness[] {
  return sightings.map((sighting) => ({ ...sighting, identity: identifyPath(sighting.path) }));
}

/**
 * The witness to believe about containers: hierarchies can hold a process at different depths, so one that names an inner
 * container of another's outer one agrees with it; of those that contradict, the one most lines agree with.
 */
export function believed(all: readonly Witness[]): Witness | undefined {
  const naming = all.filter(({ identity }) => identity.container !== null);
  const support = (one: Witness): number => naming.filter((other) => agrees(one, other)).length;
  let best: Witness | undefined;
  let most = 0;
  for (const one of naming) {
    const lines = support(one);
    if (lines > most) [best, most] = [one, lines];
  }
  return best;
}

// Whether the other's innermost container is among this one's.
function agrees(one: Witness, other: Witness): boolean {
  const inner = other.identity.container!;
  return one.identity.chain.some((link) => link.kind === "container" && link.id === inner.id);
}

/** The contradiction about containers, if there is one. */
export function contradiction(all: readonly Witness[], best: Witness | undefined): Conflict | undefined {
  if (best === undefined) return undefined;
  const against = all.filter((other) => other.identity.container !== null && !agrees(best, other));
  if (against.length === 0) return undefined;
  const votes = ballot([best, ...all].filter(({ identity }) => identity.container !== null).map(testimony), ({ id }) => id);
  const values = votes.map(({ first, lines }) => ({
    value: first.value.id,
    source: first.source,
    lines: first.value.id === best.identity.container!.id ? lines - 1 : lines,
  }));
  return { field: "container.id", values };
}

function testimony({ identity, source }: Witness): Testimony<ContainerLink> {
  return { value: identity.container!, source, confidence: "certain" };
}
