/** A directory of its own for a test, which can lose its process. */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openSqliteStorage } from "../../../src/storage/sqlite.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import type { StorageUnderTest } from "./storage-contract.ts";

/** A crash leaves the files as they are at that moment: they are copied, and the copy is opened next. */
export async function makeSqliteDisk(): Promise<StorageUnderTest> {
  const root = await mkdtemp(join(tmpdir(), "blixard-storage-"));
  let generation = 0;
  let storage: Storage | undefined;
  const directory = (): string => join(root, String(generation));
  return {
    async open() {
      return (storage = await openSqliteStorage({ directory: directory() }));
    },
    async crash() {
      const died = directory();
      generation += 1;
      await cp(died, directory(), { recursive: true, filter: (path) => !path.endsWith("-shm") && !path.endsWith("lock.pid") });
      await storage?.close();
    },
    destroy: () => rm(root, { recursive: true }),
  };
}
