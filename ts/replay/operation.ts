// The operations that `cgroupns replay` reads and the results it prints: the language of a double that any team can
// drive. Says only their shape; what they do is the business of replay.ts.

/** One operation. `agent` is who does it: the controller (`ctl`, pid 1 of its pid namespace, root) unless another is named. */
export interface Operation {
  readonly op: string;
  readonly agent?: string;
  /** Echoed in the result. */
  readonly id?: unknown;
  readonly [field: string]: unknown;
}

/** What an operation came to: an answer, an errno and the call that gave it, or why it was not tried at all. */
export type Result = { readonly id?: unknown } & (
  | { readonly ok: unknown }
  | { readonly err: string; readonly at?: string }
  | { readonly refused: string }
);

/** How a replay is set up; the same words as the command's options. */
export interface ReplayOptions {
  /** The directory under each hierarchy in which everything happens. @defaultValue "cgroupns" */
  readonly base?: string;
  /** v1 hierarchies the operations may use. @defaultValue ["pids"] */
  readonly v1?: readonly string[];
  /** Mount option of the unified hierarchy. */
  readonly nsdelegate?: boolean;
  /** Allow operations that change the unified hierarchy's global mount options. */
  readonly exclusive?: boolean;
  /** Sizes of huge pages, such as "2MB". @defaultValue ["2MB"] */
  readonly hugePages?: readonly string[];
  /** Controllers enabled in the root's cgroup.subtree_control. */
  readonly rootControllers?: readonly string[];
}
