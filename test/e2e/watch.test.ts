/** Watching keys: the same sequence at every node, through the death of leaders, restarts and snapshots (row S3, S2). */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession } from "../../src/transport/session.ts";
import type { Cluster } from "./cluster.ts";
import { traceLines } from "./evidence.ts";
import { KeyWatcher } from "./key-watcher.ts";
import { type Json, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";
import type { TestNode } from "./test-node.ts";
import { WriteStream } from "./write-stream.ts";

const run = useRun();
let cluster: Cluster;
const watchers: KeyWatcher[] = [];

beforeAll(async () => {
  cluster = await run.cluster(3);
});
afterAll(() => Promise.all(watchers.map((watcher) => watcher.stop())));

/** Writes until the logs of all live nodes begin behind `index`: who has no more than that needs a snapshot. */
async function trimBehind(index: number): Promise<void> {
  const session = openSession(cluster.live.map(({ address }) => address), { timeoutMs: 60_000 });
  const keys = Array.from({ length: 2_500 }, (_, at) => `/fill/${at % 100}`);
  const logs = () => Promise.all(cluster.live.map((node) => node.look()));
  while ((await logs()).some(({ firstLogIndex }) => firstLogIndex <= index + 1)) {
    await Promise.all(keys.map((key, at) => session.put(key, String(at))));
  }
  session.close();
}

test("watchers at three nodes see the same: every acknowledged write, once, in order, whatever happens to the nodes", async () => {
  for (const node of cluster.nodes) watchers.push(new KeyWatcher(cluster.nodes, node, "/", 0));
  const stream = new WriteStream("stream", cluster.nodes);
  await stream.more(100);
  const leader = await cluster.leader();
  await leader.kill9();
  await stream.more(200);
  await leader.start();
  await stream.more(100);
  const [follower] = await cluster.followers();
  await follower!.kill9();
  await trimBehind((await (await cluster.leader()).look()).lastLogIndex);
  await follower!.start();
  await stream.more(100);
  await stream.stop();

  const { appliedIndex } = await cluster.converged();
  await Promise.all(watchers.map((watcher) => watcher.until(appliedIndex)));
  const [one, ...others] = watchers.map(({ seen }) => seen);
  for (const other of others) expect(other).toEqual(one);

  // What was seen is what was written, by those who wrote it.
  const at = new Map(one?.flatMap(({ index, changes }) => changes.map((change) => [`${index} ${change}`, index])));
  for (const { key, index } of stream.acknowledged) expect(at.has(`${index} ${key} 1 ${key}`), key).toBe(true);
  const versions = new Map<string, number>();
  for (const change of one?.flatMap(({ changes }) => changes) ?? []) {
    const [key = "", version] = change.split(" ");
    expect(Number(version), `${key}: no version is left out or told twice`).toBe((versions.get(key) ?? 0) + 1);
    versions.set(key, Number(version));
  }
  expect(versions.get("/stream-count")).toBe(stream.acknowledged.length);
  expect(traceLines(follower!.traces).some(({ event }) => event === "InstallSnapshot"), "the follower took a snapshot").toBe(true);
  expect(watchers.some(({ moves }) => moves.length > 0), "a watcher went to another node").toBe(true);
}, 900_000);

test("a batch is one entry for a watcher; what any node told goes on at any other", async () => {
  const [n1, n2, n3] = cluster.nodes;
  const { freshness } = await n1!.json(["kv", "ls", "/batch/", "--consistent"]);
  const file = join(run.directory, "batch.jsonl");
  const operations = [
    { op: "put", key: "/batch/a", value: "1" },
    { op: "put-if-absent", key: "/batch/b", value: "2" },
    { op: "cas", key: "/batch/a", value: "3", ifVersion: 1 },
  ];
  writeFileSync(file, operations.map((operation) => JSON.stringify(operation)).join("\n"));
  const written = await n2!.json(["kv", "batch", file]);
  expect(written).toMatchObject({ written: true, results: [{ outcome: "written", version: 1 }, { outcome: "written" }, { version: 2 }] });
  await n3!.json(["kv", "delete", "/batch/b"]);

  const told = async (node: typeof n1, since: number): Promise<readonly string[]> => {
    await node!.json(["kv", "get", "/batch/a", "--consistent"]);
    const { stdout } = await node!.cli(["kv", "watch", "/batch/", "--since", String(since)]);
    return stdout.trimEnd().split("\n");
  };
  const lines = await told(n1, freshness.appliedIndex);
  expect(lines).toEqual([`${written.index}  put  /batch/a  v2  3`, `${written.index}  put  /batch/b  v1  2`, expect.stringMatching(/^\d+ {2}delete {2}\/batch\/b {2}v1$/)]);
  expect(await told(n2, freshness.appliedIndex)).toEqual(lines);
  expect(await told(n3, written.index)).toEqual(lines.slice(2));
});

test("a refused batch writes nothing and says what came of each", async () => {
  const file = join(run.directory, "refused.jsonl");
  writeFileSync(file, '{"op":"put","key":"/batch/new","value":"1"}\n{"op":"put-if-absent","key":"/batch/a","value":"1"}\n');
  const outcome = await cluster.any.cli(["kv", "batch", file, "--json"]);
  expect(outcome.status).toBe(6);
  expect(outcome.json).toMatchObject({ written: false, results: [{ outcome: "withheld" }, { outcome: "refused", code: "ALREADY_EXISTS" }], error: { code: "ALREADY_EXISTS" } });
  expect(outcome.stderr).toContain("nothing of the batch was written");
  expect((await cluster.any.cli(["kv", "get", "/batch/new", "--consistent"])).status).toBe(3);
  writeFileSync(file, '{"op":"put","key":"/a"}\n');
  expectRefusal(await cluster.any.cli(["kv", "batch", file]), 2, "INVALID_ARGUMENT", /line 1: "value" must be text/);
});

test("what a node keeps no more is refused with the first index that it has; an index that is not there yet too", async () => {
  const node = cluster.any;
  await node.restart();
  await cluster.leader();
  const gone = await node.cli(["kv", "watch", "/", "--since", "1", "--follow"]);
  expectRefusal(gone, 6, "COMPACTED", /the first --since that this node can serve is \d+/);
  const first = /the first --since that this node can serve is (\d+)/.exec(gone.stderr)?.[1] ?? "";
  expect((await node.cli(["kv", "watch", "/", "--since", first])).status).toBe(0);
  expectRefusal(await node.cli(["kv", "watch", "/", "--since", "99999999"]), 2, "INVALID_ARGUMENT", /does not exist yet/);
  expectRefusal(await node.cli(["kv", "watch", "/", "--since", first, "--epoch", "9"]), 6, "WRONG_EPOCH");
  expectRefusal(await node.cli(["kv", "watch", "/"]), 2, "INVALID_ARGUMENT");
});

/** The lines of `events --json`, without the markers. */
async function eventsAt(node: TestNode, ...flags: readonly string[]): Promise<readonly Json[]> {
  const { stdout } = succeeded(await node.cli(["events", "--json", ...flags]));
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as Json);
  expect(lines.at(-1)).toMatchObject({ progress: true, events: [] });
  return lines.filter(({ progress }) => !progress);
}

test("events tell what happened, the same at every node, also after a restart, and go on anywhere", async () => {
  const [n1, n2, n3] = cluster.nodes;
  await cluster.work("--cpus", "4", "--memory", "1024", "--disk", "1024");
  await n1!.json(["vm", "create", "web", "--driver", "process", "--node", "n2", "--wait"]);
  await n1!.json(["vm", "delete", "web", "--wait"]);
  await n3!.restart();
  await cluster.leader();
  await cluster.converged();
  const [one, ...others] = await Promise.all(cluster.nodes.map((node) => eventsAt(node)));
  for (const other of others) expect(other).toEqual(one);
  const told = one!.flatMap(({ events }: Json) => events.map(({ kind, subject, what }: Json) => `${kind} ${subject} ${what}`));
  for (const wanted of ["member n1 joined", "token n2 used", "member n3 joined", "member n3 promoted", "worker n2 registered"]) {
    expect(told).toContain(wanted);
  }
  const vm = ["created", "starting", "running", "delete-asked", "deleted"].map((what) => `vm web ${what}`);
  expect(told.filter((event: string) => vm.includes(event))).toEqual(vm);
  const elected = one!.flatMap(({ events }: Json) => events).filter(({ kind }: Json) => kind === "leader");
  expect(elected.length).toBeGreaterThanOrEqual(2);
  expect(elected.every(({ nodeId }: Json) => cluster.nodes.some(({ id }) => id === nodeId))).toBe(true);

  const middle = one![5];
  expect(await eventsAt(n2!, "--since", String(middle.index))).toEqual(one!.slice(6));
  const vms = await eventsAt(n3!, "--kind", "vm,worker");
  expect(vms.every(({ events }) => events.every(({ kind }: Json) => kind === "vm" || kind === "worker"))).toBe(true);
  expectRefusal(await n1!.cli(["events", "--kind", "weather"]), 2, "INVALID_ARGUMENT");
});
