// An identification in OpenTelemetry's semantic-convention names. Knows the names; must not know how they were found.

import type { Field } from "./field.ts";
import type { Identification } from "./texts.ts";

/** Attributes of a resource; what is not known is left out. */
export interface IdentityAttributes {
  /** https://opentelemetry.io/docs/specs/semconv/resource/container/ */
  readonly "container.id"?: string;
  readonly "container.runtime.name"?: string;
  /** https://opentelemetry.io/docs/specs/semconv/resource/k8s/ */
  readonly "k8s.pod.uid"?: string;
  /** https://opentelemetry.io/docs/specs/semconv/resource/cloud-provider/aws/ecs/ */
  readonly "aws.ecs.task.id"?: string;
  /** https://opentelemetry.io/docs/specs/semconv/registry/attributes/linux/ has no name for these three: systemd's own. */
  readonly "systemd.unit"?: string;
  readonly "systemd.user_unit"?: string;
  readonly "systemd.slice"?: string;
}

/** The fields that have a value, by OpenTelemetry's names. A pod of Podman is no `k8s.pod`. */
export function toAttributes(who: Identification): IdentityAttributes {
  const kubernetes = who.chain.findLast((link) => link.kind === "pod")?.orchestrator !== "podman";
  return {
    ...attribute("container.id", who.containerId),
    ...attribute("container.runtime.name", who.containerRuntime),
    ...(kubernetes ? attribute("k8s.pod.uid", who.podUid) : {}),
    ...attribute("aws.ecs.task.id", who.taskId),
    ...attribute("systemd.unit", who.unit),
    ...attribute("systemd.user_unit", who.userUnit),
    ...attribute("systemd.slice", who.slice),
  };
}

function attribute(name: keyof IdentityAttributes, { value }: Field<string>): IdentityAttributes {
  return value === null ? {} : { [name]: value };
}
