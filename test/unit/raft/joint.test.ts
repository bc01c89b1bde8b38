/** Several members change at once (the paper, section 6; dissertation, 4.3). */

import { describe, expect, test } from "vitest";
import { electorate, hasQuorum, isJoint, isMember, members, quorumValue } from "../../../src/raft/configuration.ts";
import type { Configuration } from "../../../src/raft/configuration.ts";
import type { ConfigurationChange } from "../../../src/raft/event.ts";
import { committedConfiguration, configurationInForce } from "../../../src/raft/state.ts";
import { configurationEntry, entry, kinds, logOf, member, sent, TestMember, voters } from "./member.ts";

const learning: Configuration = { voters: voters("a", "b", "c").voters, learners: [member("d"), member("e")] };
const joint: Configuration = { voters: voters("c", "d", "e").voters, learners: [], outgoing: learning.voters };
const swap = { kind: "replace", leaving: ["a", "b"], entering: ["d", "e"] } as const;

const change = (a: TestMember, what: ConfigurationChange) => a.step({ kind: "change", id: 9, change: what, timeMs: 0 });
const refusal = (code: string) => [expect.objectContaining({ kind: "refused", refusal: expect.objectContaining({ code }) })];
const inForce = (a: TestMember) => configurationInForce(a.raft);

/** `a` leads term 2 with a committed entry of its own; the learners have caught up. */
function leader(options = {}): TestMember {
  const a = new TestMember("a", { currentTerm: 1, entries: logOf(learning) }, options);
  a.lead("b", "c");
  for (const id of ["b", "c", "d", "e"]) a.acknowledge(id, 2);
  return a;
}

/** It has appended the joint configuration (3) and made it durable. */
function changing(): TestMember {
  const a = leader();
  change(a, swap);
  a.persist();
  return a;
}

describe("a joint configuration", () => {
  test("needs a majority of each set", () => {
    const agreed = (...ids: readonly string[]) => hasQuorum(joint, (id) => ids.includes(id));
    expect(agreed("a", "b", "d", "e")).toBe(true);
    expect(agreed("b", "c", "d")).toBe(true);
    expect(agreed("a", "b", "c")).toBe(false);
    expect(agreed("c", "d", "e")).toBe(false);
    expect(agreed("a", "b", "d")).toBe(false);
  });

  test("has reached only what both sets have", () => {
    const at: Record<string, number> = { a: 9, b: 9, c: 5, d: 3, e: 1 };
    expect(quorumValue(joint, (id) => at[id] ?? 0)).toBe(3);
    expect(quorumValue(learning, (id) => at[id] ?? 0)).toBe(9);
    expect(quorumValue({ voters: [], learners: [] }, () => 7)).toBe(0);
  });

  test("names nobody twice, and those that leave are members until it ends", () => {
    expect(electorate(joint).map(({ id }) => id)).toEqual(["c", "d", "e", "a", "b"]);
    expect(members(joint)).toHaveLength(5);
    expect(isMember(joint, "a")).toBe(true);
    expect(hasQuorum({ voters: [], learners: [] }, () => true)).toBe(false);
  });
});

describe("replacing several members", () => {
  test("is in force when appended, and sent to old and new", () => {
    const a = leader();
    const effects = change(a, swap);
    expect(inForce(a)).toMatchObject({ index: 3, configuration: joint });
    expect(kinds(effects)).toContain("trace EnterJoint");
    expect(sent(effects, "AppendEntriesRequest").map(({ to }) => to).sort()).toEqual(["b", "c", "d", "e"]);
  });

  test("commits nothing with a majority of one set", () => {
    const old = changing();
    old.acknowledge("b", 3);
    expect(old.raft.commitIndex).toBe(2);
    const fresh = changing();
    for (const id of ["c", "d", "e"]) fresh.acknowledge(id, 3);
    // The old set has `a` itself and `c`, so this is enough; without `a`'s own write it would not be.
    expect(fresh.raft.commitIndex).toBe(3);
    const unwritten = leader();
    change(unwritten, swap);
    unwritten.acknowledge("d", 3);
    unwritten.acknowledge("e", 3);
    expect(unwritten.raft.commitIndex).toBe(2);
    unwritten.persist();
    expect(unwritten.raft.commitIndex).toBe(2);
    unwritten.acknowledge("b", 3);
    expect(unwritten.raft.commitIndex).toBe(3);
  });

  test("the final configuration follows when the joint one is committed, not before", () => {
    const a = changing();
    expect(kinds(a.acknowledge("b", 3))).not.toContain("trace LeaveJoint");
    a.acknowledge("d", 3);
    const done = a.acknowledge("e", 3);
    expect(kinds(done).filter((kind) => kind.startsWith("trace"))).toEqual(expect.arrayContaining(["trace AdvanceCommitIndex", "trace LeaveJoint"]));
    expect(inForce(a)).toEqual({ index: 4, configuration: { voters: joint.voters, learners: [] } });
    expect(isJoint(committedConfiguration(a.raft).configuration)).toBe(true);
  });

  test("nothing more is sent to who leaves, though its own answer committed the joint configuration", () => {
    const a = changing();
    a.acknowledge("d", 3);
    a.acknowledge("e", 3);
    const done = a.acknowledge("b", 3);
    expect(kinds(done)).toContain("trace LeaveJoint");
    expect(sent(done, "AppendEntriesRequest").map(({ to }) => to).sort()).toEqual(["c", "d", "e"]);
  });

  test("a leader that leaves leads until the final configuration is committed, without counting itself", () => {
    const a = changing();
    for (const id of ["b", "d", "e"]) a.acknowledge(id, 3);
    a.persist();
    a.acknowledge("d", 4);
    expect([a.raft.role, a.raft.commitIndex]).toEqual(["Leader", 3]);
    const done = kinds(a.acknowledge("c", 4));
    expect(a.raft.commitIndex).toBe(4);
    expect(done).toEqual(expect.arrayContaining(["send AppendEntriesRequest", "trace StepDown", "trace Removed", "removed"]));
  });

  test("no other change begins before it is complete", () => {
    const a = changing();
    expect(change(a, { kind: "remove", id: "c" })).toEqual(refusal("CHANGE_PENDING"));
    for (const id of ["b", "d"]) a.acknowledge(id, 3);
    a.acknowledge("c", 3);
    expect(a.raft.commitIndex).toBe(3);
    expect(change(a, { kind: "remove", id: "c" })).toEqual(refusal("CHANGE_PENDING"));
  });

  test("waits until the leader has committed in its own term (2015)", () => {
    const a = new TestMember("a", { currentTerm: 1, entries: logOf(learning) });
    a.lead("b", "c");
    expect(change(a, swap)).toEqual(refusal("CHANGE_PENDING"));
  });

  test("waits until the new ones have caught up", () => {
    const a = leader({ maxPromoteLag: 1 });
    a.propose(1, 2, 3);
    a.acknowledge("d", 5);
    expect(change(a, swap)).toEqual(refusal("WRONG_STATE"));
    a.acknowledge("e", 4);
    expect(kinds(change(a, swap))).toContain("accepted");
  });

  test.for([
    ["nobody", [], [], "INVALID_ARGUMENT"],
    ["a stranger that leaves", ["x"], ["d"], "NOT_FOUND"],
    ["a stranger that enters", ["a"], ["x"], "NOT_FOUND"],
    ["a voter that enters", ["a"], ["b"], "ALREADY_EXISTS"],
    ["one that leaves and enters", ["d"], ["d"], "INVALID_ARGUMENT"],
    ["one that is named twice", ["a"], ["d", "d"], "INVALID_ARGUMENT"],
    ["everybody without a successor", ["a", "b", "c"], [], "CONFLICT"],
  ] as const)("refuses %s, and appends nothing", ([, leaving, entering, code]) => {
    const a = leader();
    expect(change(a, { kind: "replace", leaving, entering })).toEqual(refusal(code));
    expect(a.raft.log.lastIndex).toBe(2);
  });

  test("the next leader completes what the last one began, once it has committed in its own term", () => {
    const d = new TestMember("d", { currentTerm: 2, entries: [...logOf(learning, 2), configurationEntry(3, 2, joint)] });
    d.lead("a", "b", "e");
    expect(d.raft.role).toBe("Leader");
    // Its own first entry is 4; both sets must have it before the joint one counts as committed.
    d.acknowledge("e", 4);
    d.acknowledge("a", 4);
    expect([d.raft.commitIndex, inForce(d).index]).toEqual([0, 3]);
    const done = d.acknowledge("b", 4);
    expect(kinds(done)).toContain("trace LeaveJoint");
    expect(inForce(d)).toEqual({ index: 5, configuration: { voters: joint.voters, learners: [] } });
  });

  test("is rolled back with a truncated suffix", () => {
    const b = new TestMember("b", { currentTerm: 2, entries: [...logOf(learning, 2), configurationEntry(3, 2, joint)] });
    expect(isJoint(inForce(b).configuration)).toBe(true);
    b.receive({ kind: "AppendEntriesRequest", from: "c", term: 3, prevLogIndex: 2, prevLogTerm: 2, entries: [entry(3, 3)], leaderCommit: 2, round: 1 });
    expect(inForce(b)).toEqual({ index: 1, configuration: learning });
  });
});

describe("an election in a joint configuration", () => {
  const entries = [...logOf(learning, 2), configurationEntry(3, 2, joint)];

  test("asks both sets, and is lost with the votes of one", () => {
    const d = new TestMember("d", { currentTerm: 2, entries });
    expect(sent(d.wait(700), "PreVoteRequest").map(({ to }) => to).sort()).toEqual(["a", "b", "c", "e"]);
    const vote = (from: string) => d.receive({ kind: "PreVoteResponse", from, term: 3, voteGranted: true });
    vote("e");
    vote("a");
    expect(d.raft.role).toBe("PreCandidate");
    vote("b");
    expect(d.raft.role).toBe("Candidate");
    d.persist();
    const granted = (from: string) => d.receive({ kind: "RequestVoteResponse", from, term: 3, voteGranted: true });
    granted("e");
    granted("a");
    expect(d.raft.role).toBe("Candidate");
    granted("c");
    expect(d.raft.role).toBe("Leader");
  });

  test("one that leaves may still be needed, and may lead", () => {
    const a = new TestMember("a", { currentTerm: 2, entries });
    a.lead("b", "d", "e");
    expect(a.raft.role).toBe("Leader");
  });

  test("a leader that hears only one set steps down", () => {
    const a = changing();
    for (let ms = 0; ms < 1_500; ms += 100) {
      a.wait(100);
      a.acknowledge("b", 2);
      a.acknowledge("c", 2);
    }
    expect(kinds(a.effects)).toContain("trace StepDown");
    const b = changing();
    for (let ms = 0; ms < 1_500; ms += 100) {
      b.wait(100);
      for (const id of ["c", "e"]) b.acknowledge(id, 2);
    }
    expect(kinds(b.effects)).not.toContain("trace StepDown");
  });

  test("a read waits for both sets", () => {
    const a = changing();
    a.step({ kind: "read", ids: [5] });
    const { round } = a.raft;
    expect(kinds(a.acknowledge("b", 2, round))).not.toContain("read-ready");
    expect(kinds(a.acknowledge("d", 2, round))).not.toContain("read-ready");
    expect(kinds(a.acknowledge("e", 2, round))).toContain("read-ready");
  });

  test("leadership goes to one that stays", () => {
    const a = changing();
    a.step({ kind: "transfer", id: 1, to: "b" });
    expect(a.effects.at(-1)).toMatchObject({ kind: "refused", refusal: { code: "INVALID_ARGUMENT" } });
    a.step({ kind: "transfer", id: 2, to: null });
    expect(["c", "d", "e"]).toContain(a.raft.transfer?.to);
  });
});
