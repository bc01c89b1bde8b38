/**
 * Changes of membership (dissertation, chapter 4). One member changes by one entry. Several change by two: a joint
 * configuration, in which the old and the new voters must agree, and the final one, which the leader appends when the
 * joint one is committed, whoever leads by then.
 */

import type { ErrorCode } from "../errors.ts";
import { advanceCommitIndex } from "./commit.ts";
import type { Configuration, Member } from "./configuration.ts";
import { isJoint } from "./configuration.ts";
import type { ConfigurationChange } from "./event.ts";
import { nextConfiguration } from "./next-configuration.ts";
import { closed, refuse } from "./propose.ts";
import { appendAsLeader, broadcastAppend } from "./replicate.ts";
import { syncProgress } from "./role.ts";
import { configurationInForce, persist, trace } from "./state.ts";
import type { RaftState } from "./state.ts";
import type { RaftStep } from "./trace-event.ts";

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

/** Begins a change, one at a time, after an entry of the own term is committed (row M6). */
export function changeConfiguration(state: RaftState, id: number, change: ConfigurationChange, timeMs: number): void {
  const reason = closed(state) ?? pendingChange(state);
  if (reason !== undefined) return refuse(state, id, reason.code, reason.message);
  const lagOf = (learner: string): number => state.log.lastIndex - (state.progress.get(learner)?.matchIndex ?? 0);
  const next = nextConfiguration(configurationInForce(state).configuration, change, lagOf, state.options.maxPromoteLag);
  if ("code" in next) return refuse(state, id, next.code, next.message);
  const step = { event: isJoint(next) ? "EnterJoint" : "ChangeConfiguration", configuration: next } as const;
  appendAndSend(state, next, step, timeMs, () => {
    state.effects.push({ kind: "accepted", id, index: state.log.lastIndex, term: state.currentTerm });
  });
}

/** The rule of 2015: a leader first commits in its own term; and only one change is under way at a time. */
function pendingChange(state: RaftState): { code: ErrorCode; message: string } | undefined {
  const { configuration, index } = configurationInForce(state);
  if (index > state.commitIndex) return { code: "CHANGE_PENDING", message: "another membership change is not committed yet" };
  if (isJoint(configuration)) return { code: "CHANGE_PENDING", message: "a change of several members is not complete yet" };
  if (state.log.termAt(state.commitIndex) !== state.currentTerm) {
    return { code: "CHANGE_PENDING", message: "the new leader has not committed an entry of its term yet" };
  }
  return undefined;
}

/**
 * Completes a joint change as soon as its entry is committed. A leader finds it so when it commits the first entry of its
 * own term, too: no change stays half done because a leader died (row M8). Called when a step is done, since who leaves
 * is a member no more behind it.
 */
export function leaveJoint(state: RaftState): void {
  if (state.role !== "Leader") return;
  const { configuration, index } = configurationInForce(state);
  if (!isJoint(configuration) || index > state.commitIndex) return;
  if (state.log.termAt(state.commitIndex) !== state.currentTerm) return;
  const { voters, learners } = configuration;
  appendAndSend(state, { voters, learners }, { event: "LeaveJoint" }, 0);
}

function appendAndSend(state: RaftState, next: Configuration, step: RaftStep, timeMs: number, accept = (): void => {}): void {
  const entries = appendConfiguration(state, next, timeMs);
  trace(state, step);
  persist(state, { hardState: false, entries });
  accept();
  state.effects.push({ kind: "configuration", configuration: next, index: state.log.lastIndex });
  syncProgress(state);
  broadcastAppend(state, true);
  advanceCommitIndex(state);
}
