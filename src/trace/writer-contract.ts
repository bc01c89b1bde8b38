/** What the daemon and the simulator ask of a trace writer. */

import type { TraceEvent } from "./event.ts";

export interface TraceWriter {
  /** Clock of the last line; goes with every message that is sent. */
  readonly clock: number;
  /** A message with this clock came in: later lines have larger ones. */
  observe(clock: number): void;
  /** Stamps a line and keeps it for `flush`. */
  append(group: string, event: TraceEvent): void;
  /** When it returns, every line so far survives kill -9. Called before a write begins and before messages leave. */
  flush(): void;
  close(): void;
}
