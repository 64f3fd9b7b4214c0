// Cases judged: each agrees, differs by a rule of the table of differences, or differs without one. A rule that matches a
// case on which both agree would excuse a right answer: it is broken.

import { factsOf, same } from "./cases.mjs";
import { DIFFERENCES } from "./differences.mjs";

/** The verdict on one case, given what cgroupns answers. */
export function judge(one, got) {
  const wanted = factsOf(one);
  const rules = DIFFERENCES.filter((rule) => rule.facts(one) !== undefined);
  const corrected = rules.reduce((facts, rule) => ({ ...(rule.facts(one).refused ? {} : facts), ...rule.facts(one) }), wanted);
  const agrees = same(wanted, got);
  return {
    one, wanted, got, rules, disputed: rules.some(({ disputed }) => disputed),
    verdict: agrees ? (rules.length > 0 ? "broken" : "agree") : rules.length > 0 && same(corrected, got) ? "rule" : "differ",
  };
}

/** By kind: how many of each verdict, and the share of the undisputed that agree. */
export function byKind(verdicts) {
  const kinds = new Map();
  for (const { one, verdict, disputed } of verdicts) {
    const row = kinds.get(one.kind) ?? { cases: 0, agree: 0, rule: 0, differ: 0, broken: 0, undisputed: 0 };
    kinds.set(one.kind, row);
    row.cases++;
    row[verdict]++;
    if (!disputed) row.undisputed++;
  }
  return kinds;
}

/** How one answerer fares on the undisputed container ids: right, missed, wrong, and an id where there is no container. */
export function score(pairs) {
  const row = { right: 0, missed: 0, wrong: 0, invented: 0 };
  for (const { wanted, got } of pairs) {
    if (wanted === got) row.right++;
    else if (got === null) row.missed++;
    else if (wanted === null) row.invented++;
    else row.wrong++;
  }
  return row;
}
