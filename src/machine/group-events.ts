/** What entries that are no commands mean for the replicated state: events, and who was a member. */

import { assert } from "../assert.ts";
import { advance, timeOf } from "./clock.ts";
import { keepEvents } from "./events.ts";
import type { Happening, NodeId } from "./records.ts";
import type { RowChange } from "./row-change.ts";
import type { MachineState, Store } from "./state.ts";

/** A member as the events know it. */
export interface PlacedMember {
  readonly id: NodeId;
  readonly name: string;
  readonly address: string;
  readonly role: "voter" | "learner";
}

/** Where in the log, and when by the leader's clock (milliseconds since the epoch), the entry stands. */
export interface GroupEntry {
  readonly index: number;
  readonly timeMs: number;
}

/** Applies a committed configuration entry. Answers the rows that changed. */
export function applyMembers(
  state: MachineState,
  entry: GroupEntry,
  before: readonly PlacedMember[],
  after: readonly PlacedMember[],
): readonly RowChange[] {
  return happen(state, entry, memberEvents(before, after), leaving(before, after));
}

function leaving(before: readonly PlacedMember[], after: readonly PlacedMember[]): readonly NodeId[] {
  return before.map(({ id }) => id).filter((id) => after.every((member) => member.id !== id));
}

function memberEvents(before: readonly PlacedMember[], after: readonly PlacedMember[]): readonly Happening[] {
  const was = new Map(before.map((member) => [member.id, member]));
  const is = new Set(after.map(({ id }) => id));
  const tell = (what: string, { id, name, role, address }: PlacedMember): Happening => {
    return { kind: "member", what, subject: name, node: id, text: what === "removed" ? "" : `${role} at ${address}` };
  };
  const happened: Happening[] = [];
  for (const member of after) {
    const known = was.get(member.id);
    if (known === undefined) happened.push(tell("joined", member));
    else if (known.role !== member.role) happened.push(tell(member.role === "voter" ? "promoted" : "demoted", member));
    else if (known.address !== member.address) happened.push(tell("moved", member));
  }
  for (const member of before) if (!is.has(member.id)) happened.push(tell("removed", member));
  return happened;
}

/** Applies the first entry of a leader's term. `leader` is null in logs of versions that did not tell. */
export function applyLeader(state: MachineState, entry: GroupEntry, term: number, leader: NodeId | null): readonly RowChange[] {
  return happen(state, entry, [{ kind: "leader", what: "elected", subject: `term ${term}`, node: leader, text: "" }]);
}

/** Applies the entry by which the cluster was founded anew, in `epoch`, with `after` alone. */
export function applyRecovery(
  state: MachineState,
  entry: GroupEntry,
  epoch: number,
  before: readonly PlacedMember[],
  after: PlacedMember,
): readonly RowChange[] {
  const recovered: Happening = { kind: "cluster", what: "recovered", subject: `epoch ${epoch}`, node: after.id, text: `with ${after.name} alone` };
  return happen(state, entry, [recovered, ...memberEvents(before, [after])], leaving(before, [after]));
}

function happen(
  state: MachineState,
  { index, timeMs }: GroupEntry,
  happened: readonly Happening[],
  left: readonly NodeId[] = [],
): readonly RowChange[] {
  const store = state as Store;
  assert(index > store.lastIndex, "entries are applied in the order of the log, each once");
  if (happened.length === 0) return [];
  const changes: RowChange[] = [];
  const moment = { index, nowMs: timeOf(store, timeMs) };
  advance(store, moment.nowMs, false, changes);
  for (const node of left) changes.push(store.former.set(node, { node, removedIndex: index }));
  keepEvents(store, happened, moment, changes);
  store.lastIndex = index;
  return changes;
}
