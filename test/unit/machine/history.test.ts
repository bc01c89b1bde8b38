import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyHistory, type EntryChanges } from "../../../src/machine/history.ts";
import { MachineLog } from "./machine-log.ts";

const roomy = { entries: 1_000, bytes: 1_000_000 };
const everything = (history: KeyHistory, since: number, prefix = "") => history.after(since, prefix, 1_000_000, Infinity);

function record(key: string, value: string, version: number, createdIndex: number, changedIndex: number) {
  return { key, value, version, createdIndex, changedIndex };
}

/** A history of what `log` applies. */
function historyOf(log: MachineLog, limits = roomy): KeyHistory {
  const history = new KeyHistory(limits, log.index);
  const send = log.send.bind(log);
  log.send = (envelope) => {
    const applied = send(envelope);
    history.append(log.index, applied.writes);
    return applied;
  };
  return history;
}

test("each change once, in order, with index and version; a batch is one entry, and what it left counts", () => {
  const log = MachineLog.started();
  const history = historyOf(log);
  log.accept({ kind: "kv-put", key: "/a", value: "1" });
  log.accept({ kind: "kv-put", key: "/b", value: "2" });
  log.refuse({ kind: "kv-put-if-absent", key: "/a", value: "3" });
  log.accept({
    kind: "kv-batch",
    operations: [
      { kind: "kv-put", key: "/a", value: "4" },
      { kind: "kv-put", key: "/a", value: "5" },
      { kind: "kv-delete", key: "/b" },
      { kind: "kv-put", key: "/gone", value: "x" },
      { kind: "kv-delete", key: "/gone" },
    ],
  });
  log.accept({ kind: "kv-delete", key: "/a" });
  expect(everything(history, 1)).toEqual({
    more: false,
    reached: 6,
    entries: [
      { index: 2, changes: [{ key: "/a", version: 1, record: record("/a", "1", 1, 2, 2) }] },
      { index: 3, changes: [{ key: "/b", version: 1, record: record("/b", "2", 1, 3, 3) }] },
      { index: 5, changes: [{ key: "/a", version: 3, record: record("/a", "5", 3, 2, 5) }, { key: "/b", version: 1, record: null }] },
      { index: 6, changes: [{ key: "/a", version: 3, record: null }] },
    ],
  });
  expect(everything(history, 3, "/b").entries).toEqual([{ index: 5, changes: [{ key: "/b", version: 1, record: null }] }]);
});

test("pages of any size, read one after the other, are the whole", () => {
  const entry = fc.array(fc.constantFrom("/a", "/b/c", "/b/d"), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), fc.constantFrom("", "/b", "/x"), fc.integer({ min: 1, max: 7 }), (entries, prefix, limit) => {
      const history = new KeyHistory(roomy, 5);
      const wanted: [number, string[]][] = [];
      for (const [at, keys] of entries.entries()) {
        const index = 6 + at;
        history.append(index, keys.map((key) => ({ table: "kv", key, record: null, formerVersion: 1 })));
        const hit = keys.filter((key) => key.startsWith(prefix));
        if (hit.length > 0) wanted.push([index, hit]);
      }
      const found: EntryChanges[] = [];
      let since = 5;
      for (let more = true; more; ) {
        const page = history.after(since, prefix, limit, Infinity);
        expect(page.reached).toBeGreaterThanOrEqual(since);
        found.push(...page.entries);
        ({ reached: since, more } = page);
      }
      expect(found.map(({ index, changes }) => [index, changes.map(({ key }) => key)])).toEqual(wanted);
      expect(since).toBe(5 + entries.length);
    }),
  );
});

test("bounds in entries and bytes hold at every moment, and the floor tells what went", () => {
  const put = (index: number, value: string) => ({ table: "kv", key: "/k", formerVersion: 0, record: record("/k", value, 1, index, index) }) as const;
  const few = new KeyHistory({ entries: 3, bytes: 1_000_000 }, 0);
  for (let index = 1; index <= 10_000; index += 1) few.append(index, [put(index, "v")]);
  expect(few.floor).toBe(9_997);
  expect(everything(few, 9_997).entries.map(({ index }) => index)).toEqual([9_998, 9_999, 10_000]);
  expect(() => everything(few, 9_996)).toThrow("what is not known cannot be read");

  const small = new KeyHistory({ entries: 1_000, bytes: 5_000 }, 0);
  for (let index = 1; index <= 500; index += 1) {
    small.append(index, [put(index, "v".repeat(index * 3))]);
    expect(small.bytes).toBeLessThanOrEqual(5_000);
  }
  expect([small.floor, small.reached]).toEqual([497, 500]);
  small.append(501, [put(501, "v".repeat(6_000))]);
  expect([small.floor, small.bytes]).toEqual([501, 0]);
});

test("a page ends when it has enough bytes, never before its first entry", () => {
  const history = new KeyHistory(roomy, 0);
  for (let index = 1; index <= 4; index += 1) history.append(index, [{ table: "kv", key: "/k", formerVersion: 0, record: record("/k", "v".repeat(1_000), 1, 1, index) }]);
  const page = history.after(0, "", 100, 1_500);
  expect([page.entries.length, page.reached, page.more]).toEqual([2, 2, true]);
  expect(history.after(2, "", 100, 1).entries.length).toBe(1);
});

test("entries of others move the reach, a snapshot moves the floor", () => {
  const history = new KeyHistory(roomy, 0);
  history.append(1, []);
  history.append(2, [{ table: "kv", key: "/k", formerVersion: 1, record: null }]);
  history.append(3, []);
  expect(everything(history, 0)).toMatchObject({ reached: 3, more: false });
  history.restart(90);
  expect([history.floor, history.reached, history.bytes]).toEqual([90, 90, 0]);
  expect(everything(history, 90)).toEqual({ entries: [], reached: 90, more: false });
});
