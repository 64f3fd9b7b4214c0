// The menu of identities: exports, nothing else. Imports no node: module.
export { type IdentityAttributes, toAttributes } from "./attributes.ts";
export { parseContainerId } from "./container-id.ts";
export type {
  Confidence as IdentityConfidence, Conflict as IdentityConflict, Field as IdentityField, Source as IdentitySource,
} from "./field.ts";
export { formatKubernetesCgroup, parseKubernetesCgroup } from "./kubernetes.ts";
export type {
  ContainerLink, Evidence as LinkEvidence, Link as IdentityLink, MachineLink, MachineManager, OwnerLink, PathIdentity, PodLink, QosClass, Runtime, TaskLink, UnitLink,
} from "./link.ts";
export { type Identities, identifyMany, identifyNodes } from "./many.ts";
export { identifyPath } from "./path.ts";
export { type Identification, type IdentityTexts, identifyTexts } from "./texts.ts";
