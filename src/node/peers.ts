/** The daemon towards its peers: what it does with their messages, questions and wishes for a snapshot. */

import { randomUUID } from "node:crypto";
import { UserError, isErrorCode } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { StateLoader } from "../machine/state.ts";
import type { GroupId, NodeId } from "../raft/message.ts";
import type { Storage } from "../storage/storage.ts";
import type { TraceWriter } from "../trace/writer-contract.ts";
import type { PeerHandlers, PeerTransport, SnapshotPage } from "../transport/transport.ts";
import type { Log } from "./log.ts";
import type { Loop } from "./loop.ts";
import type { Attempt } from "./attempts.ts";
import type { Question, Requests } from "./requests.ts";
import { SnapshotShelf } from "./snapshot-shelf.ts";

/** What only the owner of a VM knows. */
export interface VmHere {
  /** 0: it does not run. */
  readonly pid: number;
  /** What is being done for it before it starts, for people; empty: nothing. */
  readonly doing: string;
}

export interface PeerParts {
  readonly loop: Loop;
  readonly trace: TraceWriter;
  readonly storage: Storage;
  readonly log: Log;
  readonly requests: () => Requests;
  /** Local knowledge that another daemon asks for. */
  readonly vmHere: (uuid: string) => VmHere;
}

/** Questions carry the logical clock like messages do, so that traces can be merged by causality. */
type Asked = { readonly clock: number } & ({ readonly question: Question } | { readonly vmHere: string });

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function decode<T>(body: Uint8Array): T {
  return JSON.parse(Buffer.from(body).toString()) as T;
}

/** What this daemon does when peers speak to it. */
export function peerHandlers(parts: PeerParts): PeerHandlers {
  const { loop, trace, storage, log } = parts;
  const shelf = new SnapshotShelf(storage, () => trace.clock);
  return {
    message(message, clock) {
      trace.observe(clock);
      loop.handle(message.group, { kind: "receive", message });
    },
    async forward(_group, body, _from, timeoutMs) {
      const asked = decode<Asked>(body);
      trace.observe(asked.clock);
      if ("vmHere" in asked) return encode({ clock: trace.clock, ...parts.vmHere(asked.vmHere) });
      const attempt = await parts.requests().attemptHere(asked.question, timeoutMs);
      return encode({ clock: trace.clock, attempt });
    },
    snapshot: (group, atLeastIndex, resume) => shelf.send(group, atLeastIndex, resume),
    peerChanged(peer, connected) {
      log.info(connected ? "peer connected" : "peer disconnected", { peer });
    },
  };
}

/** Asks another daemon's leader; failures of the network come back as refused attempts that say what is known. */
export async function askPeer(
  transport: PeerTransport,
  trace: TraceWriter,
  leader: NodeId,
  group: GroupId,
  question: Question,
  timeoutMs: number,
): Promise<Attempt> {
  try {
    trace.flush();
    const body = await transport.forward(leader, group, encode({ clock: trace.clock, question }), Math.ceil(timeoutMs));
    const answer = decode<{ clock: number; attempt: Attempt }>(body);
    trace.observe(answer.clock);
    return answer.attempt;
  } catch (error) {
    const code: ErrorCode = error instanceof UserError && isErrorCode(error.code) ? error.code : "OUTCOME_UNKNOWN";
    if (code === "TIMEOUT") return { kind: "late" };
    return { kind: "refused", refusal: { code, message: error instanceof Error ? error.message : String(error), leader } };
  }
}

/** Asks the owner about a VM; nothing is known when it does not say in time. */
export async function askVmHere(transport: PeerTransport, trace: TraceWriter, owner: NodeId, uuid: string): Promise<VmHere> {
  try {
    const body = await transport.forward(owner, "meta", encode({ clock: trace.clock, vmHere: uuid }), 500);
    const { pid, doing } = decode<VmHere>(body);
    return { pid, doing };
  } catch {
    return { pid: 0, doing: "" };
  }
}

/** Fetches a snapshot for a group, stages its rows on disk, and hands it to the core. */
export async function fetchSnapshot(
  transport: PeerTransport,
  storage: Storage,
  loop: Loop,
  trace: TraceWriter,
  log: Log,
  group: GroupId,
  from: NodeId,
  atLeastIndex: number,
): Promise<void> {
  const token = randomUUID();
  let loader = new StateLoader();
  let count = 0;
  let staged = Promise.resolve();
  try {
    let applied: SnapshotPage["applied"] = null;
    let first = true;
    for await (const page of transport.pullSnapshot(from, group, atLeastIndex)) {
      // With this page the snapshot begins, or another one after the first was lost.
      if (page.applied !== null) {
        applied = page.applied;
        first = true;
        loader = new StateLoader();
        count = 0;
      }
      trace.observe(page.clock ?? 0);
      // The disk takes one page while the next comes in and becomes a part of the state.
      await staged;
      staged = storage.stageSnapshot(group, token, page.rows, first);
      staged.catch(() => undefined);
      loader.add(page.rows);
      count += page.rows.length;
      first = false;
      if (page.last) break;
    }
    await staged;
    if (applied === null) throw new UserError("UNREACHABLE", "the snapshot came without its index", { group });
    log.info("snapshot fetched", { group, from, index: applied.index, rows: count });
    const { index, term, configuration, configurationIndex } = applied;
    loop.install(group, { snapshot: { index, term, configuration, configurationIndex }, machine: () => loader.finish(), token });
  } catch (error) {
    log.warn("the snapshot could not be fetched; the leader will offer it again", { group, from, error: String(error) });
    loop.handle(group, { kind: "snapshot-failed" });
  }
}
