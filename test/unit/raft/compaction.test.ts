/** How much of the log is kept behind the applied rows (rows R5, R7). */

import { describe, expect, test } from "vitest";
import type { Effect } from "../../../src/raft/event.ts";
import { RaftLog } from "../../../src/raft/log.ts";
import { TestMember, entry, logOf, voters } from "./member.ts";

const three = voters("a", "b", "c");
const trims = (effects: readonly Effect[]) => effects.flatMap((effect) => (effect.kind === "trim" ? [effect.index] : []));

describe("the log", () => {
  const sized = (index: number, bytes: number) => entry(index, 1, "command", "x".repeat(bytes - 21));

  test("knows its bytes however it changes, and from where on a number of them lies", () => {
    const log = new RaftLog(0, 0, [sized(1, 100), sized(2, 50)]);
    log.append([sized(3, 200), sized(4, 30)]);
    expect(log.bytes).toBe(380);
    expect([380, 379, 280, 279, 230, 29, 0].map((bytes) => log.indexBefore(bytes))).toEqual([0, 1, 1, 2, 2, 4, 4]);
    log.truncateFrom(4);
    log.trimTo(1);
    expect([log.bytes, log.indexBefore(200)]).toEqual([250, 2]);
    log.reset(9, 1);
    expect([log.bytes, log.indexBefore(0)]).toEqual([0, 9]);
  });
});

describe("compaction", () => {
  /** A leader with 60 entries of 1 KiB, all committed. */
  function leader(keepBytes: number): TestMember {
    const a = new TestMember("a", { currentTerm: 1, entries: logOf(three) }, { keepBytes, keepEntries: 1000 });
    a.lead("b", "c");
    for (let at = 0; at < 60; at++) a.step({ kind: "propose", proposals: [{ id: at, kind: "command", payload: new Uint8Array(1003) }], timeMs: 0 });
    a.persist();
    a.acknowledge("b", 62);
    expect(a.raft.commitIndex).toBe(62);
    return a;
  }

  test("keeps at most so many bytes", () => {
    const a = leader(10 * 1024);
    a.acknowledge("c", 62);
    expect(trims(a.step({ kind: "rows-durable", index: 62 }))).toEqual([52]);
    expect(a.raft.log.bytes).toBe(10 * 1024);
  });

  test("never trims what is not in the rows yet", () => {
    const a = leader(10 * 1024);
    a.acknowledge("c", 62);
    expect(trims(a.step({ kind: "rows-durable", index: 30 }))).toEqual([30]);
  });

  test("keeps what a follower that is heard still needs, four times as much at most", () => {
    const a = leader(10 * 1024);
    a.acknowledge("c", 40);
    expect(trims(a.step({ kind: "rows-durable", index: 62 }))).toEqual([40]);
    const b = leader(10 * 1024);
    b.acknowledge("c", 20);
    expect(trims(b.step({ kind: "rows-durable", index: 62 }))).toEqual([52]);
  });

  test("keeps nothing for a follower that is not heard any more", () => {
    const a = leader(10 * 1024);
    a.acknowledge("c", 40);
    a.nowMs += 300;
    a.acknowledge("b", 62);
    a.nowMs += 301;
    expect(trims(a.step({ kind: "rows-durable", index: 62 }))).toEqual([52]);
  });

  /** "c" is empty again, and what it lacks was trimmed. */
  function fetching(a: TestMember, rowsDurable: number): void {
    a.step({ kind: "rows-durable", index: rowsDurable });
    a.receive({ kind: "AppendEntriesResponse", from: "c", term: 2, success: false, matchIndex: 0, round: 0 });
  }

  test("keeps what lies behind a snapshot that is being fetched, though who installs it is silent", () => {
    const a = leader(10 * 1024);
    fetching(a, 40);
    expect(a.raft.progress.get("c")).toMatchObject({ mode: "snapshot", offeredIndex: 40 });
    a.nowMs += 2_000;
    expect(trims(a.step({ kind: "rows-durable", index: 62 }))).toEqual([]);
    a.acknowledge("c", 40);
    expect(a.raft.progress.get("c")?.mode).toBe("replicate");
    a.acknowledge("c", 62);
    expect(trims(a.step({ kind: "rows-durable", index: 62 }))).toEqual([52]);
  });

  test("and not more than four times as much: then another snapshot is offered", () => {
    const a = leader(4 * 1024);
    fetching(a, 40);
    expect(trims(a.step({ kind: "rows-durable", index: 62 }))).toEqual([58]);
    a.wait(50);
    expect(a.raft.progress.get("c")).toMatchObject({ mode: "snapshot", offeredIndex: 62 });
  });
});
