/** Which line sent the message that another line received: by what the lines tell of it. */

import type { TraceLine } from "./event.ts";

/** What one message is known by: kind, sender, receiver where it is told, and content. */
type MessageKey = string;

const key = (...parts: readonly (string | number | boolean)[]): MessageKey => parts.join(" ");

/** The messages that a step sends, or decides to send as soon as its write is durable. */
export function messagesSentBy(line: TraceLine): readonly MessageKey[] {
  switch (line.event) {
    case "BecomePreCandidate":
      return [key("PreVoteRequest", line.node, line.term + 1, line.lastLogIndex)];
    case "Timeout":
    case "HandleTimeoutNowRequest":
      return [key("RequestVoteRequest", line.node, line.term, line.lastLogIndex)];
    case "HandlePreVoteRequest":
      return [key("PreVoteResponse", line.node, line.from, line.granted ? line.messageTerm : line.term, line.granted)];
    case "HandleRequestVoteRequest":
      return [key("RequestVoteResponse", line.node, line.from, line.term, line.granted)];
    case "AppendEntries":
      return [key("AppendEntriesRequest", line.node, line.to, line.term, contentOf(line))];
    case "HandleAppendEntriesRequest":
      return [key("AppendEntriesResponse", line.node, line.from, line.term, line.success, line.matchIndex)];
    case "HandleInstallSnapshotRequest":
      return [
        key("AppendEntriesResponse", line.node, line.from, line.term, true, line.commitIndex),
        key("AppendEntriesResponse", line.node, line.from, line.term, false, 0),
      ];
    case "InstallSnapshot":
      return [key("AppendEntriesResponse", line.node, line.leader, line.term, true, line.index)];
    case "TransferLeadership":
      return [key("TimeoutNowRequest", line.node, line.to, line.term)];
    case "OfferSnapshot":
      return [key("InstallSnapshotRequest", line.node, line.to, line.term)];
    default:
      return [];
  }
}

/** The message that a step handles. */
export function messageReceivedBy(line: TraceLine): MessageKey | undefined {
  switch (line.event) {
    case "HandlePreVoteRequest":
      return key("PreVoteRequest", line.from, line.messageTerm, line.lastLogIndexAsked);
    case "HandleRequestVoteRequest":
      return key("RequestVoteRequest", line.from, line.messageTerm, line.lastLogIndexAsked);
    case "HandlePreVoteResponse":
      return key("PreVoteResponse", line.from, line.node, line.messageTerm, line.granted);
    case "HandleRequestVoteResponse":
      return key("RequestVoteResponse", line.from, line.node, line.messageTerm, line.granted);
    case "HandleAppendEntriesRequest":
      return key("AppendEntriesRequest", line.from, line.node, line.messageTerm, contentOf(line));
    case "HandleAppendEntriesResponse":
      return key("AppendEntriesResponse", line.from, line.node, line.messageTerm, line.success, line.matchIndex);
    case "HandleTimeoutNowRequest":
      return key("TimeoutNowRequest", line.from, line.node, line.messageTerm);
    case "HandleInstallSnapshotRequest":
      return key("InstallSnapshotRequest", line.from, line.node, line.messageTerm);
    default:
      return undefined;
  }
}

function contentOf(line: Extract<TraceLine, { readonly event: "AppendEntries" | "HandleAppendEntriesRequest" }>): string {
  return JSON.stringify([line.prevLogIndex, line.prevLogTerm, line.leaderCommit, line.entries]);
}

/** Sendings are forgotten in two generations, so that a trace of any length passes through. */
const mostRemembered = 200_000;

/**
 * Takes lines in causal order and tells, of each that handles a message, which line sent it: the last that sent one of
 * just this content.
 */
export class MessageMatcher {
  #recent = new Map<string, number>();
  #older = new Map<string, number>();

  /** `place` is what the caller knows the line by. Undefined when nothing is received, or nobody is known to have sent it. */
  take(line: TraceLine, place: number): number | undefined {
    const received = messageReceivedBy(line);
    const known = received === undefined ? undefined : `${line.group} ${received}`;
    const sender = known === undefined ? undefined : (this.#recent.get(known) ?? this.#older.get(known));
    for (const sent of messagesSentBy(line)) this.#recent.set(`${line.group} ${sent}`, place);
    if (this.#recent.size > mostRemembered) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    return sender;
  }
}
