/** Measures the storage alone: `npx tsx bench/storage.ts [directory]`. Values of 256 bytes, every write durable. */

import { closeSync, fdatasyncSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeEntry, type Entry } from "../src/entry.ts";
import { openSqliteStorage } from "../src/storage/sqlite.ts";
import type { RowWrite, Storage } from "../src/storage/storage.ts";

const value = "v".repeat(256);
const payload = Buffer.from(value);
const configuration = { voters: [1, 2, 3].map((n) => ({ id: `node-${n}`, name: `n${n}`, address: `127.0.0.1:70${n}` })), learners: [] };
const trimEvery = 8192;
const secondsEach = Number(process.env["SECONDS"] ?? 3);

/** Appends of 8 KiB over a file that has its length already, as the write-ahead log does. */
function bare(directory: string, sync: (fd: number) => void): number {
  const fd = openSync(join(directory, "bare"), "w");
  const block = Buffer.alloc(8240);
  for (let at = 0; at < 4_000_000; at += block.length) writeSync(fd, block, 0, block.length, at);
  fsyncSync(fd);
  let count = 0;
  const began = performance.now();
  for (; performance.now() - began < 1000; count += 1) {
    writeSync(fd, block, 0, block.length, (count * block.length) % 4_000_000);
    sync(fd);
  }
  closeSync(fd);
  return count;
}

let index = 0;
let trimmed = 0;

/** How the keys of the rows that change follow each other: none change, each lies beside the last, or anywhere of 20,000. */
type Keys = "none" | "near" | "far";

async function measure(storage: Storage, batch: number, keys: Keys): Promise<void> {
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const began = performance.now();
  while (performance.now() - began < secondsEach * 1000) {
    const at = performance.now();
    const entries: Entry[] = [];
    const rows: RowWrite[] = [];
    for (let i = 0; i < batch; i += 1) {
      index += 1;
      entries.push(makeEntry(index, 1, at, "command", payload));
      const key = (keys === "near" ? index : index * 7919) % 20_000;
      if (keys !== "none") rows.push({ table: "kv", key: `key-${String(key).padStart(5, "0")}`, value });
    }
    const applied = { index, term: 1, configuration, configurationIndex: 1 };
    const trim = index - trimmed > 2 * trimEvery ? { trimTo: (trimmed = index - trimEvery) } : {};
    await storage.write([{ group: "meta", entries, applied, rows, ...trim }]);
    times.push(performance.now() - at);
  }
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const quantile = (q: number): string => (times[Math.floor(times.length * q)] ?? 0).toFixed(2);
  const columns = [
    String(batch),
    keys,
    (times.length / seconds).toFixed(0),
    ((times.length * batch) / seconds).toFixed(0),
    quantile(0.5),
    quantile(0.99),
    quantile(1 - 1e-9),
    ((used.user + used.system) / times.length).toFixed(0),
    (storage.status().walBytes / 1e6).toFixed(0),
  ];
  console.log(columns.map((column) => column.padStart(10)).join(""));
}

const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), "blixard-bench-"));
try {
  console.log(`bare fdatasync of 8 KiB: ${bare(directory, fdatasyncSync)}/s, fsync (what SQLite calls): ${bare(directory, fsyncSync)}/s`);
  const storage = await openSqliteStorage({ directory });
  await storage.load();
  console.log(["batch", "rows", "tx/s", "entries/s", "p50 ms", "p99 ms", "max ms", "cpu µs/tx", "WAL MB"].map((c) => c.padStart(10)).join(""));
  for (const keys of ["none", "near", "far"] as const) for (const batch of [1, 16, 128, 1024]) await measure(storage, batch, keys);
  await storage.close();
} finally {
  rmSync(directory, { recursive: true });
}
