// A replay whose machine was written down and read again: the same agents, bound to their tasks by number.

import { Kernel } from "../../ts/kernel/kernel.ts";
import type { Task } from "../../ts/kernel/task.ts";
import { Agent } from "../../ts/replay/agent.ts";
import { Replay, type ReplayOptions } from "../../ts/replay/index.ts";

interface Inside {
  kernel: Kernel;
  controller: Task;
  namespaceNames: Map<string, string>;
}

/** Undefined while somebody still has to do what it was told: that is not the machine's state. */
export function restored(from: Replay, options: ReplayOptions): Replay | undefined {
  if ([...from.agents.values()].some(({ waiting }) => waiting.length > 0)) return undefined;
  const to = new Replay(options);
  const inside = to as unknown as Inside;
  inside.kernel = Kernel.fromJSON(JSON.parse(JSON.stringify(from.kernel)));
  const task = (of: Task): Task => taskOf(inside.kernel, of);
  inside.controller = task(from.controller);
  to.agent("ctl").task = inside.controller;
  copyDescriptors(from.agent("ctl"), to.agent("ctl"));
  for (const [name, agent] of from.agents) {
    const made = new Agent(agent.name, task(agent.task), agent.pid, agent.process, agent.parent);
    Object.assign(made, { dead: agent.dead, reaped: agent.reaped, silent: agent.silent });
    copyDescriptors(agent, made);
    to.agents.set(name, made);
  }
  for (const [link, name] of (from as unknown as Inside).namespaceNames) inside.namespaceNames.set(link, name);
  return to;
}

function copyDescriptors(from: Agent, to: Agent): void {
  for (const [name, fd] of from.descriptors) to.descriptors.set(name, fd);
}

/** By its number in the initial pid namespace; one that was reaped is nowhere any more. */
function taskOf(kernel: Kernel, { numbers, state }: Task): Task {
  const found = kernel.initialPidNs.tasks.get(numbers[0]!);
  return state === "reaped" || found === undefined ? ({ state: "reaped" } as Task) : found;
}
