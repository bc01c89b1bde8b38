/** Durations as users write them: `500ms`, `5s`, `1m30s`, `2h`. */

import { UserError } from "../errors.ts";

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const form = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** Milliseconds of `text`, more than zero and at most `longestMs`. Throws `UserError INVALID_ARGUMENT`. */
export function parseDuration(text: string, longestMs = 7 * 86_400_000): number {
  if (!form.test(text)) throw refuse(text, "it is no number with a unit");
  let totalMs = 0;
  for (const [, number = "", unit = ""] of text.matchAll(part)) totalMs += Number(number) * (unitsMs[unit] ?? 0);
  const wholeMs = Math.round(totalMs);
  if (wholeMs < 1) throw refuse(text, "it must be more than zero");
  if (wholeMs > longestMs) throw refuse(text, `it is more than ${formatDuration(longestMs)}`);
  return wholeMs;
}

/** The two largest units that matter: `850 ms`, `12.3 s`, `3 min 20 s`, `5 h 12 min`, `2 d 3 h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  const seconds = durationMs / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const steps: readonly (readonly [number, string, number, string])[] = [
    [86_400, "d", 3600, "h"],
    [3600, "h", 60, "min"],
    [60, "min", 1, "s"],
  ];
  const [large, largeWord, small, smallWord] = steps.find(([span]) => seconds >= span) ?? [60, "min", 1, "s"];
  const rest = Math.floor((seconds % large) / small);
  return rest === 0 ? `${Math.floor(seconds / large)} ${largeWord}` : `${Math.floor(seconds / large)} ${largeWord} ${rest} ${smallWord}`;
}

function refuse(text: string, why: string): UserError {
  return new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 40))} is not a duration: ${why}`, {
    next: "Give a number with ms, s, m, h or d, for example 500ms, 5s, 1m30s.",
  });
}
