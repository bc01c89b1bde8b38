import { describe, expect, test } from "vitest";
import { makeEntry } from "../../../src/entry.ts";
import { MemoryDisk } from "../../../src/sim/memory-disk.ts";
import type { FoundOnDisk, WriteFate } from "../../../src/sim/node-disk.ts";
import type { PlantedBug } from "../../../src/sim/planted-bug.ts";
import { simulateWithSql } from "../../../src/sim/sql-disks.ts";
import type { GroupWrite } from "../../../src/storage/storage.ts";

const entry = (index: number) => makeEntry(index, 1, 0, "command", new TextEncoder().encode(`entry ${index}`));
const write = (index: number): GroupWrite => ({ group: "meta", entries: [entry(index)], hardState: { currentTerm: 1, votedFor: "n1" } });

function found(disk: MemoryDisk): FoundOnDisk {
  let result: FoundOnDisk | undefined;
  disk.load((what) => (result = what));
  if (result === undefined) throw new Error("a disk in memory answers at once");
  return result;
}

function lastIndex(disk: MemoryDisk): number {
  const what = found(disk);
  if (what.kind !== "found") throw new Error(what.what);
  return what.stored?.entries.at(-1)?.index ?? 0;
}

function written(planted: PlantedBug | null, count: number): MemoryDisk {
  const disk = new MemoryDisk(planted);
  for (let index = 1; index <= count; index += 1) disk.commit(write(index), () => {});
  return disk;
}

const bug = (more: Partial<PlantedBug>): PlantedBug => ({ name: "test", caughtBy: [], ...more });

describe("a disk in memory", () => {
  test.for<[WriteFate, number]>([["kept", 4], ["lost", 3], ["torn", 3]])("of a write cut off and %s has entries up to %i", ([fate, last]) => {
    const disk = written(null, 3);
    disk.crash(write(4), fate);
    expect(lastIndex(disk)).toBe(last);
  });

  test("finds every flipped bit, whatever it is part of", () => {
    for (let lot = 0; lot < 1; lot += 0.1) {
      const disk = written(null, 5);
      disk.commit({ group: "meta", rows: [{ table: "kv", key: "a", value: '"value"' }], applied: { index: 2, term: 1, configuration: { voters: [], learners: [] }, configurationIndex: 0 } }, () => {});
      disk.flipBit(lot);
      expect(found(disk).kind).toBe("damaged");
    }
  });

  test("loses acknowledged writes with the bug that does not sync them, and only with a lost power", () => {
    const disk = written(bug({ unsyncedWrites: 2 }), 5);
    disk.crash(null, "kept");
    expect(lastIndex(disk)).toBe(5);
    disk.commit(write(6), () => {});
    disk.crash(null, "lost");
    expect(lastIndex(disk)).toBe(5);
  });

  test("tells at the next start that a node went on after an error", () => {
    const disk = written(bug({ ignoresDiskErrors: true }), 2);
    disk.fail(write(3), "lost");
    disk.commit(write(4), () => {});
    expect(found(disk).kind).toBe("damaged");
  });

  test("keeps the first part of a torn write with the bug that makes two transactions of it", () => {
    const disk = written(bug({ transactions: (whole) => [{ ...whole, entries: whole.entries?.slice(0, 1) ?? [] }, whole] }), 1);
    disk.crash({ ...write(2), entries: [entry(2), entry(3)] }, "torn");
    expect(lastIndex(disk)).toBe(2);
  });
});

test("a bug of the model cannot be planted over the real storage", async () => {
  const planted = bug({ trustsDamage: true });
  await expect(simulateWithSql({ seed: 1, nodes: 3, seconds: 1, faults: [], planted })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});
