/**
 * Damages of a trace that the judge accepts, each with the reason why it hides nothing. In general: what is left is a
 * behaviour that the specification allows, so the laws hold of it; the question is what about the real run may be lost.
 */

import type { AcceptedDamage } from "../../unit/verify/damage.ts";

const sentAndLost =
  "the message differs from the one that was sent, or is missing, and no line says that it was received: the network may lose, delay and repeat anything, so that a message which nobody receives does nothing";
const receivedLater =
  "a message need not be received; what follows from it is a line of its own, and is refused when the answer or the quorum that it rests on is missing";
const otherMessage =
  "there was such a message: it was sent before with exactly this content, and a message may be received late and twice; one that nobody sent is refused";
const lastLine = "nothing follows from the line: a run may end at any line, and the next step of the node is held to the state without it";
const nothingBefore = "the node starts for the first time, with nothing on disk: not to have started is the same";
const confirmedByOthers =
  "a round needs a quorum, and others acknowledged it; a leader that answered without one is refused, and so is one that has a lease without the promises";
const askedElsewhen =
  "the question, or the answer, stands between other steps of its node or of others: what was committed before the question is then held against the answer in this order, and the answer's round must have begun behind the question";
const waitedEnough =
  "the waiting is still long enough by the inequality of `MCLease`, which is all that the lines about the worker rest on; a value with which it is not is refused";
const inTime =
  "by this time, too, the attempt was called too late only after its limit had passed, or never: a launch or a call by which the limit had not passed is refused";
const heardThen =
  "by this time, too, the node had waited as long as it said for every leader that it is known to have heard before it helped another; a time by which it had not is refused, and so is one that runs backwards";
const forPeople = "for people only: no step, no law and no order depends on it";

/** By name: kind, event, field. `same` damages come out at the very state that was there without them. */
const reasons: Readonly<Record<string, string>> = {
  "hidden drop AppendEntries": sentAndLost,
  "field AppendEntries.to": sentAndLost,
  "field AppendEntries.prevLogIndex": `${sentAndLost}; the entries are still those of the leader's log`,
  "field AppendEntries.entries.length": `${sentAndLost}; the entries are still those of the leader's log`,
  "field AppendEntries.entries[].count": `${sentAndLost}; the entries are still those of the leader's log`,
  "field TransferLeadership.to": sentAndLost,
  "hidden drop TransferLeadership": sentAndLost,
  "drop TransferLeadership": `${lastLine}; ${sentAndLost}`,
  "field OfferSnapshot.to": sentAndLost,
  "hidden drop OfferSnapshot": sentAndLost,

  "hidden drop HandleAppendEntriesRequest": `${receivedLater}; the entries are received with a later message, and acknowledged then`,
  "hidden drop HandleAppendEntriesResponse": receivedLater,
  "hidden drop HandlePreVoteRequest": receivedLater,
  "hidden drop HandlePreVoteResponse": receivedLater,
  "hidden drop HandleRequestVoteRequest": receivedLater,
  "hidden drop HandleRequestVoteResponse": receivedLater,
  "hidden drop HandleInstallSnapshotRequest": receivedLater,
  "field HandleAppendEntriesRequest.leaderCommit": otherMessage,
  "field HandleAppendEntriesResponse.from": otherMessage,
  "field HandleAppendEntriesResponse.matchIndex": otherMessage,
  "field HandleAppendEntriesResponse.success": otherMessage,
  "field HandlePreVoteRequest.from": otherMessage,
  "field HandlePreVoteRequest.messageTerm": otherMessage,
  "field HandlePreVoteResponse.from": otherMessage,
  "field HandleRequestVoteResponse.from": otherMessage,

  "field HandleAppendEntriesRequest.matchIndex":
    "of a refusal it is a hint where to try next; the leader probes from there, and any smaller index than the one refused will do",
  "field HandlePreVoteRequest.granted":
    "a pre-vote may be refused at any time, for a leader may be heard; it promises nothing. To grant one that must be refused is refused",

  "hidden drop Apply":
    "entries are applied in any portions: the next Apply covers these too, with every change of a VM and every configuration among them, and tells the digest of the whole state, which is then held against the other nodes'",
  "drop Apply": `${lastLine}; an executor and a client are held to what was applied by then`,
  "hidden drop BecomePreCandidate": `${lastLine}; without it, Timeout is refused`,
  "drop BecomePreCandidate": lastLine,
  "hidden drop Timeout": "the campaign was over before anybody heard of it: its write was lost by a crash, so that its requests never left",
  "hidden drop Restart": `${nothingBefore}; of a later one: all that follows is then held to the state before the stop, vote and log in full, so nothing may have been forgotten`,
  "hidden drop RestoreRows": nothingBefore,
  "field Restart.group": `${nothingBefore}; in a group of another name it is the only step`,
  "field RestoreRows.group": `${nothingBefore}; in a group of another name it is the only step`,
  "hidden swap Restart and RestoreRows":
    "the rows are told before the stop, when the node had them applied anyway, and nothing is applied after it: all that is applied later is held to the records and digests in full",
  "field StepDown.reason": forPeople,
  "hidden drop Persist":
    "what it made durable becomes so with the next one, or is found by the next Restart; an answer that rested on it meanwhile would be refused where it is received",
  "hidden drop Removed": "a node may learn that it was removed, or not; it changes no state, and what a removed node must not do is refused at those lines",
  "drop Removed": lastLine,
  "drop HandleRequestVoteRequest": `${lastLine}; ${receivedLater}`,
  "field Removed.configurationIndex": "another committed configuration that has the node no more says the same; one that has it is refused",
  "field HandleAppendEntriesRequest.entries.length": otherMessage,

  "field ReadIndex.sentMs":
    "no lease read rests on the round, or the promises hold from this moment, too; it stands between the rounds before and after, and a lease is refused when the time from here is longer than what was promised",
  "field Restart.localMs": heardThen,
  "field Restart.electionTimeoutMs": `${heardThen}; a node that promises more than it waits is refused`,
  "field AcknowledgeRound.localMs": heardThen,
  "field HandlePreVoteRequest.localMs": heardThen,
  "field HandlePreVoteRequest.heardMs": heardThen,
  "field HandleRequestVoteRequest.localMs": heardThen,
  "field HandleRequestVoteRequest.heardMs": heardThen,
  "hidden swap AppendEntries and ReadIndex": askedElsewhen,
  "hidden drop ReadIndex": "the last round of a term, of which no line says that somebody acknowledged it or that it was confirmed: such a line is refused",
  "hidden drop ServeRead": "the round that was under way when the leader lost its term: whether it was confirmed before that or not, both are behaviours. Elsewhere the next round of the term is refused, or the answer of the follower that was told its index",
  "hidden drop AcknowledgeRound": confirmedByOthers,
  "field AcknowledgeRound.round": `it acknowledges another round that was under way by then, above the last one that it acknowledged and below the next; ${confirmedByOthers}`,
  "hidden drop AskReadIndex": "the question was put again, and only the last one counts: an answer to none is refused",
  "hidden drop ServeForwardedRead": "the question stays without an answer, and is put again for the next readers",
  "field ServeForwardedRead.round": "the leader gave out the same index in this round, too, which began behind the question: another is refused",
  "hidden swap AskReadIndex and HandleAppendEntriesRequest": askedElsewhen,
  "hidden swap AcknowledgeRound and AskReadIndex": askedElsewhen,
  "hidden swap Apply and ServeRead":
    "the leader answers a step earlier, with what it had applied by then: no less than the index of the round, or the line is refused",
  "field AskReadIndex.clock": askedElsewhen,
  "field ReadIndex.clock": askedElsewhen,
  "field ServeRead.clock": askedElsewhen,

  "drop ServeForwardedRead": lastLine,
  "field Persist.count": `${lastLine}; a next Restart, or an answer that rests on more than was made durable, is refused`,
  "drop AcknowledgeRound": lastLine,
  "drop StepDown": lastLine,
  "hidden drop StepDown": `${lastLine}; who leads no more does nothing that only a leader may`,
  "hidden drop HoldLease": "the worker does not know yet that it holds its lease: to launch a VM, or to lose the lease, is refused without the line",
  "field ExpireLease.silentMs": waitedEnough,
  "field ExpireLease.failoverAfterMs": waitedEnough,
  "field ExpireLease.leaseMs": waitedEnough,
  "field ExpireLease.killBudgetMs": waitedEnough,
  "field ExpireLease.driftPermille": waitedEnough,
  "field ExpireLease.asserted": `${waitedEnough}; that a machine is off is said by an operator, outside of every run`,

  "field LaunchVm.atMs": inTime,
  "field TimeOutTask.atMs": inTime,

  "hidden drop StopVm": "it asks the VM to end; what counts is VmEnded, without which no end is reported and nobody else starts it",
  "hidden drop AdoptVm": "the process was certain to run: no report may follow of one that is in doubt",
  "field AdoptVm.generation": "which wish a process serves is said by VmReady and ReportVm, and checked there",
  "field VmEnded.how": forPeople,

  "field Header.name": forPeople,
  "field Header.version": forPeople,
  "field Header.timeMs": forPeople,
  "field Header.cluster": "the other files of the run say no cluster; two that do must agree",
};

/** Why the damage is harmless; undefined when nobody has said so. */
export function argumentFor({ kind, hidden, name, same }: AcceptedDamage): string | undefined {
  if (same && hidden && kind === "swap") return "the two steps of the node do not touch each other: the other order is a behaviour too, and ends in the same state";
  if (same && hidden && kind === "duplicate") return "the step changes nothing when it is done again: the state is the same, and so is all that follows";
  if (same && name.endsWith(".clock")) return "clocks put the lines of nodes in an order; in this order, too, each line is a step, and the state is the same in the end";
  return reasons[name];
}
