/** What planted bugs share: ways to make one step of the core go wrong, while the trace tells what really came. */

import type { RaftEvent } from "../raft/event.ts";
import type { NodeId, RaftMessage } from "../raft/message.ts";
import { configurationInForce } from "../raft/state.ts";
import type { RaftState } from "../raft/state.ts";
import type { Member } from "../raft/configuration.ts";
import type { TraceEvent } from "../trace/event.ts";
import type { PlantedBug } from "./planted-bug.ts";

type MessageOf<K extends RaftMessage["kind"]> = Extract<RaftMessage, { kind: K }>;

/** The message that came in, if it is of this kind. */
export function received<K extends RaftMessage["kind"]>(event: RaftEvent, kind: K): MessageOf<K> | undefined {
  if (event.kind !== "receive" || event.message.kind !== kind) return undefined;
  return event.message as MessageOf<K>;
}

/**
 * The core takes a message for another than it is; undefined: for what it is. The line tells the message as it came,
 * and what was made of it.
 */
export function mistaken<K extends RaftMessage["kind"]>(
  kind: K,
  change: (message: MessageOf<K>, raft: RaftState) => Partial<MessageOf<K>> | undefined,
): Required<Pick<PlantedBug, "before" | "retell">> {
  let came: RaftMessage | null = null;
  return {
    before(raft, event) {
      came = null;
      const message = received(event, kind);
      const changed = message === undefined ? undefined : change(message, raft);
      if (message === undefined || changed === undefined) return event;
      came = message;
      return { kind: "receive", message: { ...message, ...changed } };
    },
    retell: (event) => (came !== null && event.event === `Handle${kind}` ? asItCame(event, came) : event),
  };
}

function asItCame(event: TraceEvent, message: RaftMessage): TraceEvent {
  const { from, term: messageTerm } = message;
  switch (message.kind) {
    case "RequestVoteRequest":
    case "PreVoteRequest": {
      const { lastLogIndex: lastLogIndexAsked, lastLogTerm: lastLogTermAsked } = message;
      const asked = { ...event, from, messageTerm, lastLogIndexAsked, lastLogTermAsked };
      return (message.kind === "PreVoteRequest" ? asked : { ...asked, transfer: message.transfer }) as TraceEvent;
    }
    case "RequestVoteResponse":
    case "PreVoteResponse":
      return { ...event, from, messageTerm, granted: message.voteGranted } as TraceEvent;
    case "AppendEntriesRequest": {
      const { prevLogIndex, prevLogTerm, leaderCommit } = message;
      return { ...event, from, messageTerm, prevLogIndex, prevLogTerm, leaderCommit } as TraceEvent;
    }
    case "AppendEntriesResponse":
      return { ...event, from, messageTerm, success: message.success, matchIndex: message.matchIndex } as TraceEvent;
    default:
      return { ...event, from, messageTerm } as TraceEvent;
  }
}

/** Wraps one step: `prepare` may return what undoes it. */
export function aroundStep(
  prepare: (raft: RaftState, event: RaftEvent) => (() => void) | undefined,
): Required<Pick<PlantedBug, "before" | "after">> {
  let undo: (() => void) | undefined;
  return {
    before(raft, event) {
      undo = prepare(raft, event);
      return event;
    },
    after(_replica, outputs) {
      undo?.();
      undo = undefined;
      return outputs;
    },
  };
}

/** For one step these are the voters of the configuration in force; returns what undoes it. */
export function withVoters(raft: RaftState, voters: readonly Member[]): () => void {
  const placed = configurationInForce(raft);
  const { configuration, index } = placed;
  const learners = configuration.learners.filter(({ id }) => !voters.some((voter) => voter.id === id));
  raft.configurations[raft.configurations.length - 1] = { index, configuration: { ...configuration, voters, learners } };
  return () => {
    const at = raft.configurations.findIndex((other) => other.index === index);
    if (at >= 0) raft.configurations[at] = placed;
  };
}

/** The same with those of its members, and of its learners, that serve the purpose. */
export function withFewerVoters(raft: RaftState, kept: readonly NodeId[]): () => void {
  const { configuration } = configurationInForce(raft);
  const everybody = [...configuration.voters, ...configuration.learners];
  return withVoters(raft, everybody.filter((member) => kept.includes(member.id)));
}

/** Ids of voters other than self, those that hold most of the log first. */
export function byMatch(raft: RaftState): NodeId[] {
  const voters = configurationInForce(raft).configuration.voters.map(({ id }) => id).filter((id) => id !== raft.self);
  return voters.sort((a, b) => (raft.progress.get(b)?.matchIndex ?? 0) - (raft.progress.get(a)?.matchIndex ?? 0));
}
