import { Client, Metadata, type ServiceError, credentials } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { type PeerFrame, peerMethods, readPeerFrame, writePeerFrame } from "../../../src/transport/messages.generated.ts";
import { type Init, decode, encode } from "../../../src/transport/wire.ts";
import { type NodeOfTest, clusterId, entriesOf, heartbeat, startNode, startServer, handlersOf, until } from "./loopback.ts";

function introduce(...nodes: readonly NodeOfTest[]): void {
  for (const node of nodes) node.peers.setMembers(nodes.map(({ member }) => member));
}

async function connectedPair(): Promise<readonly [NodeOfTest, NodeOfTest]> {
  const a = await startNode("a");
  const b = await startNode("b");
  introduce(a, b);
  await until(() => expect([a.peers.connected("b"), b.peers.connected("a")]).toEqual([true, true]));
  return [a, b];
}

test("messages of all groups arrive in order, with their clocks", async () => {
  const [a, b] = await connectedPair();
  for (let round = 1; round <= 500; round++) {
    a.peers.send({ ...heartbeat("a", "b", round, entriesOf(2, 100)), group: round % 2 === 0 ? "meta" : "shard-1" }, round * 10);
  }
  await until(() => expect(b.received).toHaveLength(500));
  expect(b.received.map(({ clock }) => clock)).toEqual(Array.from({ length: 500 }, (_, i) => (i + 1) * 10));
  expect(b.received[1]?.message).toMatchObject({ kind: "AppendEntriesRequest", group: "meta", from: "a", to: "b", round: 2 });
});

test("when both dial at once, one stream stays, and nothing is lost in the change", async () => {
  const a = await startNode("a");
  const b = await startNode("b");
  introduce(a, b);
  for (let round = 1; round <= 50; round++) {
    a.peers.send(heartbeat("a", "b", round), round);
    b.peers.send(heartbeat("b", "a", round), round);
  }
  await until(() => expect([a.received.length, b.received.length]).toEqual([50, 50]));
  for (let round = 51; round <= 100; round++) {
    a.peers.send(heartbeat("a", "b", round), round);
    b.peers.send(heartbeat("b", "a", round), round);
  }
  await until(() => expect([a.received.length, b.received.length]).toEqual([100, 100]));
  // Nobody saw the stream that lost as a peer that went.
  expect([a.changes, b.changes]).toEqual([["b up"], ["a up"]]);
  await until(() => expect([a.peers.statistics().streams, b.peers.statistics().streams]).toEqual([1, 1]));
});

test("a peer that is started again is reached again, and soon", async () => {
  const [a, b] = await connectedPair();
  await b.close();
  await until(() => expect(a.changes).toEqual(["b up", "b down"]));
  a.peers.send(heartbeat("a", "b", 1), 1);
  const again = await startNode("b", { address: b.address, incarnation: 2 });
  const started = performance.now();
  await until(() => {
    a.peers.send(heartbeat("a", "b", 2), 2);
    expect(again.received.length).toBeGreaterThan(0);
  });
  // A second on an idle machine.
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(a.changes).toEqual(["b up", "b down", "b up"]);
  // What was sent while the peer was away is not delivered late.
  expect(again.received[0]?.message).toMatchObject({ round: 2 });
});

test("a node that knows no members answers whoever dialled it", async () => {
  const leader = await startNode("a");
  const joiner = await startNode("b");
  leader.peers.setMembers([joiner.member]);
  leader.peers.send(heartbeat("a", "b", 1), 1);
  await until(() => expect(joiner.received).toHaveLength(1));
  joiner.peers.send(heartbeat("b", "a", 2), 2);
  await until(() => expect(leader.received).toHaveLength(1));
  // A removed node is told so over the stream before the leader ends it.
  leader.peers.send({ kind: "RemovedNotice", group: "meta", from: "a", to: "b", term: 1, configurationIndex: 9 }, 3);
  leader.peers.setMembers([]);
  await until(() => expect(joiner.received.at(-1)?.message.kind).toBe("RemovedNotice"));
  await until(() => expect(joiner.changes).toEqual(["a up", "a down"]));
});

test("a peer of another epoch is refused whoever dials, no message passes, and no snapshot is given", async () => {
  const reason = "the cluster was recovered and is in epoch 7; a member of epoch 1 was given up, and must join anew with an empty data directory";
  for (const [dialler, dialled] of [[1, 7], [7, 1]] as const) {
    const [a, b] = [await startNode("a", { epoch: dialled }), await startNode("b", { epoch: dialler })];
    b.peers.setMembers([a.member]);
    await until(() => expect(a.events[0]).toMatchObject({ kind: "refused-peer", peer: "b", reason }));
    await until(() => expect(b.events[0]).toMatchObject({ kind: "refused-by-peer", peer: "a", reason }));
    b.peers.send(heartbeat("b", "a", 1), 1);
    const pull = async (): Promise<void> => {
      for await (const page of b.peers.pullSnapshot("a", "meta", 1)) expect(page).toBe("none");
    };
    await expect(pull()).rejects.toMatchObject({ code: "WRONG_EPOCH", message: reason });
    expect([a.received, b.received]).toEqual([[], []]);
    await Promise.all([a.close(), b.close()]);
  }
});

test("a peer of another cluster is refused, told why, and reported once", async () => {
  const a = await startNode("a");
  const stranger = await startNode("b", { clusterId: "c2", limits: { firstBackoffMs: 1, maxBackoffMs: 1 } });
  stranger.peers.setMembers([a.member]);
  await until(() => expect(a.events).toHaveLength(1));
  expect(a.events[0]).toMatchObject({ kind: "refused-peer", peer: "b", reason: "this node is of cluster c1, not of c2" });
  await until(() => expect(stranger.events[0]).toMatchObject({ kind: "refused-by-peer", peer: "a", reason: "this node is of cluster c1, not of c2" }));
  stranger.peers.send(heartbeat("b", "a", 1), 1);
  await until(() => expect(stranger.peers.statistics().dropped).toBe(1));
  expect([a.received, a.changes, a.events.length]).toEqual([[], [], 1]);
});

test("a node of no cluster lets nobody in", async () => {
  const empty = await startNode("a", { clusterId: "" });
  const b = await startNode("b");
  b.peers.setMembers([empty.member]);
  await until(() => expect(b.events[0]).toMatchObject({ kind: "refused-by-peer", reason: "this node belongs to no cluster yet" }));
});

test("whoever answers at an address under another id is refused", async () => {
  const a = await startNode("a");
  const b = await startNode("b");
  a.peers.setMembers([{ id: "x", name: "x", address: b.address }]);
  await until(() => expect(a.events[0]).toMatchObject({ kind: "unreachable", peer: "x", reason: "node x was dialled, but b answers there" }));
  expect(a.peers.connected("x")).toBe(false);
});

test("a malformed address of a member is reported, not thrown", async () => {
  const a = await startNode("a");
  a.peers.setMembers([{ id: "x", name: "x", address: "nonsense" }]);
  expect(a.events[0]).toMatchObject({ kind: "unreachable", peer: "x" });
  a.peers.send(heartbeat("a", "x", 1), 1);
  expect(a.peers.statistics().dropped).toBe(1);
});

interface Stranger {
  send(frame: Init<PeerFrame>): void;
  sendBytes(bytes: Buffer): void;
  readonly frames: PeerFrame[];
  readonly ended: Promise<ServiceError | undefined>;
}

/** A peer that may send anything. */
function strangerAt(address: string): Stranger {
  const client = new Client(`ipv4:${address}`, credentials.createInsecure(), { "grpc.max_send_message_length": -1 });
  const asIs = (bytes: Buffer): Buffer => bytes;
  const call = client.makeBidiStreamRequest(peerMethods.connect.path, asIs, asIs, new Metadata(), {});
  const frames: PeerFrame[] = [];
  call.on("data", (bytes: Buffer) => frames.push(decode(readPeerFrame, bytes)));
  const ended = new Promise<ServiceError | undefined>((resolve) => {
    call.on("error", (error) => resolve(error as ServiceError));
    call.on("status", () => resolve(undefined));
  });
  onTestFinished(() => {
    call.cancel();
    client.close();
  });
  return { send: (frame) => call.write(encode(writePeerFrame, frame)), sendBytes: (bytes) => call.write(bytes), frames, ended };
}

const greeting: Init<PeerFrame> = { frame: { kind: "hello", value: { clusterId, nodeId: "s", address: "127.0.0.1:1", incarnation: 1 } } };

test.each<[string, (stranger: Stranger) => void, string]>([
  ["bytes that are no frame", (stranger) => stranger.sendBytes(Buffer.from([0xff, 0xff, 0xff])), "cut short"],
  ["an empty frame", (stranger) => stranger.send({}), "is empty"],
  ["a second greeting", (stranger) => stranger.send(greeting), "greets twice"],
  ["a message in another's name", (stranger) => stranger.send(raft({ from: "b" })), "in the name of b"],
  ["a message for another node", (stranger) => stranger.send(raft({ to: "z" })), "a message for z"],
  ["a message without a group", (stranger) => stranger.send(raft({ group: "" })), "names no group"],
  ["entries that are none", (stranger) => stranger.send(raft({ kind: "APPEND_ENTRIES_REQUEST", entries: Buffer.from("xyz") })), "damaged"],
])("%s closes the stream", async (_, misbehave, reason) => {
  const a = await startNode("a");
  const stranger = strangerAt(a.address);
  stranger.send(greeting);
  await until(() => expect(a.changes).toEqual(["s up"]));
  misbehave(stranger);
  expect((await stranger.ended)?.details).toContain(reason);
  expect(a.events).toMatchObject([{ kind: "malformed", peer: "s" }]);
  expect(a.received).toEqual([]);
  await until(() => expect(a.changes).toEqual(["s up", "s down"]));
});

function raft(value: object): Init<PeerFrame> {
  return { frame: { kind: "raft", value: { group: "meta", from: "s", to: "a", kind: "TIMEOUT_NOW_REQUEST", term: 1, ...value } } };
}

test("who sends before it greets, or greets never, is cut off", async () => {
  const a = await startNode("a", { limits: { connectTimeoutMs: 30 } });
  const rude = strangerAt(a.address);
  rude.send(raft({}));
  expect((await rude.ended)?.details).toContain("before it greets");
  const silent = strangerAt(a.address);
  silent.sendBytes(Buffer.alloc(0));
  expect((await silent.ended)?.details).toMatch(/is empty|no greeting/);
});

test("a message larger than 4 MiB is refused before it is read", async () => {
  const a = await startNode("a");
  const stranger = strangerAt(a.address);
  stranger.send(greeting);
  await until(() => expect(a.changes).toEqual(["s up"]));
  stranger.sendBytes(Buffer.alloc(5 * 1024 * 1024));
  expect((await stranger.ended)?.details).toMatch(/larger than max/);
  const b = await startNode("b");
  introduce(a, b);
  await until(() => expect(a.peers.connected("b")).toBe(true));
  // Our own side does not even try: the stream stays.
  a.peers.send(heartbeat("a", "b", 1, entriesOf(1, 5 * 1024 * 1024)), 1);
  a.peers.send(heartbeat("a", "b", 2), 2);
  await until(() => expect(b.received.map(({ clock }) => clock)).toEqual([2]));
  expect(a.peers.statistics().dropped).toBe(1);
});

test("a full queue drops what is new, and counts it", async () => {
  const b = await startNode("b");
  const a = await startNode("a", { limits: { queueCount: 10, queueBytes: 100_000 } });
  a.peers.setMembers([b.member]);
  for (let round = 1; round <= 100; round++) a.peers.send(heartbeat("a", "b", round), round);
  expect(a.peers.statistics().dropped).toBe(90);
  await until(() => expect(b.received.map(({ clock }) => clock)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  for (let round = 1; round <= 10; round++) a.peers.send(heartbeat("a", "b", round, entriesOf(1, 30_000)), round);
  expect(a.peers.statistics().dropped).toBe(97);
});

test("a server that is none of ours is no peer", async () => {
  const other = await startServer(handlersOf({}));
  const a = await startNode("a");
  a.peers.setMembers([{ id: "x", name: "x", address: other.address }]);
  await until(() => expect(a.events[0]).toMatchObject({ kind: "unreachable", peer: "x" }));
});
