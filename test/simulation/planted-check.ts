/** What notices a run in which something went wrong: the specification first, then the history that clients saw. */

import { historyOf } from "../../src/commands/simulated-history.ts";
import type { SimulationResult } from "../../src/sim/simulate.ts";
import { verifyLines } from "../../src/verify/check.ts";
import { checkLinearizability } from "../../src/verify/linearizability.ts";
import { ownSpecDirectory } from "../../src/verify/load-specification.ts";
import type { RejectedVerdict } from "../../src/verify/verdict.ts";

export interface Noticed {
  /** Action or law of the specification, `linearizability`, or what is compared of all nodes: `two owners`, `watchers`. */
  readonly by: string;
  /** The conjunct that was false, or what cannot be of the history. */
  readonly detail: string;
  /** What else was noticed, by assertions of the product or by the simulator: it counts for nothing here. */
  readonly besides: string | null;
}

/** Null when nothing was noticed that counts. Throws what the checker throws. */
export async function notice(result: SimulationResult): Promise<{ readonly noticed: Noticed | null; readonly besides: string | null }> {
  const besides = result.problems[0] === undefined ? null : shortened(result.problems[0]);
  const verdict = await verifyLines(result.lines.map(({ lines }) => lines), { specDirectory: ownSpecDirectory() });
  if (verdict.kind === "rejected") return { noticed: { ...refused(verdict), besides }, besides };
  if (verdict.kind === "undecided") return { noticed: null, besides: "the verifier could not decide" };
  const twice = result.problems.find((problem) => isTwoOwners(problem));
  if (twice !== undefined) return { noticed: { by: "two owners", detail: shortened(twice), besides }, besides };
  const watchers = result.problems.find((problem) => /tell watchers other changes/.test(problem));
  if (watchers !== undefined) return { noticed: { by: "watchers", detail: shortened(watchers), besides }, besides };
  const history = checkLinearizability(historyOf(result.requests));
  if (history.kind !== "violated") return { noticed: null, besides };
  const { key, culprit } = history.violation;
  return { noticed: { by: "linearizability", detail: `${culprit.operation.kind} of ${key} by ${culprit.client}`, besides }, besides };
}

/** The hosts of a simulation are seen all at once: what ran where is known, whatever the lines say. */
function isTwoOwners(problem: string): boolean {
  return /VM \S+ (?:runs on \S+ and on|is started on \S+ while it runs on)/.test(problem);
}

function refused(verdict: RejectedVerdict): { by: string; detail: string } {
  const by = verdict.law ?? verdict.event?.event ?? verdict.code;
  const [first] = verdict.differences;
  return { by, detail: first === undefined ? verdict.what : `${first.at} ${first.conjunct.replace(/\s+/g, " ")}` };
}

/** Without the time, and the state of all nodes. */
function shortened(problem: string): string {
  return problem.replace(/^at [\d.]+ ms: /, "").replace(/ \[.*$/s, "");
}
