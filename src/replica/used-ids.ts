/** Node ids are never used again (row M7): whoever was a member and left comes back as somebody else, with nothing on disk. */

import type { MachineState } from "../machine/state.ts";
import type { RaftEvent, Refusal } from "../raft/event.ts";
import type { RaftState } from "../raft/state.ts";

/**
 * Why a leader must not take this change into its log, or null. It asks the machine, which keeps all former members; the
 * machine lacks none, for a change begins only when the one before it is committed, and what is committed is applied.
 */
export function refusedId(raft: RaftState, machine: MachineState, event: RaftEvent): Refusal | null {
  if (event.kind !== "change" || event.change.kind !== "add-learner" || raft.role !== "Leader") return null;
  const { id, name } = event.change.member;
  const former = machine.former.get(id);
  if (former === undefined) return null;
  const message = `the node id ${id} (${name}) was removed by entry ${former.removedIndex}, and is never used again: start that node with an empty data directory`;
  return { code: "REMOVED", message, leader: raft.self };
}
