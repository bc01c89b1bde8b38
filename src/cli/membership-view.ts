/** Changes of membership as answers. */

import type {
  CreateTokenResponse,
  InitializeResponse,
  JoinClusterResponse,
  PreferLeaderResponse,
  PromoteMemberResponse,
  RemoveMemberResponse,
  ReplaceMembersResponse,
  TransferLeadershipResponse,
} from "../transport/messages.generated.ts";
import { UserError } from "../errors.ts";
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

export function joined({ clusterId, nodeId }: JoinClusterResponse, learner: boolean): Answer {
  return { json: { clusterId, nodeId }, text: () => `node ${nodeId} joined cluster ${clusterId}${learner ? " as a learner" : ""}` };
}

export function removed(node: string, { nodeId, configurationIndex }: RemoveMemberResponse): Answer {
  return {
    json: { nodeId, configurationIndex },
    text: () => `node ${node === nodeId ? node : `${node} (${nodeId})`} removed, configuration ${configurationIndex}`,
  };
}

export function replaced(
  { leaving, entering }: { readonly leaving: readonly string[]; readonly entering: readonly string[] },
  { configurationIndex, complete }: ReplaceMembersResponse,
): Answer {
  return {
    json: { leaving, entering, configurationIndex, complete },
    text: () => {
      const what = `${leaving.join(", ")} replaced by ${entering.join(", ")}, configuration ${configurationIndex}`;
      return complete ? what : `${what}; the change is decided, and whoever leads completes it`;
    },
  };
}

export function promoted(node: string, { nodeId, configurationIndex }: PromoteMemberResponse): Answer {
  return { json: { nodeId, configurationIndex }, text: () => `node ${node} votes, configuration ${configurationIndex}` };
}

/** The node that `cluster prefer` names: one, or with --none nobody. */
export function preferredNode(node: string | undefined, none = false): string {
  if (none !== (node === undefined)) {
    throw new UserError("INVALID_ARGUMENT", none ? "a node and --none exclude each other" : "say which voter is preferred", {
      next: "Give the name of a voter, or --none.",
    });
  }
  return node ?? "";
}

export function preferred({ nodeId, configurationIndex }: PreferLeaderResponse): Answer {
  return {
    json: { nodeId: nodeId || null, configurationIndex },
    text: () => (nodeId === "" ? "nobody is preferred as leader" : `node ${nodeId} is preferred as leader, configuration ${configurationIndex}`),
  };
}

export function transferred({ leaderId }: TransferLeadershipResponse): Answer {
  return { json: { leaderId: leaderId || null }, text: () => `the leader is ${leaderId || "none"}` };
}
