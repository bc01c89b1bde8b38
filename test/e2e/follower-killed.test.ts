/** kill -9 of followers, and of a joiner, at any instant of a stream of writes (rows R2, M8, P1). */

import { randomInt } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { seededRandom } from "../../src/raft/random.ts";
import { openSession } from "../../src/transport/session.ts";
import { type Cluster, patientLeases } from "./cluster.ts";
import { traceLines } from "./evidence.ts";
import { eventually } from "./eventually.ts";
import { succeeded } from "./program.ts";
import { useRun } from "./run.ts";
import { WriteStream } from "./write-stream.ts";

const seed = Number(process.env["BLIXARD_SEED"] ?? randomInt(2 ** 31));
const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(3, patientLeases);
});

test(`followers killed at random instants lose nothing and catch up (BLIXARD_SEED=${seed})`, async () => {
  const chance = seededRandom(seed);
  const random = (below: number): number => Math.floor(chance.next() * below);
  const stream = new WriteStream("stream", cluster.nodes);
  for (let round = 0; round < 5; round++) {
    const followers = await cluster.followers();
    const victim = followers[random(followers.length)]!;
    await stream.more(1 + random(80));
    await victim.kill9();
    await stream.more(1 + random(80));
    await victim.start();
  }
  await stream.more(20);
  await stream.stop();
  await cluster.converged();
  for (const node of cluster.nodes) await stream.check(node);
});

test("a joiner that is killed in the middle of its join goes on with the same token", async () => {
  const [n1] = cluster.nodes;
  const n4 = await (await cluster.make("n4")).start();
  const { token } = await n1!.json(["cluster", "token", "n4"]);
  const join = () => n4.cli(["cluster", "join", n1!.address, "--token", token]);
  const first = join();
  await eventually(async () => (await n1!.look()).members.some(({ id }) => id === n4.id), 90_000, "the joiner is a member");
  await n4.kill9();
  // Its command may have been told of success in the last moment, or of the lost connection.
  expect([0, 5, 6, 7]).toContain((await first).status);
  await n4.start();
  const again = await join();
  if (again.status !== 6) succeeded(again);
  await n1!.json(["cluster", "wait", "--formed", "4", "--caught-up"]);
  await cluster.converged();
});

test("a joiner for whom the first entries are gone gets a snapshot with all that it needs, and keeps it", async () => {
  const session = openSession(
    cluster.nodes.map(({ address }) => address),
    { timeoutMs: 60_000 },
  );
  await Promise.all(Array.from({ length: 7_000 }, (_, at) => session.put(`/many/${at % 700}`, String(at))));
  session.close();
  await eventually(async () => (await (await cluster.leader()).look()).firstLogIndex > 1, 90_000, "the leader has trimmed its log");
  const n5 = await (await cluster.make("n5")).start();
  await cluster.join(n5);
  const before = await cluster.converged();
  expect(traceLines(n5.traces).map(({ event }) => event)).toContain("ApplySnapshot");
  expect((await n5.look()).firstLogIndex).toBeGreaterThan(1);
  await n5.kill9();
  await n5.start();
  const after = await cluster.converged();
  // `converged` has compared the nodes; over time nothing changes either, but for the event of an election.
  if (after.term === before.term) expect(after.digest).toBe(before.digest);
  expect(after.members).toHaveLength(5);
});
