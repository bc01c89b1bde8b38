/** One line of each kind that a trace can hold; the compiler and the schema must both accept all of them. */

import type { TraceEvent, TraceLine } from "../../../src/trace/event.ts";

export const stamp = { group: "meta", node: "0b9d2e1c-1111-4222-8333-444455556661", incarnation: 1, seq: 7, clock: 9 } as const;

const state = { term: 3, role: "Leader", lastLogIndex: 100, commitIndex: 90 } as const;
const received = { from: "n2", messageTerm: 3 } as const;
const voters = ["n1", "n2"];
const vm = { uuid: "u-1", owner: "n1", desired: "running", observed: "starting", generation: 2 } as const;
const vmChange = {
  index: 64,
  vm: "web-1",
  uuid: "u-1",
  owner: "n1",
  generation: 2,
  fromDesired: "absent",
  fromObserved: "absent",
  toDesired: "running",
  toObserved: "pending",
} as const;
const command = { op: "vm-create", vm: "web-1", uuid: "u-1", node: "", start: true, generation: 0, observed: "" } as const;
const entries = [
  { kind: "command", term: 3, count: 12 },
  { kind: "noop", term: 3, count: 1 },
  { kind: "configuration", term: 3, count: 1, voters, learners: ["n3"] },
  { kind: "vm", term: 3, count: 1, command },
] as const;
const vmProcess = { vm: "web-1", uuid: "u-1", generation: 2 } as const;
const previous = { prevLogIndex: 4, prevLogTerm: 2, entries, leaderCommit: 3 } as const;
const asked = { lastLogIndexAsked: 4, lastLogTermAsked: 2 } as const;
const digest = "0123456789abcdef";

/** Keyed by event, so that a kind without a sample does not compile. */
const events: { readonly [Kind in TraceEvent["event"]]: TraceEvent & { readonly event: Kind } } = {
  Bootstrap: { event: "Bootstrap", voters, ...state },
  Restart: { event: "Restart", votedFor: "", lastLogTerm: 2, electionTimeoutMs: 300, localMs: 100, ...state },
  BecomePreCandidate: { event: "BecomePreCandidate", ...state },
  Timeout: { event: "Timeout", ...state },
  Recover: {
    event: "Recover",
    epoch: 2,
    formerTerm: 2,
    digest,
    vms: [{ vm: "web", uuid: "u1", owner: "n1", desired: "running", observed: "running", generation: 3, seen: 3 }],
    ...state,
  },
  BecomeLeader: { event: "BecomeLeader", ...state },
  AdvanceCommitIndex: { event: "AdvanceCommitIndex", ...state },
  StepDown: { event: "StepDown", reason: "higher term", ...state },
  HandlePreVoteRequest: { event: "HandlePreVoteRequest", ...asked, localMs: 900, heardMs: 500, granted: true, ...received, ...state },
  HandleRequestVoteRequest: { event: "HandleRequestVoteRequest", ...asked, transfer: false, localMs: 900, heardMs: 500, granted: true, ...received, ...state },
  HandlePreVoteResponse: { event: "HandlePreVoteResponse", granted: true, ...received, ...state },
  HandleRequestVoteResponse: { event: "HandleRequestVoteResponse", granted: false, ...received, ...state },
  ClientRequest: { event: "ClientRequest", entries, ...state },
  ChangeConfiguration: { event: "ChangeConfiguration", voters, learners: [], ...state },
  EnterJoint: { event: "EnterJoint", voters, learners: [], ...state },
  LeaveJoint: { event: "LeaveJoint", ...state },
  AppendEntries: { event: "AppendEntries", to: "n2", ...previous, ...state },
  HandleAppendEntriesRequest: { event: "HandleAppendEntriesRequest", ...previous, success: true, matchIndex: 5, ...received, ...state },
  HandleAppendEntriesResponse: { event: "HandleAppendEntriesResponse", success: true, matchIndex: 5, ...received, ...state },
  Persist: { event: "Persist", count: 3, ...state },
  TransferLeadership: { event: "TransferLeadership", to: "n2", ...state },
  OfferSnapshot: { event: "OfferSnapshot", to: "n2", ...state },
  AskReadIndex: { event: "AskReadIndex", to: "n2", ...state },
  ReadIndex: { event: "ReadIndex", round: 4, sentMs: 1234, ...state },
  AcknowledgeRound: { event: "AcknowledgeRound", from: "n2", round: 4, promiseMs: 0, localMs: 900, ...state },
  ServeRead: { event: "ServeRead", round: 4, index: 90, ...state },
  ServeLeaseRead: { event: "ServeLeaseRead", round: 4, localMs: 1300, driftPpm: 1000, ...state },
  ServeForwardedRead: { event: "ServeForwardedRead", round: 4, index: 90, ...received, ...state },
  HandleTimeoutNowRequest: { event: "HandleTimeoutNowRequest", ...received, ...state },
  HandleInstallSnapshotRequest: { event: "HandleInstallSnapshotRequest", ...received, ...state },
  InstallSnapshot: { event: "InstallSnapshot", index: 64, snapshotTerm: 2, leader: "n2", ...state },
  Removed: { event: "Removed", configurationIndex: 12, ...state },
  Apply: {
    event: "Apply",
    index: 64,
    digests: [{ index: 64, digest }],
    vmChanges: [vmChange],
    configurations: [{ index: 63, voters, learners: [] }],
  },
  ApplySnapshot: { event: "ApplySnapshot", index: 64, digest, vms: [{ vm: "web-1", ...vm }] },
  RestoreRows: { event: "RestoreRows", index: 64, digest, vms: [] },
  LaunchVm: { event: "LaunchVm", ...vmProcess },
  TimeOutTask: { event: "TimeOutTask", ...vmProcess, atMs: 61_000 },
  VmReady: { event: "VmReady", ...vmProcess },
  AdoptVm: { event: "AdoptVm", ...vmProcess },
  PauseVm: { event: "PauseVm", ...vmProcess },
  StopVm: { event: "StopVm", ...vmProcess },
  AwaitVm: { event: "AwaitVm", ...vmProcess, move: 9 },
  SuspendVm: { event: "SuspendVm", ...vmProcess, move: 9 },
  ReceiveVm: { event: "ReceiveVm", ...vmProcess, move: 9 },
  AskHandOver: { event: "AskHandOver", ...vmProcess, move: 9 },
  ContinueVm: { event: "ContinueVm", ...vmProcess },
  VmEnded: { event: "VmEnded", vm: "web-1", uuid: "u-1", how: "guest-shutdown" },
  ReportVm: { event: "ReportVm", ...vmProcess, observed: "running" },
  AskLease: { event: "AskLease", epoch: 0 },
  LapseReservation: { event: "LapseReservation", ...vmProcess, waitedMs: 300_004, ttlMs: 300_000 },
  HoldLease: { event: "HoldLease", epoch: 7 },
  LoseLease: { event: "LoseLease", epoch: 7 },
  ExpireLease: {
    event: "ExpireLease", worker: "n2", epoch: 7, silentMs: 30_100, failoverAfterMs: 30_000, leaseMs: 10_000, killBudgetMs: 5_000, driftPermille: 50, asserted: "",
  },
};

/** Every kind of line, the header first. */
export const sampleLines: readonly TraceLine[] = [
  { ...stamp, group: "node", event: "Header", schema: 1, name: "n1", cluster: "c-1", version: "0.1.0", timeMs: 1_700_000_000_000 },
  ...Object.values(events).map((event) => ({ ...stamp, ...event })),
];
