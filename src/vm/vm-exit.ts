/**
 * How a VM ended, from evidence that outlives the daemon. Exit codes lie: power-off, panic, reboot, `quit` and SIGTERM
 * all make QEMU exit with 0. So the VM's own testimony comes first, then what the driver had asked for, then what
 * `wait` told a parent.
 */

import type { VmExit } from "../machine/records.ts";

/** What the VM itself left behind about its end. */
export interface Testimony {
  readonly shutdown: "guest-shutdown" | "guest-reset" | "guest-panic" | "host-quit" | "host-signal" | "exited" | null;
  /** Name of the signal, where the VM could tell. */
  readonly signal: string | null;
  /** Of a program that exited: its code. */
  readonly code?: number | null;
}

export interface Evidence {
  /** What this driver had asked for, written down before it asked. */
  readonly asked: "stop" | "kill" | null;
  readonly testimony: Testimony;
  /** What `wait` said; null when the VM was not our child, that is after an adoption. */
  readonly waited: { readonly code: number | null; readonly signal: string | null } | null;
  /** Whether its watchdog left word that it kills this process. */
  readonly fenced: boolean;
}

/** Signals by which a program dies of its own fault. */
const faults: ReadonlySet<string> = new Set(["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGSYS", "SIGTRAP"]);

/** The one sentence that the evidence supports; `unknown` where it supports none. */
export function tellExit(evidence: Evidence): VmExit {
  const { shutdown, code: exitCode = null, signal: byItself } = evidence.testimony;
  // Its parent was told; what became of the parent says nothing.
  if (shutdown === "exited") return { how: how(evidence, exitCode, byItself), code: exitCode, signal: byItself };
  const code = evidence.waited?.code ?? null;
  const signal = evidence.waited?.signal ?? evidence.testimony.signal;
  return { how: how(evidence, code, signal), code, signal };
}

function how(evidence: Evidence, code: number | null, signal: string | null): VmExit["how"] {
  const { asked } = evidence;
  switch (evidence.testimony.shutdown) {
    case "guest-panic":
      return "crash";
    case "guest-shutdown":
    case "guest-reset":
      // A guest that obeys ends by itself: only the request tells the two apart.
      return asked === null ? evidence.testimony.shutdown : "host-stop";
    case "exited":
      return asked === null ? "exited" : asked === "stop" ? "host-stop" : "host-kill";
    case "host-quit":
      return "host-kill";
    case "host-signal":
      return asked === "kill" ? "host-kill" : "signal";
    case null:
      if (evidence.fenced && (signal === "SIGKILL" || evidence.waited === null)) return "lease-expired";
      if (asked === "kill") return "host-kill";
      // Asked by SIGTERM before its handler stood: it obeyed without a word.
      if (asked === "stop" && signal === "SIGTERM") return "host-stop";
      if (signal !== null) return faults.has(signal) ? "crash" : "signal";
      if (code !== null && code !== 0) return "crash";
      return "unknown";
  }
}
