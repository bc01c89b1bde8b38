/** Planted bugs of the replicated machine: what must be a function of state and entry, and is not. */

import { apply } from "../machine/apply.ts";
import { decodeEnvelope, encodeEnvelope } from "../machine/envelope.ts";
import type { Applied, AppliedEntry } from "../machine/apply.ts";
import type { Command, Envelope } from "../machine/commands.ts";
import type { Name, VmRecord } from "../machine/records.ts";
import { recall } from "../machine/session.ts";
import type { MachineState } from "../machine/state.ts";
import type { SimulatedNode } from "./node.ts";
import type { PlantedBug } from "./planted-bug.ts";

interface Moment {
  readonly state: MachineState;
  readonly node: SimulatedNode;
  readonly index: number;
}

/** The machine applies another envelope than stands in the log. */
function applying(change: (envelope: Envelope, moment: Moment) => Envelope): Required<Pick<PlantedBug, "apply">> {
  return {
    apply: (node) => (state, entry) => {
      const envelope = decodeEnvelope(entry.payload);
      if ("refused" in envelope) return apply(state, entry);
      const changed = change(envelope, { state, node, index: entry.index });
      return apply(state, changed === envelope ? entry : { ...entry, payload: encodeEnvelope(changed) });
    },
  };
}

/** The same for the command alone; undefined: it stays. */
function deciding(change: (command: Command, moment: Moment) => Command | undefined): Required<Pick<PlantedBug, "apply">> {
  return applying((envelope, moment) => {
    const command = change(envelope.command, moment);
    return command === undefined ? envelope : { ...envelope, command };
  });
}

/** Creates go to the worker that `choose` names, if the user named none. */
function placing(choose: (workers: readonly string[], moment: Moment) => string | undefined): Required<Pick<PlantedBug, "apply">> {
  return deciding((command, moment) => {
    if (command.kind !== "vm-create" || command.node !== undefined) return undefined;
    const node = choose(moment.state.workers.keys(), moment);
    return node === undefined ? undefined : { ...command, node };
  });
}

function believing(change: (report: Extract<Command, { kind: "vm-report" }>, vm: VmRecord) => Partial<Command> | undefined) {
  return deciding((command, { state }) => {
    const vm = command.kind === "vm-report" ? state.vms.get(command.name) : undefined;
    const changed = command.kind !== "vm-report" || vm === undefined ? undefined : change(command, vm);
    return changed === undefined ? undefined : ({ ...command, ...changed } as Command);
  });
}

function replying(change: (applied: Applied, entry: AppliedEntry) => Applied): Required<Pick<PlantedBug, "apply">> {
  return { apply: () => (state, entry) => change(apply(state, entry), entry) };
}

const plantedDivergence: readonly (() => PlantedBug)[] = [
  () => ({
    name: "clock-read-in-apply",
    caughtBy: ["Apply"],
    apply: (node) => (state, entry) => apply(state, { ...entry, timeMs: node.clock.wallMs() }),
  }),
  () => ({ name: "chance-in-apply", caughtBy: ["Apply"], ...placing((workers, { node }) => node.chance.pick(workers)) }),
  () => ({
    name: "own-configuration-used-in-apply",
    caughtBy: ["Apply"],
    ...deciding((command, { node }) => (command.kind === "kv-put" && command.value.length % 2 === 1 ? { ...command, value: `${command.value}@${node.member.name}` } : undefined)),
  }),
  () => ({
    name: "entry-skipped-in-apply",
    caughtBy: ["Apply"],
    ...deciding((command, { node }) => (command.kind === "kv-put" && node.chance.happens(0.005) ? { ...command, key: "/skipped" } : undefined)),
  }),
  () => {
    const seen = new WeakMap<MachineState, Map<string, number>>();
    return {
      name: "session-expired-by-local-time",
      caughtBy: ["Apply"],
      ...applying((envelope, { state, node, index }) => {
        const uses = seen.get(state) ?? new Map<string, number>();
        seen.set(state, uses);
        const now = node.clock.wallMs();
        const idleMs = now - (uses.get(envelope.client) ?? now);
        uses.set(envelope.client, now);
        const isExpired = idleMs > 400 && recall(state, envelope, index) !== undefined;
        return isExpired ? { ...envelope, client: `${envelope.client}-again` } : envelope;
      }),
    };
  },
];

const plantedRules: readonly (() => PlantedBug)[] = [
  () => ({
    name: "repeated-request-applied-again",
    caughtBy: ["linearizability"],
    ...applying((envelope, { state, index }) => {
      const known = recall(state, envelope, index);
      return known?.ok === true ? { ...envelope, client: `${envelope.client}-${index}` } : envelope;
    }),
  }),
  () => ({
    name: "cas-compares-nothing",
    caughtBy: ["linearizability"],
    ...deciding((command) => (command.kind === "kv-cas" ? { kind: "kv-put", key: command.key, value: command.value } : undefined)),
  }),
  () => ({
    name: "cas-compares-the-wrong-version",
    caughtBy: ["linearizability"],
    ...deciding((command) => (command.kind === "kv-cas" && command.ifVersion !== undefined ? { ...command, ifVersion: command.ifVersion + 1 } : undefined)),
  }),
  () => ({
    name: "delete-leaves-the-value",
    caughtBy: ["linearizability"],
    ...deciding((command) => (command.kind === "kv-delete" ? { kind: "kv-put", key: command.key, value: "" } : undefined)),
  }),
  () => ({
    name: "reply-tells-the-version-before",
    caughtBy: ["linearizability"],
    ...replying((applied) => {
      const { reply } = applied;
      const version = reply.ok ? (reply.value as { version?: number }).version : undefined;
      return version === undefined || version < 2 ? applied : { ...applied, reply: { ...reply, value: { version: version - 1 } } as typeof reply };
    }),
  }),
  () => ({
    name: "report-of-an-older-generation-believed",
    caughtBy: ["Apply"],
    ...believing((report, vm) => (report.generation < vm.generation ? { generation: vm.generation } : undefined)),
  }),
  () => ({
    name: "vm-created-over-another",
    caughtBy: ["Apply"],
    ...deciding((command, { state }) => {
      if (command.kind !== "vm-create" || !state.vms.has(command.spec.name)) return undefined;
      return { ...command, spec: { ...command.spec, name: `${command.spec.name}-too` as Name } };
    }),
  }),
  () => ({
    name: "start-taken-for-delete",
    caughtBy: ["Apply"],
    ...deciding((command, { state }) => {
      if (command.kind !== "vm-start") return undefined;
      const stopped = state.vms.get(command.name)?.desired === "stopped";
      return stopped ? { kind: "vm-delete", name: command.name } : undefined;
    }),
  }),
];

export const plantedMachine = [...plantedDivergence, ...plantedRules];
