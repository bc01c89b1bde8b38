import { expect, test } from "vitest";
import { identify } from "../../../src/node/identify.ts";
import type { DaemonConfig } from "../../../src/node/config.ts";
import type { Storage, StoredIdentity } from "../../../src/storage/storage.ts";

function storageOf(identity: StoredIdentity): Storage {
  return { identity: async () => identity, setIdentity: async () => undefined } as unknown as Storage;
}

const config = { name: "n1", dataDir: "/data/n1" } as DaemonConfig;
const stored: StoredIdentity = { nodeId: "a", name: "n1", clusterId: "c", incarnation: 3, epoch: 7 };

test("a start is counted, and the epoch is kept", async () => {
  expect(await identify(storageOf(stored), config)).toEqual({ ...stored, incarnation: 4 });
});

test("a directory whose recovery was interrupted starts no daemon", async () => {
  await expect(identify(storageOf({ ...stored, unfinished: true }), config)).rejects.toMatchObject({
    code: "WRONG_STATE",
    place: { next: expect.stringContaining("cluster recover") },
  });
});
