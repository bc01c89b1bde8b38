/** What one member has of a group whose quorum is lost for good, and the group that is founded anew on it. Pure. */

import { assert } from "../assert.ts";
import type { Entry } from "../entry.ts";
import { payloadOf } from "../entry.ts";
import { apply } from "../machine/apply.ts";
import { applyLeader, applyMembers, applyRecovery, type PlacedMember } from "../machine/group-events.ts";
import { digest, rowsOf, stateFromRows, type MachineState } from "../machine/state.ts";
import type { Configuration, Member } from "../raft/configuration.ts";
import { configurationOf } from "../raft/state.ts";
import type { Row, StoredGroup, AppliedState, HardState } from "../storage/storage.ts";
import type { TraceEvent } from "../trace/event.ts";
import { leaderOf, placedMembers } from "./group-entry.ts";
import { recoveredVms, tracedLeases, tracedOffers } from "./traced.ts";

/** What is there. */
export interface Remains {
  readonly group: string;
  readonly currentTerm: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Everything up to here was surely committed. */
  readonly appliedIndex: number;
  /** Entries behind `appliedIndex`: committed, or on their way to be. They are kept, since each may have been acknowledged. */
  readonly doubtful: number;
  readonly configuration: Configuration;
  readonly configurationIndex: number;
  /** The state after the last entry. */
  readonly machine: MachineState;
  readonly members: readonly PlacedMember[];
}

/** Reads a stored group as far as its log goes. */
export function remainsOf(stored: StoredGroup): Remains {
  const { group, hardState, applied, entries } = stored;
  const machine = stateFromRows(stored.rows);
  let { configuration, configurationIndex } = applied;
  let [lastIndex, lastTerm] = [applied.index, applied.term];
  for (const entry of entries) {
    if (entry.index <= applied.index) continue;
    assert(entry.index === lastIndex + 1, "the log goes on where the rows end");
    applyEntry(machine, entry, configuration);
    if (entry.kind === "configuration") [configuration, configurationIndex] = [configurationOf(entry), entry.index];
    [lastIndex, lastTerm] = [entry.index, entry.term];
  }
  return {
    group,
    currentTerm: hardState.currentTerm,
    lastIndex,
    lastTerm,
    appliedIndex: applied.index,
    doubtful: lastIndex - applied.index,
    configuration,
    configurationIndex,
    machine,
    members: placedMembers(configuration),
  };
}

function applyEntry(machine: MachineState, entry: Entry, before: Configuration): void {
  if (entry.kind === "noop") applyLeader(machine, entry, entry.term, leaderOf(entry));
  else if (entry.kind === "configuration") applyMembers(machine, entry, placedMembers(before), placedMembers(configurationOf(entry)));
  else apply(machine, { index: entry.index, term: entry.term, timeMs: entry.timeMs, payload: payloadOf(entry) });
}

/** The group anew: its first line of a trace, and what must become durable, all at once. */
export interface Foundation {
  readonly event: TraceEvent;
  readonly hardState: HardState;
  readonly applied: AppliedState;
  readonly rows: Iterable<Row>;
}

/**
 * Founds the group anew with `self` alone, in `epoch`: one entry more, which is its configuration, in a term that nobody of
 * the former group knows. Changes the machine of `remains`.
 */
export function foundAnew(remains: Remains, self: Member, epoch: number, timeMs: number): Foundation {
  const { machine, lastIndex, lastTerm, currentTerm, members } = remains;
  const index = lastIndex + 1;
  const term = Math.max(currentTerm, lastTerm) + 1;
  const { id, name, address } = self;
  applyRecovery(machine, { index, timeMs }, epoch, members, { id, name, address, role: "voter" });
  const state = { term, role: "Follower", lastLogIndex: index, commitIndex: index } as const;
  return {
    event: { event: "Recover", epoch, formerTerm: lastTerm, digest: digest(machine), vms: recoveredVms(machine), ...tracedLeases(machine), ...tracedOffers(machine), ...state },
    hardState: { currentTerm: term, votedFor: null },
    applied: { index, term, configuration: { voters: [{ id, name, address }], learners: [] }, configurationIndex: index },
    rows: storedRows(machine),
  };
}

function* storedRows(machine: MachineState): Generator<Row> {
  for (const { table, key, value } of rowsOf(machine)) if (value !== null) yield { table, key, value };
}
