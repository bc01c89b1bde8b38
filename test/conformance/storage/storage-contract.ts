/** What every storage must do. Each maker runs it with a factory of its own. */

import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";

import { present } from "../../../src/assert.ts";
import { makeEntry, type Entry } from "../../../src/entry.ts";
import type { GroupWrite, Row, Storage, StoredIdentity } from "../../../src/storage/storage.ts";
import { comparableGroups, NaiveStorage } from "./naive-storage.ts";

/** One disk of one node. */
export interface StorageUnderTest {
  /** Opens the storage on what the disk holds. */
  open(): Promise<Storage>;
  /** As if the process died now: what was not acknowledged may be gone. The storage that was open is of no more use. */
  crash(): Promise<void>;
  /** Removes everything. */
  destroy(): Promise<void>;
}

const configuration = { voters: [{ id: "a-b-c", name: "n1", address: "127.0.0.1:7001" }], learners: [] };

/** Entries `from` to `to`, all different. */
export function entriesOf(from: number, to: number, term = 1, size = 20): readonly Entry[] {
  const entries: Entry[] = [];
  for (let index = from; index <= to; index += 1) {
    entries.push(makeEntry(index, term, 1_700_000_000_000.5 + index, "command", Buffer.from(`${term}.${index}`.padEnd(size, "x"))));
  }
  return entries;
}

export const appliedAt = (index: number, term = 1) => ({ index, term, configuration, configurationIndex: Math.min(index, 1) });

async function allRows(storage: Storage, group: string, maxBytes: number): Promise<{ pages: number; rows: readonly Row[] }> {
  const reader = await storage.openSnapshot(group);
  const rows: Row[] = [];
  let pages = 0;
  for (let page = await reader.next(maxBytes); page.length > 0; page = await reader.next(maxBytes), pages += 1) rows.push(...page);
  await reader.close();
  return { pages, rows };
}

/** A storage on a disk, as a test needs them: started, restarted, stopped. */
class Subject {
  private readonly make: () => Promise<StorageUnderTest>;
  private disk: StorageUnderTest | undefined;
  private opened: Storage | undefined;

  constructor(make: () => Promise<StorageUnderTest>) {
    this.make = make;
  }

  get storage(): Storage {
    return present(this.opened, "the storage was started");
  }

  async start(): Promise<Storage> {
    this.disk ??= await this.make();
    return (this.opened = await this.disk.open());
  }

  async restart(how: "close" | "crash"): Promise<Storage> {
    if (how === "close") await this.opened?.close();
    else await this.disk?.crash();
    return this.start();
  }

  async stop(): Promise<void> {
    await this.opened?.close();
    await this.disk?.destroy();
    this.opened = this.disk = undefined;
  }
}

/** Runs the suite. `maxRuns`: histories of random operations. */
export function storageContract(name: string, make: () => Promise<StorageUnderTest>, maxRuns: number): void {
  describe(`${name} is a storage`, () => {
    const subject = new Subject(make);
    afterEach(() => subject.stop());
    keepsWhatIsWritten(subject);
    givesAndTakesSnapshots(subject);
    followsTheModel(subject, maxRuns);
  });
}

function keepsWhatIsWritten(subject: Subject): void {
  it("is empty at first, and keeps the identity", async () => {
    expect(await (await subject.start()).identity()).toBeUndefined();
    expect(await subject.storage.load()).toEqual([]);
    const identity: StoredIdentity = { nodeId: "n-1", name: "n1", clusterId: null, incarnation: 1 };
    await subject.storage.setIdentity(identity);
    expect(await (await subject.restart("crash")).identity()).toEqual(identity);
    await subject.storage.setIdentity({ ...identity, clusterId: "c", incarnation: 2 });
    expect(await (await subject.restart("close")).identity()).toEqual({ ...identity, clusterId: "c", incarnation: 2 });
  });

  it("gives back rows of any text and size, at once or while they are read", async () => {
    const storage = await subject.start();
    const odd = ["", "0", "\0", "a\0b", "1 2 3 4\n", "\u00e4\u4e2d\ud83d\ude00", '"\\\n', "\ufeff"];
    const rows = odd.flatMap((key, at) => odd.map((value) => ({ table: at % 2 === 0 ? "kv" : "other", key: `${key}/${at}/${value}`, value })));
    for (let at = 0; at < 40; at += 1) rows.push({ table: "large", key: `${100 + at}`, value: "\u00e9".repeat(at % 3 === 0 ? 200_000 : at) });
    for (let at = 0; at < 9_000; at += 1) rows.push({ table: "small", key: `${10_000 + at}`, value: `${at}` });
    await storage.write([{ group: "g", entries: entriesOf(1, 1), rows, applied: appliedAt(1) }]);
    const order = (one: Row, other: Row): number => Buffer.compare(Buffer.from(`${one.table}\0${one.key}`), Buffer.from(`${other.table}\0${other.key}`));
    const sorted = [...rows].sort(order);
    expect((await allRows(storage, "g", 100_000)).rows).toEqual(sorted);
    const again = await subject.restart("crash");
    expect((await again.load())[0]?.rows).toEqual(sorted);
    const taken: Row[] = [];
    const [group] = await (await subject.restart("close")).load((of, page) => void (of === "g" && taken.push(...page)));
    expect(taken).toEqual(sorted);
    expect(group).toMatchObject({ group: "g", applied: appliedAt(1), rows: [] });
  });

  for (const how of ["close", "crash"] as const) {
    it(`finds after a ${how} everything that was written, of all groups`, async () => {
      const model = new NaiveStorage();
      await subject.start();
      const writes: readonly GroupWrite[] = [
        { group: "meta", entries: entriesOf(1, 3), hardState: { currentTerm: 1, votedFor: "a" } },
        { group: "shard-1", entries: entriesOf(1, 1), rows: [{ table: "kv", key: "é\0\"'", value: "\u0000 ☃ 😀" }], applied: appliedAt(1) },
        { group: "shard-2", hardState: { currentTerm: 7, votedFor: null } },
      ];
      await subject.storage.write(writes);
      for (const write of writes) model.write(write);
      expect(comparableGroups((await (await subject.restart(how)).load()) ?? [])).toEqual(comparableGroups(model.load()));
    });
  }

  it("cuts a run in its middle, appends and trims", async () => {
    await subject.start();
    await subject.storage.write([{ group: "g", entries: entriesOf(1, 10) }]);
    await subject.storage.write([{ group: "g", entries: entriesOf(11, 20) }]);
    await subject.storage.write([{ group: "g", truncateFrom: 15, entries: entriesOf(15, 17, 2) }]);
    await subject.storage.write([{ group: "g", applied: appliedAt(12), trimTo: 12 }]);
    const [group] = (await (await subject.restart("crash")).load()) ?? [];
    const first = group?.logStart.index ?? 0;
    expect(first).toBeLessThanOrEqual(12);
    expect(group?.logStart.term).toBe(first === 0 ? 0 : 1);
    expect(group?.entries.map((entry) => entry.index)).toEqual(Array.from({ length: 17 - first }, (_, at) => first + 1 + at));
    expect(group?.entries.filter((entry) => entry.term === 2).map((entry) => entry.index)).toEqual([15, 16, 17]);
  });

  it("refuses what breaks a law: a gap, truncating what is applied, trimming beyond it", async () => {
    for (const wrong of [{ entries: entriesOf(7, 8) }, { truncateFrom: 2 }, { trimTo: 4 }]) {
      await subject.start();
      await subject.storage.write([{ group: "g", entries: entriesOf(1, 5), applied: appliedAt(3) }]);
      await expect(subject.storage.write([{ group: "g", ...wrong }])).rejects.toThrow();
      await subject.stop();
    }
  });
}

function givesAndTakesSnapshots(subject: Subject): void {
  it("reads a snapshot of one moment, in pages", async () => {
    await subject.start();
    const rows = Array.from({ length: 3000 }, (_, n) => ({ table: n % 2 === 0 ? "a" : "b", key: `k${n}`, value: "x".repeat(100) }));
    await subject.storage.write([{ group: "g", entries: entriesOf(1, 1), rows, applied: appliedAt(1) }]);
    const reader = await subject.storage.openSnapshot("g");
    const first = await reader?.next(1000);
    expect(first?.length).toBeLessThan(20);
    await subject.storage.write([{ group: "g", rows: rows.map((row) => ({ ...row, value: null })), entries: entriesOf(2, 2), applied: appliedAt(2) }]);
    expect(reader?.applied).toEqual(appliedAt(1));
    const rest = await reader?.next(1e9);
    expect((first?.length ?? 0) + (rest?.length ?? 0)).toBe(3000);
    expect(await reader?.next(1e9)).toEqual([]);
    await reader?.close();
    expect((await allRows(subject.storage, "g", 1000)).rows).toEqual([]);
  });

  it("goes back to where a page of a snapshot began, and still notices at the end that none is missing", async () => {
    await subject.start();
    const rows = Array.from({ length: 1500 }, (_, n) => ({ table: "a", key: `k${String(n).padStart(4, "0")}`, value: "x".repeat(50 + (n % 7)) }));
    await subject.storage.write([{ group: "g", entries: entriesOf(1, 1), rows, applied: appliedAt(1) }]);
    const reader = await subject.storage.openSnapshot("g");
    if (reader === undefined) throw new Error("there is a group to read");
    const marks = [reader.mark()];
    const pages: (readonly Row[])[] = [];
    do {
      pages.push(await reader.next(4_000));
      marks.push(reader.mark());
    } while (pages.at(-1)?.length !== 0);
    expect(pages.flat()).toEqual(rows);
    for (const from of [0, 1, 7, 8, pages.length - 2, pages.length - 1, 3]) {
      reader.rewind(marks[from]!);
      const rest: Row[] = [];
      for (let page = await reader.next(4_000); page.length > 0; page = await reader.next(4_000)) rest.push(...page);
      expect(rest).toEqual(pages.slice(from).flat());
    }
    await reader.close();
  });

  it("puts a staged snapshot in the place of a group", async () => {
    await subject.start();
    const old = [{ table: "kv", key: "old", value: "1" }];
    await subject.storage.write([{ group: "g", entries: entriesOf(1, 5), hardState: { currentTerm: 4, votedFor: "b" }, rows: old, applied: appliedAt(2) }]);
    await subject.storage.stageSnapshot("g", "abandoned", [{ table: "kv", key: "never", value: "" }], true);
    await subject.storage.stageSnapshot("g", "t", [{ table: "kv", key: "a", value: "1" }], true);
    await subject.storage.stageSnapshot("g", "t", [{ table: "kv", key: "b", value: "2" }, { table: "kv", key: "c", value: "3" }], false);
    const rows = [{ table: "kv", key: "b", value: null }, { table: "kv", key: "d", value: "4" }];
    await subject.storage.write([{ group: "g", replace: true, stagedSnapshot: "t", applied: appliedAt(100, 3), rows }]);
    await subject.storage.write([{ group: "g", entries: entriesOf(101, 102, 4) }]);
    const [group] = (await (await subject.restart("crash")).load()) ?? [];
    expect(group).toMatchObject({ hardState: { currentTerm: 4, votedFor: "b" }, applied: appliedAt(100, 3), logStart: { index: 100, term: 3 } });
    expect(group?.entries.map((entry) => entry.index)).toEqual([101, 102]);
    expect(group?.rows.map((row) => row.key).sort()).toEqual(["a", "c", "d"]);
  });

  it("keeps rows that were staged and not installed out of the state", async () => {
    await subject.start();
    await subject.storage.write([{ group: "g", entries: entriesOf(1, 1), applied: appliedAt(1) }]);
    await subject.storage.stageSnapshot("g", "t", [{ table: "kv", key: "a", value: "1" }], true);
    expect((await (await subject.restart("crash")).load())[0]?.rows).toEqual([]);
  });
}

function followsTheModel(subject: Subject, maxRuns: number): void {
  it("does what the obvious model does, in any history", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
        const model = new NaiveStorage();
        await subject.start();
        try {
          for (const step of operations) {
            if (step.kind === "restart") await subject.restart(step.how);
            else await perform(step, model, subject.storage);
          }
          await subject.restart("crash");
          expect(comparableGroups((await subject.storage.load()) ?? [])).toEqual(comparableGroups(model.load()));
          for (const { group, rows } of model.load()) {
            expect((await allRows(subject.storage, group, 64)).rows.length).toBe(rows.length);
          }
        } finally {
          await subject.stop();
        }
      }),
      { numRuns: maxRuns },
    );
  }, 300_000);

  it("tells how large it is and how fast it wrote", async () => {
    await subject.start();
    await subject.storage.write([{ group: "g", entries: entriesOf(1, 100) }]);
    const status = subject.storage.status();
    expect(status?.writes).toBe(1);
    expect(status?.writeP99Ms).toBeGreaterThanOrEqual(status?.writeP50Ms ?? 0);
  });
}

const group = fc.constantFrom("g1", "g2");
const portion = fc.nat({ max: 100 });
const change = fc.record({ table: fc.constantFrom("a", "b"), key: fc.constantFrom("1", "2", "3", "__proto__"), value: fc.option(fc.string({ unit: "grapheme" })) });
const work = fc.record({
  kind: fc.constant("work" as const),
  group,
  truncate: fc.option(portion),
  append: fc.nat({ max: 6 }),
  rows: fc.array(change, { maxLength: 4 }),
  apply: fc.option(portion),
  trim: fc.option(portion),
  snapshot: fc.nat({ max: 9 }).map((n) => n === 0),
});
const operation = fc.oneof({ weight: 9, arbitrary: work }, { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), how: fc.constantFrom("close" as const, "crash" as const) }) });

type Work = (typeof work extends fc.Arbitrary<infer T> ? T : never) & { readonly kind: "work" };

/** Makes a lawful write of `step`, whose portions are percents of what is possible now. */
async function perform(step: Work, model: NaiveStorage, storage: Storage): Promise<void> {
  const before = model.group(step.group);
  const end = before.logStart.index + before.entries.length;
  const between = (low: number, high: number, percent: number): number => low + Math.floor(((high - low) * percent) / 100);
  if (step.snapshot) {
    const rows = step.rows.flatMap(({ table, key, value }) => (value === null ? [] : [{ table, key, value }]));
    const unique = [...new Map(rows.map((row) => [`${row.table}/${row.key}`, row])).values()];
    const index = end + 3;
    await storage.stageSnapshot(step.group, "t", unique, true);
    model.stage("t", unique, true);
    const write: GroupWrite = { group: step.group, replace: true, stagedSnapshot: "t", applied: appliedAt(index, 1), entries: entriesOf(index + 1, index + step.append) };
    await storage.write([write]);
    return model.write(write);
  }
  const from = step.truncate === null || end === before.applied.index ? end + 1 : between(before.applied.index + 1, end, step.truncate);
  const last = from - 1 + step.append;
  const index = step.apply === null ? before.applied.index : between(before.applied.index, last, step.apply);
  const write: GroupWrite = {
    group: step.group,
    ...(from <= end ? { truncateFrom: from } : {}),
    entries: entriesOf(from, last),
    ...(step.append % 2 === 0 ? { hardState: { currentTerm: last, votedFor: step.trim === null ? null : "x" } } : {}),
    rows: step.rows,
    applied: appliedAt(index, 1),
    ...(step.trim === null ? {} : { trimTo: between(0, index, step.trim) }),
  };
  await storage.write([write]);
  model.write(write);
}
