/**
 * A follower that is away while much is written (row R7; reliability 6): the leader keeps a bounded part of the log for it, and
 * it catches up by a snapshot when it comes back (row R5).
 */

import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { openSession } from "../../src/transport/session.ts";
import type { Session } from "../../src/transport/session.ts";
import type { Cluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(3);
});

const mebibyte = 1024 * 1024;
const value = "v".repeat(64 * 1024);

/** Resident bytes of the daemon. */
function memoryOf({ pid }: TestNode): number {
  const [, kibibytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}

/** Writes so many bytes over a few keys, 16 writes at a time. */
async function write(session: Session, bytes: number): Promise<void> {
  let left = Math.ceil(bytes / value.length);
  const writeOn = async (worker: number): Promise<void> => {
    while (left-- > 0) await session.put(`/load/${worker}`, value);
  };
  await Promise.all(Array.from({ length: 16 }, (_, worker) => writeOn(worker)));
}

test("the leader's memory stays bounded while a follower is down, and the follower comes back by a snapshot", async () => {
  const leader = await cluster.leader();
  const session = openSession(leader.address, { timeoutMs: 60_000 });
  const away = cluster.nodes.find((node) => node !== leader) as TestNode;
  // The most that it takes for the same work with nobody away: garbage that waits to be collected is no growth.
  let before = 0;
  for (let at = 0; at < 12; at++) {
    await write(session, 8 * mebibyte);
    before = Math.max(before, memoryOf(leader));
  }
  await away.kill9();
  await write(session, 128 * mebibyte);
  // What is free may be given back late: some more is written meanwhile.
  let grown = Infinity;
  await eventually(
    async () => {
      grown = Math.min(grown, memoryOf(leader) - before);
      if (grown <= 64 * mebibyte) return true;
      await write(session, 2 * mebibyte);
      throw new Error(`${Math.round(grown / mebibyte)} MiB more than before`);
    },
    90_000,
    "the leader's memory is bounded",
  );
  expect(grown).toBeLessThanOrEqual(64 * mebibyte);
  session.close();
  await away.start();
  await cluster.converged(90_000);
  expect(away.log).toContain("snapshot fetched");
});
