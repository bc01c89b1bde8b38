/** How a VM wants to be placed: what such a wish may be, and its one form in a row. */

import { isOneOf, isShape, shape, type Check } from "./check-value.ts";
import { isLabel, isLabelKey, isLabels } from "./labels.ts";
import type { PlacementWish } from "./records.ts";

const isWishes = isLabels("label");

export const isPlacementWish: Check = isShape(
  shape(
    { strategy: isOneOf("most-available", "bin-pack", "round-robin", "spread", "locality") },
    { label: isKeyOrLabel, near: isWishes, apart: isWishes, preferNear: isWishes, preferApart: isWishes },
  ),
);

/** What no single field tells: spread needs the key of a label, locality a label, the others none. */
export function placementProblem(wish: PlacementWish | undefined): string | null {
  if (wish === undefined) return null;
  const { strategy, label } = wish;
  if (strategy === "spread") return isLabelKey(label) === null ? null : "needs the key of a label to spread over";
  if (strategy === "locality") return isLabel(label) === null ? null : "needs a label that workers should have";
  return label === undefined ? null : `names a label, which the strategy ${strategy} does not look at`;
}

/** The fields in an order of ours, the labels sorted; empty lists are left out. */
export function copyOfWish({ strategy, label, near, apart, preferNear, preferApart }: PlacementWish): PlacementWish {
  return {
    strategy,
    ...(label === undefined ? {} : { label }),
    ...listed("near", near),
    ...listed("apart", apart),
    ...listed("preferNear", preferNear),
    ...listed("preferApart", preferApart),
  };
}

/** Labels as they stand in a row: sorted; no field when there is none. */
export function listed<K extends string>(field: K, labels: readonly string[] | undefined): { readonly [F in K]?: readonly string[] } {
  const fields: { [F in K]?: readonly string[] } = {};
  if (labels !== undefined && labels.length > 0) fields[field] = [...labels].sort();
  return fields;
}

function isKeyOrLabel(value: unknown): string | null {
  return isLabelKey(value) === null ? null : isLabel(value);
}
