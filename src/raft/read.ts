/**
 * Linearizable reads (dissertation, 6.4; row R3). The leader notes its commit index, lets a round of heartbeats show that
 * it still led afterwards, and answers when a quorum has acknowledged the round. A follower asks the leader for such an
 * index and answers its readers when it has come so far itself. `spec/Reads.tla` has the same steps under the same names.
 */

import { quorumValue } from "./configuration.ts";
import { hasLease } from "./lease.ts";
import type { NodeId, ReadIndexRequest, ReadIndexResponse } from "./message.ts";
import type { Reader } from "./read-state.ts";
import { broadcastAppend } from "./replicate.ts";
import { configurationInForce, send, trace } from "./state.ts";
import type { RaftState } from "./state.ts";

/** The reads of one batch. */
export function readIndex(state: RaftState, ids: readonly number[]): void {
  if (ids.length === 0) return;
  if (state.role === "Leader") return readAsLeader(state, ids);
  if (state.leader === null) return refuseAll(state, ids, "no leader is known that could confirm a consistent read");
  for (const id of ids) state.reads.next.push(id);
  ask(state);
}

function refuseAll(state: RaftState, ids: readonly number[], message: string): void {
  for (const id of ids) state.effects.push({ kind: "refused", id, refusal: { code: "NOT_LEADER", message, leader: state.leader } });
}

function readAsLeader(state: RaftState, ids: readonly number[]): void {
  const { confirmed } = state.reads;
  if (confirmed !== null && hasLease(state, confirmed)) {
    const index = state.commitIndex;
    trace(state, { event: "ServeLeaseRead", round: confirmed.round, localMs: Math.ceil(state.nowMs), driftPpm: state.options.clockDriftPpm ?? 0 });
    for (const id of ids) state.effects.push({ kind: "read-ready", id, index });
    return;
  }
  for (const id of ids) state.reads.queue.push({ kind: "own", id });
  serveReads(state);
}

/** Answers the readers of a confirmed round, and begins the next for those that came meanwhile. */
export function serveReads(state: RaftState): void {
  for (;;) {
    if (state.reads.open !== null && !confirm(state)) return;
    if (!beginRound(state)) return;
  }
}

/**
 * Begins a round. Before the first entry of its term is committed a leader does not know what is (5.4.2, 6.4): then
 * readers wait.
 */
function beginRound(state: RaftState): boolean {
  const { reads } = state;
  if (reads.queue.length === 0 || state.role !== "Leader") return false;
  if (state.log.termAt(state.commitIndex) !== state.currentTerm) return false;
  state.round += 1;
  reads.open = { round: state.round, index: state.commitIndex, sentMs: Math.floor(state.nowMs), readers: reads.queue };
  reads.queue = [];
  trace(state, { event: "ReadIndex", round: state.round, sentMs: reads.open.sentMs });
  broadcastAppend(state, true);
  return true;
}

/** True when a quorum of voters has acknowledged the open round; its readers have their index then. */
function confirm(state: RaftState): boolean {
  const { open } = state.reads;
  const { configuration } = configurationInForce(state);
  const reached = quorumValue(configuration, (id) => (id === state.self ? state.round : (state.progress.get(id)?.round ?? 0)));
  if (open === null || reached < open.round) return false;
  const { round, index, sentMs } = open;
  trace(state, { event: "ServeRead", round, index });
  for (const reader of open.readers) answer(state, reader, round, index);
  state.reads.open = null;
  state.reads.confirmed = { round, sentMs };
  return true;
}

function answer(state: RaftState, reader: Reader, round: number, index: number): void {
  if (reader.kind === "own") {
    state.effects.push({ kind: "read-ready", id: reader.id, index });
    return;
  }
  const { group, self: from, currentTerm: term } = state;
  send(state, { kind: "ReadIndexResponse", group, from, to: reader.node, term, question: reader.question, granted: true, round, index });
}

/** A follower notes that it still follows this leader: once for each round. */
export function acknowledgeRound(state: RaftState, from: NodeId, round: number): void {
  const { acknowledged } = state.reads;
  if (round === 0 || (acknowledged.term === state.currentTerm && acknowledged.round >= round)) return;
  state.reads.acknowledged = { term: state.currentTerm, round };
  trace(state, { event: "AcknowledgeRound", from, round, promiseMs: promiseMs(state), localMs: Math.ceil(state.nowMs) });
}

/** How long this node, having heard a leader, helps nobody else to lead; 0: it makes no promise. */
export function promiseMs(state: RaftState): number {
  return state.options.clockDriftPpm === null ? 0 : state.options.electionTimeoutMs;
}

/** Asks the leader for one index for all who wait. The number is never used twice: this clock outlives the process. */
function ask(state: RaftState): void {
  const { reads, leader } = state;
  if (reads.asked !== null || reads.next.length === 0 || leader === null) return;
  reads.question = Math.max(reads.question + 1, Math.floor(state.nowMs * 1000));
  reads.asked = { question: reads.question, leader, ids: reads.next, sinceMs: state.nowMs, grant: null };
  reads.next = [];
  trace(state, { event: "AskReadIndex", to: leader });
  const { group, self: from, currentTerm: term } = state;
  send(state, { kind: "ReadIndexRequest", group, from, to: leader, term, question: reads.question });
}

/** A follower asks. Whoever does not lead says so, that the follower need not wait. */
export function handleReadIndexRequest(state: RaftState, message: ReadIndexRequest): void {
  const { from: node, question } = message;
  if (state.role === "Leader") {
    state.reads.queue.push({ kind: "follower", node, question });
    return serveReads(state);
  }
  const { group, self: from, currentTerm: term } = state;
  send(state, { kind: "ReadIndexResponse", group, from, to: node, term, question, granted: false, round: 0, index: 0 });
}

export function handleReadIndexResponse(state: RaftState, message: ReadIndexResponse): void {
  const { asked } = state.reads;
  if (asked === null || asked.question !== message.question || asked.leader !== message.from || asked.grant !== null) return;
  if (!message.granted) return refuseReads(state, "the node that was asked for a read index does not lead");
  const { term, round, index } = message;
  asked.grant = { term, round, index };
  state.reads.repeated = 0;
  serveAsked(state);
}

/** A follower answers its readers when it has committed, and hence applied, what the leader had. */
export function serveAsked(state: RaftState): void {
  const { asked } = state.reads;
  if (asked?.grant == null || state.commitIndex < asked.grant.index) return;
  const { term: messageTerm, round, index } = asked.grant;
  trace(state, { event: "ServeForwardedRead", from: asked.leader, messageTerm, round, index });
  for (const id of asked.ids) state.effects.push({ kind: "read-ready", id, index });
  state.reads.asked = null;
  ask(state);
}

/** A question waits at most that many election timeouts for its answer. */
const longestWait = 16;

/**
 * A question whose answer was lost is put again, under a new number: an index that was given for an older one is old. The
 * wait doubles, for an answer may only be slow: two round trips, the follower's to the leader and the leader's to its quorum.
 */
export function askAgain(state: RaftState): void {
  const { asked, next, repeated } = state.reads;
  const patienceMs = state.options.electionTimeoutMs * Math.min(2 ** repeated, longestWait);
  if (asked === null || asked.grant !== null || state.nowMs - asked.sinceMs < patienceMs) return;
  state.reads.repeated += 1;
  state.reads.next = [...asked.ids, ...next];
  state.reads.asked = null;
  ask(state);
}

/** Role, term or leader changed: who waits for the old one's answer is told, and may ask again. */
export function refuseReads(state: RaftState, message: string): void {
  const { asked, next, open, queue } = state.reads;
  const readers = [...(open?.readers ?? []), ...queue];
  const own = readers.flatMap((reader) => (reader.kind === "own" ? [reader.id] : []));
  state.reads = { ...state.reads, asked: null, next: [], open: null, queue: [], repeated: 0 };
  refuseAll(state, [...(asked?.ids ?? []), ...next, ...own], message);
}
