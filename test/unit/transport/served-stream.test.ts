import { expect, onTestFinished, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import { connectClient } from "../../../src/transport/client.ts";
import type { KvWatchRequest, KvWatchResponse } from "../../../src/transport/messages.generated.ts";
import type { CallContext } from "../../../src/transport/service.ts";
import type { Init } from "../../../src/transport/wire.ts";
import { handlersOf, startServer } from "./loopback.ts";

type Watch = (request: KvWatchRequest, context: CallContext) => AsyncIterable<Init<KvWatchResponse>>;

async function watching(watch: Watch, patienceMs?: number) {
  const { address, reports } = await startServer(handlersOf({ kv: { watch } }), "127.0.0.1:0", patienceMs);
  const client = connectClient(address, { timeoutMs: 25_000 });
  onTestFinished(() => client.close());
  return { client, reports };
}

/** Messages without end, large enough that a few fill what gRPC holds; `made` counts them, and tells when no more are. */
function endless(made: { count: number; ended: boolean }): Watch {
  const value = "v".repeat(200_000);
  return async function* () {
    try {
      for (;;) {
        made.count += 1;
        yield { index: made.count, changes: [{ key: "/k", version: made.count, value }] };
      }
    } finally {
      made.ended = true;
    }
  };
}

test("a stream ends with its last message", async () => {
  const { client } = await watching(async function* ({ prefix, since }) {
    yield { index: 1, changes: [{ key: prefix, version: since ?? 0 }] };
    yield { index: 2 };
  });
  const told: KvWatchResponse[] = [];
  for await (const message of client.kv.watch({ prefix: "/p", since: 7 })) told.push(message);
  expect(told.map(({ index, changes }) => [index, changes.length])).toEqual([[1, 1], [2, 0]]);
  expect(told[0]?.changes[0]).toMatchObject({ key: "/p", version: 7, value: null });
});

test("an error in the middle comes after what was told before it", async () => {
  const { client } = await watching(async function* () {
    yield { index: 1 };
    throw new UserError("COMPACTED", "gone", { next: "Begin later." });
  });
  const indices: number[] = [];
  const reading = async (): Promise<void> => {
    for await (const { index } of client.kv.watch({})) indices.push(index);
  };
  await expect(reading()).rejects.toMatchObject({ code: "COMPACTED", message: "gone", place: { next: "Begin later." } });
  expect(indices).toEqual([1]);
});

test("a reader that takes nothing is cut off with a reason, and little was made for it", async () => {
  const made = { count: 0, ended: false };
  const { client, reports } = await watching(endless(made), 300);
  const reader = client.kv.watch({})[Symbol.asyncIterator]();
  await reader.next();
  await expect.poll(() => made.ended, { timeout: 20_000 }).toBe(true);
  // What was on the way before the cut still comes, then the reason.
  const rest = async (): Promise<void> => {
    while (!(await reader.next()).done);
  };
  await expect(rest()).rejects.toMatchObject({ code: "SLOW_READER" });
  expect(made.count).toBeLessThan(40);
  expect(reports).toEqual([]);
});

test("a reader that goes away ends the work for it", async () => {
  let ended = false;
  const { client } = await watching(async function* (_request, { signal }) {
    try {
      for (let index = 1; ; index += 1) {
        yield { index };
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve(), { once: true });
          setTimeout(resolve, 20);
        });
      }
    } finally {
      ended = true;
    }
  });
  for await (const { index } of client.kv.watch({})) if (index === 3) break;
  await expect.poll(() => ended, { timeout: 20_000 }).toBe(true);
});
