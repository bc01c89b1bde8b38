/**
 * Whether a document is a command, field by field. It runs where a command is proposed and again where it is applied,
 * so that nothing in the log is trusted for having been checked elsewhere. Unknown fields are refused, and fields are
 * looked up as own properties only: `__proto__` in JSON is an unknown field like any other.
 */

import { kindOf } from "../workload-name.ts";
import type { Command, Envelope } from "./commands.ts";
import {
  isBoolean,
  isCount,
  isIdentifier,
  isIpv4,
  isKey,
  isListOf,
  isMessage,
  isName,
  isObject,
  isOneOf,
  isSetOf,
  isSha256,
  isShape,
  isValue,
  isWorkloadName,
  orNull,
  shape,
  shapeProblem,
  type Shape,
} from "./check-value.ts";
import { isHealthCheck, unreachedPort } from "./check-health.ts";
import { imageShapes } from "./image-record.ts";
import { isLabels } from "./labels.ts";
import { isPlacementWish, placementProblem } from "./placement-wish.ts";
import { collidesWithin } from "./ports.ts";
import { isProgram, kindProblem } from "./program.ts";
import { isDeviceName, isNetwork, networkProblem } from "./vm-network.ts";
import { batchLimit } from "./tree.ts";

const cpuLimit = 4_096;
const mibLimit = 2 ** 40;
const ttlLimitMs = 3_600_000;
const leaseLimitMs = 86_400_000;
const isKind = isMessage;
/** A day is long enough for any guest. */
const dayMs = 86_400_000;
const isGrace = isCount(0, dayMs);
const isDriver = isOneOf("qemu", "process", "runner");
const hows = ["exited", "timed-out", "guest-shutdown", "guest-reset", "host-stop", "host-kill", "signal", "boot-timeout", "lease-expired", "crash", "unknown"];

const exitShape = shape({ how: isOneOf(...hows), code: orNull(isCount(-(2 ** 31), 2 ** 32)), signal: orNull(isIdentifier) });

const portShape = shape({ protocol: isOneOf("tcp", "udp"), address: isIpv4, port: isCount(1, 65_535), guestPort: isCount(1, 65_535) });
const restartShape = shape({ when: isOneOf("never", "on-failure", "always"), limit: isCount(0, 1_000_000), backoffMs: isCount(1, dayMs) });

const specShape = shape(
  {
    name: isWorkloadName,
    driver: isDriver,
    cpus: isCount(0, cpuLimit),
    memoryMib: isCount(1, mibLimit),
    diskMib: isCount(0, mibLimit),
    image: isName,
  },
  {
    ...{ imageDigest: isSha256, publish: isListOf(isShape(portShape), 32), restart: isShape(restartShape), run: isProgram, timeoutMs: isCount(1) },
    ...{ bootDeadlineMs: isCount(1, dayMs), health: isHealthCheck, labels: isLabels("key"), place: isPlacementWish, network: isNetwork },
    ...{ priority: isCount(0, 1_000), preempt: isBoolean, startWithinMs: isCount(1, dayMs) },
  },
);

const againShape = shape({ uuid: isIdentifier, generation: isCount(1), attempt: isCount(1) });

const operationShapes: ReadonlyMap<unknown, Shape> = new Map([
  ["kv-put", shape({ kind: isKind, key: isKey, value: isValue })],
  ["kv-put-if-absent", shape({ kind: isKind, key: isKey, value: isValue })],
  ["kv-cas", shape({ kind: isKind, key: isKey, value: isValue }, { ifVersion: isCount(0), ifValue: isValue })],
  ["kv-delete", shape({ kind: isKind, key: isKey }, { ifVersion: isCount(1) })],
]);

const shapes: ReadonlyMap<unknown, Shape> = new Map([
  ...operationShapes,
  ...imageShapes,
  ["kv-batch", shape({ kind: isKind, operations: operationsProblem })],
  ["vm-create", shape({ kind: isKind, spec: isShape(specShape), uuid: isIdentifier, start: isBoolean }, { node: isIdentifier })],
  ["vm-start", shape({ kind: isKind, name: isWorkloadName }, { again: isShape(againShape) })],
  ["vm-stop", shape({ kind: isKind, name: isWorkloadName, force: isBoolean }, { graceMs: isGrace })],
  ["vm-pause", shape({ kind: isKind, name: isWorkloadName })],
  ["vm-resume", shape({ kind: isKind, name: isWorkloadName })],
  ["vm-restart", shape({ kind: isKind, name: isWorkloadName, force: isBoolean }, { graceMs: isGrace })],
  ["vm-delete", shape({ kind: isKind, name: isWorkloadName })],
  ["vm-migrate", shape({ kind: isKind, name: isWorkloadName }, { to: isIdentifier })],
  ["vm-switch", shape({ kind: isKind, name: isWorkloadName, uuid: isIdentifier, generation: isCount(1) })],
  ["vm-carry", shape({ kind: isKind, name: isName }, { to: isIdentifier })],
  ["vm-hand-over", shape({ kind: isKind, name: isName, uuid: isIdentifier, node: isIdentifier, generation: isCount(1), move: isCount(1) })],
  ["vm-keep", shape({ kind: isKind, name: isName, uuid: isIdentifier, move: isCount(1), reason: isMessage })],
  ["vm-rollback", shape({ kind: isKind, name: isWorkloadName, uuid: isIdentifier, generation: isCount(1) })],
  ["vm-preempt", shape({ kind: isKind, name: isWorkloadName, uuid: isIdentifier, generation: isCount(1), by: isWorkloadName })],
  ["vm-admit", shape({ kind: isKind, name: isWorkloadName, uuid: isIdentifier, generation: isCount(1) })],
  ["worker-admin", shape({ kind: isKind, node: isIdentifier, admin: isOneOf("active", "draining", "drained") })],
  ["vm-retry", shape({ kind: isKind, name: isWorkloadName, uuid: isIdentifier, generation: isCount(1) })],
  ["vm-reassign", shape({ kind: isKind, name: isWorkloadName, uuid: isIdentifier, from: isIdentifier, generation: isCount(1) })],
  [
    "lease-acquire",
    shape({ kind: isKind, node: isIdentifier, epoch: isCount(0), leaseMs: isCount(1, leaseLimitMs), killBudgetMs: isCount(0, leaseLimitMs) }),
  ],
  ["lease-expire", shape({ kind: isKind, node: isIdentifier, epoch: isCount(1) }, { asserted: isMessage })],
  [
    "vm-report",
    shape({
      kind: isKind,
      name: isWorkloadName,
      uuid: isIdentifier,
      node: isIdentifier,
      generation: isCount(1),
      observed: isOneOf("starting", "running", "paused", "stopped", "failed", "gone"),
      exit: orNull(isShape(exitShape)),
      failure: orNull(isMessage),
    }, { output: isMessage }),
  ],
  [
    "health-report",
    shape({
      kind: isKind,
      name: isWorkloadName,
      uuid: isIdentifier,
      node: isIdentifier,
      generation: isCount(1),
      health: isOneOf("healthy", "unhealthy"),
      detail: isMessage,
    }),
  ],
  ["steady-report", shape({ kind: isKind, name: isWorkloadName, uuid: isIdentifier, node: isIdentifier, generation: isCount(1) })],
  [
    "worker-register",
    shape(
      {
        kind: isKind,
        node: isIdentifier,
        name: isName,
        cpus: isCount(1, cpuLimit),
        memoryMib: isCount(1, mibLimit),
        diskMib: isCount(0, mibLimit),
        drivers: isSetOf(isDriver),
      },
      { labels: isLabels("key"), bridges: isSetOf(isDeviceName) },
    ),
  ],
  ["worker-remove", shape({ kind: isKind, node: isIdentifier })],
  ["cluster-init", shape({ kind: isKind, clusterId: isIdentifier })],
  ["token-create", shape({ kind: isKind, tokenId: isIdentifier, sha256: isSha256, name: isName, ttlMs: isCount(1, ttlLimitMs) })],
  ["token-use", shape({ kind: isKind, tokenId: isIdentifier, sha256: isSha256, name: isName, node: isIdentifier })],
]);

const envelopeShape = shape(
  { client: isIdentifier, sequence: isCount(1), acknowledged: isCount(0), command: commandProblem },
  { opened: isCount(0) },
);

/** What is wrong with `document` as an envelope, or null. */
export function envelopeProblem(document: unknown): string | null {
  if (!isObject(document)) return "the envelope must be an object";
  const problem = shapeProblem(document, envelopeShape);
  if (problem !== null) return problem;
  const { sequence, acknowledged } = document as Envelope;
  return acknowledged <= sequence ? null : `request ${sequence} cannot acknowledge ${acknowledged - 1}, itself included`;
}

/** What is wrong with `document` as a command, or null. */
export function commandProblem(document: unknown): string | null {
  const problem = shapedProblem(document, shapes);
  return problem ?? meaningProblem(document as Command);
}

function shapedProblem(document: unknown, known: ReadonlyMap<unknown, Shape>): string | null {
  if (!isObject(document)) return "must be an object";
  const kind = Object.hasOwn(document, "kind") ? (document as { kind: unknown }).kind : undefined;
  const fields = known.get(kind);
  if (fields === undefined) return `has the unknown kind ${quoted(kind)}`;
  return shapeProblem(document, fields);
}

/** What no single field can tell. */
function meaningProblem(command: Command): string | null {
  switch (command.kind) {
    case "kv-cas":
      if (command.ifVersion !== undefined || command.ifValue !== undefined) return null;
      return "needs ifVersion or ifValue to compare with";
    case "vm-create": {
      const { publish = [], driver, startWithinMs, bootDeadlineMs = 0 } = command.spec;
      if (startWithinMs !== undefined && startWithinMs < bootDeadlineMs) return "would take back a start before its boot deadline";
      const unreached = kindProblem(command.spec) ?? unreachedPort(command.spec);
      if (unreached !== null) return unreached;
      if (publish.length > 0 && driver !== "qemu") return `cannot publish ports of a VM of the driver ${driver}`;
      const misplaced = networkProblem(command.spec);
      if (misplaced !== null) return misplaced;
      return collidesWithin(publish) ? "publishes a port twice" : placementProblem(command.spec.place);
    }
    case "vm-start":
    case "vm-pause":
    case "vm-resume":
    case "vm-restart":
    case "vm-migrate":
    case "vm-switch":
      return kindOf(command.name) === "task" ? "field name must not be that of a task: a task runs to its end, where it is; it can be cancelled, and submitted under another name" : null;
    case "vm-retry":
      return kindOf(command.name) === "task" ? null : "field name must be that of a task: only a task has attempts";
    case "vm-report":
      if (command.observed !== "starting" && command.observed !== "running" && command.observed !== "paused") return null;
      return command.exit === null && command.failure === null ? null : `cannot tell of an end while ${command.observed}`;
    default:
      return null;
  }
}

function operationsProblem(value: unknown): string | null {
  if (!Array.isArray(value) || value.length === 0) return "must be a list that is not empty";
  if (value.length > batchLimit) return `must not hold more than ${batchLimit} operations`;
  for (const [place, operation] of value.entries()) {
    const problem = shapedProblem(operation, operationShapes) ?? meaningProblem(operation as Command);
    if (problem !== null) return `is wrong at operation ${place + 1}: ${problem}`;
  }
  return null;
}

function quoted(kind: unknown): string {
  return JSON.stringify(typeof kind === "string" ? kind.slice(0, 40) : typeof kind);
}
