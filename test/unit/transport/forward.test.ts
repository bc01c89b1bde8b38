import { expect, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import type { PeerHandlers } from "../../../src/transport/transport.ts";
import { type NodeOfTest, errorOf, startNode, until } from "./loopback.ts";

type Forward = PeerHandlers["forward"];

async function pair(forward: Forward, limits = {}): Promise<readonly [NodeOfTest, NodeOfTest]> {
  const leader = await startNode("b", { handlers: { forward }, limits });
  const follower = await startNode("a", { limits });
  follower.peers.setMembers([leader.member]);
  return [follower, leader];
}

const body = Buffer.from("{}");
const never: Forward = () => new Promise(() => {});

test("a forwarded request is answered, many at once and out of order", async () => {
  const [follower] = await pair(async (group, request, from, timeoutMs) => {
    const turns = Number(request.toString()) % 3;
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    return Buffer.from(`${group} ${request.toString()} ${from} ${timeoutMs}`);
  });
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => follower.peers.forward("b", "meta", Buffer.from(String(i)), 5000)),
  );
  expect(answers.map((answer) => answer.toString())).toEqual(Array.from({ length: 100 }, (_, i) => `meta ${i} a 5000`));
});

test("an error of the leader comes back as it was", async () => {
  const error = new UserError("NOT_LEADER", "ask another", { leader: "127.0.0.1:1", group: "meta" });
  const [follower] = await pair(() => Promise.reject(error));
  const got = await errorOf(follower.peers.forward("b", "meta", body, 5000));
  expect([got.code, got.message, got.place]).toEqual(["NOT_LEADER", "ask another", { leader: "127.0.0.1:1", group: "meta" }]);
});

test("a bug of the leader's handler is reported there and told here", async () => {
  const [follower, leader] = await pair(() => Promise.reject(new Error("oops")));
  expect((await errorOf(follower.peers.forward("b", "meta", body, 5000))).code).toBe("FAILED");
  expect(leader.events).toMatchObject([{ kind: "failed", peer: "a" }]);
});

test("no answer in time leaves the outcome open", async () => {
  const [follower, leader] = await pair(never);
  await until(() => expect(follower.peers.connected(leader.id)).toBe(true));
  expect((await errorOf(follower.peers.forward("b", "meta", body, 20))).code).toBe("OUTCOME_UNKNOWN");
});

test("a stream that breaks leaves the outcome open", async () => {
  let begun = 0;
  const [follower, leader] = await pair(() => {
    begun += 1;
    return new Promise(() => {});
  });
  const answer = errorOf(follower.peers.forward("b", "meta", body, 60_000));
  await until(() => expect(begun).toBe(1));
  await leader.close();
  expect((await answer).code).toBe("OUTCOME_UNKNOWN");
});

test("what was never sent is UNREACHABLE: an unknown peer, a dead one, a closed transport", async () => {
  const [follower, leader] = await pair(never);
  expect((await errorOf(follower.peers.forward("z", "meta", body, 5000))).code).toBe("UNREACHABLE");
  await leader.close();
  await until(() => expect(follower.peers.connected("b")).toBe(false));
  expect((await errorOf(follower.peers.forward("b", "meta", body, 60_000))).code).toBe("UNREACHABLE");
  await follower.peers.close();
  expect((await errorOf(follower.peers.forward("b", "meta", body, 60_000))).code).toBe("UNREACHABLE");
});

test("too many at once are refused on either side", async () => {
  const [follower, leader] = await pair(never, { forwardsInFlight: 3 });
  await until(() => expect(follower.peers.connected(leader.id)).toBe(true));
  const answers = Array.from({ length: 4 }, () => errorOf(follower.peers.forward("b", "meta", body, 50)));
  expect((await Promise.all(answers)).map(({ code }) => code).sort()).toEqual(["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN", "OVERLOADED"]);
  // The leader still serves the three that were given up here.
  const late = await errorOf(follower.peers.forward("b", "meta", body, 5000));
  expect([late.code, late.message]).toEqual(["OVERLOADED", "the leader has too many forwarded requests"]);
});

test("a request or an answer too large is refused, and the stream stays", async () => {
  const [follower] = await pair((_group, request) => Promise.resolve(Buffer.alloc(Number(request.toString()))));
  expect((await errorOf(follower.peers.forward("b", "meta", Buffer.alloc(5e6), 5000))).code).toBe("MESSAGE_TOO_LARGE");
  expect((await errorOf(follower.peers.forward("b", "meta", Buffer.from("5000000"), 5000))).code).toBe("MESSAGE_TOO_LARGE");
  expect(await follower.peers.forward("b", "meta", Buffer.from("3"), 5000)).toHaveLength(3);
  expect(follower.changes).toEqual(["b up"]);
});
