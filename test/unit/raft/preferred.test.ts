/** A voter that shall lead whenever it can (row M11). */

import { expect, test } from "vitest";
import type { Configuration } from "../../../src/raft/configuration.ts";
import { configurationInForce } from "../../../src/raft/state.ts";
import { kinds, logOf, member, sent, TestMember, voters } from "./member.ts";

const [a, b, c] = voters("a", "b", "c").voters as [ReturnType<typeof member>, ReturnType<typeof member>, ReturnType<typeof member>];
const preferring: Configuration = { voters: [a, { ...b, preferred: true }, c], learners: [] };
const timeoutMs = 300;

function leader(configuration = preferring): TestMember {
  const node = new TestMember("a", { currentTerm: 1, entries: logOf(configuration) });
  node.lead("b", "c");
  for (const id of ["b", "c"]) node.acknowledge(id, 2);
  return node;
}

/** Lets so many election timeouts pass while these answer; returns what was sent to hand leadership over. */
function pass(node: TestMember, timeouts: number, ...answering: readonly string[]): readonly { readonly to: string }[] {
  const handed: { readonly to: string }[] = [];
  for (let ms = 0; ms < timeouts * timeoutMs; ms += 50) {
    handed.push(...sent(node.wait(50), "TimeoutNowRequest"));
    for (const id of answering) if (node.raft.role === "Leader") node.acknowledge(id, node.raft.log.lastIndex);
  }
  return handed;
}

test("leadership goes to the preferred voter once it has been in touch and caught up for a while", () => {
  const node = leader();
  expect(pass(node, 9, "b", "c")).toEqual([]);
  expect(pass(node, 2, "b", "c")).toMatchObject([{ to: "b" }]);
});

test("not to one that is silent, nor to one that lags", () => {
  expect(pass(leader(), 40, "c")).toEqual([]);
  const node = leader();
  node.propose(...Array.from({ length: 400 }, (_, at) => at + 1));
  for (let ms = 0; ms < 40 * timeoutMs; ms += 50) {
    expect(sent(node.wait(50), "TimeoutNowRequest")).toEqual([]);
    node.acknowledge("b", 100);
    node.acknowledge("c", 402);
  }
});

test("each break begins the wait anew", () => {
  const node = leader();
  expect(pass(node, 9, "b", "c")).toEqual([]);
  expect(pass(node, 2, "c")).toEqual([]);
  expect(pass(node, 9, "b", "c")).toEqual([]);
  expect(pass(node, 2, "b", "c")).toMatchObject([{ to: "b" }]);
});

test("what did not last is tried seldomer: leadership does not wander", () => {
  const node = leader();
  const count = pass(node, 700, "b", "c").length;
  // It never takes over. Patience doubles: 10, 20, 40, 80, 160, 320 election timeouts.
  expect(count).toBeGreaterThanOrEqual(4);
  expect(count).toBeLessThanOrEqual(7);
});

test("not while membership changes, and not by who is preferred itself", () => {
  const joint: Configuration = { voters: [a, { ...b, preferred: true }], learners: [], outgoing: [a, b, c] };
  const node = new TestMember("a", { currentTerm: 1, entries: logOf(joint) });
  node.lead("b", "c");
  expect(pass(node, 30, "b")).toEqual([]);
  const own: Configuration = { voters: [{ ...a, preferred: true }, b, c], learners: [] };
  expect(pass(leader(own), 30, "b", "c")).toEqual([]);
});

test("the mark is set through the log, on one voter at a time", () => {
  const node = leader();
  const prefer = (id: string | null) => node.step({ kind: "change", id: 9, change: { kind: "prefer", id }, timeMs: 0 });
  expect(kinds(prefer("c"))).toContain("trace ChangeConfiguration");
  const marked = () => configurationInForce(node.raft).configuration.voters.filter(({ preferred }) => preferred === true).map(({ id }) => id);
  expect(marked()).toEqual(["c"]);
  node.persist();
  node.acknowledge("b", 3);
  prefer(null);
  expect(marked()).toEqual([]);
  node.persist();
  node.acknowledge("b", 4);
  expect(prefer("x")).toMatchObject([{ kind: "refused", refusal: { code: "NOT_FOUND" } }]);
});
