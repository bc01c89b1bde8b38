/** What the daemon shows of its state: records in the words of the wire. */

import { healthOf } from "../machine/health.ts";
import { serviceState } from "../machine/service-state.ts";
import { taskState } from "../machine/task-state.ts";
import { listWorkers } from "../machine/query.ts";
import type { VmRecord } from "../machine/records.ts";
import type { WorkerView as Worker } from "../machine/query.ts";
import type { ReservationRecord } from "../machine/reservation.ts";
import { digest } from "../machine/state.ts";
import type { MachineState } from "../machine/state.ts";
import { isJoint, isVoter, members, staysVoter } from "../raft/configuration.ts";
import type { Configuration, Member } from "../raft/configuration.ts";
import { committedConfiguration } from "../raft/state.ts";
import type { RaftState } from "../raft/state.ts";
import type { Replica } from "../replica/replica.ts";
import type { Freshness, GroupStatus, ReservationView, VmView, WorkerView } from "../transport/messages.generated.ts";
import type { Init } from "../transport/wire.ts";
import { kindOf, shortName } from "../workload-name.ts";

/** Role in the words of an operator. A node outside the configuration is `unknown`, never guessed (row M9). */
export function roleOf(raft: RaftState): string {
  const { configuration } = committedConfiguration(raft);
  if (configuration.learners.some((learner) => learner.id === raft.self)) return "learner";
  if (!isVoter(configuration, raft.self) && raft.role === "Follower") return "unknown";
  return { Leader: "leader", Follower: "follower", Candidate: "candidate", PreCandidate: "pre-candidate" }[raft.role];
}

/** What a member is in the configuration; in a joint one, whether it votes before the change, after it, or both. */
function memberRole(configuration: Configuration, { id, standby }: Member): string {
  if (!isVoter(configuration, id)) return standby === true ? "standby" : "learner";
  if (!isJoint(configuration)) return "voter";
  if (!staysVoter(configuration, id)) return "voter-outgoing";
  return configuration.outgoing?.some((voter) => voter.id === id) === true ? "voter" : "voter-incoming";
}

/** Membership comes only from the committed configuration (row M9). */
export function groupStatus(replica: Replica): Init<GroupStatus> {
  const { raft, machine } = replica;
  const { configuration, index } = committedConfiguration(raft);
  const all = members(configuration);
  return {
    group: raft.group,
    role: roleOf(raft),
    term: raft.currentTerm,
    leaderId: raft.leader ?? "",
    leaderAddress: all.find((member) => member.id === raft.leader)?.address ?? "",
    lastLogIndex: raft.log.lastIndex,
    firstLogIndex: raft.log.startIndex + 1,
    commitIndex: raft.commitIndex,
    appliedIndex: replica.appliedIndex,
    digest: digest(machine),
    configurationIndex: index,
    joint: isJoint(configuration),
    members: all.map((member) => {
      const progress = raft.progress.get(member.id);
      const known = progress === undefined ? {} : { matchIndex: progress.matchIndex, heardMs: Math.round(raft.nowMs - progress.heardMs) };
      const { id, name, address, preferred = false } = member;
      return { id, name, address, role: memberRole(configuration, member), preferred, ...known };
    }),
  };
}

export function freshness(replica: Replica, consistent: boolean): Init<Freshness> {
  return { nodeId: replica.raft.self, appliedIndex: replica.appliedIndex, stale: !consistent };
}

export function vmView(vm: VmRecord, ownerName: string, pid: number): Init<VmView> {
  const { spec, uuid, owner, desired, observed, generation, failure, exit, placement, changedIndex } = vm;
  const { name, driver, cpus, memoryMib, diskMib, image } = spec;
  return {
    ...{ name: shortName(name), driver, cpus, memoryMib, diskMib, image },
    uuid,
    ownerId: owner,
    ownerName,
    desired,
    observed: vm.observedGeneration === generation ? observed : settling(vm),
    generation,
    failure: failure ?? "",
    exit: exit === null ? "" : JSON.stringify(exit),
    placement: JSON.stringify(placement),
    pid,
    changedIndex,
    movingTo: vm.migration?.live === true ? (vm.migration.to ?? "") : "",
    details: JSON.stringify(detailsOf(vm)),
  };
}

function detailsOf(vm: VmRecord): Record<string, unknown> {
  const { spec, attempts, graceMs, freshFrom, createdIndex, observedGeneration } = vm;
  const { imageDigest, publish, restart, bootDeadlineMs, health: healthCheck, labels, place, run, network } = spec;
  const told = healthCheck === undefined ? {} : { healthCheck, health: healthOf(vm), healthDetail: healthOf(vm) === "unhealthy" ? vm.health?.detail : undefined };
  const { timeoutMs, priority, preempt, startWithinMs } = spec;
  return { state: stateOf(vm), run, timeoutMs, output: vm.output, imageDigest, network, publish, restart, bootDeadlineMs, labels, place, ...told, priority, preempt, startWithinMs, waiting: vm.waiting?.reason, rollbacks: vm.rollbacks, attempts, graceMs, freshFrom, createdIndex, observedGeneration };
}

/** Services and tasks have states of their own. */
function stateOf(vm: VmRecord): string | undefined {
  const kind = kindOf(vm.spec.name);
  if (kind === "vm") return undefined;
  return kind === "service" ? serviceState(vm) : taskState(vm);
}

/** The owner has not answered the latest wish: what is under way. */
function settling(vm: VmRecord): string {
  if (vm.waiting !== undefined) return "waiting";
  if (vm.desired === "deleted") return "deleting";
  if (vm.desired === "stopped") return "stopping";
  if (vm.desired === "paused") return "pausing";
  return "pending";
}

export function workerView({ worker, usage }: Worker): Init<WorkerView> {
  return {
    nodeId: worker.node,
    name: worker.name,
    admin: worker.admin,
    cpus: worker.cpus,
    memoryMib: worker.memoryMib,
    diskMib: worker.diskMib,
    freeCpus: Math.max(0, worker.cpus - usage.cpus),
    freeMemoryMib: worker.memoryMib - usage.memoryMib,
    freeDiskMib: worker.diskMib - usage.diskMib,
    drivers: [...worker.drivers],
    vms: usage.vms,
    labels: [...(worker.labels ?? [])],
    bridges: [...(worker.bridges ?? [])],
  };
}

export function reservationView(reservation: ReservationRecord, nodeName: string): Init<ReservationView> {
  const { vm, uuid, node: nodeId, to, generation, state, cpus, memoryMib, sinceIndex, deadlineMs, ttlMs } = reservation;
  return { vm, uuid, nodeId, nodeName, toId: to ?? "", generation, state, cpus, memoryMib, sinceIndex, deadlineMs: deadlineMs ?? 0, ttlMs: ttlMs ?? 0 };
}

/** Names of workers by node id. */
export function workerNames(machine: MachineState): ReadonlyMap<string, string> {
  return new Map(listWorkers(machine).map(({ worker }) => [worker.node, worker.name]));
}
