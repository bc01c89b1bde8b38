/** What a command says, as data: JSON for programs, text for people, and notes that go to stderr. */

import { type Paint, plain } from "./paint.ts";

export interface Answer {
  /** Printed with `--json`. */
  readonly json: unknown;
  /** Printed without it. Ends without a newline; empty: nothing is printed. */
  readonly text: (paint: Paint) => string;
  /** Diagnostics (freshness, hints), one line each. */
  readonly notes?: readonly string[];
}

/** The text of an answer without colours. */
export function textOf(answer: Answer): string {
  return answer.text(plain);
}
