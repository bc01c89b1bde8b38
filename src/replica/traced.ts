/** What the core decided, in the words of a trace. */

import type { Entry } from "../entry.ts";
import { payloadOf } from "../entry.ts";
import { decodeEnvelope } from "../machine/envelope.ts";
import type { Applied, OfferChange, VmChange } from "../machine/apply.ts";
import type { VmRecord, VmSpec } from "../machine/records.ts";
import type { MachineState } from "../machine/state.ts";
import { priorityOf } from "../machine/preemption.ts";
import { listLeases, listVms, listWorkers } from "../machine/query.ts";
import { startWithinMs } from "../machine/reservation.ts";
import type { Command } from "../machine/commands.ts";
import type { Configuration, Member } from "../raft/configuration.ts";
import { configurationOf } from "../raft/state.ts";
import type { RaftTrace } from "../raft/trace-event.ts";
import type { TracedConfiguration, TracedEntries, TraceEvent, TracedLease, TracedMove, TracedRoomChange, TracedSize, TracedVm, TracedVmChange, TracedVmCommand } from "../trace/event.ts";

const noCommand = { vm: "", uuid: "", node: "", start: false, generation: 0, observed: "" };

/** The ids of members, in a stable order. */
export function idsOf(list: readonly Member[]): readonly string[] {
  return list.map((member) => member.id).sort();
}

/** The sets of a configuration; who voted before is told of a joint one only. */
export function tracedConfiguration({ voters, learners, outgoing }: Configuration): TracedConfiguration {
  return { voters: idsOf(voters), learners: idsOf(learners), ...(outgoing === undefined ? {} : { outgoing: idsOf(outgoing) }) };
}

/** The configurations that stand in `entries`. */
export function configurationsIn(entries: readonly Entry[]) {
  return entries
    .filter((entry) => entry.kind === "configuration")
    .map((entry) => {
      return { index: entry.index, ...tracedConfiguration(configurationOf(entry)) };
    });
}

/** The line for a step of consensus. */
export function tracedStep(step: RaftTrace): TraceEvent {
  switch (step.event) {
    case "Restart":
      return { ...step, votedFor: step.votedFor ?? "" };
    case "ClientRequest":
    case "AppendEntries":
    case "HandleAppendEntriesRequest":
      return { ...step, entries: tracedEntries(step.entries) };
    case "ChangeConfiguration":
    case "EnterJoint": {
      const { configuration, ...rest } = step;
      return { ...rest, voters: idsOf(configuration.voters), learners: idsOf(configuration.learners) };
    }
    default:
      return step;
  }
}

/** Entries as runs: ordinary commands of one term are counted, all others told one by one. */
function tracedEntries(entries: readonly Entry[]): readonly TracedEntries[] {
  const runs: TracedEntries[] = [];
  let at = 0;
  while (at < entries.length) {
    const entry = entries[at] as Entry;
    if (entry.kind !== "command") {
      runs.push(tracedEntry(entry));
      at += 1;
      continue;
    }
    const from = at;
    while (entries[at]?.kind === "command" && entries[at]?.term === entry.term) at += 1;
    runs.push({ kind: "command", term: entry.term, count: at - from });
  }
  return runs;
}

/** An entry is told several times (appended, sent, received), so what was decoded is kept as long as the entry. */
const told = new WeakMap<Entry, TracedEntries>();

function tracedEntry(entry: Entry): TracedEntries {
  const known = told.get(entry);
  if (known !== undefined) return known;
  const traced = describe(entry);
  told.set(entry, traced);
  return traced;
}

function describe(entry: Entry): TracedEntries {
  const { term } = entry;
  if (entry.kind === "noop") return { kind: "noop", term, count: 1 };
  if (entry.kind === "configuration") {
    return { kind: "configuration", term, count: 1, ...tracedConfiguration(configurationOf(entry)) };
  }
  const envelope = decodeEnvelope(payloadOf(entry));
  // What is no command is refused by apply; to the trace it is an entry without effect.
  if ("refused" in envelope) return { kind: "command", term, count: 1 };
  return { kind: "vm", term, count: 1, command: tracedCommand(envelope.command) };
}

/** The command about a VM as the specification knows it. */
export function tracedCommand(command: Command): TracedVmCommand {
  switch (command.kind) {
    case "vm-create": {
      const { uuid, start, node = "", spec } = command;
      const { timeoutMs } = spec;
      const size = tracedSize(spec);
      return { ...noCommand, op: command.kind, vm: spec.name, uuid, node, start, size, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    }
    case "vm-report": {
      const { uuid, node, generation, observed } = command;
      return { ...noCommand, op: command.kind, vm: command.name, uuid, node, generation, observed };
    }
    case "vm-retry":
    case "vm-switch":
    case "vm-rollback":
    case "vm-admit": {
      const { uuid, generation } = command;
      return { ...noCommand, op: command.kind, vm: command.name, uuid, generation };
    }
    case "vm-carry":
      return { ...noCommand, op: command.kind, vm: command.name, node: command.to ?? "" };
    case "vm-hand-over": {
      const { uuid, node, generation, move } = command;
      return { ...noCommand, op: command.kind, vm: command.name, uuid, node, generation, move };
    }
    case "vm-keep":
      return { ...noCommand, op: command.kind, vm: command.name, uuid: command.uuid, move: command.move };
    case "vm-preempt": {
      const { uuid, generation, by } = command;
      return { ...noCommand, op: command.kind, vm: command.name, uuid, generation, by };
    }
    case "worker-register": {
      const { node, cpus, memoryMib } = command;
      return { ...noCommand, op: command.kind, node, size: { cpus, memoryMib, priority: 0, ttlMs: 0 } };
    }
    case "worker-remove":
      return { ...noCommand, op: command.kind, node: command.node };
    case "vm-reassign": {
      const { uuid, from: node, generation } = command;
      return { ...noCommand, op: command.kind, vm: command.name, uuid, node, generation };
    }
    case "lease-acquire":
    case "lease-expire":
      return { ...noCommand, op: command.kind, node: command.node, generation: command.epoch };
    case "vm-migrate":
      return { ...noCommand, op: command.kind, vm: command.name, node: command.to ?? "" };
    case "vm-start":
    case "vm-stop":
    case "vm-pause":
    case "vm-resume":
    case "vm-restart":
    case "vm-delete":
      return { ...noCommand, op: command.kind, vm: command.name };
    default:
      throw new TypeError(`${command.kind} is no command about a VM`);
  }
}

/** What the VM takes of its worker, and what else the rules of reservations ask for. */
function tracedSize(spec: VmSpec): TracedSize {
  return { cpus: spec.cpus, memoryMib: spec.memoryMib, priority: priorityOf(spec), ttlMs: startWithinMs(spec) };
}

/** True for commands that travel in entries of kind `vm`: those about VMs, the right to run them, and the room for them. */
export function isVmCommand({ kind }: Command): boolean {
  return kind.startsWith("vm-") || kind.startsWith("lease-") || kind === "worker-register" || kind === "worker-remove";
}

/** What an entry did to reservations and offers. */
export function tracedRoomChanges(index: number, { reservationChanges, offerChanges }: Pick<Applied, "reservationChanges" | "offerChanges">): readonly TracedRoomChange[] {
  const offers = offerChanges.map(({ node, cpus, memoryMib }) => ({ index, vm: "" as const, node, cpus, memoryMib }));
  return [...offers, ...reservationChanges.map(({ vm, node, generation, state }) => ({ index, vm, node, generation, state }))];
}

/** What an entry did to a VM. */
export function tracedChange(index: number, change: VmChange): TracedVmChange {
  const { vm, uuid, owner, generation, from, to } = change;
  const absent = { desired: "absent", observed: "absent" };
  const before = from === "absent" ? absent : from;
  const after = to === "absent" ? absent : to;
  return {
    index,
    vm,
    uuid,
    owner,
    generation,
    fromDesired: before.desired,
    fromObserved: before.observed,
    toDesired: after.desired,
    toObserved: after.observed,
    ...tracedMove(change.move),
  };
}

/** No field where none is under way. */
function tracedMove(move: VmRecord["migration"]): { readonly move?: TracedMove } {
  if (move === undefined) return {};
  const by = move.preemptedBy === undefined ? {} : { by: move.preemptedBy };
  return { move: { index: move.sinceIndex, to: move.to ?? "", restart: move.restart, live: move.live === true, ...by } };
}

/** Every lease, for lines that tell a whole state; no field where there is none. */
export function tracedLeases(machine: MachineState): { readonly leases?: readonly TracedLease[] } {
  const leases = listLeases(machine).map(({ node, epoch, held }) => ({ node, epoch, held }));
  return leases.length === 0 ? {} : { leases };
}

/** Every VM record with all that the specification knows of it, for the first line of a run. */
export function recoveredVms(machine: MachineState) {
  return listVms(machine).map(({ spec, uuid, owner, desired, observed, generation, observedGeneration: seen, migration }) => {
    const room = machine.reservations.get(spec.name)?.state ?? "";
    return { vm: spec.name, uuid, owner, desired, observed, generation, seen, size: tracedSize(spec), room, ...tracedMove(migration) };
  });
}

/** What every worker offers, for the same line; no field where there is none. */
export function tracedOffers(machine: MachineState): { readonly offers?: readonly OfferChange[] } {
  const offers = listWorkers(machine).map(({ worker: { node, cpus, memoryMib } }) => ({ node, cpus, memoryMib }));
  return offers.length === 0 ? {} : { offers };
}

/** Every VM record, for lines that tell a whole state. */
export function tracedVms(machine: MachineState): readonly (TracedVm & { readonly vm: string })[] {
  return listVms(machine).map(({ spec, uuid, owner, desired, observed, generation, migration }) => {
    return { vm: spec.name, uuid, owner, desired, observed, generation, ...tracedMove(migration) };
  });
}
