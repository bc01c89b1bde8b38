/** A daemon as an answer. */

import type { NodeStatusResponse } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { groupJson, leaderText } from "./cluster-view.ts";
import { formatDuration } from "./duration.ts";
import { type Choice, chosenRows, type Listing, renderListing } from "./listing.ts";
import { formatBytes } from "./size.ts";
import { type Cell, renderFields } from "./table.ts";
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

/** The columns of `node list`. */
export const nodeListing: Listing<ReachedNode> = {
  what: "node",
  columns: {
    name: { cell: ({ name }) => name },
    address: { cell: ({ address }) => address },
    reachable: { cell: ({ status }) => (status === null ? { text: "no", tone: "bad" } : { text: "yes", tone: "good" }) },
    member: { cell: ({ memberRole }) => memberRole },
    role: { cell: ({ status }) => status?.groups[0]?.role || "unknown" },
    applied: { cell: ({ status }) => status?.groups[0]?.appliedIndex ?? null, right: true },
    pid: { cell: ({ status }) => status?.pid ?? null, right: true },
    up: { cell: ({ status }) => (status === null ? null : formatDuration(status.uptimeSeconds * 1000)), right: true },
    version: { cell: ({ status }) => status?.version ?? null },
    database: { cell: ({ status }) => (status === null ? null : formatBytes(status.databaseBytes)), right: true },
    id: { cell: ({ id }) => id },
  },
  usual: () => ["name", "address", "reachable", "member", "role", "applied", "pid", "up", "id"],
  filters: ["name", "address", "reachable", "member", "role", "version", "id"],
};

/** All members, those that do not answer too. */
export function nodeList(all: readonly ReachedNode[], choice: Choice = {}): Answer {
  const nodes = chosenRows(nodeListing, all, choice);
  const silent = nodes.filter(({ status }) => status === null);
  return {
    json: { nodes: nodes.map(nodeJson) },
    notes: silent.map(({ name, address, failure }) => `${name || "a node"} at ${address} does not answer: ${failure ?? "no reason known"}`),
    text: (paint) => renderListing(nodeListing, nodes, choice, paint),
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
