// Lines of a story: what it is about in front, what is so behind it; and who a process is told in such lines.

import type { Identification, IdentityField } from "../index.ts";
import { sourceText } from "./identity-rows.ts";
import { visible } from "./text.ts";

/** What a line is about, "" where it goes on; and what is said. */
export type Lines = readonly (readonly [string, string])[];

export function storyLines(lines: Lines): string {
  return lines.map(([about, said]) => `  ${about.padEnd(20)} ${said}`.trimEnd()).map((line) => `${line}\n`).join("");
}

type Fields = readonly (readonly [string, IdentityField<string | number>, IdentityField<string | number>?])[];

/** The fields that are known, each with its source below it; of the container also why not. */
export function whoLines(who: Identification): Lines {
  const fields: Fields = [
    ["sandbox", who.sandboxId], ["monitors", who.monitorId], ["pod", who.podUid, who.podQos], ["task", who.taskId],
    ["machine", who.machine, who.machineManager], ["unit", who.unit], ["user unit", who.userUnit], ["slice", who.slice],
    ["user slice", who.userSlice], ["session", who.session], ["owner", who.ownerUid],
  ];
  return [...containerLines(who), ...fields.flatMap(([about, field, more]) => fieldLines(about, field, more))];
}

function containerLines(who: Identification): Lines {
  const { containerId, containerRuntime, chain } = who;
  if (containerId.value === null) return [["container", `unknown: ${containerId.reason}`]];
  const around = chain.filter((link) => link.kind === "container" || link.kind === "machine").length;
  const nested = around > 1 ? `  (innermost of ${around})` : "";
  const [[, said], ...source] = fieldLines("container", containerId) as [[string, string], ...[string, string][]];
  return [["container", `${containerRuntime.value ?? "of some runtime:"} ${said}${nested}`], ...source];
}

function fieldLines(about: string, { value, source, confidence }: IdentityField<string | number>, more?: IdentityField<string | number>): Lines {
  if (value === null || source === null) return [];
  const besides = more === undefined || more.value === null ? "" : `  ${visible(String(more.value))}`;
  return [[about, `${visible(String(value))}${besides}`], ["", `${confidence}, ${sourceText(source)}`]];
}
