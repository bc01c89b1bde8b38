/** Who the cluster is (row P2), and the tokens by which nodes join it (row O6). */

import { present } from "../assert.ts";
import type { ClusterAnswered, ClusterCommand, TokenCreated } from "./commands.ts";
import { accept, refuse, type Decision, type Moment, type Write } from "./decision.ts";
import type { TokenRecord } from "./records.ts";
import { clusterKey, type MachineState } from "./state.ts";

type Command<K extends ClusterCommand["kind"]> = Extract<ClusterCommand, { kind: K }>;

/** Tokens that are kept at most; those that expired an hour ago go when a new one comes. */
export const tokenLimit = 1_024;
const keptAfterExpiryMs = 3_600_000;

/** Decides the first command of the log; every other one is refused before it. */
export function decideInit(state: MachineState, command: Command<"cluster-init">, index: number): Decision {
  const cluster = state.cluster.get(clusterKey);
  if (cluster !== undefined) return refuse("ALREADY_EXISTS", `the cluster is initialized already and has the id ${cluster.clusterId}`);
  const { clusterId } = command;
  const record = { clusterId, createdIndex: index };
  return accept({ clusterId } satisfies ClusterAnswered, { table: "cluster", key: clusterKey, record });
}

/** Decides a new token. The secret never comes here, only its hash. */
export function decideTokenCreate(state: MachineState, command: Command<"token-create">, { nowMs }: Moment): Decision {
  const { tokenId, sha256, name, ttlMs } = command;
  if (state.tokens.has(tokenId)) return refuse("ALREADY_EXISTS", `token ${tokenId} is there already`);
  const forgotten = state.tokens.keys().filter((id) => (state.tokens.get(id)?.expiresAtMs ?? 0) + keptAfterExpiryMs <= nowMs);
  if (state.tokens.size - forgotten.length >= tokenLimit) {
    return refuse("OVERLOADED", `${tokenLimit} join tokens are kept already; the oldest go an hour after they expire`);
  }
  const record: TokenRecord = { tokenId, sha256, name, expiresAtMs: nowMs + ttlMs, usedBy: null };
  const value: TokenCreated = { tokenId, expiresAtMs: record.expiresAtMs };
  const writes = forgotten.map((key): Write => ({ table: "token", key, record: null }));
  return accept(value, ...writes, { table: "token", key: tokenId, record });
}

/** Decides the single use of a token. The node that used it may ask again, since its answer may have been lost. */
export function decideTokenUse(state: MachineState, command: Command<"token-use">, { nowMs }: Moment): Decision {
  const { tokenId, sha256, name, node } = command;
  const token = state.tokens.get(tokenId);
  if (token === undefined) return refuse("NOT_FOUND", `there is no join token ${tokenId}`);
  if (token.sha256 !== sha256) return refuse("CONFLICT", `the secret of join token ${tokenId} is wrong`);
  if (token.name !== name) return refuse("CONFLICT", `join token ${tokenId} is for a node named ${token.name}, not ${name}`);
  const { clusterId } = present(state.cluster.get(clusterKey), "a token is used in a cluster that was initialized");
  const value: ClusterAnswered = { clusterId };
  if (token.usedBy === node) return accept(value);
  if (token.usedBy !== null) return refuse("WRONG_STATE", `join token ${tokenId} was used already, by node ${token.usedBy}`);
  if (nowMs >= token.expiresAtMs) return refuse("WRONG_STATE", `join token ${tokenId} has expired`);
  return accept(value, { table: "token", key: tokenId, record: { ...token, usedBy: node } });
}
