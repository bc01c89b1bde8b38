/** kill -9 of the leader in the middle of a stream of writes (issue: the main path; rows R1, R2, R6, P5, V4). */

import { beforeAll, expect, test } from "vitest";
import { connectClient } from "../../src/transport/client.ts";
import { type Cluster, patientLeases } from "./cluster.ts";
import { atThisPace } from "./eventually.ts";
import { traceLines } from "./evidence.ts";
import { isAlive } from "./own-processes.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";
import { WriteStream } from "./write-stream.ts";

const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(3, patientLeases);
  await cluster.work("--cpus", "4", "--memory", "1024", "--disk", "1024");
});

/** Who leads after the leader is gone, which a machine that has nothing else to do knows within 5 s. */
async function nextLeader(): Promise<TestNode> {
  const start = performance.now();
  const next = await cluster.leader();
  expect(performance.now() - start).toBeLessThan(atThisPace(5_000));
  return next;
}

test("no acknowledged write is lost or done twice, another leads within 5 s, the VM runs on, the killed node catches up", async () => {
  const leader = await cluster.leader();
  const { vm } = await leader.json(["vm", "create", "web", "--driver", "process", "--node", leader.name, "--wait"]);
  const { pid } = await cluster.vm("web", leader);
  expect(vm).toMatchObject({ observed: "running", ownerId: leader.id });
  expect(isAlive(pid)).toBe(true);

  const stream = new WriteStream("stream", cluster.nodes);
  await stream.more(100);
  const killedAt = performance.now();
  await leader.kill9();
  const next = await nextLeader();
  expect(next).not.toBe(leader);
  await stream.more(100);
  const tookMs = (stream.acknowledged.find(({ atMs }) => atMs > killedAt + 100)?.atMs ?? Infinity) - killedAt;
  expect(tookMs).toBeLessThan(atThisPace(5_000));
  expect(isAlive(pid)).toBe(true);

  await leader.start();
  await stream.more(100);
  await stream.stop();
  await cluster.converged();
  for (const node of cluster.nodes) await stream.check(node);
  expect(await cluster.vm("web", leader)).toMatchObject({ observed: "running", pid });
  expect(isAlive(pid)).toBe(true);
});

test("a request that is repeated with its id after the leader is gone is applied once and answered alike", async () => {
  const leader = await cluster.leader();
  const request = { client: "repeated", sequence: 1, acknowledged: 1 };
  const put = async (node: TestNode) => {
    const client = connectClient(node.address, { timeoutMs: 60_000 });
    return client.kv.put({ request, key: "/repeated", value: "once" }).finally(() => client.close());
  };
  const first = await put(leader);
  await leader.kill9();
  expect(await put(await nextLeader())).toEqual(first);
  await leader.start();
  await cluster.leader();
  expect(await put(leader)).toEqual(first);
  expect(await leader.json(["kv", "get", "/repeated", "--consistent"])).toMatchObject({ version: 1, createdIndex: first.index });
});

test("it happens again and again: the leader of the moment is killed three times in a row", async () => {
  const stream = new WriteStream("again", cluster.nodes);
  for (let round = 0; round < 3; round++) {
    await stream.more(40);
    const leader = await cluster.leader();
    await leader.kill9();
    await nextLeader();
    await stream.more(20);
    await leader.start();
  }
  await stream.stop();
  await cluster.converged();
  await stream.check(await cluster.leader());
});

/** A leader that was asked to stop told `to` to begin an election at once, and that one heard it. */
function handedOver(leader: TestNode, sinceTerm: number): boolean {
  const of = (node: TestNode, event: string, term: string) => traceLines(node.traces).filter((line) => line.event === event && Number(line[term]) >= sinceTerm);
  const handed = of(leader, "TransferLeadership", "term").at(-1);
  if (handed === undefined) return false;
  return of(cluster.node(String(handed["to"])), "HandleTimeoutNowRequest", "messageTerm").length > 0;
}

test("a leader that is asked to stop hands over first: nobody waits for an election timeout", async () => {
  const stream = new WriteStream("handover", cluster.nodes);
  let handed = false;
  // On a busy machine it may lose its leadership before it is asked: then there is nothing to hand over, and the next is asked.
  for (let tries = 0; !handed && tries < 4; tries += 1) {
    const leader = await cluster.leader();
    const { term } = await leader.look();
    await stream.more(30);
    expect(await leader.stop()).toBe(0);
    const next = await nextLeader();
    expect((await next.look()).term).toBeGreaterThan(term);
    handed = handedOver(leader, term);
    await stream.more(30);
    await leader.start();
  }
  expect(handed).toBe(true);
  await stream.stop();
  await cluster.converged();
  await stream.check(cluster.any);
});
