import { describe, expect, test } from "vitest";
import { neverStored } from "../../../src/machine/row-change.ts";
import { PendingWrite } from "../../../src/replica/pending-write.ts";
import type { PersistEffect } from "../../../src/raft/event.ts";
import type { AppliedState } from "../../../src/storage/storage.ts";
import { entry, voters } from "../raft/member.ts";

const applied = (index: number): AppliedState => ({ index, term: 1, configuration: voters("a"), configurationIndex: 1 });
const persist = (sequence: number, rest: Partial<PersistEffect>): PersistEffect => {
  return { kind: "persist", sequence, hardState: null, truncateFrom: null, entries: [], snapshot: null, ...rest };
};
const pending = () => new PendingWrite("meta", { maxRows: 2, maxDelayMs: 100 });

describe("what waits for the disk", () => {
  test("is joined: entries that were not written go, others are truncated on disk", () => {
    const write = pending();
    write.addPersist(persist(1, { entries: [entry(5, 1), entry(6, 1)] }), null);
    write.addPersist(persist(2, { truncateFrom: 6, entries: [entry(6, 2)] }), null);
    write.addPersist(persist(3, { truncateFrom: 4, entries: [entry(4, 3)], hardState: { currentTerm: 3, votedFor: null } }), null);
    const { write: taken, sequence } = write.take(applied(3), 0);
    expect(sequence).toBe(3);
    expect(taken).toMatchObject({ truncateFrom: 4, hardState: { currentTerm: 3 } });
    expect(taken.entries?.map(({ index, term }) => [index, term])).toEqual([[4, 3]]);
    expect(taken.rows).toBeUndefined();
  });

  test("rows that take long to write go fewer at once, and more again when they are quick", () => {
    const write = new PendingWrite("meta", { maxRows: 65_536, maxDelayMs: 500 });
    let key = 0;
    let nowMs = 0;
    const most = (msPerRow: number): number => {
      let count = 0;
      for (; !write.isDue(nowMs); count += 1) write.addRows([{ table: "kv", key: `${key++}`, value: "1" }], nowMs);
      const taken = write.take(applied(key), nowMs);
      nowMs += count * msPerRow;
      write.written(taken, nowMs);
      return count;
    };
    expect(most(0.02)).toBe(4_096);
    expect(most(0.02)).toBe(1_500);
    expect([most(1), most(1)]).toEqual([1_500, 512]);
    for (let times = 0; times < 9; times += 1) most(0.003);
    expect(most(0.003)).toBeGreaterThan(9_000);
  });

  test("rows that come again soon wait for each other, however long writing them takes", () => {
    const write = new PendingWrite("meta", { maxRows: 65_536, maxDelayMs: 500 });
    const rows = Array.from({ length: 3_000 }, (_, at) => ({ table: "kv", key: `${at}`, value: "1", storedMs: neverStored }));
    const times: number[] = [];
    for (let nowMs = 0; times.length < 20; nowMs += 1) {
      write.addRows([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => rows[(nowMs * 10 + at) % rows.length]!), nowMs);
      if (!write.isDue(nowMs)) continue;
      const taken = write.take(applied(nowMs), nowMs);
      write.written(taken, nowMs + 60);
      times.push(nowMs);
    }
    // Each 300 ms all of them have come: 3,000 rows at once, not 1,500 twice as often; and nine parts of ten belong to the log.
    expect(times.at(-1)! - times.at(-2)!).toBeGreaterThanOrEqual(500);
  });

  test("rows wait for others, the last value of each wins", () => {
    const write = pending();
    const row = { table: "kv", key: "x", value: "1" };
    write.addRows([row], 0);
    row.value = "2";
    write.addRows([row], 50);
    expect([write.isDue(60), write.isDue(100)]).toEqual([false, true]);
    expect(write.take(applied(7), 100)).toMatchObject({ rowsIndex: 7, write: { rows: [{ key: "x", value: "2" }], applied: { index: 7 } } });
    expect(write.isDue(1_000)).toBe(false);
  });

  test("a row that went and came back is written once, as it is", () => {
    const write = pending();
    write.addRows([{ table: "kv", key: "x", value: null }], 0);
    write.addRows([{ table: "kv", key: "x", value: "2", storedMs: neverStored }], 50);
    expect(write.take(applied(7), 100).write.rows).toEqual([{ table: "kv", key: "x", value: "2" }]);
  });

  test("a row that came and went meanwhile is not deleted on disk; one that may be there is", () => {
    const write = pending();
    const [brief, old, reborn] = ["brief", "old", "reborn"].map((key) => ({ table: "kv", key, value: "1" as string | null, storedMs: key === "brief" ? neverStored : 0 }));
    if (brief === undefined || old === undefined || reborn === undefined) throw new Error("three rows");
    reborn.value = null;
    const again = { table: "kv", key: "reborn", value: null, storedMs: neverStored };
    write.addRows([brief, old, reborn, again], 0);
    brief.value = null;
    old.value = null;
    const gone = (key: string) => ({ table: "kv", key, value: null });
    expect(write.take(applied(7), 100).write.rows).toEqual([gone("old"), gone("reborn")]);
    const late = { table: "kv", key: "late", value: "1" as string | null, storedMs: neverStored };
    write.addRows([late], 200);
    write.take(applied(8), 300);
    late.value = null;
    write.addRows([late], 400);
    expect(write.take(applied(9), 500).write.rows).toEqual([gone("late")]);
  });

  test("rows of many bytes do not wait", () => {
    const write = new PendingWrite("meta", { maxRows: 100, maxDelayMs: 100, maxBytes: 1_000 });
    write.addRows([{ table: "kv", key: "x", value: "y".repeat(600) }], 0);
    expect(write.isDue(1)).toBe(false);
    write.addRows([{ table: "kv", key: "x", value: "z".repeat(600) }], 1);
    expect(write.isDue(1)).toBe(true);
    write.take(applied(7), 1);
    write.addRows([{ table: "kv", key: "x", value: "y".repeat(600) }], 2);
    expect(write.isDue(2)).toBe(false);
  });

  test("a snapshot takes the place of all before it; what was applied since is in the rows, not in the log", () => {
    const write = pending();
    write.addPersist(persist(1, { entries: [entry(3, 1)] }), null);
    write.addRows([{ table: "kv", key: "old", value: "1" }], 0);
    write.addTrim(2);
    write.addPersist(persist(2, { snapshot: { index: 9, term: 1, configuration: voters("a"), configurationIndex: 1 } }), "token");
    write.addPersist(persist(3, { entries: [entry(10, 1), entry(11, 1), entry(12, 1)] }), null);
    write.addRows([{ table: "kv", key: "new", value: "1" }], 0);
    const { write: taken, rowsIndex } = write.take(applied(11), 0);
    expect(taken).toMatchObject({ replace: true, stagedSnapshot: "token", applied: { index: 11 }, rows: [{ key: "new" }] });
    expect(taken.entries?.map(({ index }) => index)).toEqual([12]);
    expect([taken.trimTo, rowsIndex]).toEqual([undefined, 11]);
  });
});
