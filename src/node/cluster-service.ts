/** The node and the cluster, for people. */

import { UserError } from "../errors.ts";
import type { NodeStatusResponse } from "../transport/messages.generated.ts";
import type { ServiceHandlers } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import type { Membership } from "./membership.ts";
import { envelopeOf, readAs, requireCluster, timeoutOf } from "./service-parts.ts";
import { backUp } from "./backup-service.ts";
import type { BackupParts } from "./backup-service.ts";
import { readEvents } from "./watch-service.ts";
import { groupStatus } from "./views.ts";

export interface ClusterServiceParts extends BackupParts {
  readonly membership: () => Membership;
  readonly self: { readonly id: string; readonly name: string };
  readonly nodeStatus: () => Init<NodeStatusResponse>;
  /** Stops the daemon soon, after the answer has left. */
  readonly stopSoon: (reason: string) => void;
}

export function clusterService(parts: ClusterServiceParts): ServiceHandlers["cluster"] {
  const { requests, replica, self, clusterId, epoch } = parts;
  return {
    nodeStatus: () => Promise.resolve(parts.nodeStatus()),
    identify: () => Promise.resolve({ nodeId: self.id, name: self.name, clusterId: clusterId() }),
    stopNode: () => {
      parts.stopSoon("asked to stop");
      return Promise.resolve({});
    },
    async initialize(_request, context) {
      return { clusterId: await parts.membership().initialize(timeoutOf(context)), nodeId: self.id };
    },
    async createToken({ request, name, ttlSeconds }, context) {
      requireCluster(parts);
      const ttlMs = (ttlSeconds === 0 ? 3600 : ttlSeconds) * 1000;
      return parts.membership().createToken((command) => envelopeOf(request, command), name, ttlMs, timeoutOf(context));
    },
    async joinCluster({ seedAddress, token, standby }, context) {
      return { clusterId: await parts.membership().join(seedAddress, token, standby, timeoutOf(context)), nodeId: self.id };
    },
    async addMember({ nodeId: id, name, address, token, standby }, context) {
      const joiner = { id, name, address, ...(standby ? { standby: true as const } : {}) };
      const added = await parts.membership().addMember(joiner, token, timeoutOf(context));
      return { ...added, epoch: epoch(), configuration: Buffer.from(JSON.stringify(added.configuration)) };
    },
    async removeMember({ node }, context) {
      requireCluster(parts);
      const { id, index } = await parts.membership().remove(node, timeoutOf(context));
      return { nodeId: id, configurationIndex: index };
    },
    ...memberChanges(parts),
    async transferLeadership({ node }, context) {
      requireCluster(parts);
      const to = node === "" ? null : parts.membership().resolve(node).id;
      await requests.transfer(to, timeoutOf(context));
      const former = self.id;
      const deadline = Date.now() + timeoutOf(context);
      // The old leader knows that it handed over; who won is known when the new one is heard.
      const settled = (): boolean => replica.raft.leader !== null && (to === null || replica.raft.leader === to);
      while (Date.now() < deadline && !settled()) await requests.nextChange(50);
      return { leaderId: replica.raft.leader ?? (to === former ? former : "") };
    },
    async clusterStatus({ read }, context) {
      const freshness = await readAs(parts, read, context);
      return { freshness, clusterId: clusterId(), epoch: epoch(), group: groupStatus(replica) };
    },
    events: (request, context) => readEvents(parts, request, context),
    backup: (request, context) => backUp(parts, request, context),
  };
}

/** Changes of those that are members already. */
function memberChanges(parts: ClusterServiceParts): Pick<ServiceHandlers["cluster"], "replaceMembers" | "promoteMember" | "preferLeader"> {
  return {
    async replaceMembers({ leaving, entering }, context) {
      requireCluster(parts);
      if (leaving.length === 0 || entering.length === 0) throw new UserError("INVALID_ARGUMENT", "say who leaves and who takes their place");
      const { index, complete } = await parts.membership().changes.replace(leaving, entering, timeoutOf(context));
      return { configurationIndex: index, complete };
    },
    async promoteMember({ node }, context) {
      requireCluster(parts);
      const { id, index } = await parts.membership().changes.promote(node, timeoutOf(context));
      return { nodeId: id, configurationIndex: index };
    },
    async preferLeader({ node }, context) {
      requireCluster(parts);
      const { id, index } = await parts.membership().changes.prefer(node === "" ? null : node, timeoutOf(context));
      return { nodeId: id ?? "", configurationIndex: index };
    },
  };
}
