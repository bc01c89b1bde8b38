/** SIGSTOP of the leader for ten seconds (rows R3, R1; reliability 1): nobody ever reads what is out of date and is told it is not. */

import { beforeAll, expect, test } from "vitest";
import { openSession } from "../../src/transport/session.ts";
import type { Session } from "../../src/transport/session.ts";
import type { Cluster } from "./cluster.ts";
import { eventually, within } from "./eventually.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";

const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(3);
});

const pausedMs = 10_000;

/** One key that is written by one writer after the other: its version counts the acknowledged writes. */
class Register {
  version = 0;
  readonly stale: string[] = [];
  reads = 0;

  async write(session: Session): Promise<void> {
    const { version } = await session.put("/register", String(this.version));
    this.version = Math.max(this.version, version);
  }

  /** A consistent read must show at least what was acknowledged when it was asked. */
  async read(session: Session, where: string): Promise<void> {
    const known = this.version;
    const { item } = await session.get("/register", true);
    this.reads += 1;
    const seen = item?.version ?? 0;
    if (seen < known) this.stale.push(`${where} showed version ${seen} after ${known} was acknowledged`);
  }
}

/** Does `work` over and over until `over`; the last error it had, if it never succeeded. */
async function repeat(over: () => boolean, work: () => Promise<void>): Promise<void> {
  while (!over()) {
    await work().catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function sessionAt(nodes: readonly TestNode[], timeoutMs = 60_000): Session {
  return openSession(
    nodes.map(({ address }) => address),
    { timeoutMs },
  );
}

test("others elect and write; when it goes on it steps down, and none of its consistent reads is stale", async () => {
  const paused = await cluster.leader();
  const others = cluster.nodes.filter((node) => node !== paused);
  const register = new Register();
  const toPaused = sessionAt([paused]);
  const toOthers = sessionAt(others);
  let over = false;
  await register.write(toOthers);

  // Many reads are under way at the leader in the instant in which it is stopped, and go on being asked while it is.
  const readers = Array.from({ length: 16 }, () => repeat(() => over, () => register.read(toPaused, paused.name)));
  const writers = Array.from({ length: 4 }, () => repeat(() => over, () => register.write(toOthers)));
  const otherReaders = Array.from({ length: 2 }, () => repeat(() => over, () => register.read(toOthers, "another")));
  await eventually(() => register.reads > 200, 90_000, "reads are answered");
  paused.pause();
  const pausedAt = performance.now();
  try {
    const next = await cluster.leader(90_000, others);
    expect(next).not.toBe(paused);
    const { version } = register;
    await eventually(() => register.version > version + 20, 90_000, "writes go on under the new leader");
    await eventually(() => performance.now() - pausedAt > pausedMs, pausedMs * 2, "ten seconds are over");
  } finally {
    paused.resume();
  }
  const { reads } = register;
  await eventually(() => register.reads > reads + 200, 90_000, "it answers reads again");
  over = true;
  await within(Promise.all([...readers, ...writers, ...otherReaders]), 90_000, "all that was asked is answered");
  expect(register.stale).toEqual([]);
  expect(paused.log).toMatch(/"role":"Follower"/);
  expect(await cluster.leader()).not.toBe(paused);
  toPaused.close();
  toOthers.close();
  const { version } = await paused.json(["kv", "get", "/register", "--consistent"]);
  expect(version).toBe(register.version);
  await cluster.converged();
});

test("what the paused leader was asked to write is applied once or not at all, and it says so truthfully", async () => {
  const paused = await cluster.leader();
  const others = cluster.nodes.filter((node) => node !== paused);
  const toPaused = sessionAt([paused], 30_000);
  paused.pause();
  const asked = Array.from({ length: 50 }, (_, at) => toPaused.putIfAbsent(`/asked/${at}`, "by the paused leader"));
  const settled = Promise.allSettled(asked);
  try {
    const next = await cluster.leader(90_000, others);
    await next.json(["kv", "put-if-absent", "/asked/0", "by the new one"]);
  } finally {
    paused.resume();
  }
  const [first, ...rest] = await within(settled, 90_000, "every write is answered");
  expect(first).toMatchObject({ status: "rejected", reason: { code: "ALREADY_EXISTS" } });
  for (const one of rest) expect(one).toMatchObject({ status: "fulfilled", value: { version: 1 } });
  toPaused.close();
  const { items } = await cluster.any.json(["kv", "ls", "/asked/", "--consistent"]);
  expect(items).toHaveLength(50);
  for (const { version } of items) expect(version).toBe(1);
  await cluster.converged();
});
