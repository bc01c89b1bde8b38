/** Reads from leases (row R3; dissertation, 6.4.1): only while nobody else can lead, however the clocks run. */

import { describe, expect, test } from "vitest";
import type { Effect } from "../../../src/raft/event.ts";
import type { RaftOptions } from "../../../src/raft/state.ts";
import { TestMember, kinds, logOf, sent, voters } from "./member.ts";

const three = voters("a", "b", "c");
const bounded: Partial<RaftOptions> = { clockDriftPpm: 100_000 };
/** 300 ms, which end 10 % early for a follower's fast clock, by a leader's clock that is 10 % slow: 300 × 0.9 / 1.1. */
const leaseMs = 245;

const ready = (effects: readonly Effect[]) => effects.flatMap((effect) => (effect.kind === "read-ready" ? [effect.id] : []));
const read = (member: TestMember, id: number) => member.step({ kind: "read", ids: [id] });

function leader(options: Partial<RaftOptions> = bounded): TestMember {
  const a = new TestMember("a", { currentTerm: 1, entries: logOf(three) }, options);
  a.lead("b", "c");
  a.acknowledge("b", 2);
  return a;
}

function acknowledge(a: TestMember, from: string, promiseMs = 300, round = a.raft.round): readonly Effect[] {
  const { currentTerm: term } = a.raft;
  return a.receive({ kind: "AppendEntriesResponse", from, term, success: true, matchIndex: 2, round, promiseMs });
}

/** A leader whose round was sent now and acknowledged `later` ms after. */
function withLease(later = 0, promiseMs = 300): TestMember {
  const a = leader();
  read(a, 1);
  a.nowMs += later;
  expect(ready(acknowledge(a, "b", promiseMs))).toEqual([1]);
  return a;
}

describe("a lease", () => {
  test("answers at once, without a round", () => {
    const a = withLease();
    const effects = read(a, 2);
    expect(ready(effects)).toEqual([2]);
    expect(kinds(effects)).toEqual(["trace ServeLeaseRead", "read-ready"]);
  });

  test("is shortened by how much clocks may drift", () => {
    const a = withLease();
    a.nowMs += leaseMs;
    expect(ready(read(a, 2))).toEqual([2]);
    a.nowMs += 1;
    const late = read(a, 3);
    expect(ready(late)).toEqual([]);
    expect(kinds(late)).toContain("trace ReadIndex");
    // That round renews it.
    acknowledge(a, "c");
    a.nowMs += leaseMs;
    expect(ready(read(a, 4))).toEqual([4]);
  });

  test("counts from the sending of its round, not from the answer", () => {
    const a = withLease(200);
    a.nowMs += leaseMs - 200;
    expect(ready(read(a, 2))).toEqual([2]);
    a.nowMs += 1;
    expect(ready(read(a, 3))).toEqual([]);
  });

  test("needs the promise of a quorum", () => {
    expect(ready(read(withLease(0, 0), 2))).toEqual([]);
    const short = withLease(0, 100);
    short.nowMs += 82;
    expect(ready(read(short, 2))).toEqual([]);
  });

  test("ends when somebody was told to campaign, for the rest of the term", () => {
    const a = withLease();
    a.step({ kind: "transfer", id: 9, to: "b" });
    expect(ready(read(a, 2))).toEqual([]);
    a.nowMs += 700;
    a.wait(0);
    read(a, 3);
    acknowledge(a, "b");
    acknowledge(a, "c");
    expect(a.raft.transfer).toBeNull();
    expect(ready(read(a, 4))).toEqual([]);
  });

  test("is none without a bound on the drift of clocks", () => {
    const a = leader({});
    read(a, 1);
    acknowledge(a, "b");
    expect(ready(read(a, 2))).toEqual([]);
  });
});

describe("a follower that promised", () => {
  const ask = (a: TestMember) => {
    const term = a.raft.currentTerm + 1;
    const effects = a.receive({ kind: "RequestVoteRequest", from: "c", term, lastLogIndex: 9, lastLogTerm: 9, transfer: false });
    return sent([...effects, ...a.persist()], "RequestVoteResponse").map(({ voteGranted }) => voteGranted);
  };
  const follower = () => {
    const a = new TestMember("a", { currentTerm: 2, entries: logOf(three, 2) }, bounded);
    a.receive({ kind: "AppendEntriesRequest", from: "b", term: 2, prevLogIndex: 2, prevLogTerm: 2, entries: [], leaderCommit: 1, round: 1 });
    return a;
  };

  test("says so with its acknowledgement, and elects nobody for so long", () => {
    const a = follower();
    expect(sent(a.effects, "AppendEntriesResponse")).toMatchObject([{ round: 1, promiseMs: 300 }]);
    a.nowMs += 299;
    expect(ask(a)).toEqual([]);
    a.nowMs += 1;
    expect(ask(a)).toEqual([true]);
  });

  test("keeps its promise although it hears of a newer term", () => {
    const a = follower();
    a.receive({ kind: "PreVoteResponse", from: "c", term: 5, voteGranted: false });
    a.persist();
    expect(a.raft.currentTerm).toBe(5);
    a.nowMs += 200;
    expect(ask(a)).toEqual([]);
    a.nowMs += 100;
    expect(ask(a)).toEqual([true]);
  });

  test.each([bounded, {}])("keeps it across a restart, by any clock: %j", (options) => {
    const a = new TestMember("a", { currentTerm: 2, entries: logOf(three, 2) }, options, "now");
    a.nowMs += 299;
    expect(ask(a)).toEqual([]);
    a.nowMs += 1;
    expect(ask(a)).toEqual([true]);
  });
});
