/** Flags that say where a VM wants to be, and the wish they come to. */

import { Flags } from "@oclif/core";
import { UserError } from "../errors.ts";
import type { PlacementWish } from "../machine/records.ts";
import { labelFlag } from "./arguments.ts";

const strategies = ["most-available", "bin-pack", "round-robin", "spread", "locality", "manual"] as const;

export const placementFlags = {
  strategy: Flags.option({ options: strategies })({ description: "How a worker is chosen, now and whenever it has to move. [default: most-available; manual with --node]" }),
  spread: Flags.string({ description: "Strategy spread: evenly over the values of this label of workers.", helpValue: "LABEL", exclusive: ["prefer"] }),
  prefer: Flags.string({ description: "Strategy locality: rather on workers with this label.", helpValue: "LABEL=VALUE" }),
  label: labelFlag({ description: "Label of the VM, by which others are near or apart; may be given again." }),
  near: labelFlag({ description: "Only on a worker that holds a VM with this label." }),
  apart: labelFlag({ description: "Only on a worker that holds no VM with this label." }),
  "prefer-near": labelFlag({ description: "Rather with a VM of this label." }),
  "prefer-apart": labelFlag({ description: "Rather without a VM of this label." }),
};

export interface PlacementFlags {
  readonly strategy?: (typeof strategies)[number] | undefined;
  readonly spread?: string | undefined;
  readonly prefer?: string | undefined;
  readonly node?: string | undefined;
  readonly label: readonly string[];
  readonly near: readonly string[];
  readonly apart: readonly string[];
  readonly "prefer-near": readonly string[];
  readonly "prefer-apart": readonly string[];
}

/** The fields of a request to create. Throws `UserError INVALID_ARGUMENT` for flags that contradict each other. */
export function placementOf(flags: PlacementFlags): { readonly labels: readonly string[]; readonly place?: PlacementWish } {
  const { strategy, spread, prefer, node, label: labels, near, apart, "prefer-near": preferNear, "prefer-apart": preferApart } = flags;
  const implied = spread !== undefined ? "spread" : prefer !== undefined ? "locality" : strategy;
  if (strategy !== undefined && strategy !== implied) throw contradiction(`--strategy ${strategy} does not go with ${spread === undefined ? "--prefer" : "--spread"}`, "Leave --strategy out.");
  if (implied === "spread" && spread === undefined) throw contradiction("the strategy spread needs a label", "Add --spread LABEL, for example --spread zone.");
  if (implied === "locality" && prefer === undefined) throw contradiction("the strategy locality needs a label", "Add --prefer LABEL=VALUE, for example --prefer zone=a.");
  if (implied === "manual" && node === undefined) throw contradiction("the strategy manual needs a worker", "Add --node NODE.");
  const company = { near, apart, preferNear, preferApart };
  if ((implied === undefined || implied === "manual") && Object.values(company).every((list) => list.length === 0)) return { labels };
  const label = spread ?? prefer;
  const wished = implied === undefined || implied === "manual" ? "most-available" : implied;
  return { labels, place: { strategy: wished, ...(label === undefined ? {} : { label }), ...company } };
}

function contradiction(message: string, next: string): UserError {
  return new UserError("INVALID_ARGUMENT", message, { next });
}
