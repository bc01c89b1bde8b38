import { describe, expect, test } from "vitest";
import { entry, kinds, logOf, sent, TestMember, voters } from "./member.ts";

const three = voters("a", "b", "c");
const offer = (term: number, lastIncludedIndex: number) => ({ kind: "InstallSnapshotRequest", from: "b", term, lastIncludedIndex, round: 4 }) as const;
const snapshot = (index: number, term: number) => ({ index, term, configuration: three, configurationIndex: 1 });

describe("a follower that is offered a snapshot", () => {
  test("says how far it is, which is a heartbeat's answer, and fetches once", () => {
    const a = new TestMember("a", { currentTerm: 2, entries: logOf(three) });
    const first = a.receive(offer(2, 9));
    expect(sent(first, "AppendEntriesResponse")).toMatchObject([{ success: true, matchIndex: 0, round: 4 }]);
    expect(kinds(first)).toContain("fetch-snapshot");
    expect(kinds(a.receive(offer(2, 9)))).not.toContain("fetch-snapshot");
    a.step({ kind: "snapshot-failed" });
    expect(kinds(a.receive(offer(2, 9)))).toContain("fetch-snapshot");
  });

  test("does not fetch what it has, though the answer to it was lost", () => {
    const a = new TestMember("a", { currentTerm: 2 });
    a.receive(offer(2, 9));
    a.step({ kind: "snapshot-fetched", snapshot: snapshot(9, 1) });
    a.persist();
    const again = a.receive(offer(2, 9));
    expect(kinds(again)).not.toContain("fetch-snapshot");
    expect(sent(again, "AppendEntriesResponse")).toMatchObject([{ success: true, matchIndex: 9 }]);
  });

  test("acknowledges it when it is durable", () => {
    const a = new TestMember("a", { currentTerm: 2, entries: logOf(three, 1) });
    a.receive(offer(2, 9));
    const installed = a.step({ kind: "snapshot-fetched", snapshot: snapshot(9, 1) });
    expect(sent(installed, "AppendEntriesResponse")).toEqual([]);
    expect([a.raft.log.startIndex, a.raft.log.lastIndex, a.raft.commitIndex]).toEqual([9, 9, 9]);
    expect(sent(a.persist(), "AppendEntriesResponse")).toMatchObject([{ success: true, matchIndex: 9 }]);
  });

  test("keeps a log that has its last entry, and learns that this much is committed", () => {
    const a = new TestMember("a", { currentTerm: 2, entries: logOf(three, 1, 1, 2) });
    a.receive(offer(2, 3));
    const effects = a.step({ kind: "snapshot-fetched", snapshot: snapshot(3, 1) });
    expect([a.raft.log.lastIndex, a.raft.commitIndex]).toEqual([4, 3]);
    expect(kinds(effects)).toEqual(["trace InstallSnapshot", "apply", "send AppendEntriesResponse"]);
  });

  test("drops one that is older than what it has committed", () => {
    const a = new TestMember("a", { currentTerm: 2, entries: logOf(three, 1, 1) });
    a.receive({ kind: "AppendEntriesRequest", from: "b", term: 2, prevLogIndex: 3, prevLogTerm: 1, entries: [], leaderCommit: 3, round: 1 });
    expect(a.step({ kind: "snapshot-fetched", snapshot: snapshot(2, 1) })).toEqual([]);
  });

  test("refuses a leader of an older term", () => {
    const a = new TestMember("a", { currentTerm: 5, entries: logOf(three) });
    expect(sent(a.receive(offer(2, 9)), "AppendEntriesResponse")).toMatchObject([{ success: false, term: 5 }]);
  });
});

describe("a leader whose log is trimmed", () => {
  function leader(): TestMember {
    const applied = { index: 5, term: 1, configuration: three, configurationIndex: 1 };
    const a = new TestMember("a", { currentTerm: 1, startIndex: 4, startTerm: 1, entries: [entry(5, 1)], applied });
    a.lead("b", "c");
    return a;
  }

  test("offers a snapshot to who is behind, and streams once it has arrived", () => {
    const a = leader();
    const refused = a.receive({ kind: "AppendEntriesResponse", from: "b", term: 2, success: false, matchIndex: 1, round: 0 });
    expect(sent(refused, "InstallSnapshotRequest")).toMatchObject([{ to: "b", lastIncludedIndex: 4 }]);
    expect(a.raft.progress.get("b")?.mode).toBe("snapshot");
    expect(sent(a.acknowledge("b", 1), "InstallSnapshotRequest")).toEqual([]);
    expect(a.raft.progress.get("b")?.mode).toBe("snapshot");
    expect(sent(a.acknowledge("b", 5), "AppendEntriesRequest")).toMatchObject([{ prevLogIndex: 5 }]);
  });

  test("hears those who fetch one, and goes on leading", () => {
    const a = leader();
    a.receive({ kind: "AppendEntriesResponse", from: "b", term: 2, success: false, matchIndex: 1, round: 0 });
    for (let times = 0; times < 10; times += 1) {
      a.wait(200);
      a.acknowledge("b", 0);
    }
    expect(a.raft.role).toBe("Leader");
  });
});

describe("trimming", () => {
  test("keeps what followers will soon ask for, and never goes beyond the rows", () => {
    const a = new TestMember("a", { currentTerm: 1, entries: logOf(three) }, { keepEntries: 4 });
    a.lead("b", "c");
    a.propose(...Array.from({ length: 30 }, (_, at) => at));
    a.persist();
    a.acknowledge("b", 32);
    a.acknowledge("c", 20);
    expect(a.step({ kind: "rows-durable", index: 30 })).toEqual([{ kind: "trim", index: 20 }]);
    a.acknowledge("c", 32);
    expect(a.step({ kind: "rows-durable", index: 32 })).toEqual([{ kind: "trim", index: 28 }]);
  });
});
