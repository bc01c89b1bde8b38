/** Watching keys and reading events: any node serves them from what it has applied itself (row S3). */

import { UserError } from "../errors.ts";
import { eventFloor, eventsAfter } from "../machine/events.ts";
import type { KeyChange } from "../machine/history.ts";
import type { EventRecord } from "../machine/records.ts";
import type { EventsRequest, EventsResponse, KvChange, KvWatchRequest, KvWatchResponse } from "../transport/messages.generated.ts";
import type { CallContext } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import type { Feed } from "./followers.ts";
import { requireCluster, timeoutOf } from "./service-parts.ts";
import type { ServiceParts } from "./service-parts.ts";

/** Entries that one look goes through, and about the bytes that one page holds: a reader who waits holds no more. */
const pageEntries = 1_024;
const pageBytes = 1024 * 1024;
const eventsPerPage = 256;

/** The changes of keys under a prefix. */
export async function* watchKeys(parts: ServiceParts, request: KvWatchRequest, context: CallContext): AsyncIterable<Init<KvWatchResponse>> {
  const { replica } = parts;
  await checkStart(parts, request.since ?? 0, request.epoch, context);
  const place = { epoch: parts.epoch(), nodeId: replica.raft.self };
  const feed: Feed<Init<KvWatchResponse>> = {
    page(after) {
      const { floor } = replica.history;
      if (after < floor) throw compacted(parts, "changes", after, floor, "The keys of now are told by `blixard kv ls --json`, with the index to watch from.");
      const { entries, ...rest } = replica.history.after(after, request.prefix, pageEntries, pageBytes);
      return { ...rest, messages: entries.map(({ index, changes }) => ({ index, changes: changes.map(changeOf), ...place })) };
    },
    marker: (index) => ({ index, ...place }),
  };
  const since = request.since ?? replica.appliedIndex;
  yield* parts.followers.read(feed, { since, follow: request.follow, signal: context.signal });
}

function changeOf({ key, record, version }: KeyChange): Init<KvChange> {
  return record === null ? { key, version } : { key, version, value: record.value, createdIndex: record.createdIndex };
}

/** What happened in the cluster. */
export async function* readEvents(parts: ServiceParts, request: EventsRequest, context: CallContext): AsyncIterable<Init<EventsResponse>> {
  const { replica } = parts;
  await checkStart(parts, request.since, request.epoch, context);
  const kinds = new Set(request.kinds);
  const epoch = parts.epoch();
  const feed: Feed<Init<EventsResponse>> = {
    page(after) {
      const floor = eventFloor(replica.machine);
      if (after < floor) throw compacted(parts, "events", after, floor, "Older ones are kept nowhere.");
      const { events, reached, more } = eventsAfter(replica.machine, after, eventsPerPage);
      const wanted = kinds.size === 0 ? events : events.filter(({ kind }) => kinds.has(kind));
      return { messages: byEntry(wanted, epoch), reached: more ? reached : Math.max(after, replica.appliedIndex), more };
    },
    marker: (index) => ({ index, epoch }),
  };
  yield* parts.followers.read(feed, { since: request.since, follow: request.follow, signal: context.signal });
}

/** One message an entry: what happened at once is told at once. */
function byEntry(events: readonly EventRecord[], epoch: number): readonly Init<EventsResponse>[] {
  const messages = new Map<number, EventRecord[]>();
  for (const event of events) {
    const others = messages.get(event.index);
    if (others === undefined) messages.set(event.index, [event]);
    else others.push(event);
  }
  return [...messages].map(([index, told]) => ({ index, epoch, events: told.map(({ node, ...event }) => ({ ...event, nodeId: node ?? "" })) }));
}

/**
 * An index that this node has not applied may be known to others: it is waited for. One that no node has is refused, for
 * what would come under it is not what the reader thinks. So is an index of another epoch.
 */
async function checkStart(parts: ServiceParts, since: number, epoch: number, context: CallContext): Promise<void> {
  requireCluster(parts);
  const place = { node: parts.replica.raft.self, group: parts.replica.raft.group };
  if (epoch !== 0 && epoch !== parts.epoch()) {
    throw new UserError("WRONG_EPOCH", `index ${since} is of epoch ${epoch}; the cluster was recovered and is in epoch ${parts.epoch()}`, {
      ...place,
      next: "What followed that index may be lost: read the present state, and follow from there.",
    });
  }
  if (since <= parts.replica.appliedIndex) return;
  await parts.requests.linearize(timeoutOf(context));
  if (since <= parts.replica.appliedIndex) return;
  throw new UserError("INVALID_ARGUMENT", `index ${since} does not exist yet: the last one is ${parts.replica.appliedIndex}`, {
    ...place,
    next: "Give the index of the last message that you have.",
  });
}

function compacted({ replica }: ServiceParts, what: string, after: number, floor: number, instead: string): UserError {
  const message = `the ${what} after index ${after} are not all known here any more; the first --since that this node can serve is ${floor}`;
  return new UserError("COMPACTED", message, {
    node: replica.raft.self,
    group: replica.raft.group,
    next: `Ask another member, or begin with --since ${floor} and lack what was before. ${instead}`,
  });
}
