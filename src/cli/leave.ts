/** `cluster leave`: the asked daemon is removed like any other, by its own id. */

import { UserError } from "../errors.ts";
import type { Answer } from "./answer.ts";
import { type DaemonSession, defaultWaitMs } from "./daemon-session.ts";
import { removed } from "./membership-view.ts";

export async function leaveCluster(daemon: DaemonSession): Promise<Answer> {
  const { nodeId, name, clusterId } = await daemon.read((asked, options) => asked.cluster.nodeStatus({}, options));
  if (clusterId === "") {
    throw new UserError("NOT_INITIALIZED", `node ${name} is in no cluster`, { node: nodeId, next: "There is nothing to leave." });
  }
  return removed(name, await daemon.once((asked, options) => asked.cluster.removeMember({ node: nodeId }, options), defaultWaitMs));
}
