import { expect, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import type { AppliedState, Row } from "../../../src/storage/storage.ts";
import type { PeerHandlers, SnapshotPage } from "../../../src/transport/transport.ts";
import { type NodeOfTest, errorOf, startNode, until } from "./loopback.ts";

const applied: AppliedState = {
  index: 7,
  term: 2,
  configuration: { voters: [{ id: "a", name: "a", address: "127.0.0.1:1" }], learners: [] },
  configurationIndex: 3,
};

function rowsOf(page: number, count: number, bytes: number): readonly Row[] {
  return Array.from({ length: count }, (_, i) => ({ table: "kv", key: `/k/${page}/${i}`, value: "ü".repeat(bytes / 2) }));
}

async function follower(snapshot: PeerHandlers["snapshot"], limits = {}): Promise<readonly [NodeOfTest, NodeOfTest]> {
  const leader = await startNode("b", { handlers: { snapshot } });
  const node = await startNode("a", { limits });
  node.peers.setMembers([leader.member]);
  return [node, leader];
}

async function collect(pages: AsyncIterable<SnapshotPage>): Promise<readonly SnapshotPage[]> {
  const all: SnapshotPage[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

test("all rows arrive, the applied state first", async () => {
  const rows = [rowsOf(0, 30, 100_000), [], rowsOf(2, 3, 10)];
  const [node] = await follower(async function* (group, atLeastIndex) {
    expect([group, atLeastIndex]).toEqual(["meta", 5]);
    yield { applied, rows: rows[0] ?? [], last: false };
    yield { applied: null, rows: rows[1] ?? [], last: false };
    yield { applied: null, rows: rows[2] ?? [], last: true };
  });
  const pages = await collect(node.peers.pullSnapshot("b", "meta", 5));
  expect(pages[0]?.applied).toEqual(applied);
  expect(pages.slice(1).every((page) => page.applied === null)).toBe(true);
  expect(pages.map(({ last }) => last)).toEqual([...pages.slice(1).map(() => false), true]);
  expect(pages.flatMap((page) => page.rows)).toEqual(rows.flat());
});

test("50 MB to a slow follower hold up little memory, and all arrive", async () => {
  let given = 0;
  const pagesInAll = 200;
  const [node] = await follower(async function* () {
    for (let page = 0; page < pagesInAll; page++) {
      given += 1;
      yield { applied: page === 0 ? applied : null, rows: rowsOf(page, 1, 250_000), last: page === pagesInAll - 1 };
    }
  });
  let taken = 0;
  let mostAhead = 0;
  for await (const page of node.peers.pullSnapshot("b", "meta", 1)) {
    taken += page.rows.length;
    // Slow: the sender runs until it cannot, then one page is taken.
    if (taken === 1) await stalled(() => given);
    mostAhead = Math.max(mostAhead, given - taken);
  }
  expect(taken).toBe(pagesInAll);
  // Each page is 250 kB; the window is 8 MiB, the streams hold 16 chunks on either side.
  expect(mostAhead).toBeLessThan(100);
});

/** Waits until a number has not grown for 100 turns of the event loop in which timers and sockets had their say. */
async function stalled(read: () => number): Promise<void> {
  for (let same = 0, last = read(); same < 100; same++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (read() !== last) same = 0;
    last = read();
  }
}

test("a follower that stops to pull ends the sender's work", async () => {
  let ended = false;
  const [node] = await follower(async function* () {
    try {
      for (let page = 0; ; page++) yield { applied: page === 0 ? applied : null, rows: rowsOf(page, 1, 100_000), last: false };
    } finally {
      ended = true;
    }
  });
  for await (const page of node.peers.pullSnapshot("b", "meta", 1)) if (page.rows[0]?.key === "/k/3/0") break;
  await until(() => expect(ended).toBe(true));
});

test("errors: the sender's, a bug, a silent sender, an early end, an unknown peer, another cluster", async () => {
  const pull = (node: NodeOfTest, peer = "b"): Promise<UserError> => errorOf(collect(node.peers.pullSnapshot(peer, "meta", 1)));
  const [refused] = await follower(() => {
    throw new UserError("NOT_LEADER", "not here");
  });
  expect(await pull(refused)).toMatchObject({ code: "NOT_LEADER", message: "not here" });
  expect((await pull(refused, "z")).code).toBe("UNREACHABLE");
  const [failing, sender] = await follower(async function* () {
    yield { applied, rows: [], last: false };
    throw new Error("bug");
  });
  expect((await pull(failing)).code).toBe("FAILED");
  expect(sender.events).toMatchObject([{ kind: "failed", peer: "a" }]);
  const [waiting] = await follower(
    async function* () {
      yield { applied, rows: [], last: false };
      await new Promise(() => {});
    },
    { snapshotSilenceMs: 50 },
  );
  expect((await pull(waiting)).message).toContain("silent for 50 ms");
  const [short] = await follower(async function* () {
    yield { applied, rows: [], last: false };
  });
  expect((await pull(short)).message).toContain("before its last page");
  const stranger = await startNode("s", { clusterId: "c2" });
  stranger.peers.setMembers([sender.member]);
  expect(await pull(stranger)).toMatchObject({ code: "CONFLICT", message: "this node is of cluster c1, not of c2" });
});

test("the joiner pulls from a leader whose address it knows by its greeting only", async () => {
  const leader = await startNode("b", {
    handlers: {
      snapshot: async function* () {
        yield { applied, rows: [], last: true };
      },
    },
  });
  const joiner = await startNode("a");
  leader.peers.setMembers([joiner.member]);
  await until(() => expect(joiner.changes).toEqual(["b up"]));
  expect(await collect(joiner.peers.pullSnapshot("b", "meta", 1))).toEqual([{ applied, rows: [], last: true, clock: 0 }]);
});
