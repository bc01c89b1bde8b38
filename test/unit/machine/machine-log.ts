/** A log for the tests: gives entries their index, and keeps the rows that a database would hold. */

import { apply, type Applied, type VmChange } from "../../../src/machine/apply.ts";
import { encodeEnvelope } from "../../../src/machine/envelope.ts";
import type { Command, Envelope, Reply } from "../../../src/machine/commands.ts";
import type { DriverName, Name, VmSpec } from "../../../src/machine/records.ts";
import type { RowChange } from "../../../src/machine/row-change.ts";
import { emptyState, stateFromRows, type MachineState } from "../../../src/machine/state.ts";

export class MachineLog {
  readonly state: MachineState;
  readonly rows = new Map<string, RowChange>();
  vmChanges: readonly VmChange[] = [];
  index = 0;
  timeMs = 1_000_000;

  constructor(state: MachineState = emptyState()) {
    this.state = state;
  }

  /** A log whose cluster is initialized. */
  static started(): MachineLog {
    const log = new MachineLog();
    log.run({ kind: "cluster-init", clusterId: "cluster-1" });
    return log;
  }

  /** The log as a node goes on with it that has read the rows of `log` from its disk, in another order. */
  static restarted(log: MachineLog): MachineLog {
    const rows = [...log.rows].reverse();
    const restarted = new MachineLog(stateFromRows(rows.map(([, row]) => row)));
    for (const [key, row] of rows) restarted.rows.set(key, row);
    restarted.index = log.index;
    restarted.timeMs = log.timeMs;
    return restarted;
  }

  /** Applies `command` as the first request of a session of its own. */
  run(command: Command): Reply {
    return this.send({ client: `client-${this.index + 1}`, sequence: 1, acknowledged: 1, command }).reply;
  }

  /** Like `run`, for a command that must be accepted; answers the value. */
  accept<V>(command: Command): V {
    const reply = this.run(command);
    if (!reply.ok) throw new Error(`${reply.code}: ${reply.message}`);
    return reply.value as V;
  }

  /** Like `run`, for a command that must be refused; answers `CODE message`. */
  refuse(command: Command): string {
    const reply = this.run(command);
    if (reply.ok) throw new Error(`accepted: ${JSON.stringify(reply.value)}`);
    return `${reply.code} ${reply.message}`;
  }

  send(envelope: Envelope): Applied {
    return this.append(encodeEnvelope(envelope));
  }

  append(payload: Uint8Array): Applied {
    this.index += 1;
    const applied = apply(this.state, { index: this.index, term: 1, timeMs: this.timeMs, payload });
    const seen = new Set<string>();
    for (const change of applied.changes) {
      const key = `${change.table} ${change.key}`;
      if (seen.has(key)) throw new Error(`row ${key} changed twice in one entry`);
      seen.add(key);
      if (change.value === null && !this.rows.delete(key)) throw new Error(`row ${key} is deleted but was not there`);
      if (change.value !== null) this.rows.set(key, { table: change.table, key: change.key, value: change.value });
    }
    this.vmChanges = applied.vmChanges;
    return applied;
  }
}

export function name(text: string): Name {
  return text as Name;
}

export function spec(vm: string, wishes: Partial<VmSpec> = {}): VmSpec {
  return { name: name(vm), driver: "process", cpus: 1, memoryMib: 256, diskMib: 0, image: name("default"), ...wishes };
}

export function create(vm: string, wishes: Partial<VmSpec> & { start?: boolean; uuid?: string; node?: string } = {}): Command {
  const { start = true, uuid = uuidFor(vm), node, ...rest } = wishes;
  return { kind: "vm-create", spec: spec(vm, rest), uuid, start, ...(node === undefined ? {} : { node }) };
}

export function worker(node: string, capacity: { cpus?: number; memoryMib?: number; diskMib?: number; drivers?: DriverName[]; name?: string } = {}): Command {
  const { cpus = 8, memoryMib = 1_024, diskMib = 10_240, drivers = ["process"] } = capacity;
  return { kind: "worker-register", node, name: name(capacity.name ?? node), cpus, memoryMib, diskMib, drivers };
}

type Report = Extract<Command, { kind: "vm-report" }>;

export function report(vm: string, observed: Report["observed"], generation: number, more: Partial<Report> = {}): Command {
  return { kind: "vm-report", name: name(vm), uuid: uuidFor(vm), node: "n1", generation, observed, exit: null, failure: null, ...more };
}

/** The uuid that `create` gives to a workload of this name. */
export function uuidFor(workload: string): string {
  return `uuid-${workload.replace("/", "-")}`;
}
