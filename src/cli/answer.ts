/** What a command says, as data: JSON for programs, text for people, and notes that go to stderr. */

import type { Paint } from "./paint.ts";

export interface Answer {
  /** Printed with `--json`. */
  readonly json: unknown;
  /** Printed without it. Without a newline at its end; null: nothing is printed. */
  readonly text: (paint: Paint) => string | null;
  /** Diagnostics (freshness, hints), one line each. */
  readonly notes?: readonly string[];
}
