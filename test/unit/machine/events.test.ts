import { expect, test } from "vitest";
import { eventFloor, eventLimit, eventsAfter, recordEvent } from "../../../src/machine/events.ts";
import { applyLeader, applyMembers, type PlacedMember } from "../../../src/machine/group-events.ts";
import { digest, rowsOf, stateFromRows, type MachineState } from "../../../src/machine/state.ts";
import { MachineLog, create, name, report, worker } from "./machine-log.ts";

const told = (state: MachineState, since = 0): readonly string[] =>
  eventsAfter(state, since, 1_000).events.map(({ index, kind, what, subject, node, text }) => [index, kind, what, subject, node, text].join(" ").trim());

test("the life of a VM is told by the entries that made it", () => {
  const log = MachineLog.started();
  log.accept(worker("n1"));
  log.accept(create("web"));
  log.accept(report("web", "starting", 1));
  log.accept(report("web", "running", 1));
  log.accept({ kind: "vm-stop", name: name("web"), force: true });
  log.accept(report("web", "stopped", 2, { exit: { how: "host-stop", code: 0, signal: null } }));
  log.accept({ kind: "vm-delete", name: name("web") });
  log.accept(report("web", "gone", 3));
  expect(told(log.state)).toEqual([
    "1 cluster initialized cluster-1",
    "2 worker registered n1 n1 8 CPUs, 1024 MiB memory, 10240 MiB disk, drivers process",
    "3 vm created web n1 placed by most-available, wanted running",
    "4 vm starting web n1",
    "5 vm running web n1",
    "6 vm stop-asked web n1 by force",
    "7 vm stopped web n1 host-stop, code 0",
    "8 vm delete-asked web n1",
    "9 vm deleted web n1",
  ]);
});

test("what is refused, repeated or only about keys leaves no event", () => {
  const log = MachineLog.started();
  log.accept(worker("n1"));
  log.accept(worker("n1"));
  log.refuse(create("big", { memoryMib: 1_000_000 }));
  log.accept({ kind: "kv-put", key: "/a", value: "1" });
  expect(told(log.state, 2)).toEqual([]);
});

test("members and leaders are told too", () => {
  const log = MachineLog.started();
  const [n1, n2] = ["n1", "n2"].map((id): PlacedMember => ({ id, name: id, address: `${id}:1`, role: "voter" })) as [PlacedMember, PlacedMember];
  const learner: PlacedMember = { ...n2, role: "learner" };
  const at = (index: number) => ({ index, timeMs: 2_000_000 });
  applyMembers(log.state, at(2), [], [n1]);
  applyLeader(log.state, at(3), 4, "n1");
  applyMembers(log.state, at(4), [n1], [n1, learner]);
  applyMembers(log.state, at(5), [n1, learner], [n1, n2]);
  applyMembers(log.state, at(6), [n1, n2], [n2]);
  expect(told(log.state, 1)).toEqual([
    "2 member joined n1 n1 voter at n1:1",
    "3 leader elected term 4 n1",
    "4 member joined n2 n2 learner at n2:1",
    "5 member promoted n2 n2 voter at n2:1",
    "6 member removed n1 n1",
  ]);
  expect(log.state.lastIndex).toBe(6);
  const rows = [...rowsOf(log.state)];
  expect(stateFromRows(rows.toReversed()).lastIndex).toBe(6);
  // Who left is remembered for ever, by a snapshot too: its id is spent.
  expect(log.state.former.keys()).toEqual(["n1"]);
  expect(stateFromRows(rows).former.get("n1")).toEqual({ node: "n1", removedIndex: 6 });
});

test("pages never cut the events of one entry, and go on where they ended", () => {
  const log = MachineLog.started();
  log.accept(worker("n1"));
  log.accept(worker("n2"));
  applyMembers(log.state, { index: 10, timeMs: 0 }, [], ["a", "b", "c"].map((id) => ({ id, name: id, address: id, role: "voter" })));
  const first = eventsAfter(log.state, 2, 2);
  expect(first.events.map(({ index, place }) => [index, place])).toEqual([[3, 0], [10, 0], [10, 1], [10, 2]]);
  expect([first.reached, first.more]).toEqual([10, false]);
  const short = eventsAfter(log.state, 0, 1);
  expect([short.reached, short.more, short.events.length]).toEqual([1, true, 1]);
  expect(eventsAfter(log.state, 10, 5)).toEqual({ events: [], reached: 10, more: false });
});

test("the oldest events go, how far they reached stays known, and a restart changes nothing of it", () => {
  const log = MachineLog.started();
  const many = eventLimit + 5;
  for (let index = 2; index <= many; index += 1) applyLeader(log.state, { index, timeMs: index }, index, "n1");
  expect([eventFloor(log.state), log.state.events.size]).toEqual([5, eventLimit]);
  expect(told(log.state)[0]).toBe("6 leader elected term 6 n1");
  const again = stateFromRows([...rowsOf(log.state)].toReversed());
  expect([digest(again), eventFloor(again)]).toEqual([digest(log.state), 5]);
  for (const state of [log.state, again]) {
    const changes = applyMembers(state, { index: many + 1, timeMs: 1 }, [], ["a", "b"].map((id) => ({ id, name: id, address: id, role: "voter" })));
    expect(changes.filter(({ table }) => table === "mark").length, "each row changes once").toBe(1);
  }
  expect(digest(again)).toBe(digest(log.state));
});

test("a decision may say what no row tells, and long texts are cut whole", () => {
  const write = recordEvent({ kind: "vm", what: "fenced", subject: "web", node: "n1", text: "x" });
  expect(write).toEqual({ table: "event", key: "web", record: { kind: "vm", what: "fenced", subject: "web", node: "n1", text: "x" } });
  const log = MachineLog.started();
  applyMembers(log.state, { index: 2, timeMs: 0 }, [], [{ id: "a", name: "a", address: `${"a".repeat(389)}😀b`, role: "voter" }]);
  const text = eventsAfter(log.state, 1, 1).events[0]?.text ?? "";
  expect(text.length).toBeLessThanOrEqual(401);
  expect(/\p{Surrogate}/u.test(text)).toBe(false);
});
