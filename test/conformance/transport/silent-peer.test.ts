/** A peer that is stopped (SIGSTOP, a pulled cable) neither closes its connections nor answers. */

import { expect, test } from "vitest";
import { heartbeat, startNode, startRelay, until } from "../../unit/transport/loopback.ts";

test("a peer that falls silent is noticed soon, and is back soon after it speaks again", async () => {
  const b = await startNode("b");
  const relay = await startRelay(b.address);
  const a = await startNode("a");
  a.peers.setMembers([{ ...b.member, address: relay.address }]);
  await until(() => expect(a.changes).toEqual(["b up"]));
  relay.freeze();
  const frozen = performance.now();
  await until(() => expect(a.changes).toEqual(["b up", "b down"]));
  // 2 s on an idle machine.
  expect(performance.now() - frozen).toBeLessThan(15_000);
  await until(() => expect(b.changes).toEqual(["a up", "a down"]));
  relay.thaw();
  const thawed = performance.now();
  await until(() => {
    a.peers.send(heartbeat("a", "b", 1), 1);
    expect(b.received.length).toBeGreaterThan(0);
  });
  // A dial that began in the silence may take its 2 s to end; so 3 s on an idle machine.
  expect(performance.now() - thawed).toBeLessThan(15_000);
});

test("a dial that nobody answers ends, and the next one works", async () => {
  const b = await startNode("b");
  const relay = await startRelay(b.address);
  relay.freeze();
  const a = await startNode("a", { limits: { connectTimeoutMs: 100 } });
  a.peers.setMembers([{ ...b.member, address: relay.address }]);
  await until(() => expect(a.events).toMatchObject([{ kind: "unreachable", peer: "b", reason: "no greeting within 100 ms" }]));
  relay.thaw();
  await until(() => expect(a.changes).toEqual(["b up"]));
});

test("while a peer is silent, what is sent to it is bounded", async () => {
  const b = await startNode("b");
  const relay = await startRelay(b.address);
  const a = await startNode("a", { limits: { queueCount: 100 } });
  a.peers.setMembers([{ ...b.member, address: relay.address }]);
  await until(() => expect(a.changes).toEqual(["b up"]));
  relay.freeze();
  let round = 0;
  await until(() => {
    for (let i = 0; i < 1000; i++) a.peers.send(heartbeat("a", "b", round, []), round++);
    expect(a.changes).toEqual(["b up", "b down"]);
  });
  expect(a.peers.statistics().dropped).toBeGreaterThan(round / 2);
});
