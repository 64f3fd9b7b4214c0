// The model under proof, as something that runs operations one by one.

import type { Operation, ReplayOptions, Result } from "../../ts/replay/operation.ts";
import { Replay } from "../../ts/replay/index.ts";
import type { Run } from "./generator.ts";

/** A fresh machine. */
export function machine(options: ReplayOptions): Run {
  const replay = new Replay(options);
  return (op) => replay.run(op);
}

/** A whole script on a fresh machine. */
export const replayed = (ops: readonly Operation[], options: ReplayOptions): Result[] => ops.map(machine(options));
