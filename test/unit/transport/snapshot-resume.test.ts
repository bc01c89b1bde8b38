/** A snapshot whose channel breaks, or whose bytes are damaged on their way (row R5). */

import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import type { AppliedState, Row } from "../../../src/storage/storage.ts";
import type { PeerHandlers, SnapshotPage, SnapshotResume } from "../../../src/transport/transport.ts";
import { type NodeOfTest, errorOf, startNode, startRelay } from "./loopback.ts";

const applied: AppliedState = { index: 7, term: 2, configuration: { voters: [{ id: "a", name: "a", address: "127.0.0.1:1" }], learners: [] }, configurationIndex: 3 };
const pages = 30;
const rowsOf = (page: number): readonly Row[] => Array.from({ length: 20 }, (_, n) => ({ table: "kv", key: `/k/${page}/${n}`, value: `marked ${"x".repeat(20_000)}` }));
const allRows = Array.from({ length: pages }, (_, at) => rowsOf(at + 1)).flat();

/** Named snapshots, kept for ever unless `forget` says otherwise; notes what it was asked. */
function sender(asked: (SnapshotResume | null)[], forget: (resume: SnapshotResume) => boolean = () => false): PeerHandlers["snapshot"] {
  return async function* (_group, _atLeastIndex, resume) {
    asked.push(resume);
    if (resume !== null && forget(resume)) throw new UserError("NOT_FOUND", "that snapshot is not kept any more");
    const snapshot = resume?.snapshot ?? `s${asked.length}`;
    for (let number = (resume?.received ?? 0) + 1; number <= pages; number++) {
      yield { applied: number === 1 ? applied : null, rows: rowsOf(number), last: number === pages, snapshot, number };
    }
  };
}

async function reach(snapshot: PeerHandlers["snapshot"], relayTo: (address: string) => Promise<{ readonly address: string }>) {
  const leader = await startNode("b", { handlers: { snapshot } });
  const relay = await relayTo(leader.address);
  const node = await startNode("a");
  node.peers.setMembers([{ ...leader.member, address: relay.address }]);
  return { node, relay };
}

/** All rows since the last beginning; `onPage` is told how many pages have come. */
async function pull(node: NodeOfTest, onPage: (count: number, page: SnapshotPage) => void = () => {}): Promise<readonly Row[]> {
  let rows: Row[] = [];
  let count = 0;
  for await (const page of node.peers.pullSnapshot("b", "meta", 1)) {
    if (page.applied !== null) rows = [];
    rows.push(...page.rows);
    onPage(++count, page);
  }
  return rows;
}

const resumptions = ({ events }: NodeOfTest) => events.filter(({ kind }) => kind === "snapshot-resumed");

test("goes on behind the last page that came, as often as its channel breaks", async () => {
  const asked: (SnapshotResume | null)[] = [];
  const { node, relay } = await reach(sender(asked), startRelay);
  const rows = await pull(node, (count) => {
    if (count === 5 || count === 12) (relay as Awaited<ReturnType<typeof startRelay>>).cut();
  });
  expect(rows).toEqual(allRows);
  expect(asked.length).toBeGreaterThanOrEqual(3);
  expect(asked.slice(1).every((resume) => resume?.snapshot === "s1" && resume.received >= 5)).toBe(true);
  expect(resumptions(node).length).toBe(asked.length - 1);
});

test("begins anew where the snapshot is not kept any more", async () => {
  const asked: (SnapshotResume | null)[] = [];
  const { node, relay } = await reach(sender(asked, ({ snapshot }) => snapshot === "s1"), startRelay);
  const rows = await pull(node, (count) => {
    if (count === 5) (relay as Awaited<ReturnType<typeof startRelay>>).cut();
  });
  expect(rows).toEqual(allRows);
  expect(asked.at(-1)).toBeNull();
});

test("gives up when it gets no further", async () => {
  const asked: (SnapshotResume | null)[] = [];
  const stuck: PeerHandlers["snapshot"] = async function* (_group, _atLeastIndex, resume) {
    asked.push(resume);
    if (resume === null) yield { applied, rows: rowsOf(1), last: false, snapshot: "s", number: 1 };
  };
  const { node } = await reach(stuck, startRelay);
  expect(await errorOf(pull(node))).toMatchObject({ code: "UNREACHABLE" });
  expect(asked).toHaveLength(6);
});

test("a damaged chunk is noticed, and asked for again", async () => {
  const asked: (SnapshotResume | null)[] = [];
  const { node } = await reach(sender(asked), damagingRelay);
  expect(await pull(node)).toEqual(allRows);
  expect(resumptions(node)).toMatchObject([{ reason: expect.stringContaining("checksum") }]);
});

/** A port that leads to another and changes one letter of a value that comes back, once, some way into the snapshot. */
async function damagingRelay(target: string): Promise<{ readonly address: string }> {
  const [host = "", port] = target.split(":");
  const sockets = new Set<Socket>();
  let passed = 0;
  let damaged = false;
  const relay = createServer((incoming) => {
    const outgoing = connect(Number(port), host);
    for (const socket of [incoming, outgoing]) sockets.add(socket.on("error", () => {}));
    incoming.pipe(outgoing);
    outgoing.on("data", (bytes) => {
      passed += bytes.length;
      // Well within a value, so that no frame's head is hit.
      const at = damaged || passed < 1_000_000 ? -1 : bytes.indexOf("marked xxxx");
      if (at >= 0) {
        bytes.write("M", at);
        damaged = true;
      }
      if (!incoming.write(bytes)) {
        outgoing.pause();
        incoming.once("drain", () => outgoing.resume());
      }
    });
    incoming.on("close", () => outgoing.destroy());
    outgoing.on("close", () => incoming.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    relay.close();
  });
  return { address: `127.0.0.1:${(relay.address() as AddressInfo).port}` };
}
