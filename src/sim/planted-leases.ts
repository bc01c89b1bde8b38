/** Planted bugs of the leases of workers: VMs that run, or leave, when they must not. */

import { apply } from "../machine/apply.ts";
import { decodeEnvelope } from "../machine/envelope.ts";
import { listVms } from "../machine/query.ts";
import type { Store } from "../machine/state.ts";
import type { SimulatedNode } from "./node.ts";
import type { PlantedBug } from "./planted-bug.ts";

/** Does something in a node that was started. */
export function started(then: (node: SimulatedNode) => void): Required<Pick<PlantedBug, "equip">> {
  return {
    equip(node) {
      const start = node.start.bind(node);
      node.start = () => {
        start();
        node.later(1, () => then(node));
      };
    },
  };
}

const reassignEveryMs = 1_000;

/** A leader gives a VM that runs to another worker. */
function giveAway(node: SimulatedNode): void {
  node.later(reassignEveryMs, () => giveAway(node));
  const { replica } = node;
  const vm = replica === null ? undefined : listVms(replica.machine).find(({ observed }) => observed === "running");
  if (replica?.raft.role !== "Leader" || vm === undefined) return;
  const command = { kind: "vm-reassign", name: vm.spec.name, uuid: vm.uuid, from: vm.owner, generation: vm.generation } as const;
  node.ask({ kind: "submit", envelope: { client: `hasty-${node.member.name}-${node.incarnation}`, sequence: Math.ceil(node.clock.localMs()), acknowledged: 1, command } }, () => {});
}

/** A leader calls a lease expired after half a second of silence. */
function expireHastily(node: SimulatedNode): void {
  node.later(reassignEveryMs, () => expireHastily(node));
  const { replica, world } = node;
  if (replica?.raft.role !== "Leader" || world.leases === null) return;
  const { leases } = replica.machine as Store;
  const lease = leases.keys().map((worker) => leases.get(worker)).find((one) => one?.held === true && one.node !== node.id);
  if (lease === undefined) return;
  const { node: worker, epoch, leaseMs, killBudgetMs } = lease;
  const { driftPermille } = world.leases.policy;
  node.tell({ event: "ExpireLease", worker, epoch, silentMs: 500, failoverAfterMs: 500, leaseMs, killBudgetMs, driftPermille, asserted: "" });
}

export const plantedLeases: readonly (() => PlantedBug)[] = [
  () => ({ name: "vm-outlives-its-lease", caughtBy: ["two owners", "AtMostOneOwnerRunning", "LoseLease"], outlivesLease: true }),
  () => ({ name: "lease-called-expired-too-early", caughtBy: ["ExpireLease"], ...started(expireHastily) }),
  () => ({
    name: "vm-launched-without-a-lease",
    caughtBy: ["LaunchVm"],
    ...started((node) => {
      const { parts } = node;
      if (parts?.leases != null) parts.leases.mayRun = () => true;
    }),
  }),
  () => ({
    name: "vm-reassigned-before-the-lease-ended",
    caughtBy: ["Apply"],
    ...started(giveAway),
    apply: () => (state, entry) => {
      const envelope = decodeEnvelope(entry.payload);
      const from = "refused" in envelope || envelope.command.kind !== "vm-reassign" ? undefined : envelope.command.from;
      const { leases } = state as Store;
      const lease = from === undefined ? undefined : leases.get(from);
      if (from === undefined || lease === undefined || !lease.held) return apply(state, entry);
      leases.set(from, { ...lease, held: false });
      const applied = apply(state, entry);
      leases.set(from, lease);
      return applied;
    },
  }),
  () => ({
    name: "renewal-granted-by-anybody",
    caughtBy: ["two owners", "AtMostOneOwnerRunning", "HoldLease"],
    equip(node) {
      const ask = node.ask.bind(node);
      node.ask = (question, done) => {
        if (question.kind === "renew-lease") done({ kind: "renewed", granted: true });
        else ask(question, done);
      };
    },
  }),
];
