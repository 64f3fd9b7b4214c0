// What does one kind of operation: checks its fields, lets the agent act, says what came of it.

import type { Agent } from "./agent.ts";
import type { Operation, Result } from "./operation.ts";
import type { Replay } from "./replay.ts";

export type Handler = (replay: Replay, op: Operation, who: Agent) => Result;
export type Handlers = Readonly<Record<string, Handler>>;
