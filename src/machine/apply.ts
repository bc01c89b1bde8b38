/**
 * The one door of the replicated state (row P1). `apply` is a function of the state and the entry: no clock, no chance,
 * no configuration of the node. What it refuses, it refuses identically everywhere, as a reply; it throws only when a
 * law of ours is broken.
 */

import { assert, present, unreachable } from "../assert.ts";
import { commandProblem } from "./check-command.ts";
import { advance, timeOf } from "./clock.ts";
import { decideInit, decideTokenCreate, decideTokenUse } from "./cluster.ts";
import type { Command, Refusal, Reply } from "./commands.ts";
import { refuse, type Decision, type Moment, type Write } from "./decision.ts";
import { commandMessage, decodeEnvelope } from "./envelope.ts";
import { eventsOf, keepEvents } from "./events.ts";
import type { Happening } from "./records.ts";
import type { RowChange } from "./row-change.ts";
import { decideImage } from "./image.ts";
import { decideAcquire, decideExpire } from "./lease.ts";
import { recall, remember } from "./session.ts";
import { clusterKey, type MachineState, type Store } from "./state.ts";
import { decideBatch, decideOperation } from "./tree.ts";
import { decideVm } from "./vm-decision.ts";
import { decideAdmin, decideRegister, decideRemove } from "./worker.ts";
import { reservationOf } from "./reservation.ts";
import { carryOut, offerChange, vmChange, type LeaseChange, type OfferChange, type ReservationChange, type VmChange } from "./write.ts";

export type { LeaseChange, OfferChange, ReservationChange, VmChange, VmState } from "./write.ts";

/** A committed entry of kind `command`. */
export interface AppliedEntry {
  readonly index: number;
  readonly term: number;
  /** The leader's time when it appended the entry, milliseconds since the epoch. */
  readonly timeMs: number;
  readonly payload: Uint8Array;
}

export interface Applied {
  readonly reply: Reply;
  /** Each row at most once. */
  readonly changes: readonly RowChange[];
  readonly vmChanges: readonly VmChange[];
  readonly leaseChanges: readonly LeaseChange[];
  readonly reservationChanges: readonly ReservationChange[];
  readonly offerChanges: readonly OfferChange[];
  /** What was decided, for those who watch. */
  readonly writes: readonly Write[];
}

/**
 * Applies a committed entry. Entries come in the order of the log, each once; entries of other kinds leave gaps. Bytes
 * that are no command are refused and leave no trace in the state; so does a request that its session has seen before.
 */
export function apply(state: MachineState, entry: AppliedEntry): Applied {
  const store = state as Store;
  const { index } = entry;
  assert(index > store.lastIndex, "entries are applied in the order of the log, each once");
  const envelope = decodeEnvelope(entry.payload);
  if ("refused" in envelope) return unwritten({ ok: false, index, code: envelope.refused, message: envelope.message });
  const known = recall(store, envelope, index);
  if (known !== undefined) return unwritten(known);
  const { command } = envelope;
  const moment: Moment = { index, nowMs: timeOf(store, entry.timeMs) };
  const decision = decide(store, command, moment);
  const changes: RowChange[] = [];
  const told = decision.accepted ? writeAll(store, decision.writes, command.kind, moment, changes) : nothingTold;
  const readsTime = command.kind === "token-create" || command.kind === "token-use" || told.reservationChanges.some(isHeld);
  advance(store, moment.nowMs, readsTime, changes);
  const reply = replyOf(decision, index);
  remember(store, envelope, reply, changes);
  store.lastIndex = index;
  const { vmChanges, leaseChanges, reservationChanges, offerChanges } = told;
  return { reply, changes, vmChanges, leaseChanges, reservationChanges, offerChanges, writes: decision.accepted ? decision.writes : nothing };
}

type Told = Pick<Applied, "vmChanges" | "leaseChanges" | "reservationChanges" | "offerChanges">;
type Telling = { -readonly [K in keyof Told]: Told[K][number][] };

const nothing: readonly never[] = Object.freeze([]);
/** Of nearly all commands: nothing is made for what there is not. */
const nothingTold: Told = { vmChanges: nothing, leaseChanges: nothing, reservationChanges: nothing, offerChanges: nothing };

function isHeld({ state }: ReservationChange): boolean {
  return state === "held";
}

/** Writes the rows that were decided, and those that follow from them. */
function writeAll(store: Store, writes: readonly Write[], command: Command["kind"], moment: Moment, changes: RowChange[]): Told {
  const [first] = writes;
  if (first?.table === "kv") {
    // A command of the tree writes nothing else, and nothing follows from it.
    for (const write of writes) carryOut(store, write, changes);
    return nothingTold;
  }
  const told: Telling = { vmChanges: [], leaseChanges: [], reservationChanges: [], offerChanges: [] };
  const happened: Happening[] = [];
  for (const write of writes) {
    const step = write.table === "vm" ? vmChange(store.vms.get(write.key), write.record, command) : undefined;
    if (step !== undefined) told.vmChanges.push(step);
    if (write.table === "lease") told.leaseChanges.push({ node: write.key, epoch: write.record.epoch, held: write.record.held });
    const offer = write.table === "worker" ? offerChange(store.workers.get(write.key), write.record, write.key) : undefined;
    if (offer !== undefined) told.offerChanges.push(offer);
    happened.push(...eventsOf(store, write));
    carryOut(store, write, changes);
    if (write.table === "vm") told.reservationChanges.push(...writeReservation(store, write, moment, changes));
  }
  if (happened.length > 0) keepEvents(store, happened, moment, changes);
  return told;
}

/** The reservation follows the VM's row, whatever wrote it. */
function writeReservation(store: Store, { key, record: vm }: Extract<Write, { table: "vm" }>, moment: Moment, changes: RowChange[]): readonly ReservationChange[] {
  const before = store.reservations.get(key);
  const record = reservationOf(before, vm, moment);
  if (record === (before ?? null)) return [];
  carryOut(store, { table: "reservation", key, record }, changes);
  if (record === null) {
    const { vm: name, node, generation } = present(before, "only a reservation that is there is released");
    return [{ vm: name, node, generation, state: "released" }];
  }
  const { vm: name, node, generation, state } = record;
  return [{ vm: name, node, generation, state }];
}

/**
 * The refusal that `command` would meet if it were applied next, or undefined: the code that applies, without the
 * writing. Its `index` is 0, since it stands nowhere in the log. An answer of undefined is no promise; apply decides.
 */
export function validateCommand(state: MachineState, command: Command, timeMs: number): Refusal | undefined {
  const problem = commandProblem(command);
  if (problem !== null) return { ok: false, index: 0, code: "INVALID_ARGUMENT", message: commandMessage(problem) };
  const decision = decide(state, command, { index: state.lastIndex + 1, nowMs: timeOf(state, timeMs) });
  const reply = replyOf(decision, 0);
  return reply.ok ? undefined : reply;
}

function decide(state: MachineState, command: Command, moment: Moment): Decision {
  const { index } = moment;
  if (!state.cluster.has(clusterKey) && command.kind !== "cluster-init") {
    return refuse("NOT_INITIALIZED", "the first command of a cluster must be cluster-init");
  }
  switch (command.kind) {
    case "kv-put":
    case "kv-put-if-absent":
    case "kv-cas":
    case "kv-delete":
      return decideOperation(state, command, index);
    case "kv-batch":
      return decideBatch(state, command, index);
    case "vm-create":
    case "vm-start":
    case "vm-stop":
    case "vm-pause":
    case "vm-resume":
    case "vm-restart":
    case "vm-delete":
    case "vm-report":
    case "health-report":
    case "steady-report":
    case "vm-migrate":
    case "vm-switch":
    case "vm-retry":
    case "vm-carry":
    case "vm-hand-over":
    case "vm-keep":
    case "vm-rollback":
    case "vm-preempt":
    case "vm-admit":
    case "vm-reassign":
      return decideVm(state, command, index);
    case "worker-admin":
      return decideAdmin(state, command);
    case "lease-acquire":
      return decideAcquire(state, command, index);
    case "lease-expire":
      return decideExpire(state, command);
    case "worker-register":
      return decideRegister(state, command, index);
    case "worker-remove":
      return decideRemove(state, command.node);
    case "image-add":
    case "image-hold":
    case "image-remove":
      return decideImage(state, command, index);
    case "cluster-init":
      return decideInit(state, command, index);
    case "token-create":
      return decideTokenCreate(state, command, moment);
    case "token-use":
      return decideTokenUse(state, command, moment);
    default:
      return unreachable(command);
  }
}

function replyOf(decision: Decision, index: number): Reply {
  if (decision.accepted) return { ok: true, index, value: decision.value };
  const { code, message, items } = decision;
  return items === undefined ? { ok: false, index, code, message } : { ok: false, index, code, message, items };
}

function unwritten(reply: Reply): Applied {
  return { reply, changes: nothing, ...nothingTold, writes: nothing };
}
