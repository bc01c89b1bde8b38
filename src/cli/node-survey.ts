/** Asks every member by itself, all at once and briefly: a dead node makes no list slow. */

import { type CallOptions, type Connection, connectClient } from "../transport/client.ts";
import type { GroupStatus, NodeStatusResponse } from "../transport/messages.generated.ts";
import { userErrorOf } from "./failure.ts";

export interface ReachedNode {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  /** voter or learner in the committed configuration; `none` outside of any cluster. */
  readonly memberRole: string;
  /** null: it did not answer. */
  readonly status: NodeStatusResponse | null;
  readonly failure: string | null;
}

const askedForMs = 1000;

/** All members as the asked daemon knows them, each asked for its status. Outside of a cluster: that daemon alone. */
export async function surveyNodes(asked: Connection, options: CallOptions): Promise<readonly ReachedNode[]> {
  const own = await asked.cluster.nodeStatus({}, options);
  const { nodeId: id, name, address } = own;
  const members = membersOf(own.groups[0]);
  if (members.length === 0) return [{ id, name, address, memberRole: "none", status: own, failure: null }];
  return Promise.all(members.map((member) => (member.id === id ? { ...member, status: own, failure: null } : reach(member))));
}

type Member = Pick<ReachedNode, "id" | "name" | "address" | "memberRole">;

function membersOf(group: GroupStatus | undefined): readonly Member[] {
  return (group?.members ?? []).map(({ id, name, address, role }) => ({ id, name, address, memberRole: role || "unknown" }));
}

async function reach(member: Member): Promise<ReachedNode> {
  let connection: Connection | undefined;
  try {
    connection = connectClient(member.address, { timeoutMs: askedForMs });
    const status = await connection.cluster.nodeStatus({});
    if (status.nodeId === member.id) return { ...member, status, failure: null };
    return { ...member, status: null, failure: `another node answers there: ${status.name} (${status.nodeId})` };
  } catch (thrown) {
    const error = userErrorOf(thrown);
    if (error === null) throw thrown;
    return { ...member, status: null, failure: error.message };
  } finally {
    connection?.close();
  }
}
