/** `vm plan` as an answer: what a create would do, and what speaks against each worker. */

import type { Plan, PlannedWorker } from "../machine/plan.ts";
import type { VmPlanResponse } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson } from "./freshness.ts";
import type { Tone } from "./paint.ts";
import { formatMebibytes } from "./size.ts";
import { renderTable } from "./table.ts";

const tones: Readonly<Record<PlannedWorker["verdict"], Tone>> = { chosen: "good", alternative: "quiet", rejected: "bad" };

/** The plan, and whether the VM would fit. */
export function vmPlanned(name: string, { plan: json, freshness }: VmPlanResponse): { readonly answer: Answer; readonly fits: boolean } {
  const plan = JSON.parse(json) as Plan;
  const chosen = plan.workers.find(({ verdict }) => verdict === "chosen");
  const makeWay = plan.preempts.map(({ vm, priority }) => `${vm} (priority ${priority})`).join(", ");
  const head = chosen !== undefined && makeWay !== "" ? `VM ${name} would go to ${chosen.name} by ${plan.strategy} when these made way: ${makeWay}` : chosen === undefined ? `VM ${name} would be refused: ${plan.refusal?.code ?? ""}` : `VM ${name} would go to ${chosen.name} by ${plan.strategy}, and nothing else would change`;
  const why = plan.refusal === null || plan.workers.some(({ verdict }) => verdict === "rejected") ? [] : [plan.refusal.message];
  return {
    fits: plan.fits,
    answer: {
      json: { name, ...plan, freshness: freshnessJson(freshness) },
      text: (paint) => [head, ...why, ...(plan.workers.length === 0 ? [] : [tableOf(plan.workers, paint)])].join("\n"),
    },
  };
}

function tableOf(workers: readonly PlannedWorker[], paint: Parameters<Answer["text"]>[0]): string {
  return renderTable<PlannedWorker>(
    [
      { heading: "WORKER", cell: ({ name }) => name },
      { heading: "VERDICT", cell: ({ verdict }) => ({ text: verdict, tone: tones[verdict] }) },
      { heading: "FREE AFTER", cell: ({ score }) => (score === null ? null : formatMebibytes(score)), right: true },
      { heading: "WHY", cell: ({ reason }) => reason },
    ],
    workers,
    paint,
  );
}
