/** Health checks as users write them: `process`, `console:TEXT`, `tcp:PORT`, `http:PORT/PATH`, `exec:COMMAND`. */

import { UserError } from "../errors.ts";
import type { HealthCheck, HealthProbe } from "../machine/records.ts";
import type { HealthCheck as HealthCheckMessage } from "../transport/messages.generated.ts";
import type { Init } from "../transport/wire.ts";
import { formatDuration } from "./duration.ts";

/** A command is split at blanks, for no shell reads it; a JSON list gives its words as they are. Throws `UserError INVALID_ARGUMENT`. */
export function parseHealthProbe(text: string): HealthProbe {
  const at = text.indexOf(":");
  const kind = at < 0 ? text : text.slice(0, at);
  const rest = at < 0 ? "" : text.slice(at + 1);
  const [, port = "", path = ""] = /^(\d{1,5})(\/.*)?$/s.exec(rest) ?? [];
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  if (kind === "process" && at < 0) return { kind };
  if (kind === "console" && rest !== "") return { kind, text: rest };
  if (kind === "tcp" && isPort && path === "") return { kind, port: Number(port) };
  if (kind === "http" && isPort) return { kind, port: Number(port), path: path === "" ? "/" : path };
  const argv = kind === "exec" ? wordsOf(rest) : [];
  if (kind === "exec" && argv.length > 0) return { kind, argv };
  throw new UserError("INVALID_ARGUMENT", `${JSON.stringify(text.slice(0, 80))} is no health check`, {
    next: "Write process, console:TEXT, tcp:PORT, http:PORT/PATH, exec:COMMAND or exec:[\"WORD\",\"WORD\"].",
  });
}

function wordsOf(command: string): readonly string[] {
  if (!command.startsWith("[")) return command.split(/\s+/).filter((word) => word !== "");
  try {
    const words = JSON.parse(command) as unknown;
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : [];
  } catch {
    return [];
  }
}

/** For the wire; what was not said is left to the daemon. Throws `UserError INVALID_ARGUMENT` for details of a check that is none. */
export function healthMessage(probe: HealthProbe | undefined, intervalMs = 0, timeoutMs = 0, threshold = 0): Init<HealthCheckMessage> | null {
  if (probe !== undefined) return { ...probe, intervalMs, timeoutMs, threshold };
  if (intervalMs + timeoutMs + threshold === 0) return null;
  throw new UserError("INVALID_ARGUMENT", "there is no health check to which the interval, timeout or threshold could belong", { next: "Add --health." });
}

/** `http:80/ready every 10 s, at most 2 s, unhealthy after 3`. */
export function formatHealthCheck({ probe, intervalMs, timeoutMs, threshold }: HealthCheck): string {
  return `${probeText(probe)}, ${formatDuration(intervalMs)} apart, each at most ${formatDuration(timeoutMs)}; unhealthy after ${threshold} that failed`;
}

function probeText(probe: HealthProbe): string {
  switch (probe.kind) {
    case "process":
      return probe.kind;
    case "console":
      return `console:${probe.text}`;
    case "tcp":
      return `tcp:${probe.port}`;
    case "http":
      return `http:${probe.port}${probe.path}`;
    case "exec":
      return `exec:${JSON.stringify(probe.argv)}`;
  }
}
