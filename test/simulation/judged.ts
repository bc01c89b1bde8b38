/** Every simulated run goes through the real verifier and the real specification. */

import { expect } from "vitest";
import type { SimulationResult } from "../../src/sim/simulate.ts";
import { historyOf } from "../../src/commands/simulated-history.ts";
import { checkLinearizability } from "../../src/verify/linearizability.ts";
import { linearizabilityText } from "../../src/verify/linear-report.ts";
import { verifyLines } from "../../src/verify/check.ts";
import { verdictText } from "../../src/verify/report.ts";
import type { Verdict } from "../../src/verify/verdict.ts";
import { specDirectory } from "./specification.ts";

export function judge(result: SimulationResult): Promise<Verdict> {
  return verifyLines(
    result.lines.map(({ lines }) => lines),
    { specDirectory },
  );
}

/** No law broken, in the simulation, in what clients saw, or in the specification. */
export async function expectGood(result: SimulationResult): Promise<void> {
  expect(result.problems, `seed ${result.seed}`).toEqual([]);
  const history = checkLinearizability(historyOf(result.requests));
  expect(history.kind === "linearizable" ? "" : `seed ${result.seed}: ${linearizabilityText(history)}`).toBe("");
  const verdict = await judge(result);
  expect(verdict.kind === "accepted" ? "accepted" : `seed ${result.seed}: ${verdictText(verdict)}`).toBe("accepted");
}
