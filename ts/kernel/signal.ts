// Signals as far as they matter to cgroups: ending, stopping and going on (kill(2)).

import { CAP } from "./capability.ts";
import { isCapable } from "./credentials.ts";
import { killProcess } from "./exit.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Task } from "./task.ts";

/** By name or number; 0 only asks. */
export type Signal = "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT" | number;

const NUMBERS: Readonly<Record<string, number>> = { SIGKILL: 9, SIGTERM: 15, SIGSTOP: 19, SIGCONT: 18 };
/** Those whose default action is not the end: SIGCHLD, SIGCONT, SIGURG, SIGWINCH, and those that stop. */
const HARMLESS = [0, 17, 18, 23, 28];
const STOPS = [19, 20, 21, 22];

export function sendSignal(by: Task, target: Task, signal: Signal): Refusal | undefined {
  const number = typeof signal === "number" ? signal : NUMBERS[signal];
  if (number === undefined || number < 0 || number > 64) return refuse("EINVAL", "kill(2)");
  if (target.state === "reaped" || target.numberIn(by.pidNs) === 0) return refuse("ESRCH", "kill(2)");
  if (by.process !== target.process && !maySignal(by, target)) return refuse("EPERM", "kill(2)", { credentials: by.credentials });
  if (isIgnored(by, target, number)) return undefined;
  if (STOPS.includes(number)) target.process.stopped = true;
  if (number === 18 || number === 9) target.process.stopped = false;
  if (!STOPS.includes(number) && !HARMLESS.includes(number)) killProcess(target.process, by);
  return undefined;
}

/** The init of a pid namespace takes from outside what cannot be caught, and from inside nothing (pid_namespaces(7)). */
function isIgnored(by: Task, { process, pidNs }: Task, number: number): boolean {
  if (pidNs.reaper !== process || pidNs.parent === null) return false;
  return by.numberIn(pidNs) !== 0 || (number !== 9 && number !== 19);
}

function maySignal(by: Task, target: Task): boolean {
  const own = by.credentials;
  const its = target.credentials;
  if ([own.euid, own.uid].some((uid) => uid === its.suid || uid === its.uid)) return true;
  return isCapable(own, CAP.KILL, its.userNamespace);
}
