/** The records of a node and of a group, as text under one checksum each: one part cannot be lost without the others. */

import { recordChecksum } from "./checksum.ts";
import type { AppliedState, HardState, StoredIdentity } from "./storage.ts";
import type { Configuration } from "../raft/configuration.ts";
import type { GroupId } from "../raft/message.ts";

/** A text and its checksum. */
export interface Sealed {
  readonly value: string;
  readonly sum: number;
}

/** Who the node is, and which groups it has: a group that vanishes from the database is noticed. */
export interface NodeRecord {
  readonly identity: StoredIdentity | null;
  readonly groups: readonly GroupId[];
  /** Of the last transaction that wrote this record; absent in databases of older versions, as below. */
  readonly sequence?: number;
}

/** Everything small that a group keeps. `end` tells how far the log reaches: a run that vanishes from its end is noticed. */
export interface GroupRecord {
  readonly hardState: HardState;
  readonly applied: AppliedState;
  /** The entry before the first one kept, and the checksum that the first run is chained to. */
  readonly start: { readonly index: number; readonly term: number; readonly chain: number };
  readonly end: { readonly index: number; readonly chain: number };
  /** Of the last transaction that wrote the group; the node counts its transactions (see `durable-mark.ts`). */
  readonly sequence?: number;
}

export const newGroup: GroupRecord = {
  hardState: { currentTerm: 0, votedFor: null },
  applied: { index: 0, term: 0, configuration: { voters: [], learners: [] }, configurationIndex: 0 },
  start: { index: 0, term: 0, chain: 0 },
  end: { index: 0, chain: 0 },
};

const nodeName = "node";
const groupName = (group: GroupId): string => `group\0${group}`;

function seal(name: string, value: string): Sealed {
  return { value, sum: recordChecksum(name, value) };
}

function unseal(name: string, sealed: Sealed): unknown {
  if (typeof sealed.value !== "string" || recordChecksum(name, sealed.value) !== sealed.sum) return undefined;
  return JSON.parse(sealed.value);
}

export function sealNode(record: NodeRecord): Sealed {
  return seal(nodeName, JSON.stringify(record));
}

/** Undefined when the checksum does not hold. */
export function unsealNode(sealed: Sealed): NodeRecord | undefined {
  return unseal(nodeName, sealed) as NodeRecord | undefined;
}

/** Configurations are large and change seldom; the records that hold them are written with every batch. */
const configurationTexts = new WeakMap<Configuration, string>();

function configurationText(configuration: Configuration): string {
  let text = configurationTexts.get(configuration);
  if (text === undefined) configurationTexts.set(configuration, (text = JSON.stringify(configuration)));
  return text;
}

export function sealGroup(group: GroupId, record: GroupRecord): Sealed {
  const { hardState, applied, start, end, sequence } = record;
  const { configuration, ...reached } = applied;
  const rest = JSON.stringify({ hardState, reached, start, end, sequence });
  return seal(groupName(group), `{"configuration":${configurationText(configuration)},${rest.slice(1)}`);
}

/** Undefined when the checksum does not hold. */
export function unsealGroup(group: GroupId, sealed: Sealed): GroupRecord | undefined {
  const found = unseal(groupName(group), sealed) as
    | (Omit<GroupRecord, "applied"> & { reached: Omit<AppliedState, "configuration">; configuration: Configuration })
    | undefined;
  if (found === undefined) return undefined;
  const { reached, configuration, ...rest } = found;
  return { ...rest, applied: { ...reached, configuration } };
}

/** Says which law of a group's record does not hold, or undefined. */
export function brokenLaw(record: GroupRecord): string | undefined {
  const { applied, start, end } = record;
  if (start.index > applied.index) return `the log begins behind what is applied (${start.index} > ${applied.index})`;
  if (applied.index > end.index) return `more is applied than the log holds (${applied.index} > ${end.index})`;
  if (applied.configurationIndex > applied.index) return "the configuration is newer than what is applied";
  return undefined;
}
