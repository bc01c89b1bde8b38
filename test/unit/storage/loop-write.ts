/** The n-th write of `store-in-a-loop.ts`. */

import { makeEntry } from "../../../src/entry.ts";
import type { GroupWrite } from "../../../src/storage/storage.ts";

export function loopWrite(n: number): GroupWrite {
  const payload = Buffer.alloc(300, n);
  return {
    group: "g",
    entries: [makeEntry(2 * n - 1, n, n, "command", payload), makeEntry(2 * n, n, n, "command", payload)],
    hardState: { currentTerm: n, votedFor: `node-${n}` },
    rows: [
      { table: "kv", key: "n", value: String(n) },
      { table: "kv", key: `key-${n % 100}`, value: `${n}`.padEnd(500, "x") },
    ],
    applied: { index: 2 * n, term: n, configuration: { voters: [], learners: [] }, configurationIndex: 0 },
    ...(n % 10 === 0 ? { trimTo: 2 * n - 10 } : {}),
  };
}
