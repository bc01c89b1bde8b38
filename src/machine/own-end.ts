/** What it is when a workload ends although it should run: orderly, or a failure. */

import type { VmExit } from "./records.ts";

export interface OwnEnd {
  readonly observed: "stopped" | "failed";
  readonly exit: VmExit;
  /** For people; null when it ended in good order. */
  readonly failure: string | null;
}

/** A guest that powered itself off, and a program that exited with 0, ended in good order. Undefined: nobody knows how. */
export function ownEnd(exit: VmExit = { how: "unknown", code: null, signal: null }): OwnEnd {
  const { how, code, signal } = exit;
  if (how === "guest-shutdown" || (how === "exited" && code === 0)) return { observed: "stopped", exit, failure: null };
  const program = signal === null ? `it exited with code ${code ?? "unknown"}` : `it was ended by ${signal}`;
  return { observed: "failed", exit, failure: how === "exited" ? program : `it ended by itself (${how})` };
}
