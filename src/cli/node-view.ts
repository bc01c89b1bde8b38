/** A daemon as an answer. */

import type { NodeStatusResponse } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { groupJson, leaderText } from "./cluster-view.ts";
import { formatDuration } from "./duration.ts";
import { formatBytes } from "./size.ts";
import { type Cell, renderFields, renderTable } from "./table.ts";
import type { ReachedNode } from "./node-survey.ts";

export function nodeStatus(status: NodeStatusResponse): Answer {
  const { groups, clusterId, ...rest } = status;
  return {
    json: { ...rest, clusterId: clusterId || null, groups: groups.map(groupJson) },
    text: (paint) => renderFields(fieldsOf(status), paint),
  };
}

export function nodeIdentity({ nodeId, name, clusterId, address }: NodeStatusResponse): Answer {
  return {
    json: { nodeId, name, clusterId: clusterId || null, address },
    text: (paint) =>
      renderFields(
        [
          ["node", nodeId],
          ["name", name],
          ["address", address],
          ["cluster", clusterId || "none"],
        ],
        paint,
      ),
  };
}

/** All members, those that do not answer too. */
export function nodeList(nodes: readonly ReachedNode[]): Answer {
  const silent = nodes.filter(({ status }) => status === null);
  return {
    json: { nodes: nodes.map(nodeJson) },
    notes: silent.map(({ name, address, failure }) => `${name || "a node"} at ${address} does not answer: ${failure ?? "no reason known"}`),
    text: (paint) =>
      renderTable<ReachedNode>(
        [
          { heading: "NAME", cell: ({ name }) => name },
          { heading: "ADDRESS", cell: ({ address }) => address },
          { heading: "REACHABLE", cell: ({ status }) => (status === null ? { text: "no", tone: "bad" } : { text: "yes", tone: "good" }) },
          { heading: "MEMBER", cell: ({ memberRole }) => memberRole },
          { heading: "ROLE", cell: ({ status }) => status?.groups[0]?.role || "unknown" },
          { heading: "APPLIED", cell: ({ status }) => status?.groups[0]?.appliedIndex ?? null, right: true },
          { heading: "PID", cell: ({ status }) => status?.pid ?? null, right: true },
          { heading: "UP", cell: ({ status }) => (status === null ? null : formatDuration(status.uptimeSeconds * 1000)), right: true },
          { heading: "ID", cell: ({ id }) => id },
        ],
        nodes,
        paint,
      ),
  };
}

function nodeJson({ id, name, address, memberRole, status, failure }: ReachedNode): Record<string, unknown> {
  return {
    id,
    name,
    address,
    memberRole,
    reachable: status !== null,
    failure,
    role: status?.groups[0]?.role || "unknown",
    appliedIndex: status?.groups[0]?.appliedIndex ?? null,
    pid: status?.pid ?? null,
    uptimeSeconds: status?.uptimeSeconds ?? null,
    version: status?.version ?? null,
  };
}

function fieldsOf(status: NodeStatusResponse): readonly (readonly [string, Cell])[] {
  return [
    ["node", status.nodeId],
    ["name", status.name],
    ["address", status.address],
    ["cluster", status.clusterId || "none: `blixard cluster init` or `blixard cluster join`"],
    ["pid", status.pid],
    ["up", `${formatDuration(status.uptimeSeconds * 1000)}, start ${status.incarnation}`],
    ["version", status.version],
    ["data", status.dataDir],
    ["database", `${formatBytes(status.databaseBytes)}, WAL ${formatBytes(status.walBytes)}`],
    ["write", `p50 ${status.writeP50Ms.toFixed(2)} ms, p99 ${status.writeP99Ms.toFixed(2)} ms`],
    ...status.groups.map(
      (group) =>
        [
          `group ${group.group}`,
          `${group.role || "unknown"} in term ${group.term}, leader ${leaderText(group)}, applied ${group.appliedIndex} of ${group.commitIndex}`,
        ] as const,
    ),
    ...status.drivers.map(({ name, available, detail }) => [`driver ${name}`, `${available ? "available" : "not available"}${detail && `: ${detail}`}`] as const),
  ];
}
