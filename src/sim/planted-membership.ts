/** Planted bugs of membership: when a configuration is in force, and which change may follow which. */

import { leaveJoint } from "../raft/change-configuration.ts";
import type { RaftEvent } from "../raft/event.ts";
import { configurationInForce } from "../raft/state.ts";
import type { PlacedConfiguration, RaftState } from "../raft/state.ts";
import type { Store } from "../machine/state.ts";
import type { SimulatedNode } from "./node.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { aroundStep, byMatch, received, withFewerVoters } from "./planted-step.ts";

export const plantedMembership: readonly (() => PlantedBug)[] = [
  () => {
    let before: readonly PlacedConfiguration[] = [];
    return {
      name: "configuration-not-rolled-back",
      caughtBy: ["AppendEntries", "BecomePreCandidate", "Timeout", "HandlePreVoteRequest", "HandleRequestVoteRequest", "BecomeLeader"],
      before(raft, event) {
        before = [...raft.configurations];
        return event;
      },
      after(replica, outputs, event) {
        const last = before.at(-1);
        const { raft } = replica;
        const gone = last !== undefined && received(event, "AppendEntriesRequest") !== undefined && last.index > configurationInForce(raft).index;
        if (gone && raft.role === "Follower") raft.configurations.push(last);
        return outputs;
      },
    };
  },
  () => ({
    name: "second-change-while-one-is-pending",
    caughtBy: ["ChangeConfiguration"],
    ...aroundStep((raft, event) => {
      const { commitIndex } = raft;
      const { index } = configurationInForce(raft);
      if (event.kind !== "change" || raft.role !== "Leader" || index <= commitIndex) return undefined;
      raft.commitIndex = index;
      return () => void (raft.commitIndex = commitIndex);
    }),
  }),
  () => ({
    name: "lagging-learner-promoted",
    caughtBy: ["ChangeConfiguration"],
    ...aroundStep((raft, event) => {
      if (event.kind !== "change" || event.change.kind !== "promote") return undefined;
      const progress = raft.progress.get(event.change.id);
      if (progress === undefined) return undefined;
      const { matchIndex } = progress;
      progress.matchIndex = raft.log.lastIndex;
      return () => void (progress.matchIndex = matchIndex);
    }),
  }),
  () => {
    let told: number | null = null;
    const around = aroundStep((raft, event) => {
      const { commitIndex, termStartIndex } = raft;
      told = null;
      if (event.kind !== "change" || raft.role !== "Leader" || configurationInForce(raft).index > commitIndex || termStartIndex <= commitIndex) return undefined;
      told = commitIndex;
      raft.commitIndex = termStartIndex;
      return () => void (raft.commitIndex = commitIndex);
    });
    return {
      name: "change-before-a-commit-of-the-own-term",
      caughtBy: ["ChangeConfiguration"],
      ...around,
      retell: (event) => (event.event === "ChangeConfiguration" && told !== null ? { ...event, commitIndex: told } : event),
    };
  },
  () => ({
    name: "two-removed-by-one-change",
    caughtBy: ["ChangeConfiguration"],
    ...aroundStep((raft, event) => {
      if (event.kind !== "change" || event.change.kind !== "remove" || raft.role !== "Leader") return undefined;
      const { id } = event.change;
      const other = byMatch(raft).find((voter) => voter !== id);
      const { voters } = configurationInForce(raft).configuration;
      return withFewerVoters(raft, voters.map((voter) => voter.id).filter((voter) => voter !== other));
    }),
  }),
  () => ({
    name: "voter-added-at-once",
    caughtBy: ["ChangeConfiguration"],
    before(raft, event) {
      if (event.kind !== "change" || event.change.kind !== "add-learner" || raft.role !== "Leader") return event;
      const { member } = event.change;
      const placed = configurationInForce(raft);
      if ([...placed.configuration.voters, ...placed.configuration.learners].some(({ id }) => id === member.id)) return event;
      const learners = [...placed.configuration.learners, member];
      raft.configurations[raft.configurations.length - 1] = { ...placed, configuration: { ...placed.configuration, learners } };
      const like = [...raft.progress.values()][0];
      if (like !== undefined) raft.progress.set(member.id, { ...like, matchIndex: raft.log.lastIndex, mode: "probe", inflight: [], inflightBytes: 0 });
      return { ...event, change: { kind: "promote", id: member.id } };
    },
  }),
  () => {
    const hidden = new WeakMap<RaftState, readonly PlacedConfiguration[]>();
    return {
      name: "configuration-in-force-at-commit",
      caughtBy: ["BecomePreCandidate", "Timeout", "HandlePreVoteRequest", "HandleRequestVoteRequest", "BecomeLeader", "AppendEntries", "AdvanceCommitIndex"],
      before(raft, event) {
        const back = (hidden.get(raft) ?? []).filter(({ index }) => index <= raft.log.lastIndex && raft.log.entryAt(index)?.kind !== "command");
        if (received(event, "AppendEntriesRequest") !== undefined) raft.configurations.push(...back.filter(({ index }) => index > configurationInForce(raft).index));
        return event;
      },
      after({ raft }, outputs, event) {
        if (received(event, "AppendEntriesRequest") === undefined) return outputs;
        const early = raft.configurations.filter(({ index }) => index > raft.commitIndex);
        if (early.length < raft.configurations.length) {
          hidden.set(raft, early);
          raft.configurations = raft.configurations.filter((placed) => !early.includes(placed));
        }
        return outputs;
      },
    };
  },
];

/** While the core takes a change in, the machine knows of no former member. */
function forgettingFormerMembers(node: SimulatedNode): void {
  const { replica } = node;
  if (replica === null) return;
  const handle = replica.handle.bind(replica);
  replica.handle = (event, nowMs) => {
    const { former } = replica.machine as Store;
    const id = event.kind === "change" && event.change.kind === "add-learner" ? event.change.member.id : "";
    const record = former.get(id);
    if (record === undefined) return handle(event, nowMs);
    former.delete(id);
    const outputs = handle(event, nowMs);
    former.set(id, record);
    return outputs;
  };
}

export const plantedIds: readonly (() => PlantedBug)[] = [
  () => ({
    name: "id-of-a-former-member-used-again",
    caughtBy: ["ChangeConfiguration"],
    equip(node) {
      const start = node.start.bind(node);
      node.start = () => {
        start();
        node.later(1, () => forgettingFormerMembers(node));
      };
    },
  }),
];

/** For one step a joint configuration has only its new voters. */
function withoutOutgoing(isMeant: (raft: RaftState, event: RaftEvent) => boolean): Required<Pick<PlantedBug, "before" | "after">> {
  return aroundStep((raft, event) => {
    const placed = configurationInForce(raft);
    const { outgoing, ...configuration } = placed.configuration;
    if (outgoing === undefined || !isMeant(raft, event)) return undefined;
    raft.configurations[raft.configurations.length - 1] = { ...placed, configuration };
    return () => {
      const at = raft.configurations.findIndex(({ index }) => index === placed.index);
      if (at >= 0) raft.configurations[at] = placed;
    };
  });
}

export const plantedJoint: readonly (() => PlantedBug)[] = [
  () => ({
    name: "joint-commit-by-the-new-voters",
    caughtBy: ["AdvanceCommitIndex"],
    ...withoutOutgoing((raft, event) => raft.role === "Leader" && received(event, "AppendEntriesResponse") !== undefined),
  }),
  () => ({
    name: "joint-election-by-the-new-voters",
    caughtBy: ["Timeout", "BecomeLeader"],
    ...withoutOutgoing((raft, event) => raft.role.endsWith("andidate") && (received(event, "PreVoteResponse") ?? received(event, "RequestVoteResponse")) !== undefined),
  }),
  () => ({
    name: "joint-left-before-its-commit",
    caughtBy: ["LeaveJoint"],
    before(raft, event) {
      const { index, configuration } = configurationInForce(raft);
      const { commitIndex } = raft;
      if (raft.role !== "Leader" || event.kind !== "tick" || configuration.outgoing === undefined || index <= commitIndex) return event;
      raft.commitIndex = index;
      leaveJoint(raft);
      raft.commitIndex = commitIndex;
      return event;
    },
  }),
];
