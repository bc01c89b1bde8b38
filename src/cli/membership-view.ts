/** Changes of membership as answers. */

import type {
  CreateTokenResponse,
  InitializeResponse,
  JoinClusterResponse,
  RemoveMemberResponse,
  TransferLeadershipResponse,
} from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";

export function initialized({ clusterId, nodeId }: InitializeResponse): Answer {
  return {
    json: { clusterId, nodeId },
    text: () => `cluster ${clusterId} founded; node ${nodeId} is its first member`,
    notes: ["others join with `blixard cluster token NAME` here and `blixard cluster join` there"],
  };
}

/** The token alone on stdout: it goes into a variable or a pipe. */
export function tokenCreated(name: string, { token, expiresAtMs }: CreateTokenResponse): Answer {
  const expiresAt = new Date(expiresAtMs).toISOString();
  return {
    json: { token, name, expiresAt },
    text: () => token,
    notes: [`lets a node named ${name} join once, until ${expiresAt}`],
  };
}

export function joined({ clusterId, nodeId }: JoinClusterResponse): Answer {
  return { json: { clusterId, nodeId }, text: () => `node ${nodeId} joined cluster ${clusterId}` };
}

export function removed(node: string, { nodeId, configurationIndex }: RemoveMemberResponse): Answer {
  return {
    json: { nodeId, configurationIndex },
    text: () => `node ${node === nodeId ? node : `${node} (${nodeId})`} removed, configuration ${configurationIndex}`,
  };
}

export function transferred({ leaderId }: TransferLeadershipResponse): Answer {
  return { json: { leaderId: leaderId || null }, text: () => `the leader is ${leaderId || "none"}` };
}
