/** Labels of workers and VMs: `zone=a`. Lists of them are sorted and hold each key once. */

import type { Check } from "./check-value.ts";
import type { VmSpec } from "./records.ts";

const keyForm = "[a-z0-9](?:[a-z0-9._/-]{0,61}[a-z0-9])?";
const labelPattern = new RegExp(`^${keyForm}=[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`);
const keyPattern = new RegExp(`^${keyForm}$`);
const labelLimit = 32;

export const isLabel: Check = (value) =>
  typeof value === "string" && labelPattern.test(value) ? null : "must be KEY=VALUE of letters, digits, '.', '_' and '-', such as zone=a";

export const isLabelKey: Check = (value) =>
  typeof value === "string" && keyPattern.test(value) ? null : "must be the key of a label, such as zone";

/** At most 32 labels; none is allowed. `once`: no key twice, as what something carries; else no label twice. */
export function isLabels(once: "key" | "label"): Check {
  return (value) => {
    if (!Array.isArray(value)) return "must be a list";
    if (value.length > labelLimit) return `must not hold more than ${labelLimit}`;
    for (const label of value) {
      const problem = isLabel(label);
      if (problem !== null) return problem;
    }
    const named = once === "key" ? value.map(keyOf) : value;
    return new Set(named).size === value.length ? null : `must not name a ${once} twice`;
  };
}

/** The value of `key` among `labels`, or null. */
export function labelValue(labels: readonly string[] | undefined, key: string): string | null {
  const label = labels?.find((one) => keyOf(one) === key);
  return label === undefined ? null : label.slice(key.length + 1);
}

function keyOf(label: string): string {
  return label.slice(0, label.indexOf("="));
}

/** What a VM means to others of its worker: `app=db` that it has this label, `!app=db` that it keeps apart from it. */
export function marksOf({ labels = [], place }: VmSpec): readonly string[] {
  return [...labels, ...(place?.apart ?? []).map((label) => `!${label}`)];
}
