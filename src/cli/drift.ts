/** How far clocks run apart, as users write it: `0.1%`. */

import { UserError } from "../errors.ts";

/** Millionths of the time that passes. Throws `UserError INVALID_ARGUMENT`. */
export function parseDrift(text: string): number {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const ppm = Math.ceil(Number(percent) * 10_000 - 1e-6);
  if (percent !== undefined && ppm >= 1 && ppm <= 200_000) return ppm;
  throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 40))} is no bound on the drift of clocks: it must lie between 0.0001% and 20%`, {
    next: "Give a percentage, for example 0.1%.",
  });
}
