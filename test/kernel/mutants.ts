// Every probed rule switched off, one at a time: the whole list, in the order of the rules. What runs it is in mutation.ts.

import { ASKED } from "./mutants/asked.ts";
import { CONTROL } from "./mutants/control.ts";
import { FILES, MOUNTS } from "./mutants/files.ts";
import { MIGRATION } from "./mutants/migration.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { NAMESPACES } from "./mutants/namespaces.ts";
import { VIEWS } from "./mutants/views.ts";

export const MUTANTS: readonly Mutant[] = [...VIEWS, ...NAMESPACES, ...MIGRATION, ...FILES, ...CONTROL, ...MOUNTS, ...ASKED].sort(byRule);

/** 5.1.9 before 5.1.10. */
function byRule(a: Mutant, b: Mutant): number {
  return a.rule.localeCompare(b.rule, "en", { numeric: true });
}

/** Those of sections 1 to 13 that were asked of a kernel, and that the model has a say in. */
export const PROBED: readonly string[] = [
  "1.1", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "2.2", "2.3", "2.4", "2.5", "2.6", "2.8",
  "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7",
  "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.5", "5.1.6", "5.1.7", "5.1.8", "5.1.9", "5.1.10", "5.1.11", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9",
  "6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "6.10", "6.11", "6.11a", "6.12", "6.13", "7.2", "7.3", "7.4", "7.5",
  "8.1", "8.2", "8.3", "8.4", "8.5", "8.6", "8.7", "9.1", "9.2", "9.3", "9.4", "9.5", "9.6",
  "10.1", "10.2", "10.3", "10.4", "10.5", "10.6", "10.7", "11.1", "11.2", "12.1", "12.2", "12.3", "12.4", "13.1", "13.2", "13.3",
];
