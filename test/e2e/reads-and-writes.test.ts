/** The tree through every node: no read misses an acknowledged write, conditions have one winner (rows P3, S1, O3, R6). */

import { beforeAll, expect, test } from "vitest";
import { connectClient } from "../../src/transport/client.ts";
import type { Cluster } from "./cluster.ts";
import { type Json, expectRefusal, succeeded } from "./program.ts";
import { useRun } from "./run.ts";

const run = useRun();
let cluster: Cluster;

beforeAll(async () => {
  cluster = await run.cluster(3);
});

test("what any node acknowledged, a consistent read at every node shows", async () => {
  for (const [at, writer] of cluster.nodes.entries()) {
    const value = `written through ${writer.name}`;
    const { version, index } = await writer.json(["kv", "put", "/shared", value]);
    expect(version).toBe(at + 1);
    for (const reader of cluster.nodes) {
      const read = await reader.json(["kv", "get", "/shared", "--consistent"]);
      expect(read).toMatchObject({ key: "/shared", value, version, changedIndex: index, freshness: { stale: false } });
    }
  }
});

test("what a node acknowledged, that node itself knows at once, without asking the others", async () => {
  for (const node of cluster.nodes) {
    const client = connectClient(node.address, { timeoutMs: 60_000 });
    try {
      for (let at = 1; at <= 40; at++) {
        const request = { client: `own-${node.name}-${at}`, sequence: 1, acknowledged: 1 };
        const { version } = await client.kv.put({ request, key: `/own/${node.name}`, value: String(at) });
        const { item } = await client.kv.get({ key: `/own/${node.name}`, read: { consistent: false } });
        expect(item).toMatchObject({ version, value: String(at) });
      }
    } finally {
      client.close();
    }
  }
});

test("compare and swap by version and by value", async () => {
  const [n1, n2, n3] = cluster.nodes;
  const { version } = await n1!.json(["kv", "put", "/swap", "one"]);
  expect(await n2!.json(["kv", "cas", "/swap", "two", "--if-version", String(version)])).toMatchObject({ version: version + 1 });
  expectRefusal(await n3!.cli(["kv", "cas", "/swap", "three", "--if-version", String(version)]), 6, "CONFLICT", /version/);
  succeeded(await n3!.cli(["kv", "cas", "/swap", "three", "--if-value", "two"]));
  expectRefusal(await n1!.cli(["kv", "cas", "/swap", "four", "--if-value", "two", "--json"]), 6, "CONFLICT");
  expectRefusal(await n1!.cli(["kv", "cas", "/swap-absent", "x", "--if-value", "y"]), 6, "CONFLICT");
  succeeded(await n1!.cli(["kv", "cas", "/swap-new", "x", "--if-version", "0"]));
  expectRefusal(await n1!.cli(["kv", "cas", "/swap-new", "x", "--if-version", "0"]), 6, "CONFLICT");
  expect((await n2!.json(["kv", "get", "/swap", "--consistent"])).value).toBe("three");
});

test("put-if-absent, conditional delete, and what is not there", async () => {
  const [n1, n2, n3] = cluster.nodes;
  succeeded(await n1!.cli(["kv", "put-if-absent", "/once", "first"]));
  expectRefusal(await n2!.cli(["kv", "put-if-absent", "/once", "second"]), 6, "ALREADY_EXISTS");
  const { value, version } = await n3!.json(["kv", "get", "/once", "--consistent"]);
  expect(value).toBe("first");
  expectRefusal(await n3!.cli(["kv", "delete", "/once", "--if-version", String(version + 1)]), 6, "CONFLICT");
  succeeded(await n3!.cli(["kv", "delete", "/once", "--if-version", String(version)]));
  expectRefusal(await n1!.cli(["kv", "get", "/once", "--consistent"]), 3, "NOT_FOUND");
  expectRefusal(await n1!.cli(["kv", "delete", "/once", "--json"]), 3, "NOT_FOUND");
  succeeded(await n2!.cli(["kv", "put-if-absent", "/once", "again"]));
});

test("ls by prefix, bounded, in the order of the keys", async () => {
  for (const key of ["/list/b", "/list/a", "/list/c", "/listen"]) await cluster.any.json(["kv", "put", key, key]);
  const { items, truncated } = await cluster.node("n3").json(["kv", "ls", "/list/", "--consistent"]);
  expect(items.map(({ key }: Json) => key)).toEqual(["/list/a", "/list/b", "/list/c"]);
  expect(truncated).toBe(false);
  const few = await cluster.any.json(["kv", "ls", "/list", "--limit", "2", "--consistent"]);
  expect(few.items.map(({ key }: Json) => key)).toEqual(["/list/a", "/list/b"]);
  expect(few.truncated).toBe(true);
});

test("of many swaps at once through all nodes one wins", async () => {
  const { version } = await cluster.any.json(["kv", "put", "/race", "start"]);
  const clients = cluster.nodes.map(({ address }) => connectClient(address, { timeoutMs: 60_000 }));
  try {
    const tries = Array.from({ length: 30 }, (_, at) => {
      const request = { client: `racer-${at}`, sequence: 1, acknowledged: 1 };
      return clients[at % 3]!.kv.compareAndSwap({ request, key: "/race", value: `racer ${at}`, ifVersion: version });
    });
    const results = await Promise.allSettled(tries);
    const won = results.flatMap(({ status }, at) => (status === "fulfilled" ? [at] : []));
    expect(won).toHaveLength(1);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "CONFLICT" });
    const { value } = await cluster.node("n2").json(["kv", "get", "/race", "--consistent"]);
    expect(value).toBe(`racer ${won[0]}`);
  } finally {
    for (const client of clients) client.close();
  }
});

test("the same request sent twice, to different nodes, is applied once and answered alike", async () => {
  const clients = cluster.nodes.map(({ address }) => connectClient(address, { timeoutMs: 60_000 }));
  const request = { client: "repeater", sequence: 1, acknowledged: 1 };
  try {
    const answers = [];
    for (const client of clients) answers.push(await client.kv.put({ request, key: "/repeated", value: "once" }));
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect((await cluster.any.json(["kv", "get", "/repeated", "--consistent"])).version).toBe(1);
  } finally {
    for (const client of clients) client.close();
  }
});

test("all of it left the same state everywhere", async () => {
  await cluster.converged();
});
