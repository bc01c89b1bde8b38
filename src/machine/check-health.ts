/** Whether a health check is one, and whether what it asks for can be reached. */

import { type Check, isCount, isListOf, isObject, isShape, shape, shapeProblem, type Shape } from "./check-value.ts";
import type { VmSpec } from "./records.ts";

const dayMs = 86_400_000;
const textLimit = 1_024;
const isKind: Check = (value) => (typeof value === "string" ? null : "must be text");
const isPort = isCount(1, 65_535);

/** Text of one line without control characters. */
const isLine: Check = (value) => {
  if (typeof value !== "string" || value === "") return "must be text that is not empty";
  if (value.length > textLimit) return `must not be longer than ${textLimit} characters`;
  return /[\p{Cc}\p{Cs}]/u.test(value) ? "must be one line of well-formed text without control characters" : null;
};

/** What stands in the first line of an HTTP request: printable ASCII, without blanks. */
const isPath: Check = (value) => {
  const problem = isLine(value);
  if (problem !== null) return problem;
  return /^\/[!-~]*$/.test(value as string) ? null : "must begin with '/' and hold printable ASCII without blanks";
};

const probes: ReadonlyMap<unknown, Shape> = new Map([
  ["process", shape({ kind: isKind })],
  ["console", shape({ kind: isKind, text: isLine })],
  ["tcp", shape({ kind: isKind, port: isPort })],
  ["http", shape({ kind: isKind, port: isPort, path: isPath })],
  ["exec", shape({ kind: isKind, argv: isListOf(isLine, 64) })],
]);

const isProbe: Check = (value) => {
  if (!isObject(value)) return "must be an object";
  const fields = probes.get(Object.hasOwn(value, "kind") ? (value as { kind: unknown }).kind : undefined);
  return fields === undefined ? `must be one of ${[...probes.keys()].join(", ")}` : shapeProblem(value, fields);
};

export const isHealthCheck: Check = isShape(
  // Not more often than ten times a second: a look may start a process.
  shape({ probe: isProbe, intervalMs: isCount(100, dayMs), timeoutMs: isCount(10, dayMs), threshold: isCount(1, 1_000) }),
);

/** A check over the network needs a port of the worker that leads to the guest; a process has those of the worker itself. */
export function unreachedPort({ health, driver, publish = [] }: VmSpec): string | null {
  const probe = health?.probe;
  if (probe === undefined || (probe.kind !== "tcp" && probe.kind !== "http") || driver === "process") return null;
  if (publish.some(({ protocol, guestPort }) => protocol === "tcp" && guestPort === probe.port)) return null;
  return `cannot check the health at port ${probe.port} of the guest, to which no published port leads`;
}
