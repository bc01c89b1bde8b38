/** Reads of the health of a VM, and its check as a row holds it. */

import type { HealthCheck, HealthFound, HealthProbe, VmRecord } from "./records.ts";

/** `unknown`: it has a check, and that has not come to a result since it runs. Null: it has none. */
export function healthOf(vm: VmRecord): HealthFound["state"] | "unknown" | null {
  if (vm.spec.health === undefined) return null;
  return runsAsWished(vm) && vm.health?.generation === vm.generation ? vm.health.state : "unknown";
}

/** It is up, and nothing else is wanted of it. */
export function runsAsWished({ desired, observed, generation, observedGeneration }: VmRecord): boolean {
  return desired === "running" && observed === "running" && observedGeneration === generation;
}

/** The fields in an order of ours: the row's text is compared byte by byte. */
export function checkCopy({ probe, intervalMs, timeoutMs, threshold }: HealthCheck): HealthCheck {
  return { probe: probeCopy(probe), intervalMs, timeoutMs, threshold };
}

function probeCopy(probe: HealthProbe): HealthProbe {
  switch (probe.kind) {
    case "process":
      return { kind: probe.kind };
    case "console":
      return { kind: probe.kind, text: probe.text };
    case "tcp":
      return { kind: probe.kind, port: probe.port };
    case "http":
      return { kind: probe.kind, port: probe.port, path: probe.path };
    case "exec":
      return { kind: probe.kind, argv: [...probe.argv] };
  }
}
