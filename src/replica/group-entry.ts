/** Entries of consensus itself, in the words of the replicated state. */

import { payloadOf } from "../entry.ts";
import type { Entry } from "../entry.ts";
import type { PlacedMember } from "../machine/group-events.ts";
import { electorate } from "../raft/configuration.ts";
import type { Configuration } from "../raft/configuration.ts";
import type { NodeId } from "../raft/message.ts";

/** Every member with its role. Who leaves by a joint change is a member until that is complete. */
export function placedMembers(configuration: Configuration): readonly PlacedMember[] {
  const placed = (role: PlacedMember["role"]) => (member: { id: NodeId; name: string; address: string }): PlacedMember => {
    return { id: member.id, name: member.name, address: member.address, role };
  };
  return [...electorate(configuration).map(placed("voter")), ...configuration.learners.map(placed("learner"))];
}

/** Who appended the first entry of a term; null when the entry does not tell. */
export function leaderOf(noop: Entry): NodeId | null {
  const id = new TextDecoder().decode(payloadOf(noop));
  return id === "" ? null : id;
}
