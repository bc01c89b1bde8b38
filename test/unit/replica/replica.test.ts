import { emptyState } from "../../../src/machine/state.ts";
import { describe, expect, test } from "vitest";
import { encodeEnvelope } from "../../../src/machine/envelope.ts";
import { kvGet } from "../../../src/machine/query.ts";
import { digest } from "../../../src/machine/state.ts";
import { seededRandom } from "../../../src/raft/random.ts";
import { defaultRaftOptions } from "../../../src/raft/state.ts";
import { Replica } from "../../../src/replica/replica.ts";
import type { Output } from "../../../src/replica/replica.ts";
import { Disk } from "../../../src/sim/disk.ts";
import { MemoryTrace } from "../../../src/sim/memory-trace.ts";
import { entry, group, member } from "../raft/member.ts";

/** One node with its disk, written at once. */
class OneNode {
  readonly disk = new Disk();
  readonly trace = new MemoryTrace({ node: "a", name: "a", cluster: "c" });
  nowMs = 1_000;
  incarnation = 0;
  replica = this.restart();
  outputs: Output[] = [];

  restart(): Replica {
    this.incarnation += 1;
    const trace = this.trace.open(this.incarnation, 0, (event) => event);
    const rows = { maxRows: 100, maxDelayMs: 50 };
    const stored = this.disk.load();
    this.replica = new Replica({ group, self: "a", raft: defaultRaftOptions, rows, random: seededRandom(1), trace, stored, nowMs: this.nowMs });
    return this.replica;
  }

  handle(event: Parameters<Replica["handle"]>[0]): void {
    this.outputs.push(...this.replica.handle(event, this.nowMs));
    this.write();
  }

  write(): void {
    for (let taken = this.replica.takeWrite(this.nowMs); taken !== undefined; taken = this.replica.takeWrite(this.nowMs)) {
      this.disk.commit(taken.write);
      this.outputs.push(...this.replica.written(taken, this.nowMs));
    }
    this.outputs.push(...this.replica.applyCommitted(this.nowMs));
  }

  lead(): void {
    this.handle({ kind: "bootstrap", member: member("a"), timeMs: 1 });
    for (let times = 0; times < 3; times += 1) this.wait(700);
  }

  wait(ms: number): void {
    this.nowMs += ms;
    this.handle({ kind: "tick" });
  }

  propose(id: number, command: object): void {
    const payload = encodeEnvelope({ client: "t", sequence: id, acknowledged: 1, command } as never);
    this.handle({ kind: "propose", proposals: [{ id, kind: "command", payload }], timeMs: 5 });
  }
}

describe("a replica", () => {
  test("answers a proposal with what applying it gave, once it is committed", () => {
    const node = new OneNode();
    node.lead();
    node.propose(1, { kind: "cluster-init", clusterId: "c" });
    node.propose(2, { kind: "kv-put", key: "/x", value: "1" });
    const replies = node.outputs.filter((output) => output.kind === "replied");
    expect(replies).toMatchObject([{ id: 1, reply: { ok: true } }, { id: 2, reply: { ok: true, value: { version: 1 } } }]);
  });

  test("is after a restart what it was, from rows and the log behind them", () => {
    const node = new OneNode();
    node.lead();
    node.propose(1, { kind: "cluster-init", clusterId: "c" });
    node.wait(60);
    const rowsReach = node.disk.load()?.applied.index;
    node.propose(2, { kind: "kv-put", key: "/x", value: "1" });
    const before = { index: node.replica.appliedIndex, digest: digest(node.replica.machine) };
    expect(before.index).toBeGreaterThan(rowsReach ?? 0);
    node.restart();
    expect(node.replica.appliedIndex).toBe(rowsReach);
    for (let times = 0; times < 3; times += 1) node.wait(700);
    expect(kvGet(node.replica.machine, "/x")).toMatchObject({ version: 1 });
  });

  test("says that a proposal was lost when another's entry took its place", () => {
    const node = new OneNode();
    node.lead();
    const { raft } = node.replica;
    const payload = encodeEnvelope({ client: "t", sequence: 1, acknowledged: 1, command: { kind: "cluster-init", clusterId: "c" } });
    // Nothing is written: the entry stays uncommitted.
    const asked = node.replica.handle({ kind: "propose", proposals: [{ id: 7, kind: "command", payload }], timeMs: 5 }, node.nowMs);
    expect(asked.filter((output) => output.kind === "replied")).toEqual([]);
    const { lastIndex } = raft.log;
    const previous = raft.log.termAt(lastIndex - 1) ?? 0;
    const request = { kind: "AppendEntriesRequest", group, from: "b", to: "a", term: 9, prevLogIndex: lastIndex - 1, prevLogTerm: previous, entries: [entry(lastIndex, 9)], leaderCommit: 0, round: 1 } as const;
    expect(node.replica.handle({ kind: "receive", message: request }, node.nowMs)).toContainEqual({ kind: "lost", id: 7, replaced: true });
  });

  test("lets nobody join under the id of a former member, not after a restart either", () => {
    const node = new OneNode();
    node.lead();
    const add = (id: number) => node.handle({ kind: "change", id, change: { kind: "add-learner", member: member("b") }, timeMs: 5 });
    add(1);
    node.handle({ kind: "change", id: 2, change: { kind: "remove", id: "b" }, timeMs: 6 });
    expect(node.outputs.filter(({ kind }) => kind === "changed")).toMatchObject([{ id: 1 }, { id: 2 }]);
    add(3);
    expect(node.outputs.at(-1)).toMatchObject({ kind: "refused", id: 3, refusal: { code: "REMOVED" } });
    node.wait(60);
    node.restart();
    for (let times = 0; times < 3; times += 1) node.wait(700);
    add(4);
    expect(node.outputs.at(-1)).toMatchObject({ kind: "refused", id: 4, refusal: { code: "REMOVED" } });
  });

  test("takes a fetched snapshot in place of rows and log", () => {
    const node = new OneNode();
    node.handle({ kind: "receive", message: { kind: "InstallSnapshotRequest", group, from: "b", to: "a", term: 3, lastIncludedIndex: 5, round: 1 } });
    expect(node.outputs).toContainEqual({ kind: "fetch-snapshot", from: "b", atLeastIndex: 5 });
    const snapshot = { index: 5, term: 2, configuration: { voters: [member("b")], learners: [member("a")] }, configurationIndex: 1 };
    node.disk.stage("t", []);
    const outputs = node.replica.install({ snapshot, machine: emptyState, token: "t" }, node.nowMs);
    expect(outputs).toContainEqual({ kind: "applied", index: 5, vmsChanged: true });
    node.write();
    expect(node.disk.load()).toMatchObject({ applied: { index: 5 }, logStart: { index: 5, term: 2 } });
  });
});
