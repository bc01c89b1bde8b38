/**
 * One group on one node: consensus, the replicated machine, the trace, and what is on its way to disk, network and
 * clients. It is a function of what it is told, like its parts; the daemon and the simulator are two shells around it.
 */

import { assert, present, unreachable } from "../assert.ts";
import type { Entry } from "../entry.ts";
import { payloadOf } from "../entry.ts";
import { apply } from "../machine/apply.ts";
import { applyLeader, applyMembers } from "../machine/group-events.ts";
import { KeyHistory, defaultHistoryLimits } from "../machine/history.ts";
import type { HistoryLimits } from "../machine/history.ts";
import type { RowChange } from "../machine/row-change.ts";
import { digest, emptyState, stateFromRows } from "../machine/state.ts";
import type { MachineState } from "../machine/state.ts";
import type { PlacedMember } from "../machine/group-events.ts";
import type { Effect, PersistEffect, RaftEvent, Snapshot } from "../raft/event.ts";
import type { NodeId } from "../raft/message.ts";
import type { Random } from "../raft/random.ts";
import { committedConfiguration, configurationOf, emptyRestoredState, restoreRaft } from "../raft/state.ts";
import type { RaftOptions, RaftState } from "../raft/state.ts";
import { step } from "../raft/step.ts";
import type { AppliedState, StoredGroup } from "../storage/storage.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";
import { AppliedLine } from "./applied-line.ts";
import { mayApplyLater, type Output } from "./output.ts";
import { PendingWrite } from "./pending-write.ts";
import type { RowPatience, TakenWrite } from "./pending-write.ts";
import { refusedId } from "./used-ids.ts";
import { leaderOf, placedMembers } from "./group-entry.ts";
import { configurationsIn, tracedLeases, tracedStep, tracedVms } from "./traced.ts";

export type { Output } from "./output.ts";

export interface ReplicaOptions {
  readonly group: string;
  readonly self: NodeId;
  readonly raft: RaftOptions;
  readonly rows: RowPatience;
  readonly random: Random;
  readonly trace: TraceWriter;
  readonly stored: StoredGroup | undefined;
  /** What the stored rows describe, where `stored` is without them. */
  readonly machine?: MachineState;
  readonly nowMs: number;
  /** How much is kept for those who watch keys. */
  readonly history?: HistoryLimits;
  /** In place of the machine's own, to show that a wrong one is noticed; no daemon has another. */
  readonly apply?: typeof apply | undefined;
}

/** A snapshot that was fetched: what its rows describe, and the token under which they are staged on disk. */
export interface FetchedSnapshot {
  readonly snapshot: Snapshot;
  /** Asked once, and only for a snapshot that is installed. */
  readonly machine: () => MachineState;
  readonly token: string;
}

interface Waiting {
  readonly id: number;
  readonly term: number;
}

/** Digests are told at every multiple of this index, so that nodes that apply in other batches can be compared. */
const digestEvery = 64;

const nothing: readonly Output[] = Object.freeze([]);

export class Replica {
  readonly raft: RaftState;
  /** The latest changes of keys. */
  readonly history: KeyHistory;
  readonly #trace: TraceWriter;
  readonly #write: PendingWrite;
  readonly #applyCommand: typeof apply;
  #machine: MachineState;
  #applied: { index: number; term: number };
  /** By the last configuration entry that was applied. */
  #members: readonly PlacedMember[];
  #waiting = new Map<number, Waiting>();
  #reads: { id: number; index: number }[] = [];
  #fetched: FetchedSnapshot | null = null;
  #outputs: Output[] = [];
  /** Committed entries that a follower has not applied yet. */
  #committed: Entry[] = [];
  #defersApply = false;

  constructor(options: ReplicaOptions) {
    const { group, self, stored, nowMs } = options;
    this.#trace = options.trace;
    this.#applyCommand = options.apply ?? apply;
    this.#write = new PendingWrite(group, options.rows);
    const restored = stored === undefined ? emptyRestoredState : restoredState(stored);
    this.#machine = options.machine ?? (stored === undefined ? emptyState() : stateFromRows(stored.rows));
    this.#applied = { index: restored.applied.index, term: restored.applied.term };
    this.#members = placedMembers(restored.applied.configuration);
    this.history = new KeyHistory(options.history ?? defaultHistoryLimits, this.#applied.index);
    this.raft = restoreRaft(group, self, options.raft, options.random, restored, nowMs);
    this.#carryOut(this.raft.effects.splice(0), nowMs);
    const { index } = this.#applied;
    this.#append({ event: "RestoreRows", index, digest: digest(this.#machine), vms: tracedVms(this.#machine), ...tracedLeases(this.#machine) });
  }

  /** The replicated state, for queries; only applying changes it (row P1). */
  get machine(): MachineState {
    return this.#machine;
  }

  get appliedIndex(): number {
    return this.#applied.index;
  }

  /** Tells the core what happened. Returns what the shell must do; then `applyCommitted` must follow. */
  handle(event: RaftEvent, nowMs: number): readonly Output[] {
    this.#defersApply = mayApplyLater(event) && this.raft.reads.asked === null;
    if (!this.#defersApply) this.#applyWaiting(nowMs);
    const refusal = refusedId(this.raft, this.#machine, event);
    if (refusal !== null && event.kind === "change") return [{ kind: "refused", id: event.id, refusal }];
    this.#carryOut(step(this.raft, event, nowMs), nowMs);
    return this.#takeOutputs();
  }

  /**
   * Applies what is committed, at a follower; a leader has done it already, since clients wait for it, and so has a follower of which
   * somebody wants a read. Else what waits for it is its acknowledgement: so the shell calls this when no write is under way.
   */
  applyCommitted(nowMs: number): readonly Output[] {
    this.#applyWaiting(nowMs);
    return this.#takeOutputs();
  }

  #takeOutputs(): readonly Output[] {
    const outputs = this.#outputs;
    if (outputs.length === 0) return nothing;
    this.#outputs = [];
    return outputs;
  }

  /** Takes a fetched snapshot; an outdated one is dropped by the core. */
  install(fetched: FetchedSnapshot, nowMs: number): readonly Output[] {
    this.#fetched = fetched;
    const outputs = this.handle({ kind: "snapshot-fetched", snapshot: fetched.snapshot }, nowMs);
    this.#fetched = null;
    return outputs;
  }

  /** What should be written now, if anything; then `written` must follow before the next. */
  takeWrite(nowMs: number): TakenWrite | undefined {
    // Rows go to disk with the configuration that is committed there.
    if (this.#write.takesRows(nowMs)) this.#applyWaiting(nowMs);
    return this.#write.isDue(nowMs) ? this.#write.take(this.appliedState(), nowMs) : undefined;
  }

  /** The write is durable. */
  written(taken: TakenWrite, nowMs: number): readonly Output[] {
    this.#write.written(taken, nowMs);
    const outputs: Output[] = [];
    if (taken.sequence !== null) outputs.push(...this.handle({ kind: "persisted", sequence: taken.sequence }, nowMs));
    if (taken.rowsIndex !== null) outputs.push(...this.handle({ kind: "rows-durable", index: taken.rowsIndex }, nowMs));
    return outputs;
  }

  /** How far the machine is, and the configuration there. */
  appliedState(): AppliedState {
    const { configuration, index: configurationIndex } = committedConfiguration(this.raft);
    return { ...this.#applied, configuration, configurationIndex };
  }

  #append(event: Parameters<TraceWriter["append"]>[1]): void {
    this.#trace.append(this.raft.group, event);
  }

  #carryOut(effects: readonly Effect[], nowMs: number): void {
    for (const effect of effects) this.#carryOutOne(effect, nowMs);
  }

  #carryOutOne(effect: Effect, nowMs: number): void {
    switch (effect.kind) {
      case "trace":
        return this.#append(tracedStep(effect.event));
      case "persist":
        return this.#persist(effect, nowMs);
      case "send":
        return void this.#outputs.push({ kind: "send", message: effect.message, clock: this.#trace.clock });
      case "apply":
        for (const entry of effect.entries) this.#committed.push(entry);
        if (this.raft.role === "Leader" || !this.#defersApply) this.#applyWaiting(nowMs);
        return;
      case "accepted":
        return void this.#waiting.set(effect.index, { id: effect.id, term: effect.term });
      case "read-ready":
        this.#reads.push({ id: effect.id, index: effect.index });
        return this.#answerReads();
      case "trim":
        return this.#write.addTrim(effect.index);
      case "refused":
      case "transferred":
      case "role":
      case "configuration":
      case "fetch-snapshot":
      case "removed":
        return void this.#outputs.push(effect);
      default:
        return unreachable(effect);
    }
  }

  #persist(effect: PersistEffect, nowMs: number): void {
    if (effect.snapshot !== null) this.#applyWaiting(nowMs);
    this.#write.addPersist(effect, this.#fetched?.token ?? null);
    if (effect.truncateFrom !== null) this.#loseFrom(effect.truncateFrom);
    if (effect.snapshot === null) return;
    const { machine } = present(this.#fetched, "a snapshot that is installed was fetched");
    const { index, term } = effect.snapshot;
    this.#machine = machine();
    this.#applied = { index, term };
    this.#members = placedMembers(effect.snapshot.configuration);
    this.history.restart(index);
    this.#append({ event: "ApplySnapshot", index, digest: digest(this.#machine), vms: tracedVms(this.#machine), ...tracedLeases(this.#machine) });
    for (const [at, waiting] of this.#waiting) if (at <= index) this.#lose(at, waiting, false);
    this.#outputs.push({ kind: "applied", index, vmsChanged: true });
    this.#answerReads();
  }

  /** Entries from `from` on were replaced by another leader's: what waited for them did not happen. */
  #loseFrom(from: number): void {
    for (const [index, waiting] of this.#waiting) if (index >= from) this.#lose(index, waiting, true);
  }

  #lose(index: number, waiting: Waiting, replaced: boolean): void {
    this.#waiting.delete(index);
    this.#outputs.push({ kind: "lost", id: waiting.id, replaced });
  }

  #applyWaiting(nowMs: number): void {
    if (this.#committed.length === 0) return;
    const entries = this.#committed;
    this.#committed = [];
    this.#apply(entries, nowMs);
  }

  #apply(entries: readonly Entry[], nowMs: number): void {
    const told = new AppliedLine();
    const rows: RowChange[] = [];
    for (const entry of entries) {
      assert(entry.index === this.#applied.index + 1, "entries are applied in the order of the log, each once");
      this.#applied = { index: entry.index, term: entry.term };
      const changed = this.#applyOne(entry, rows, told);
      const last = entry === entries.at(-1);
      if (changed || last || entry.index % digestEvery === 0) told.addDigest(entry.index, digest(this.#machine));
    }
    this.#write.addRows(rows, nowMs);
    const { index } = this.#applied;
    this.#append(told.line(index, configurationsIn(entries)));
    this.#outputs.push({ kind: "applied", index, vmsChanged: told.vmsChanged });
    this.#answerReads();
  }

  /** Applies one entry and answers who waits for it. True when a VM changed, or what concerns VMs. */
  #applyOne(entry: Entry, rows: RowChange[], told: AppliedLine): boolean {
    const { index, term } = entry;
    const waiting = this.#waiting.get(index);
    this.#waiting.delete(index);
    const mine = waiting?.term === term;
    if (waiting !== undefined && !mine) this.#outputs.push({ kind: "lost", id: waiting.id, replaced: true });
    if (entry.kind === "noop" || entry.kind === "configuration") {
      rows.push(...this.#applyGroupEntry(entry));
      this.history.append(index, []);
      if (mine) this.#outputs.push({ kind: "changed", id: waiting.id, index });
      return false;
    }
    const applied = this.#applyCommand(this.#machine, { index, term, timeMs: entry.timeMs, payload: payloadOf(entry) });
    assert(applied.vmChanges.length + applied.leaseChanges.length === 0 || entry.kind === "vm", "only an entry of kind vm changes a VM");
    for (const change of applied.changes) rows.push(change);
    this.history.append(index, applied.writes);
    const changed = entry.kind === "vm" && told.add(index, applied);
    if (mine) this.#outputs.push({ kind: "replied", id: waiting.id, reply: applied.reply });
    return changed;
  }

  #applyGroupEntry(entry: Entry): readonly RowChange[] {
    if (entry.kind === "noop") return applyLeader(this.#machine, entry, entry.term, leaderOf(entry));
    const before = this.#members;
    this.#members = placedMembers(configurationOf(entry));
    return applyMembers(this.#machine, entry, before, this.#members);
  }

  #answerReads(): void {
    const { index } = this.#applied;
    if (this.#reads.length === 0) return;
    for (const read of this.#reads) if (read.index <= index) this.#outputs.push({ kind: "readable", id: read.id, index });
    this.#reads = this.#reads.filter((read) => read.index > index);
  }
}

function restoredState(stored: StoredGroup) {
  const { hardState, logStart, entries, applied } = stored;
  return { ...hardState, startIndex: logStart.index, startTerm: logStart.term, entries, applied };
}
