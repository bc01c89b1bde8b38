/** `cluster wait`: until the cluster is formed, has a leader, or all members have caught up (row M10). */

import type { GroupStatus } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { leaderText } from "./cluster-view.ts";
import type { DaemonSession } from "./daemon-session.ts";
import { type ReachedNode, surveyNodes } from "./node-survey.ts";
import type { Look } from "./poll.ts";

export interface WaitGoals {
  /** At least that many voters, each of which says so itself; null: not asked for. */
  readonly formed: number | null;
  readonly leader: boolean;
  readonly caughtUp: boolean;
}

/** How one peer stands. */
export interface PeerState {
  readonly name: string;
  readonly address: string;
  readonly group: string;
  readonly state: "forming" | "formed" | "failed";
  readonly appliedIndex: number | null;
  readonly lastError: string | null;
}

/** Resolves when every goal is reached in every group of the asked daemon; rejects with the last known state. */
export async function waitForCluster(daemon: DaemonSession, goals: WaitGoals): Promise<Answer> {
  // Caught up with what was committed at the first look: under load there is always more.
  let targets: ReadonlyMap<string, number> | undefined;
  return daemon.wait(async (asked, options) => {
    const nodes = await surveyNodes(asked, options);
    targets ??= commitIndices(nodes);
    return judgeCluster(nodes, goals, targets);
  }, goalText(goals));
}

/** The highest commit index of each group that any member tells. */
export function commitIndices(nodes: readonly ReachedNode[]): ReadonlyMap<string, number> {
  const indices = new Map<string, number>();
  for (const { group, commitIndex } of nodes.flatMap(({ status }) => status?.groups ?? [])) {
    indices.set(group, Math.max(commitIndex, indices.get(group) ?? 0));
  }
  return indices;
}

/** Whether the goals are reached. The groups are those of the daemon that was asked: the one with a status for sure. */
export function judgeCluster(nodes: readonly ReachedNode[], goals: WaitGoals, targets: ReadonlyMap<string, number>): Look<Answer> {
  const groups = nodes.find(({ status }) => status !== null)?.status?.groups ?? [];
  if (groups.length === 0) return { done: false, state: "the daemon is in no cluster" };
  const peers = groups.flatMap((group) => nodes.map((node) => peerState(node, group, targets.get(group.group) ?? 0, goals.caughtUp)));
  const missing = groups.flatMap((group) => missingOf(group, peers, goals));
  if (missing.length > 0) return { done: false, state: missing.join("; ") };
  return { done: true, value: formedAnswer(groups, peers) };
}

/** How a member stands in a group, as the asked daemon has it. `target`: what it must have applied, if `caughtUp`. */
export function peerState(node: ReachedNode, group: GroupStatus, target: number, caughtUp: boolean): PeerState {
  const { name, address, status, failure } = node;
  const place = { name: name || node.id, address, group: group.group };
  if (status === null) return { ...place, state: "failed", appliedIndex: null, lastError: failure };
  const own = status.groups.find((other) => other.group === group.group);
  if (own === undefined) return { ...place, state: "forming", appliedIndex: null, lastError: "it is not in the group yet" };
  const known = { ...place, appliedIndex: own.appliedIndex };
  if (node.memberRole !== "voter" && node.memberRole !== "standby") return { ...known, state: "forming", lastError: `it is a ${node.memberRole}` };
  if (voterIds(own) !== voterIds(group)) return { ...known, state: "forming", lastError: "it knows other voters" };
  if (caughtUp && own.appliedIndex < target) {
    return { ...known, state: "forming", lastError: `it has applied ${own.appliedIndex} of ${target}` };
  }
  return { ...known, state: "formed", lastError: null };
}

function missingOf(group: GroupStatus, peers: readonly PeerState[], goals: WaitGoals): readonly string[] {
  const voters = group.members.filter(({ role }) => role === "voter").length;
  const missing: string[] = [];
  if (goals.leader && group.leaderId === "") missing.push(`group ${group.group} has no leader`);
  if (goals.formed !== null && voters < goals.formed) missing.push(`group ${group.group} has ${voters} of ${goals.formed} voters`);
  if (goals.formed === null && !goals.caughtUp) return missing;
  const notFormed = peers.filter((peer) => peer.group === group.group && peer.state !== "formed");
  return [...missing, ...notFormed.map(({ name, address, state, lastError }) => `${name} at ${address} ${state}: ${lastError}`)];
}

function voterIds({ members }: GroupStatus): string {
  const ids = members.filter(({ role }) => role === "voter").map(({ id }) => id);
  return ids.sort().join(" ");
}

function formedAnswer(groups: readonly GroupStatus[], peers: readonly PeerState[]): Answer {
  return {
    json: {
      groups: groups.map(({ group, leaderId, term, configurationIndex }) => ({ group, leaderId: leaderId || null, term, configurationIndex })),
      peers,
    },
    text: () =>
      groups
        .map((group) => {
          const formed = peers.filter((peer) => peer.group === group.group && peer.state === "formed").length;
          return `group ${group.group}: ${formed} of ${group.members.length} members formed, leader ${leaderText(group)}`;
        })
        .join("\n"),
  };
}

function goalText({ formed, leader, caughtUp }: WaitGoals): string {
  const goals = [formed !== null && `${formed} voters to be formed`, leader && "a leader", caughtUp && "all members to catch up"];
  return goals.filter(Boolean).join(" and ");
}
