/**
 * The one door of the consensus core: an event in, effects out, in the order in which the world must see them. It
 * reads no clock, draws no chance of its own and touches no disk; the same events give the same effects.
 */

import { unreachable } from "../assert.ts";
import { bootstrap, changeConfiguration, leaveJoint } from "./change-configuration.ts";
import { handleAppendEntriesRequest, handleAppendEntriesResponse } from "./append-entries.ts";
import { noteRemoval, tellRemoved } from "./commit.ts";
import { configurationInForce } from "./state.ts";
import type { RaftState } from "./state.ts";
import type { Effect, RaftEvent } from "./event.ts";
import { handleInstallSnapshotRequest, installSnapshot } from "./install-snapshot.ts";
import { isMember } from "./configuration.ts";
import type { RaftMessage, RemovedNotice } from "./message.ts";
import { handlePreVoteRequest, handlePreVoteResponse } from "./pre-vote.ts";
import { propose } from "./propose.ts";
import { handleReadIndexRequest, handleReadIndexResponse, readIndex } from "./read.ts";
import { handleRequestVoteRequest, handleRequestVoteResponse } from "./request-vote.ts";
import { persisted, rowsDurable } from "./durable.ts";
import { diskStalled, tick } from "./tick.ts";
import { handleTimeoutNowRequest, startTransfer } from "./transfer.ts";

const nothing: readonly Effect[] = Object.freeze([]);

/**
 * Takes one step. `nowMs`: a clock that never goes back. The state is changed in place; the returned effects belong to
 * the caller.
 */
export function step(state: RaftState, event: RaftEvent, nowMs: number): readonly Effect[] {
  state.nowMs = Math.max(state.nowMs, nowMs);
  handle(state, event);
  leaveJoint(state);
  const { effects } = state;
  if (effects.length === 0) return nothing;
  state.effects = [];
  return effects;
}

function handle(state: RaftState, event: RaftEvent): void {
  switch (event.kind) {
    case "tick":
      return tick(state);
    case "receive":
      return receive(state, event.message);
    case "bootstrap":
      return bootstrap(state, event.member, event.timeMs);
    case "propose":
      return propose(state, event.proposals, event.timeMs);
    case "change":
      return changeConfiguration(state, event.id, event.change, event.timeMs);
    case "read":
      return readIndex(state, event.ids);
    case "transfer":
      return startTransfer(state, event.id, event.to);
    case "disk-stalled":
      return diskStalled(state);
    case "persisted":
      return persisted(state, event.sequence);
    case "rows-durable":
      return rowsDurable(state, event.index);
    case "snapshot-fetched":
      return installSnapshot(state, event.snapshot);
    case "snapshot-failed":
      state.fetching = false;
      return;
    default:
      return unreachable(event);
  }
}

function receive(state: RaftState, message: RaftMessage): void {
  if (message.group !== state.group || message.to !== state.self) return;
  switch (message.kind) {
    case "PreVoteRequest":
      return handlePreVoteRequest(state, message);
    case "PreVoteResponse":
      return handlePreVoteResponse(state, message);
    case "RequestVoteRequest":
      return handleRequestVoteRequest(state, message);
    case "RequestVoteResponse":
      return handleRequestVoteResponse(state, message);
    case "AppendEntriesRequest":
      return handleAppendEntriesRequest(state, message);
    case "AppendEntriesResponse":
      return handleAppendEntriesResponse(state, message);
    case "InstallSnapshotRequest":
      return handleInstallSnapshotRequest(state, message);
    case "ReadIndexRequest":
      return handleReadIndexRequest(state, message);
    case "ReadIndexResponse":
      return handleReadIndexResponse(state, message);
    case "TimeoutNowRequest":
      return handleTimeoutNowRequest(state, message);
    case "RemovedNotice":
      return handleRemovedNotice(state, message);
    default:
      return unreachable(message);
  }
}

/**
 * Believes it if a configuration known here had this node, and none known here is newer than the one told of: ids are
 * never used again, so it cannot come back (row M5). A joiner that is still behind ignores it.
 */
function handleRemovedNotice(state: RaftState, message: RemovedNotice): void {
  const { configurationIndex } = message;
  if (configurationIndex === 0) return void tellRemoved(state, message.from);
  const { configuration, index } = configurationInForce(state);
  if (configurationIndex < index || (configurationIndex === index && isMember(configuration, state.self))) return;
  const wasMember = state.configurations.some((placed) => isMember(placed.configuration, state.self));
  if (wasMember) noteRemoval(state, configurationIndex);
}
