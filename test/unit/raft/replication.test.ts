import { describe, expect, test } from "vitest";
import { entry, kinds, logOf, sent, TestMember, voters } from "./member.ts";

const three = voters("a", "b", "c");
const append = (term: number, prevLogIndex: number, prevLogTerm: number, entries: ReturnType<typeof entry>[], leaderCommit = 0) =>
  ({ kind: "AppendEntriesRequest", from: "b", term, prevLogIndex, prevLogTerm, entries, leaderCommit, round: 3 }) as const;

describe("a follower", () => {
  const follower = () => new TestMember("a", { currentTerm: 3, entries: logOf(three, 1, 2, 2) });

  test("acknowledges what it has when that is durable", () => {
    const a = follower();
    const effects = a.receive(append(3, 4, 2, [entry(5, 3)], 2));
    expect(kinds(effects)).toEqual(["role", "trace HandleAppendEntriesRequest", "apply", "persist", "trace AcknowledgeRound"]);
    expect(sent(a.persist(), "AppendEntriesResponse")).toMatchObject([{ success: true, matchIndex: 5, round: 3, term: 3 }]);
  });

  test("acknowledges up to the message's last entry, not to its own", () => {
    const a = follower();
    expect(sent(a.receive(append(3, 1, 1, [entry(2, 1)])), "AppendEntriesResponse")).toMatchObject([{ success: true, matchIndex: 2 }]);
    expect(a.raft.log.lastIndex).toBe(4);
  });

  test("truncates only at a conflict", () => {
    const a = follower();
    a.receive(append(3, 1, 1, [entry(2, 1), entry(3, 2)]));
    expect(a.writes).toEqual([]);
    a.receive(append(3, 2, 1, [entry(3, 3)]));
    expect(a.writes[0]).toMatchObject({ truncateFrom: 3, entries: [{ index: 3, term: 3 }] });
    expect([a.raft.log.lastIndex, a.raft.log.lastTerm]).toEqual([3, 3]);
  });

  test("never truncates what is committed", () => {
    const a = follower();
    a.receive(append(3, 4, 2, [], 4));
    expect(a.raft.commitIndex).toBe(4);
    expect(() => a.receive(append(3, 2, 1, [entry(3, 3)]))).toThrow(/committed entry is never truncated/);
  });

  test.for([
    ["lacks the entry before", 9, 3, 4],
    ["has another term there", 4, 3, 2],
  ] as const)("refuses when it %s, and says where to try", ([, index, term, hint]) => {
    const a = follower();
    const [answer] = sent(a.receive(append(3, index, term, [entry(index + 1, 3)], 9)), "AppendEntriesResponse");
    expect(answer).toMatchObject({ success: false, matchIndex: hint });
    expect(a.raft.commitIndex).toBe(0);
  });

  test("refuses an older term and keeps its own", () => {
    const a = follower();
    const [answer] = sent(a.receive(append(2, 4, 2, [entry(5, 2)])), "AppendEntriesResponse");
    expect(answer).toMatchObject({ success: false, term: 3, matchIndex: 0 });
    expect(a.raft.log.lastIndex).toBe(4);
  });

  test("commits no further than what the message shows to match", () => {
    const a = follower();
    a.receive(append(3, 2, 1, [], 4));
    expect(a.raft.commitIndex).toBe(2);
    a.receive(append(3, 1, 1, [], 1));
    expect(a.raft.commitIndex).toBe(2);
  });

  test("takes entries behind its trimmed start for known", () => {
    const a = new TestMember("a", {
      currentTerm: 3, startIndex: 3, startTerm: 2, entries: [entry(4, 2)],
      applied: { index: 3, term: 2, configuration: three, configurationIndex: 1 },
    });
    expect(sent(a.receive(append(3, 1, 1, [entry(2, 1), entry(3, 2), entry(4, 2)])), "AppendEntriesResponse")).toMatchObject([
      { success: true, matchIndex: 4 },
    ]);
    expect(a.writes).toEqual([]);
  });
});

describe("a leader", () => {
  const leader = (options = {}, entries = logOf(three)) => {
    const a = new TestMember("a", { currentTerm: 1, entries }, options);
    a.lead("b", "c");
    return a;
  };

  test("sends in parallel with its own write, and does not count that before it is durable", () => {
    const a = leader();
    a.acknowledge("b", 2);
    const effects = a.propose(1);
    expect(kinds(effects)).toContain("send AppendEntriesRequest");
    expect(kinds(effects).indexOf("persist")).toBeLessThan(kinds(effects).indexOf("send AppendEntriesRequest"));
    a.acknowledge("b", 3);
    expect(a.raft.commitIndex).toBe(2);
    a.persist();
    expect(a.raft.commitIndex).toBe(3);
  });

  test("commits without its own disk when the others are a quorum", () => {
    const a = leader();
    a.propose(1);
    a.acknowledge("b", 3);
    a.acknowledge("c", 3);
    expect(a.raft.commitIndex).toBe(3);
  });

  test("does not commit an older term's entry by counting (5.4.2)", () => {
    const a = leader({}, logOf(three, 1, 1));
    a.acknowledge("b", 3);
    expect(a.raft.commitIndex).toBe(0);
    expect(kinds(a.acknowledge("b", 4))).toContain("apply");
    expect(a.raft.commitIndex).toBe(4);
  });

  test("takes no acknowledgement of another term, nor one that goes back", () => {
    const a = leader();
    a.receive({ kind: "AppendEntriesResponse", from: "b", term: 1, success: true, matchIndex: 2, round: 0 });
    expect(a.raft.progress.get("b")?.matchIndex).toBe(0);
    a.acknowledge("b", 2);
    a.acknowledge("b", 1);
    expect(a.raft.progress.get("b")?.matchIndex).toBe(2);
  });

  test("probes one message at a time, then streams within its window", () => {
    const a = leader({ maxInflightMessages: 3, maxAppendEntries: 1 });
    expect(sent(a.propose(1, 2, 3, 4, 5, 6), "AppendEntriesRequest").filter(({ to }) => to === "b")).toHaveLength(0);
    expect(sent(a.acknowledge("b", 2), "AppendEntriesRequest")).toHaveLength(3);
    expect(a.raft.progress.get("b")?.inflight).toHaveLength(3);
    expect(sent(a.propose(7), "AppendEntriesRequest")).toHaveLength(0);
    expect(sent(a.acknowledge("b", 4), "AppendEntriesRequest")).toHaveLength(2);
  });

  test("bounds the bytes in flight", () => {
    const a = leader({ maxInflightBytes: 60, maxAppendEntries: 1 });
    a.acknowledge("b", 2);
    a.propose(1, 2, 3, 4, 5, 6, 7, 8);
    expect(a.raft.progress.get("b")?.inflightBytes).toBeLessThan(60 + 29);
  });

  test("goes back where the follower says, and not again for the same answer", () => {
    const a = leader({}, logOf(three, 1, 1, 1, 1));
    const refuse = () => a.receive({ kind: "AppendEntriesResponse", from: "b", term: 2, success: false, matchIndex: 2, round: 0 });
    expect(sent(refuse(), "AppendEntriesRequest")).toMatchObject([{ prevLogIndex: 2 }]);
    expect(sent(refuse(), "AppendEntriesRequest")).toEqual([]);
  });

  test("does not answer a follower that lost what it had acknowledged, until the next heartbeat", () => {
    const a = leader({}, logOf(three, 1, 1, 1));
    a.acknowledge("b", 5);
    const lost = a.receive({ kind: "AppendEntriesResponse", from: "b", term: 2, success: false, matchIndex: 1, round: 0 });
    expect(sent(lost, "AppendEntriesRequest")).toEqual([]);
  });

  test("refuses proposals beyond the bound on what is not committed, counted anew in each term", () => {
    const a = leader({ maxUncommittedBytes: 100 });
    a.propose(1, 2, 3, 4);
    expect(a.propose(5)).toMatchObject([{ kind: "refused", refusal: { code: "OVERLOADED" } }]);
    const b = leader({ maxUncommittedBytes: 100 }, logOf(three, 1, 1, 1, 1, 1));
    expect(b.propose(1)).toMatchObject([{ kind: "refused", refusal: { code: "OVERLOADED" } }]);
    b.acknowledge("b", 7);
    expect(b.raft.uncommittedBytes).toBe(0);
  });
});
