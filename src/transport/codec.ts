/**
 * Raft messages as they travel. Every kind has the same frame (see `RaftFrame` in blixard.proto); this file says which of
 * its fields a kind uses, and refuses frames that are no message.
 */

import { unreachable } from "../assert.ts";
import { type Entry, packEntries, unpackEntries } from "../entry.ts";
import type { AppendEntriesRequest, RaftMessage } from "../raft/message.ts";
import type { RaftFrame, RaftKind } from "./messages.generated.ts";
import type { Init } from "./wire.ts";
import { WireError } from "./wire-buffer.ts";

/** The most bytes of entries in one frame. Of a longer run the beginning is sent, which is an append too. */
export const maxEntriesBytes = 1024 * 1024;
/** One entry larger than that still travels, alone, up to this size; a larger one cannot be replicated. */
export const maxEntryBytes = 3 * 1024 * 1024;
const maxIdLength = 64;
const groupName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

const kinds = {
  PreVoteRequest: "PRE_VOTE_REQUEST",
  PreVoteResponse: "PRE_VOTE_RESPONSE",
  RequestVoteRequest: "REQUEST_VOTE_REQUEST",
  RequestVoteResponse: "REQUEST_VOTE_RESPONSE",
  AppendEntriesRequest: "APPEND_ENTRIES_REQUEST",
  AppendEntriesResponse: "APPEND_ENTRIES_RESPONSE",
  InstallSnapshotRequest: "INSTALL_SNAPSHOT_REQUEST",
  TimeoutNowRequest: "TIMEOUT_NOW_REQUEST",
  RemovedNotice: "REMOVED_NOTICE",
  ReadIndexRequest: "READ_INDEX_REQUEST",
  ReadIndexResponse: "READ_INDEX_RESPONSE",
} as const satisfies Record<RaftMessage["kind"], RaftKind>;

interface PackedRun {
  readonly first: Entry;
  readonly last: Entry;
  readonly length: number;
  readonly packed: Uint8Array;
}

/** Runs kept at most: one a follower that is at another place of the log. */
const keptRuns = 4;

/**
 * Joins the bytes of a run of entries once, though it goes to several followers. A run is known by its first and last
 * entry and its length: entries are consecutive and never changed, so these three say what lies between.
 */
export class EntryPacker {
  private readonly runs: PackedRun[] = [];
  private nextRun = 0;

  pack(entries: readonly Entry[]): Uint8Array {
    const first = entries[0];
    const last = entries.at(-1);
    if (first === undefined || last === undefined) return new Uint8Array(0);
    if (first === last) return first.bytes;
    const known = this.runs.find((run) => run.first === first && run.last === last && run.length === entries.length);
    if (known !== undefined) return known.packed;
    const packed = packEntries(beginning(entries));
    this.runs[this.nextRun] = { first, last, length: entries.length, packed };
    this.nextRun = (this.nextRun + 1) % keptRuns;
    return packed;
  }
}

/** As many of the first entries as fit in one frame, but at least one. */
function beginning(entries: readonly Entry[]): readonly Entry[] {
  let bytes = 0;
  const end = entries.findIndex((entry, i) => (bytes += entry.bytes.length) > maxEntriesBytes && i > 0);
  return end === -1 ? entries : entries.slice(0, end);
}

/** The frame of a message. `clock` is the sender's logical clock. */
export function toFrame(message: RaftMessage, clock: number, packer: EntryPacker): Init<RaftFrame> {
  const { group, from, to, term } = message;
  const head = { group, from, to, term, clock, kind: kinds[message.kind] };
  switch (message.kind) {
    case "PreVoteRequest":
      return { ...head, index: message.lastLogIndex, logTerm: message.lastLogTerm };
    case "RequestVoteRequest":
      return { ...head, index: message.lastLogIndex, logTerm: message.lastLogTerm, flag: message.transfer };
    case "PreVoteResponse":
    case "RequestVoteResponse":
      return { ...head, flag: message.voteGranted };
    case "AppendEntriesRequest": {
      const { prevLogIndex: index, prevLogTerm: logTerm, leaderCommit, round } = message;
      return { ...head, index, logTerm, leaderCommit, round, entries: packer.pack(message.entries) };
    }
    case "AppendEntriesResponse":
      return { ...head, index: message.matchIndex, flag: message.success, round: message.round, promiseMs: message.promiseMs ?? 0 };
    case "InstallSnapshotRequest":
      return { ...head, index: message.lastIncludedIndex, round: message.round };
    case "ReadIndexRequest":
      return { ...head, question: message.question };
    case "ReadIndexResponse":
      return { ...head, question: message.question, flag: message.granted, round: message.round, index: message.index };
    case "TimeoutNowRequest":
      return head;
    case "RemovedNotice":
      return { ...head, index: message.configurationIndex };
    default:
      return unreachable(message);
  }
}

/** The message of a frame. Throws `WireError` when the frame is none. Numbers were checked when they were read. */
export function fromFrame(frame: RaftFrame): RaftMessage {
  const { group, from, to, term, index, logTerm, flag, round } = frame;
  if (!groupName.test(group)) throw new WireError("a Raft message names no group");
  if (from === "" || from.length > maxIdLength) throw new WireError("a Raft message names no sender");
  if (to === "" || to.length > maxIdLength) throw new WireError("a Raft message names no receiver");
  const address = { group, from, to, term };
  if (frame.kind !== "APPEND_ENTRIES_REQUEST" && frame.entries.length > 0) {
    throw new WireError(`a message ${frame.kind} carries entries`);
  }
  switch (frame.kind) {
    case "PRE_VOTE_REQUEST":
      return { kind: "PreVoteRequest", ...address, lastLogIndex: index, lastLogTerm: logTerm };
    case "PRE_VOTE_RESPONSE":
      return { kind: "PreVoteResponse", ...address, voteGranted: flag };
    case "REQUEST_VOTE_REQUEST":
      return { kind: "RequestVoteRequest", ...address, lastLogIndex: index, lastLogTerm: logTerm, transfer: flag };
    case "REQUEST_VOTE_RESPONSE":
      return { kind: "RequestVoteResponse", ...address, voteGranted: flag };
    case "APPEND_ENTRIES_REQUEST":
      return appendEntriesOf(frame);
    case "APPEND_ENTRIES_RESPONSE":
      return { kind: "AppendEntriesResponse", ...address, success: flag, matchIndex: index, round, promiseMs: frame.promiseMs };
    case "INSTALL_SNAPSHOT_REQUEST":
      return { kind: "InstallSnapshotRequest", ...address, lastIncludedIndex: index, round };
    case "READ_INDEX_REQUEST":
      return { kind: "ReadIndexRequest", ...address, question: frame.question };
    case "READ_INDEX_RESPONSE":
      return { kind: "ReadIndexResponse", ...address, question: frame.question, granted: flag, round, index };
    case "TIMEOUT_NOW_REQUEST":
      return { kind: "TimeoutNowRequest", ...address };
    case "REMOVED_NOTICE":
      return { kind: "RemovedNotice", ...address, configurationIndex: index };
    case "RAFT_KIND_UNSPECIFIED":
      throw new WireError("a Raft message is of a kind that this version does not know");
    default:
      return unreachable(frame.kind);
  }
}

function appendEntriesOf(frame: RaftFrame): AppendEntriesRequest {
  const { group, from, to, term, index: prevLogIndex, logTerm: prevLogTerm, leaderCommit, round } = frame;
  if (frame.entries.length > maxEntryBytes) throw new WireError("a message carries too many bytes of entries");
  const entries = unpackEntries(frame.entries, prevLogIndex + 1);
  if (entries === undefined) throw new WireError("the entries of a message are damaged");
  // "Terms only grow along a log, and no entry is newer than its leader" (the paper, 5.3). Anything else is damage.
  let lowest = prevLogTerm;
  for (const entry of entries) {
    if (entry.term < lowest || entry.term > term || !Number.isFinite(entry.timeMs)) {
      throw new WireError("the entries of a message have impossible terms or times");
    }
    lowest = entry.term;
  }
  return { kind: "AppendEntriesRequest", group, from, to, term, prevLogIndex, prevLogTerm, entries, leaderCommit, round };
}
