/** What clients and operators ask of a leader: commands, configuration changes, reads. */

import type { ErrorCode } from "../errors.ts";
import { serveReads, advanceCommitIndex } from "./commit.ts";
import type { Configuration, Member } from "./configuration.ts";
import { isMember, isVoter, members } from "./configuration.ts";
import type { ConfigurationChange, Proposal } from "./event.ts";
import { appendAsLeader, broadcastAppend } from "./replicate.ts";
import { syncProgress } from "./role.ts";
import { configurationInForce, persist, trace } from "./state.ts";
import type { RaftState } from "./state.ts";

function refuse(state: RaftState, id: number, code: ErrorCode, message: string): void {
  state.effects.push({ kind: "refused", id, refusal: { code, message, leader: state.leader } });
}

/** Why this node takes no proposals now; undefined when it does. */
function closed(state: RaftState): { code: ErrorCode; message: string } | undefined {
  if (state.role !== "Leader") return { code: "NOT_LEADER", message: "this node does not lead the group" };
  if (state.transfer !== null) return { code: "NOT_LEADER", message: "leadership is being handed over" };
  if (state.uncommittedBytes > state.options.maxUncommittedBytes) {
    return { code: "OVERLOADED", message: "too much is waiting to be committed" };
  }
  return undefined;
}

/** Appends the commands as one batch and sends them on, in parallel with the leader's own write. */
export function propose(state: RaftState, proposals: readonly Proposal[], timeMs: number): void {
  const reason = closed(state);
  if (reason !== undefined) {
    for (const { id } of proposals) refuse(state, id, reason.code, reason.message);
    return;
  }
  if (proposals.length === 0) return;
  const entries = appendAsLeader(state, proposals, timeMs);
  trace(state, { event: "ClientRequest", entries });
  persist(state, { hardState: false, entries });
  for (const [at, entry] of entries.entries()) {
    state.effects.push({ kind: "accepted", id: proposals[at]?.id ?? 0, index: entry.index, term: entry.term });
  }
  broadcastAppend(state, false);
}

/** The first entry of the first log: a configuration of one voter (row P2). Only ever on a node with nothing. */
export function bootstrap(state: RaftState, member: Member, timeMs: number): void {
  if (state.currentTerm !== 0 || state.log.lastIndex !== 0) return;
  state.currentTerm = 1;
  const configuration: Configuration = { voters: [member], learners: [] };
  appendConfiguration(state, configuration, timeMs);
  trace(state, { event: "Bootstrap", voters: [member.id] });
  persist(state, { hardState: true, entries: state.log.slice(1, 1) });
  state.effects.push({ kind: "configuration", configuration, index: 1 });
  state.electionDeadlineMs = state.nowMs;
}

function appendConfiguration(state: RaftState, configuration: Configuration, timeMs: number) {
  const payload = new TextEncoder().encode(JSON.stringify(configuration));
  const entries = appendAsLeader(state, [{ kind: "configuration", payload }], timeMs);
  state.configurations.push({ index: state.log.lastIndex, configuration });
  return entries;
}

/** Changes one member (dissertation, 4.1), one at a time, after an entry of the own term is committed (row M6). */
export function changeConfiguration(state: RaftState, id: number, change: ConfigurationChange, timeMs: number): void {
  const reason = closed(state) ?? pendingChange(state);
  if (reason !== undefined) return refuse(state, id, reason.code, reason.message);
  const next = nextConfiguration(state, change);
  if ("code" in next) return refuse(state, id, next.code, next.message);
  const entries = appendConfiguration(state, next, timeMs);
  trace(state, { event: "ChangeConfiguration", configuration: next });
  persist(state, { hardState: false, entries });
  state.effects.push({ kind: "accepted", id, index: state.log.lastIndex, term: state.currentTerm });
  state.effects.push({ kind: "configuration", configuration: next, index: state.log.lastIndex });
  syncProgress(state);
  broadcastAppend(state, true);
  advanceCommitIndex(state);
}

/** The rule of 2015: a leader first commits in its own term; and only one change is under way at a time. */
function pendingChange(state: RaftState): { code: ErrorCode; message: string } | undefined {
  if (configurationInForce(state).index > state.commitIndex) {
    return { code: "CHANGE_PENDING", message: "another membership change is not committed yet" };
  }
  if (state.log.termAt(state.commitIndex) !== state.currentTerm) {
    return { code: "CHANGE_PENDING", message: "the new leader has not committed an entry of its term yet" };
  }
  return undefined;
}

type Refused = { readonly code: ErrorCode; readonly message: string };

function nextConfiguration(state: RaftState, change: ConfigurationChange): Configuration | Refused {
  const { configuration } = configurationInForce(state);
  const { voters, learners } = configuration;
  switch (change.kind) {
    case "add-learner":
      return addLearner(configuration, change.member);
    case "promote": {
      const member = learners.find((learner) => learner.id === change.id);
      if (member === undefined) {
        const code = isVoter(configuration, change.id) ? "ALREADY_EXISTS" : "NOT_FOUND";
        return { code, message: `${change.id} is no learner` };
      }
      const lag = state.log.lastIndex - (state.progress.get(change.id)?.matchIndex ?? 0);
      if (lag > state.options.maxPromoteLag) return { code: "WRONG_STATE", message: `${change.id} still lacks ${lag} entries` };
      return { voters: [...voters, member], learners: learners.filter((learner) => learner.id !== change.id) };
    }
    case "remove": {
      if (!isMember(configuration, change.id)) return { code: "NOT_FOUND", message: `${change.id} is no member` };
      const left = voters.filter((voter) => voter.id !== change.id);
      if (left.length === 0) return { code: "CONFLICT", message: "the last voter cannot be removed" };
      return { voters: left, learners: learners.filter((learner) => learner.id !== change.id) };
    }
  }
}

function addLearner(configuration: Configuration, member: Member): Configuration | Refused {
  for (const other of members(configuration)) {
    if (other.id === member.id) return { code: "ALREADY_EXISTS", message: `${member.id} is a member already` };
    if (other.address === member.address) return { code: "CONFLICT", message: `the address ${member.address} belongs to ${other.name}` };
    if (other.name === member.name) return { code: "CONFLICT", message: `the name ${member.name} belongs to ${other.id}` };
  }
  return { voters: configuration.voters, learners: [...configuration.learners, member] };
}

/** ReadIndex (dissertation, 6.4): what is committed now, once a quorum confirms that this node still leads. */
export function readIndex(state: RaftState, ids: readonly number[]): void {
  if (state.role !== "Leader") {
    for (const id of ids) refuse(state, id, "NOT_LEADER", "only the leader answers consistent reads");
    return;
  }
  if (ids.length === 0) return;
  broadcastAppend(state, true);
  const index = Math.max(state.commitIndex, state.termStartIndex);
  for (const id of ids) state.reads.push({ id, index, round: state.round });
  serveReads(state);
}
