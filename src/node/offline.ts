/** What is done to a data directory while no daemon runs on it: recovery from a lost quorum, and restoring a backup. */

import { randomUUID } from "node:crypto";
import { UserError } from "../errors.ts";
import type { Member } from "../raft/configuration.ts";
import { digest } from "../machine/state.ts";
import { foundAnew, remainsOf, type Remains } from "../replica/remains.ts";
import type { Row, Storage, StoredIdentity } from "../storage/storage.ts";
import type { BackupHead } from "./backup-head.ts";
import { holdsDatabase, openStorageIn, openTrace } from "./concrete.ts";

/** What one data directory has, for the operator who must choose. */
export interface Evidence {
  readonly dataDir: string;
  readonly name: string;
  readonly nodeId: string;
  readonly clusterId: string;
  readonly epoch: number;
  readonly group: string;
  readonly currentTerm: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly appliedIndex: number;
  readonly doubtful: number;
  readonly configurationIndex: number;
  readonly digest: string;
  readonly members: readonly { readonly id: string; readonly name: string; readonly address: string; readonly role: string }[];
}

/** What came of it. */
export interface Founded {
  readonly dataDir: string;
  readonly name: string;
  readonly nodeId: string;
  readonly clusterId: string;
  readonly epoch: number;
  readonly index: number;
  readonly term: number;
}

const pageRows = 2_000;
const traceRotateBytes = 64 * 1024 * 1024;

/** Reads what a directory has. Nothing in it changes. */
export async function readEvidence(dataDir: string): Promise<Evidence> {
  return withStorage(dataDir, async (storage) => {
    const { identity, remains } = await readRemains(dataDir, storage);
    return evidenceOf(dataDir, identity, remains);
  });
}

/** Founds the cluster anew on what the directory has, with its node alone. Done again, it begins one more epoch. */
export async function recoverIn(dataDir: string, nowMs: number): Promise<Founded> {
  return withStorage(dataDir, async (storage) => {
    const { identity, remains } = await readRemains(dataDir, storage);
    const self = remains.members.find(({ id }) => id === identity.nodeId);
    if (self === undefined) {
      throw new UserError("WRONG_STATE", `node ${identity.name} was no member any more by its own log`, {
        node: identity.nodeId,
        next: "Recover on a node that was one.",
      });
    }
    return found(dataDir, storage, identity, remains, self, nextEpoch(identity.epoch ?? 1, nowMs), nowMs);
  });
}

/** The node of a restored cluster, in a directory that holds nothing yet. */
export interface Restoration {
  readonly dataDir: string;
  readonly name: string;
  readonly address: string;
}

/** Founds the cluster anew on the rows of a backup, with a new node alone. */
export async function restoreIn(target: Restoration, head: BackupHead, rows: readonly Row[], nowMs: number): Promise<Founded> {
  const { dataDir, name, address } = target;
  const { group, index, term, configuration, clusterId, epoch } = head;
  const applied = { index, term, configuration, configurationIndex: index };
  // Read as a whole before anything is made: a backup that cannot be used leaves nothing behind.
  const remains = remainsOf({ group, hardState: { currentTerm: term, votedFor: null }, applied, logStart: { index, term }, entries: [], rows });
  if (await holdsDatabase(dataDir)) {
    throw new UserError("DATA_DIR_FOREIGN", `${dataDir} holds the data of a node already`, { next: "Name an empty directory, or one that is not there." });
  }
  const storage = await openStorageIn(dataDir);
  try {
    const identity: StoredIdentity = { nodeId: randomUUID(), name, clusterId, incarnation: 0, epoch };
    await storage.load();
    return await found(dataDir, storage, identity, remains, { id: identity.nodeId, name, address }, nextEpoch(epoch, nowMs), nowMs);
  } finally {
    await storage.close();
  }
}

/**
 * Epochs only grow, and two that are begun by different hands differ: an epoch is named by the second in which it began.
 */
function nextEpoch(epoch: number, nowMs: number): number {
  return Math.max(epoch + 1, Math.floor(nowMs / 1000));
}

/**
 * In an order that may end at any instant: a directory that is marked unfinished starts no daemon, and is recovered again
 * in another epoch. The line of the trace comes before what it tells of, as always.
 */
async function found(
  dataDir: string,
  storage: Storage,
  before: StoredIdentity,
  remains: Remains,
  self: Member,
  epoch: number,
  nowMs: number,
): Promise<Founded> {
  const { group } = remains;
  const foundation = foundAnew(remains, self, epoch, nowMs);
  const { unfinished: _, ...known } = before;
  const identity: StoredIdentity = { ...known, epoch, incarnation: before.incarnation + 1 };
  await storage.setIdentity({ ...identity, unfinished: true });
  const trace = openTrace({ dataDir, traceRotateBytes }, identity);
  trace.append(group, foundation.event);
  trace.flush();
  trace.close();
  const token = randomUUID();
  await stage(storage, group, token, foundation.rows);
  const { hardState, applied } = foundation;
  await storage.write([{ group, replace: true, stagedSnapshot: token, hardState, applied }]);
  await storage.setIdentity(identity);
  const { nodeId, name, clusterId } = identity;
  return { dataDir, name, nodeId, clusterId: clusterId ?? "", epoch, index: applied.index, term: applied.term };
}

async function stage(storage: Storage, group: string, token: string, rows: Iterable<Row>): Promise<void> {
  let page: Row[] = [];
  let first = true;
  for (const row of rows) {
    page.push(row);
    if (page.length < pageRows) continue;
    await storage.stageSnapshot(group, token, page, first);
    [page, first] = [[], false];
  }
  await storage.stageSnapshot(group, token, page, first);
}

async function withStorage<T>(dataDir: string, work: (storage: Storage) => Promise<T>): Promise<T> {
  if (!(await holdsDatabase(dataDir))) {
    throw new UserError("NOT_FOUND", `there is no data of a node in ${dataDir}`, { next: "Name the --data-dir that the daemon was started with." });
  }
  const storage = await openStorageIn(dataDir);
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}

async function readRemains(dataDir: string, storage: Storage): Promise<{ identity: StoredIdentity; remains: Remains }> {
  const identity = await storage.identity();
  const [stored] = await storage.load();
  if (identity?.clusterId == null || stored === undefined || stored.applied.index + stored.entries.length === 0) {
    throw new UserError("NOT_INITIALIZED", `the node in ${dataDir} was in no cluster`, { next: "There is nothing to recover: found a cluster with `blixard cluster init`." });
  }
  return { identity, remains: remainsOf(stored) };
}

function evidenceOf(dataDir: string, { name, nodeId, clusterId, epoch = 1 }: StoredIdentity, remains: Remains): Evidence {
  const { group, currentTerm, lastIndex, lastTerm, appliedIndex, doubtful, configurationIndex, members, machine } = remains;
  const rest = { group, currentTerm, lastIndex, lastTerm, appliedIndex, doubtful, configurationIndex, members, digest: digest(machine) };
  return { dataDir, name, nodeId, clusterId: clusterId ?? "", epoch, ...rest };
}

/** The best to go on with: its log would win an election among these (the paper, 5.4.1). */
export function bestOf(all: readonly Evidence[]): Evidence | undefined {
  return [...all].sort((one, other) => other.lastTerm - one.lastTerm || other.lastIndex - one.lastIndex)[0];
}
