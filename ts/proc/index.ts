// The menu of the text formats: exports, nothing else.
// Imports no node: module: it runs in Node, Deno, Bun and browsers.
export type { BufferOptions, EncodingOptions, Utf8Options } from "./bytes.ts";
export { type ProcCgroupsEntry, parseProcCgroups } from "./cgroups-file.ts";
export { formatProcCgroup, type ProcCgroupEntry, parseProcCgroup } from "./cgroup-file.ts";
export { formatMountinfo, type MountinfoEntry, parseMountinfo } from "./mountinfo.ts";
