import { describe, expect, test } from "vitest";
import { kinds, logOf, sent, TestMember, voters } from "./member.ts";

const three = voters("a", "b", "c");
const formed = { currentTerm: 1, entries: logOf(three) };
const asks = (from: string, term: number, lastLogIndex: number, lastLogTerm: number) =>
  ({ kind: "RequestVoteRequest", from, term, lastLogIndex, lastLogTerm, transfer: false }) as const;

describe("votes", () => {
  test("a vote leaves when it is durable, and stays for the term", () => {
    const a = new TestMember("a", formed);
    const first = a.receive(asks("b", 2, 1, 1));
    expect(kinds(first)).toEqual(["role", "trace HandleRequestVoteRequest", "persist"]);
    expect(a.writes[0]?.hardState).toEqual({ currentTerm: 2, votedFor: "b" });
    expect(sent(a.persist(), "RequestVoteResponse")).toMatchObject([{ to: "b", term: 2, voteGranted: true }]);
    expect(sent(a.receive(asks("c", 2, 9, 1)), "RequestVoteResponse")).toMatchObject([{ to: "c", voteGranted: false }]);
    expect(sent(a.receive(asks("b", 2, 1, 1)), "RequestVoteResponse")).toMatchObject([{ to: "b", voteGranted: true }]);
  });

  test("a refusal waits for the vote before it", () => {
    const a = new TestMember("a", formed);
    a.receive(asks("b", 2, 1, 1));
    expect(sent(a.receive(asks("c", 2, 9, 1)), "RequestVoteResponse")).toEqual([]);
    expect(sent(a.persist(), "RequestVoteResponse")).toHaveLength(2);
  });

  test("a restarted node remembers its vote", () => {
    const a = new TestMember("a", { ...formed, currentTerm: 2, votedFor: "b" });
    expect(sent(a.receive(asks("c", 2, 9, 2)), "RequestVoteResponse")).toMatchObject([{ voteGranted: false }]);
  });

  test.for([
    ["shorter", 1, 2, false],
    ["of an older term", 9, 1, false],
    ["equal", 2, 2, true],
    ["shorter but of a later term", 1, 3, true],
  ] as const)("the log is %s", ([, lastLogIndex, lastLogTerm, granted]) => {
    const a = new TestMember("a", { currentTerm: 2, entries: logOf(three, 2) });
    a.receive(asks("b", 4, lastLogIndex, lastLogTerm));
    expect(sent(a.persist(), "RequestVoteResponse")).toMatchObject([{ voteGranted: granted, term: 4 }]);
  });

  test("while a leader is heard nobody else is let in, unless the leader asked for it", () => {
    const a = new TestMember("a", formed);
    a.receive({ kind: "AppendEntriesRequest", from: "b", term: 1, prevLogIndex: 1, prevLogTerm: 1, entries: [], leaderCommit: 1, round: 1 });
    expect(a.receive(asks("c", 5, 9, 4))).toEqual([]);
    expect(a.raft.currentTerm).toBe(1);
    a.receive({ ...asks("c", 5, 9, 4), transfer: true });
    expect(sent(a.persist(), "RequestVoteResponse")).toMatchObject([{ voteGranted: true }]);
    a.nowMs += 301;
    a.receive(asks("b", 6, 9, 4));
    expect(a.raft.votedFor).toBe("b");
  });
});

describe("campaigns", () => {
  test("ask before they raise the term; the own vote counts when it is durable", () => {
    const a = new TestMember("a", formed);
    expect(sent(a.wait(700), "PreVoteRequest")).toMatchObject([{ to: "b", term: 2 }, { to: "c", term: 2 }]);
    expect([a.raft.role, a.raft.currentTerm]).toEqual(["PreCandidate", 1]);
    const raised = a.receive({ kind: "PreVoteResponse", from: "b", term: 2, voteGranted: true });
    expect(kinds(raised)).toEqual(["trace HandlePreVoteResponse", "trace Timeout", "role", "persist"]);
    expect(a.raft.votes.size).toBe(0);
    expect(sent(a.persist(), "RequestVoteRequest")).toHaveLength(2);
    expect([...a.raft.votes]).toEqual(["a"]);
    const won = a.receive({ kind: "RequestVoteResponse", from: "c", term: 2, voteGranted: true });
    expect(kinds(won).slice(0, 4)).toEqual(["trace HandleRequestVoteResponse", "trace BecomeLeader", "persist", "role"]);
    expect(a.writes[0]?.entries).toMatchObject([{ kind: "noop", term: 2, index: 2 }]);
  });

  test("count each voter once, and only votes of their term", () => {
    const a = new TestMember("a", { currentTerm: 1, entries: logOf(voters("a", "b", "c", "d", "e")) });
    a.wait(700);
    for (const from of ["b", "c"]) a.receive({ kind: "PreVoteResponse", from, term: 2, voteGranted: true });
    a.persist();
    for (let times = 0; times < 3; times += 1) a.receive({ kind: "RequestVoteResponse", from: "b", term: 2, voteGranted: true });
    a.receive({ kind: "RequestVoteResponse", from: "c", term: 1, voteGranted: true });
    a.receive({ kind: "RequestVoteResponse", from: "x", term: 2, voteGranted: true });
    expect(a.raft.role).toBe("Candidate");
    a.receive({ kind: "RequestVoteResponse", from: "c", term: 2, voteGranted: true });
    expect(a.raft.role).toBe("Leader");
  });

  test("a pre-vote changes nothing at the voter", () => {
    const a = new TestMember("a", formed);
    const answer = a.receive({ kind: "PreVoteRequest", from: "b", term: 9, lastLogIndex: 1, lastLogTerm: 1 });
    expect(sent(answer, "PreVoteResponse")).toMatchObject([{ voteGranted: true, term: 9 }]);
    expect([a.raft.currentTerm, a.raft.votedFor, a.writes.length]).toEqual([1, null, 0]);
  });

  test("a learner does not campaign, and asks whether it is still a member", () => {
    const a = new TestMember("a", { currentTerm: 1, entries: logOf({ voters: voters("b", "c").voters, learners: voters("a").voters }) });
    const asked = a.wait(700);
    expect(a.raft.role).toBe("Follower");
    expect(sent(asked, "RemovedNotice")).toMatchObject([{ to: "b", configurationIndex: 0 }, { to: "c", configurationIndex: 0 }]);
  });

  test("a higher term ends any role, and is durable before anything else is said", () => {
    const a = new TestMember("a", formed);
    a.lead("b");
    expect(a.raft.role).toBe("Leader");
    a.receive({ kind: "AppendEntriesResponse", from: "b", term: 7, success: false, matchIndex: 0, round: 0 });
    expect([a.raft.role, a.raft.currentTerm, a.raft.votedFor]).toEqual(["Follower", 7, null]);
    expect(a.writes.at(-1)?.hardState).toEqual({ currentTerm: 7, votedFor: null });
  });
});

describe("leadership", () => {
  test("ends when no quorum is heard", () => {
    const a = new TestMember("a", formed);
    a.lead("b");
    const steps = [1, 2, 3, 4].flatMap(() => a.wait(300));
    expect(kinds(steps)).toContain("trace StepDown");
    expect(a.raft.role).toBe("Follower");
  });

  test("is handed over once the target has everything; TimeoutNow of another term is ignored", () => {
    const a = new TestMember("a", formed);
    a.lead("b", "c");
    expect(sent(a.step({ kind: "transfer", id: 1, to: "b" }), "TimeoutNowRequest")).toEqual([]);
    expect(a.propose(2).map((effect) => effect.kind)).toEqual(["refused"]);
    expect(sent(a.acknowledge("b", 2), "TimeoutNowRequest")).toMatchObject([{ to: "b", term: 2 }]);
    const b = new TestMember("b", { currentTerm: 2, entries: logOf(three) });
    expect(b.receive({ kind: "TimeoutNowRequest", from: "a", term: 1 })).toEqual([]);
    b.receive({ kind: "TimeoutNowRequest", from: "a", term: 2 });
    expect([b.raft.role, b.raft.currentTerm]).toEqual(["Candidate", 3]);
    expect(sent(b.persist(), "RequestVoteRequest")).toMatchObject([{ transfer: true }, { transfer: true }]);
  });
});
