/** `cluster health`: one look at every member, and what it means (row M10). */

import { UserError, exitStatus } from "../errors.ts";
import type { GroupStatus } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { leaderText } from "./cluster-view.ts";
import { type PeerState, peerState } from "./cluster-wait.ts";
import type { ReachedNode } from "./node-survey.ts";
import { type Cell, renderTable } from "./table.ts";

/** From best to worst. `degraded`: it works, and a member does not. */
export type Health = "healthy" | "degraded" | "no leader" | "no quorum";

const exits: Readonly<Record<Health, number>> = {
  healthy: exitStatus.ok,
  degraded: exitStatus.failed,
  "no leader": exitStatus.noLeader,
  "no quorum": exitStatus.outcomeUnknown,
};
const order: readonly Health[] = ["healthy", "degraded", "no leader", "no quorum"];

interface GroupHealth {
  readonly group: GroupStatus;
  readonly health: Health;
  readonly voters: number;
  readonly answering: number;
}

/** What the members say, each for itself. The groups are those of the daemon that was asked. */
export function clusterHealth(nodes: readonly ReachedNode[]): { readonly answer: Answer; readonly exit: number } {
  const asked = nodes.find(({ status }) => (status?.groups.length ?? 0) > 0 && status?.clusterId !== "")?.status ?? null;
  if (asked === null) throw new UserError("NOT_INITIALIZED", "the daemon is in no cluster", { next: "Run `blixard cluster init` or `blixard cluster join`." });
  const groups = asked.groups.map((group) => groupHealth(group, nodes));
  const peers = asked.groups.flatMap((group) => nodes.map((node) => peerState(node, group, 0, false)));
  const health = groups.map((one) => one.health).reduce((worst, one) => (order.indexOf(one) > order.indexOf(worst) ? one : worst), "healthy");
  return { answer: healthAnswer(health, groups, peers), exit: exits[health] };
}

function groupHealth(group: GroupStatus, nodes: readonly ReachedNode[]): GroupHealth {
  const isVoter = new Set(group.members.filter(({ role }) => role === "voter").map(({ id }) => id));
  const voters = isVoter.size;
  const told = nodes.filter(({ id }) => isVoter.has(id)).flatMap(({ status }) => status?.groups.filter((own) => own.group === group.group) ?? []);
  const answering = told.length;
  const term = Math.max(0, ...told.map((own) => own.term));
  const following = told.filter((own) => own.leaderId !== "" && own.term === term).length;
  const well = nodes.every((node) => peerState(node, group, 0, false).state === "formed");
  const health = answering * 2 <= voters ? "no quorum" : following * 2 <= voters ? "no leader" : well ? "healthy" : "degraded";
  return { group, health, voters, answering };
}

function healthAnswer(health: Health, groups: readonly GroupHealth[], peers: readonly PeerState[]): Answer {
  return {
    json: {
      health,
      groups: groups.map((one) => ({ group: one.group.group, health: one.health, leaderId: one.group.leaderId || null, voters: one.voters, answering: one.answering })),
      peers,
    },
    notes: groups.map((one) => `group ${one.group.group} is ${one.health}: ${one.answering} of ${one.voters} voters answer, leader ${leaderText(one.group)}`),
    text: (paint) =>
      renderTable<PeerState>(
        [
          { heading: "MEMBER", cell: ({ name }) => name },
          { heading: "ADDRESS", cell: ({ address }) => address },
          { heading: "GROUP", cell: ({ group }) => group },
          { heading: "STATE", cell: stateCell },
          { heading: "APPLIED", cell: ({ appliedIndex }) => appliedIndex, right: true },
          { heading: "WHY", cell: ({ lastError }) => lastError ?? "" },
        ],
        peers,
        paint,
      ),
  };
}

function stateCell({ state }: PeerState): Cell {
  return { text: state, tone: state === "formed" ? "good" : state === "failed" ? "bad" : "warning" };
}
