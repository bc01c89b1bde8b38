import { describe, expect, test } from "vitest";
import type { Configuration } from "../../../src/raft/configuration.ts";
import type { ConfigurationChange } from "../../../src/raft/event.ts";
import { committedConfiguration, configurationInForce } from "../../../src/raft/state.ts";
import { configurationEntry, entry, kinds, logOf, member, sent, TestMember, voters } from "./member.ts";

const three = voters("a", "b", "c");

function leader(configuration: Configuration = three, options = {}): TestMember {
  const a = new TestMember("a", { currentTerm: 1, entries: logOf(configuration) }, options);
  a.lead(...configuration.voters.map(({ id }) => id).filter((id) => id !== "a"));
  return a;
}

const change = (a: TestMember, what: ConfigurationChange) => a.step({ kind: "change", id: 9, change: what, timeMs: 0 });
const refusal = (code: string) => [expect.objectContaining({ kind: "refused", refusal: expect.objectContaining({ code }) })];

describe("configuration changes", () => {
  test("wait until the leader has committed in its own term (2015)", () => {
    const a = leader();
    expect(change(a, { kind: "add-learner", member: member("d") })).toEqual(refusal("CHANGE_PENDING"));
    a.acknowledge("b", 2);
    expect(kinds(change(a, { kind: "add-learner", member: member("d") }))).toContain("accepted");
  });

  test("go one at a time, and are in force when appended", () => {
    const a = leader();
    a.acknowledge("b", 2);
    change(a, { kind: "remove", id: "c" });
    expect(configurationInForce(a.raft)).toMatchObject({ index: 3, configuration: voters("a", "b") });
    expect(committedConfiguration(a.raft).index).toBe(1);
    expect(change(a, { kind: "add-learner", member: member("d") })).toEqual(refusal("CHANGE_PENDING"));
  });

  test.for([
    ["a member's id", { kind: "add-learner", member: { id: "b", name: "x", address: "x:1" } }, "ALREADY_EXISTS"],
    ["a member's address", { kind: "add-learner", member: { id: "x", name: "x", address: "b:1" } }, "CONFLICT"],
    ["a member's name", { kind: "add-learner", member: { id: "x", name: "b", address: "x:1" } }, "CONFLICT"],
    ["a voter to promote", { kind: "promote", id: "b" }, "ALREADY_EXISTS"],
    ["a stranger to promote", { kind: "promote", id: "x" }, "NOT_FOUND"],
    ["a stranger to remove", { kind: "remove", id: "x" }, "NOT_FOUND"],
  ] as const)("refuse %s", ([, what, code]) => {
    const a = leader();
    a.acknowledge("b", 2);
    expect(change(a, what)).toEqual(refusal(code));
  });

  test("do not remove the last voter", () => {
    expect(change(leader(voters("a")), { kind: "remove", id: "a" })).toEqual(refusal("CONFLICT"));
  });

  test("promote a learner only when it has caught up", () => {
    const a = leader({ voters: three.voters, learners: [member("d")] }, { maxPromoteLag: 1 });
    a.acknowledge("b", 2);
    a.propose(1, 2);
    expect(change(a, { kind: "promote", id: "d" })).toEqual(refusal("WRONG_STATE"));
    a.acknowledge("d", 3);
    expect(kinds(change(a, { kind: "promote", id: "d" }))).toContain("accepted");
  });
});

describe("quorums", () => {
  test("do not count learners", () => {
    const a = leader({ voters: three.voters, learners: [member("d")] });
    a.acknowledge("d", 2);
    expect(a.raft.commitIndex).toBe(0);
  });

  test("do not count a leader that removes itself; it steps down when that is committed", () => {
    const a = leader();
    a.acknowledge("b", 2);
    change(a, { kind: "remove", id: "a" });
    a.persist();
    a.acknowledge("b", 3);
    expect([a.raft.role, a.raft.commitIndex]).toEqual(["Leader", 2]);
    const done = a.acknowledge("c", 3);
    expect(kinds(done).filter((kind) => kind !== "apply")).toEqual(
      expect.arrayContaining(["trace AdvanceCommitIndex", "send AppendEntriesRequest", "trace StepDown", "trace Removed", "removed"]),
    );
  });
});

describe("a member", () => {
  test("rolls a truncated configuration back", () => {
    const without = voters("a", "b");
    const a = new TestMember("a", { currentTerm: 2, entries: [...logOf(three), configurationEntry(2, 2, without)] });
    expect(configurationInForce(a.raft).index).toBe(2);
    const request = { kind: "AppendEntriesRequest", from: "c", term: 3, prevLogIndex: 1, prevLogTerm: 1, entries: [entry(2, 3)], leaderCommit: 0, round: 1 } as const;
    const effects = a.receive(request);
    expect(configurationInForce(a.raft)).toEqual({ index: 1, configuration: three });
    expect(effects).toContainEqual({ kind: "configuration", configuration: three, index: 1 });
  });

  test("that removed itself may campaign until that is committed, without its own vote (4.2.2)", () => {
    const a = new TestMember("a", { currentTerm: 1, applied: { index: 1, term: 1, configuration: voters("a", "b"), configurationIndex: 1 }, entries: [
      ...logOf(voters("a", "b")), configurationEntry(2, 1, voters("b")),
    ] });
    expect(sent(a.wait(700), "PreVoteRequest")).toMatchObject([{ to: "b" }]);
    a.receive({ kind: "PreVoteResponse", from: "b", term: 2, voteGranted: true });
    a.persist();
    expect(a.raft.role).toBe("Candidate");
    a.receive({ kind: "RequestVoteResponse", from: "b", term: 2, voteGranted: true });
    expect(a.raft.role).toBe("Leader");
  });

  test("turns a removed candidate away, tells it, and keeps its term", () => {
    const a = leader();
    a.acknowledge("b", 2);
    change(a, { kind: "remove", id: "c" });
    a.persist();
    a.acknowledge("b", 3);
    const term = a.raft.currentTerm;
    const told = a.receive({ kind: "PreVoteRequest", from: "c", term: 9, lastLogIndex: 2, lastLogTerm: 2 });
    expect(kinds(told)).toEqual(["send RemovedNotice"]);
    a.receive({ kind: "RequestVoteRequest", from: "c", term: 9, lastLogIndex: 2, lastLogTerm: 2, transfer: true });
    expect(a.raft.currentTerm).toBe(term);
  });

  test("votes for a candidate that it does not know, if that may know more", () => {
    const a = new TestMember("a", { currentTerm: 1, applied: { index: 1, term: 1, configuration: three, configurationIndex: 1 }, entries: logOf(three) });
    const answer = a.receive({ kind: "PreVoteRequest", from: "d", term: 2, lastLogIndex: 7, lastLogTerm: 1 });
    expect(sent(answer, "PreVoteResponse")).toMatchObject([{ voteGranted: true }]);
  });
});

describe("a removal notice", () => {
  const notice = (configurationIndex: number) => ({ kind: "RemovedNotice", from: "b", term: 1, configurationIndex }) as const;

  test("newer than a configuration that had the node is believed", () => {
    const c = new TestMember("c", { currentTerm: 1, entries: logOf(three) });
    expect(kinds(c.receive(notice(5)))).toEqual(["trace Removed", "removed"]);
  });

  test("older than the configuration here is not, nor one to a joiner that is behind", () => {
    const c = new TestMember("c", { currentTerm: 1, entries: [...logOf(voters("a", "b")), configurationEntry(2, 1, three)] });
    expect(c.receive(notice(1))).toEqual([]);
    const joiner = new TestMember("d", { currentTerm: 1, entries: logOf(three) });
    expect(joiner.receive(notice(1))).toEqual([]);
    expect(joiner.receive(notice(5))).toEqual([]);
  });

  test("of index 0 is a question, answered only to who is no member", () => {
    const a = leader();
    a.acknowledge("b", 2);
    expect(a.receive({ ...notice(0), from: "c" })).toEqual([]);
    expect(sent(a.receive({ ...notice(0), from: "x" }), "RemovedNotice")).toMatchObject([{ to: "x", configurationIndex: 1 }]);
  });
});
