/** A group founded anew on what one member has: the state is kept, and the trace of it is a run that verifies. */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { eventsAfter } from "../../../src/machine/events.ts";
import { kvGet, listVms } from "../../../src/machine/query.ts";
import { digest } from "../../../src/machine/state.ts";
import { remainsOf } from "../../../src/replica/remains.ts";
import type { TraceLine } from "../../../src/trace/event.ts";
import { verifyLines } from "../../../src/verify/check.ts";
import { create, worker } from "../machine/machine-log.ts";
import { group, member } from "../raft/member.ts";
import { LoneNode } from "./lone-node.ts";

const specDirectory = fileURLToPath(new URL("../../../spec", import.meta.url));
const self = member("a");
const group2 = `${group}-epoch-2`;

function recovered(): LoneNode {
  const node = new LoneNode();
  node.replica.handle({ kind: "bootstrap", member: self, timeMs: 1 }, node.nowMs);
  node.lead();
  node.run(1, { kind: "cluster-init", clusterId: "c" });
  node.run(2, { kind: "kv-put", key: "/x", value: "1" });
  node.run(3, worker("a"));
  node.run(4, create("web"), "vm");
  node.run(5, create("idle", { start: false }), "vm");
  node.recover(2);
  node.start(2);
  node.lead();
  node.run(1, { kind: "kv-put", key: "/x", value: "2" });
  node.run(2, { kind: "vm-start", name: "idle" }, "vm");
  return node;
}

test("everything is kept, in a term and a configuration of its own, and what happened is told", () => {
  const { replica } = recovered();
  expect(kvGet(replica.machine, "/x")).toMatchObject({ version: 2, value: "2", createdIndex: 4 });
  expect(listVms(replica.machine).map(({ spec, desired }) => `${spec.name} ${desired}`)).toEqual(["idle running", "web running"]);
  expect(replica.appliedState().configuration).toEqual({ voters: [self], learners: [] });
  const told = eventsAfter(replica.machine, 0, 100).events.map(({ kind, what, subject }) => `${kind} ${what} ${subject}`);
  expect(told).toContain("cluster recovered epoch 2");
});

test("entries behind the rows are kept, and count as the state", () => {
  const node = new LoneNode();
  node.replica.handle({ kind: "bootstrap", member: self, timeMs: 1 }, node.nowMs);
  node.lead();
  node.run(1, { kind: "cluster-init", clusterId: "c" });
  const before = node.disk.load();
  node.run(2, { kind: "kv-put", key: "/x", value: "1" });
  const stored = node.disk.load();
  if (stored === undefined || before === undefined) throw new Error("the disk is empty");
  const remains = remainsOf({ ...stored, rows: before.rows, applied: before.applied });
  expect(remains.doubtful).toBeGreaterThan(0);
  expect(digest(remains.machine)).toBe(digest(node.replica.machine));
  expect(kvGet(remains.machine, "/x")?.value).toBe("1");
});

test("both epochs verify, each as a run of its own", async () => {
  const { lines } = recovered().trace;
  const verdict = await verifyLines([lines], { specDirectory });
  expect(verdict, JSON.stringify(verdict)).toMatchObject({ kind: "accepted", groups: { [group]: expect.any(Number), [group2]: expect.any(Number) } });
});

type Damage = (line: Record<string, unknown>) => unknown;

const damages: Readonly<Record<string, Damage>> = {
  "an entry more": (line) => Object.assign(line, { lastLogIndex: (line["lastLogIndex"] as number) + 1, commitIndex: (line["commitIndex"] as number) + 1 }),
  "a commit index of its own": (line) => Object.assign(line, { commitIndex: (line["commitIndex"] as number) - 1 }),
  "another term": (line) => Object.assign(line, { term: (line["term"] as number) + 1 }),
  "a term that is not new": (line) => Object.assign(line, { formerTerm: line["term"] }),
  "the first epoch": (line) => Object.assign(line, { epoch: 1 }),
  "another role": (line) => Object.assign(line, { role: "Leader" }),
  "another digest": (line) => Object.assign(line, { digest: "0123456789abcdef" }),
  "a VM left out": (line) => (line["vms"] as unknown[]).pop(),
  "another owner": (line) => Object.assign((line["vms"] as object[])[0] as object, { owner: "b" }),
  "another wish": (line) => Object.assign((line["vms"] as object[])[1] as object, { desired: "stopped" }),
  "another generation": (line) => Object.assign((line["vms"] as object[])[0] as object, { generation: 7 }),
  "a lease that is not there": (line) => Object.assign(line, { leases: [{ node: "a", epoch: 3, held: true }] }),
  "another node": (line) => Object.assign(line, { node: "a", event: "Restart", votedFor: "", lastLogTerm: 0 }),
};

test.each(Object.entries(damages))("a recovery told with %s is rejected", async (_name, damage) => {
  const lines = structuredClone(recovered().trace.lines) as TraceLine[];
  const line = lines.find(({ event }) => event === "Recover");
  damage(line as unknown as Record<string, unknown>);
  expect(await verifyLines([lines], { specDirectory })).toMatchObject({ kind: "rejected" });
});

test("a recovery is the first step of its run: in the run of the former epoch it is none", async () => {
  const lines = recovered().trace.lines.map((line) => (line.group === group2 ? { ...line, group } : line)) as TraceLine[];
  expect(await verifyLines([lines], { specDirectory })).toMatchObject({ kind: "rejected" });
});
