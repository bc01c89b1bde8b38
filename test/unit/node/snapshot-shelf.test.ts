/** Snapshots that break off are gone on with (row R5). */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeEntry } from "../../../src/entry.ts";
import { SnapshotShelf } from "../../../src/node/snapshot-shelf.ts";
import { openSqliteStorage } from "../../../src/storage/sqlite.ts";
import type { Row, Storage } from "../../../src/storage/storage.ts";
import type { SnapshotPage, SnapshotResume } from "../../../src/transport/transport.ts";

let directory = "";
let storage: Storage;
let shelf: SnapshotShelf;
const rows: readonly Row[] = Array.from({ length: 40 }, (_, n) => ({ table: "kv", key: `k${String(n).padStart(2, "0")}`, value: `${n} `.repeat(20_000) }));
const member = { id: "a", name: "a", address: "127.0.0.1:1" };
const applied = { index: 1, term: 1, configuration: { voters: [member], learners: [] }, configurationIndex: 1 };

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "blixard-shelf-"));
  storage = await openSqliteStorage({ directory });
  await storage.write([{ group: "g", entries: [makeEntry(1, 1, 0, "noop", new Uint8Array())], rows, applied }]);
  shelf = new SnapshotShelf(storage, () => 42);
});
afterEach(async () => {
  await storage.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Takes at most so many pages, then stops as a broken stream does. */
async function take(most: number, resume: SnapshotResume | null = null): Promise<readonly SnapshotPage[]> {
  const pages: SnapshotPage[] = [];
  for await (const page of shelf.send("g", 1, resume)) {
    pages.push(page);
    if (pages.length === most) break;
  }
  return pages;
}

test("a snapshot that broke off goes on behind the last page that came, as it was when it began", async () => {
  const begun = await take(4);
  expect(begun.map(({ number, applied: head }) => [number, head === null])).toEqual([[1, false], [2, true], [3, true], [4, true]]);
  const snapshot = begun[0]?.snapshot ?? "";
  // What changes meanwhile is of no concern.
  await storage.write([{ group: "g", rows: [{ table: "kv", key: "k39", value: null }, { table: "kv", key: "l", value: "new" }], applied }]);
  // The fourth page was lost on its way.
  const rest = await take(Infinity, { snapshot, received: 3 });
  expect(rest[0]).toMatchObject({ number: 4, applied: null, snapshot });
  expect(rest.at(-1)).toMatchObject({ last: true, rows: [] });
  expect([...begun.slice(0, 3), ...rest].flatMap((page) => page.rows)).toEqual(rows);
});

test("who comes again takes over from a sender that does not know yet that its stream is gone", async () => {
  const old = shelf.send("g", 1, null)[Symbol.asyncIterator]();
  const { value: first } = await old.next();
  const snapshot = (first as SnapshotPage).snapshot ?? "";
  const rest = take(Infinity, { snapshot, received: 1 });
  const late = await old.next();
  expect([...(first as SnapshotPage).rows, ...(await rest).flatMap((page) => page.rows)]).toEqual(rows);
  expect(late.done).toBe(true);
});

test("what is not kept is refused, and few are kept", async () => {
  await expect(take(1, { snapshot: "none", received: 1 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect((async () => {
    for await (const page of shelf.send("g", 9, null)) throw new Error(`page ${page.number} of what is not there`);
  })()).rejects.toMatchObject({ code: "WRONG_STATE" });
  const names: string[] = [];
  for (let at = 0; at < 5; at++) names.push((await take(2))[0]?.snapshot ?? "");
  await expect(take(1, { snapshot: names[0] ?? "", received: 1 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(take(1, { snapshot: names[4] ?? "", received: 3 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await take(1, { snapshot: names[4] ?? "", received: 1 }))[0]).toMatchObject({ number: 2 });
});
