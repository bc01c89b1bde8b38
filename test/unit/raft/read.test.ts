/** Linearizable reads (row R3; dissertation, 6.4). */

import { describe, expect, test } from "vitest";
import type { Effect } from "../../../src/raft/event.ts";
import { TestMember, entry, kinds, logOf, sent, voters } from "./member.ts";

const three = voters("a", "b", "c");

const leader = () => {
  const a = new TestMember("a", { currentTerm: 1, entries: logOf(three) });
  a.lead("b", "c");
  return a;
};

const follower = (commit = 1) => {
  const a = new TestMember("a", { currentTerm: 2, entries: logOf(three, 2) });
  a.receive({ kind: "AppendEntriesRequest", from: "b", term: 2, prevLogIndex: 2, prevLogTerm: 2, entries: [], leaderCommit: commit, round: 0 });
  return a;
};

const ready = (effects: readonly Effect[]) => effects.flatMap((effect) => (effect.kind === "read-ready" ? [[effect.id, effect.index]] : []));
const refused = (effects: readonly Effect[]) => effects.flatMap((effect) => (effect.kind === "refused" ? [effect.id] : []));
const read = (member: TestMember, ...ids: readonly number[]) => member.step({ kind: "read", ids });

describe("a leader", () => {
  test("begins no round before an entry of its term is committed", () => {
    const a = leader();
    expect(kinds(read(a, 1))).toEqual([]);
    const effects = a.acknowledge("b", 2);
    expect(kinds(effects)).toContain("trace ReadIndex");
    expect(ready(effects)).toEqual([]);
    expect(ready(a.acknowledge("b", 2, 1))).toEqual([[1, 2]]);
  });

  test("answers when a quorum acknowledged a round that began after the read, and not for an older one", () => {
    const a = leader();
    a.acknowledge("b", 2);
    read(a, 1);
    expect(a.raft.round).toBe(1);
    expect(ready(a.acknowledge("c", 2, 0))).toEqual([]);
    const effects = a.acknowledge("c", 2, 1);
    expect(ready(effects)).toEqual([[1, 2]]);
    expect(kinds(effects)).toContain("trace ServeRead");
  });

  test("has one round under way; who comes meanwhile shares the next", () => {
    const a = leader();
    a.acknowledge("b", 2);
    expect(sent(read(a, 1), "AppendEntriesRequest").map(({ round }) => round)).toEqual([1, 1]);
    expect(kinds([...read(a, 2), ...read(a, 3)])).toEqual([]);
    const effects = a.acknowledge("b", 2, 1);
    expect(ready(effects)).toEqual([[1, 2]]);
    expect(sent(effects, "AppendEntriesRequest").map(({ round }) => round)).toContain(2);
    // The other one's answer to the old round is of no use to the new readers.
    expect(ready(a.acknowledge("c", 2, 1))).toEqual([]);
    expect(ready(a.acknowledge("c", 2, 2))).toEqual([[2, 2], [3, 2]]);
  });

  test("sends a round that was lost again with its heartbeats", () => {
    const a = leader();
    a.acknowledge("b", 2);
    read(a, 1);
    expect(sent(a.wait(60), "AppendEntriesRequest").map(({ round }) => round)).toEqual([1, 1]);
  });

  test("refuses its readers when it is deposed, and answers none of them then", () => {
    const a = leader();
    a.acknowledge("b", 2);
    read(a, 1);
    read(a, 2);
    const lost = a.receive({ kind: "AppendEntriesResponse", from: "b", term: 9, success: false, matchIndex: 0, round: 99 });
    expect(refused(lost)).toEqual([1, 2]);
    expect(ready(a.receive({ kind: "AppendEntriesResponse", from: "c", term: 2, success: true, matchIndex: 2, round: 1 }))).toEqual([]);
    expect(refused(read(a, 3))).toEqual([3]);
  });

  test("answers a follower's question, when its round is confirmed", () => {
    const a = leader();
    a.acknowledge("b", 2);
    const asked = a.receive({ kind: "ReadIndexRequest", from: "c", term: 2, question: 77 });
    expect(sent(asked, "ReadIndexResponse")).toEqual([]);
    const [answer] = sent(a.acknowledge("b", 2, 1), "ReadIndexResponse");
    expect(answer).toMatchObject({ to: "c", question: 77, granted: true, round: 1, index: 2, term: 2 });
  });
});

describe("a follower", () => {
  test("acknowledges each round once in its trace, and every time in its answer", () => {
    const a = follower();
    const beat = { kind: "AppendEntriesRequest", from: "b", term: 2, prevLogIndex: 2, prevLogTerm: 2, entries: [], leaderCommit: 1, round: 1 } as const;
    const first = a.receive(beat);
    expect(kinds(first)).toEqual(["trace AcknowledgeRound", "send AppendEntriesResponse"]);
    const second = a.receive(beat);
    expect(kinds(second)).toEqual(["send AppendEntriesResponse"]);
    expect(sent(second, "AppendEntriesResponse")).toMatchObject([{ round: 1, promiseMs: 0 }]);
  });

  test("acknowledges no round of an older term, also when its sender leads again", () => {
    const a = follower();
    const late = { from: "c", term: 1, round: 15 } as const;
    const append = a.receive({ ...late, kind: "AppendEntriesRequest", prevLogIndex: 2, prevLogTerm: 2, entries: [], leaderCommit: 1 });
    const offer = a.receive({ ...late, kind: "InstallSnapshotRequest", lastIncludedIndex: 9 });
    for (const effects of [append, offer]) {
      expect(sent(effects, "AppendEntriesResponse")).toMatchObject([{ term: 2, success: false, round: 0 }]);
      expect(kinds(effects)).not.toContain("trace AcknowledgeRound");
    }
  });

  test("asks the leader once for many readers, and answers when it has committed as much", () => {
    const a = follower();
    const [question] = sent(read(a, 1, 2), "ReadIndexRequest");
    expect(question).toMatchObject({ to: "b", term: 2 });
    expect(kinds(read(a, 3))).toEqual([]);
    const told = a.receive({ kind: "ReadIndexResponse", from: "b", term: 2, question: question!.question, granted: true, round: 4, index: 3 });
    expect(ready(told)).toEqual([]);
    const caughtUp = a.receive({
      kind: "AppendEntriesRequest", from: "b", term: 2, prevLogIndex: 2, prevLogTerm: 2, entries: [entry(3, 2)], leaderCommit: 3, round: 4,
    });
    expect(ready(caughtUp)).toEqual([[1, 3], [2, 3]]);
    // Then the reader that came later is asked for, under a number of its own.
    const [next] = sent(caughtUp, "ReadIndexRequest");
    expect(next!.question).toBeGreaterThan(question!.question);
  });

  test("takes no answer to an earlier question", () => {
    const a = follower();
    const [first] = sent(read(a, 1), "ReadIndexRequest");
    expect(sent(a.wait(200), "ReadIndexRequest")).toEqual([]);
    a.receive({ kind: "AppendEntriesRequest", from: "b", term: 2, prevLogIndex: 2, prevLogTerm: 2, entries: [], leaderCommit: 1, round: 0 });
    const [second] = sent(a.wait(100), "ReadIndexRequest");
    expect(second?.question).not.toBe(first!.question);
    const answer = { kind: "ReadIndexResponse", from: "b", term: 2, granted: true, round: 4, index: 1 } as const;
    expect(ready(a.receive({ ...answer, question: first!.question }))).toEqual([]);
    expect(ready(a.receive({ ...answer, question: second!.question }))).toEqual([[1, 1]]);
  });

  test("is served over a network so slow that an answer takes several election timeouts", () => {
    const a = follower();
    const answerAfterMs = 1_000;
    const answers: { readonly dueMs: number; readonly question: number }[] = [];
    const note = (effects: readonly Effect[]): void => {
      for (const { question } of sent(effects, "ReadIndexRequest")) answers.push({ dueMs: a.nowMs + answerAfterMs, question });
    };
    note(read(a, 1));
    let served: unknown[] = [];
    for (let at = 0; at < 100 && served.length === 0; at += 1) {
      a.receive({ kind: "AppendEntriesRequest", from: "b", term: 2, prevLogIndex: 2, prevLogTerm: 2, entries: [], leaderCommit: 1, round: 0 });
      note(a.wait(100));
      for (const { dueMs, question } of answers.splice(0)) {
        if (dueMs > a.nowMs) answers.push({ dueMs, question });
        else served = ready(a.receive({ kind: "ReadIndexResponse", from: "b", term: 2, granted: true, round: 4, index: 1, question }));
      }
    }
    expect(served).toEqual([[1, 1]]);
  });

  test("that does not vote refuses its readers when it hears no leader", () => {
    const learner = { voters: [...three.voters.slice(1)], learners: [...three.voters.slice(0, 1)] };
    const a = new TestMember("a", { currentTerm: 2, entries: logOf(learner, 2) });
    a.receive({ kind: "AppendEntriesRequest", from: "b", term: 2, prevLogIndex: 2, prevLogTerm: 2, entries: [], leaderCommit: 1, round: 0 });
    expect(sent(read(a, 1), "ReadIndexRequest")).toHaveLength(1);
    expect(refused(a.wait(700))).toEqual([1]);
  });

  test("refuses its readers when the leader changes, does not lead, or is not known", () => {
    const a = follower();
    const [question] = sent(read(a, 1), "ReadIndexRequest");
    expect(refused(a.receive({ kind: "ReadIndexResponse", from: "b", term: 2, question: question!.question, granted: false, round: 0, index: 0 }))).toEqual([1]);
    read(a, 2);
    expect(refused(a.receive({ kind: "AppendEntriesRequest", from: "c", term: 3, prevLogIndex: 2, prevLogTerm: 2, entries: [], leaderCommit: 1, round: 0 }))).toEqual([2]);
    a.wait(700);
    expect(refused(read(a, 3))).toEqual([3]);
  });
});
